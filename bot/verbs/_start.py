"""start: one intent, one session – card first, then one call, then its outcome."""

import re
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.ports import (
    CannotShow,
    Context,
    CutOff,
    DoublePress,
    DurationOption,
    Outcome,
    Reply,
    Rest,
    Right,
    UsageProblem,
    Verb,
    Word,
    session_name,
)
from bot.process import Failpoint, reach, scrub
from bot.stops import fingerprint_at_start
from bot.text import call, code, cut
from bot.verbs._session_start import Running, closed_on_failure, new_session, record_running, settle_start
from bot.verbs._start_data import Start, in_application, limit_first, question, warnings
from bot.voximplant import Started
from bot.voximplant.errors import (
    CannotConnect,
    HostRefused,
    NotSent,
    NoUrlGiven,
    OutcomeUnknown,
    PlatformError,
    Refused,
)
from storage import Connection, sessions, starts
from storage.command import CommandState
from storage.records import Session, State

_NOT_SENT_ATTEMPTS: Final = 3
_NOT_SENT_PAUSE_S: Final = 1.0
_ONLY_STOP: Final = (
    f"It has only an unencrypted URL, which VOXIMPLANT_PLAIN_HTTP allows for a stop and not for {code('send')}: "
    "nothing else can be sent to it. Ask whoever runs this bot."
)
_NO_NUMBER: Final = (
    "The platform's answer gave no number for it: it is being looked for in the history, and before it is found its "
    "end cannot be confirmed."
)
_CUT_OFF: Final = "The bot was cut off from its database for too long, so nothing was started. Type it again."
_OPTION: Final = re.compile(r"(?:--|[—–])[^\W\d_][^\s=]*")  # phones make one dash of two


async def run(start: Start, context: Context) -> Outcome:
    """Start a session of a rule, unless there is a question about its data; ambiguous parts of it are mentioned."""
    if start.rule is None:
        return await _ask(context)
    if (asked := limit_first(start, context)) is not None:
        return asked
    _refuse_options(start.rule)
    _within_limit(start.data or "", context)
    start, notes = await in_application(start, context)
    if (asked := question(start, context)) is not None:
        return asked
    outcome = await begin(start, context)
    told = (*notes, *warnings(start)) if outcome.state is CommandState.done else ()
    return replace(outcome, says=" ".join([outcome.says, *told]))


async def begin(start: Start, context: Context) -> Outcome:
    """Record, post the card, record `calling`, call once, record the result."""
    data, named = start.data, start.rule or ""
    _within_limit(data or "", context)
    rule = await context.services.rules.resolve(named)
    await context.services.policy.allow_rule(context.request, context.right, rule)
    if rule.tag:
        data = _tagged(data, context)
    longest = None if start.max is None else start.max.total_seconds()
    fingerprint = await fingerprint_at_start(rule, context.services)
    new = await new_session(rule, context, data=data, max_s=longest, fingerprint=fingerprint)
    session = await context.services.store.write(
        lambda db: starts.record_start(db, new, command=context.command, now=context.services.clock.now())
    )
    async with closed_on_failure(session, context, "started"):
        await context.services.board.place_card(session.id)
        reach(Failpoint.card_posted)
        await _record_call(session, context)
        reach(Failpoint.calling_marked)
    try:
        started = await _call(rule.id, data, context)
    except OutcomeUnknown as problem:
        return _unknown(session, problem, context)
    except PlatformError as problem:
        return _failed(session, problem, context)
    reach(Failpoint.answer_received)
    running = await record_running(session, "Started.", context, started.urls, started_at=context.services.clock.now())
    await running.deliver_kept_stop_early()
    return _started(session, started, running, context)


async def _ask(context: Context) -> Outcome:
    """Open the form; where that is impossible, return the typed form."""
    typed = code(f"{context.command_word} start <rule> [data]")
    if context.request.dialog is None:
        raise UsageProblem(f"The rule is missing. Nothing was started; type it: {typed}")
    try:
        await context.request.dialog.start_form()
    except CannotShow as problem:
        raise CannotShow(f"{problem.sentence} Nothing was started; type it instead: {typed}") from None
    return Outcome(says="The form that starts a session was opened.", quiet=True)


def _refuse_options(rule: str) -> None:
    """Raise UsageProblem for an option in the place of the rule."""
    if (option := _OPTION.match(rule)) is not None:
        if option[0].lstrip("-—–") == "max":
            msg = f"{code('--max')} stands after the rule and before the data, once. Nothing was started."
            raise UsageProblem(msg)
        raise UsageProblem(f"{code(option[0], 40)} is not an option of {code('start')}, so nothing was started.")


def data_problem(data: str, limit: int) -> str | None:
    """Return the reason why a start refuses this data, with a limit of `limit` bytes; None if it does not."""
    try:
        size = len(data.encode())
    except UnicodeEncodeError:
        return "The data holds half a character that cannot be sent. Nothing was started."
    if size <= limit:
        return None
    return (
        f"The data is {size} bytes, and the platform takes {limit} at a start. Nothing was started. "
        f"Start without it, then {code('send')} it to the session."
    )


def _within_limit(data: str, context: Context) -> None:
    if (problem := data_problem(data, context.services.settings.limits.custom_data_bytes)) is not None:
        raise UsageProblem(problem)


