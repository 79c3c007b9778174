"""again: a session that is over, started anew with the same rule and data."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.ports import Context, DoublePress, Intent, NotNow, Outcome, Right, SessionId, SessionRef, Verb, session_name
from bot.process import HIDDEN
from bot.stops import session_standing
from bot.text import code
from bot.verbs._lookup import session_here
from bot.verbs._start import begin
from bot.verbs._start_data import Start
from storage.records import Origin

_TAG: Final = re.compile(r"#[0-9a-f]{8}\Z")


@dataclass(frozen=True)
class Again(Intent):
    """The session that is over."""

    id: SessionRef


async def run(again: Again, context: Context) -> Outcome:
    """Start a session of the same rule with the same data, in the channel where this is asked."""
    session = await session_here(context, again.id, "again", "started")
    if not session.seems_over:
        raise NotNow(f"{session_standing(session)} Nothing was started: {code('again')} is for what is over.")
    if session.origin is Origin.elsewhere:  # by a call that came in, say; of its data only the beginning may be known
        msg = f"{session_name(session)} was not started in Slack, so it cannot be started again from here."
        raise NotNow(f"{msg} Nothing was started; type a {code('start')} with its data.")
    rule = await context.services.rules.resolve(str(session.rule_id))
    data = session.custom_data
    if HIDDEN in (data or ""):
        name = session_name(session)
        msg = f"The data of {name} held a session's URL, which is not kept, so it cannot be started again."
        raise NotNow(f"{msg} Nothing was started; type the {code('start')} with its data.")
    if rule.tag and data is not None:
        data = _TAG.sub("", data) or None  # it gets a tag of its own
    return await begin(Start(rule=str(session.rule_id), data=data, max=session.max), context)


VERB = Verb(
    name="again",
    takes=Again,
    arguments=(SessionId(),),
    summary="Start a session that is over once more, with the same rule and data.",
    details=f"Example: {code('again 7')}.",
    right=Right.start,
    run=run,
    double_press=DoublePress(within=timedelta(seconds=30), done="started", again="Start another", by_anyone=True),
)