def _tagged(data: str | None, context: Context) -> str:
    """Return the data with the tag that this rule asks for, which identifies its sessions in the history."""
    tagged = f"{data or ''}#{secrets.token_hex(4)}"
    _within_limit(tagged, context)
    return tagged


async def _record_call(session: Session, context: Context) -> None:
    """Record that the call may be on its way from now on; raises CutOff where another process has settled it."""
    services, own = context.services, context.services.owner
    is_ours = await services.store.write(
        lambda db: starts.record_call(db, session.id, command=context.command, now=services.clock.now(), owner=own)
    )
    if not is_ours:
        raise CutOff(_CUT_OFF)


async def _call(rule_id: int, data: str | None, context: Context) -> Started:
    """Call StartScenarios once; again only without a connection (facts: there is no idempotency key)."""
    for attempt in range(1, _NOT_SENT_ATTEMPTS + 1):
        try:
            return await context.services.management.start_scenarios(rule_id, data)
        except CannotConnect:
            if attempt == _NOT_SENT_ATTEMPTS:
                raise
        await context.services.clock.sleep(_NOT_SENT_PAUSE_S * attempt)
    raise AssertionError


def _started(session: Session, started: Started, running: Running, context: Context) -> Outcome:
    now, actor = context.services.clock.now(), context.request.actor
    warnings = [f"The platform warns: {cut(scrub(each), 200)}" for each in started.warnings]
    caveats = _caveats(started, context)

    def changes(db: Connection) -> Session | None:
        if warnings or caveats:
            sessions.note(db, session.id, by=actor, event=" ".join(["Started.", *warnings, *caveats]), now=now)
        return starts.record_number(db, session.id, started.history_id)

    says = " ".join([f"Started {session_name(session)}.", *caveats])
    replies = {session.id: Reply(text=" ".join([*caveats, call(actor)]))} if caveats else {}
    return Outcome(
        says=says, session=session.id, changes=changes, replies=replies, after_commit=running.deliver_kept_stop
    )


def _caveats(started: Started, context: Context) -> list[str]:
    """Return the problems that the first send or stop of this session would meet."""
    caveats, requests = [], context.services.requests
    if (obstacle := requests.obstacle(started.urls)) is not None:
        caveats.append(_out_of_reach(obstacle))
    elif requests.obstacle_to_send(started.urls) is not None:
        caveats.append(_ONLY_STOP)
    if started.history_id is None:
        caveats.append(_NO_NUMBER)
    return caveats


def _out_of_reach(obstacle: NotSent) -> str:
    if isinstance(obstacle, HostRefused):
        why = f"its URL leads to {obstacle.host}, which VOXIMPLANT_SESSION_HOSTS does not allow"
    else:
        why = "it has only an unencrypted URL, which VOXIMPLANT_PLAIN_HTTP does not allow"
    return f"It runs, but this bot can neither send to it nor stop it: {why}. Ask whoever runs this bot."


def _unknown(session: Session, problem: OutcomeUnknown, context: Context) -> Outcome:
    event = "Whether it was started is not known; it is being looked for in the history, never started again."
    says = f"{session_name(session)}: {problem.sentence} {event}"
    number = problem.history_id if isinstance(problem, NoUrlGiven) else None

    def changes(db: Connection) -> Session | None:
        now, free = context.services.clock.now(), starts.free_number(db, number)
        return settle_start(db, session, State.unknown, by="platform", event=event, now=now, history_id=free)

    return Outcome(state=CommandState.unknown, says=says, session=session.id, changes=changes)


def _failed(session: Session, problem: PlatformError, context: Context) -> Outcome:
    told = "refused" if isinstance(problem, Refused) else "not sent"
    event = f"Nothing was started ({told}): {problem.sentence}"
    says = f"{session_name(session)} was not started. {problem.sentence}"

    def changes(db: Connection) -> Session | None:
        return settle_start(db, session, State.failed, by="platform", event=event, now=context.services.clock.now())

    return Outcome(state=CommandState.failed, says=says, session=session.id, changes=changes)


_EXAMPLE: Final = code('start support {"ticket": 12}')

VERB = Verb(
    name="start",
    takes=Start,
    arguments=(Word("rule"), DurationOption("max"), Rest("data")),
    summary="Start a session of a rule; its card appears in this channel.",
    details=(
        f"Without {code('rule')} a form opens. {code('rule')} is a rule's number, an alias from the config, or its "
        f"exact name; a name with spaces goes in quotes. {code('data')} is passed to the scenario untouched as its "
        f"custom data ({code('VoxEngine.customData()')}); a rule whose config says {code('tag')} gets a tag behind it, "
        f"like {code('#1a2b3c4d')}. Where several applications share a name, {code('in')} and the application say "
        f"which: {code('start support in demo')}. "
        "Data that begins like JSON and is none is asked about. "
        f"With {code('--max 30m')} before the data, the bot asks the session to end when it has lasted that long. "
        f"Example: {_EXAMPLE}."
    ),
    right=Right.start,
    run=run,
    double_press=DoublePress(within=timedelta(seconds=30), done="started", again="Start another"),
    form=lambda start: "Start a session" if start.rule is None else None,
)
