"""The outbox: messages that are not in Slack yet, in the order of sending."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from storage.connection import Connection
from storage.message import Message
from storage.rows import message_of
from storage.stop import NEED_A_PERSON, in_sql


class Urgency(IntEnum):
    """The urgency of a message: the lower goes first."""

    alarm = 0
    """Alarms, outcomes of stops, and a new card under which one of them waits."""
    awaited = 1
    """A new card for which a start waits."""
    summary = 2
    reply = 3
    card = 4
    """A new card for which nobody waits."""
    started = 5
    """A card as it was posted, *starting*, of a session that got further."""
    repaint = 6


@dataclass(frozen=True, kw_only=True)
class Due(Message):
    """A message that is not in Slack yet, and its urgency."""

    urgency: Urgency


_HELD_BACK: Final = f"""
    messages.kind = 'card' and messages.ts is not null and messages.shown >= 0
    and sessions.stop_state not in {in_sql(NEED_A_PERSON)} and sessions.state not in ('ended', 'failed', 'abandoned')
    and (select 1 from bulk_sessions join bulks on bulks.id = bulk_sessions.bulk
         where bulk_sessions.session = messages.session and bulks.told_at is null
           and bulk_sessions.why_not is null and bulk_sessions.skipped = 0
           and exists (select 1 from bulk_sessions others where others.bulk = bulks.id limit 1 offset 20)
         limit 1) is not null
"""
"""While a stop of more than twenty is under way its summary speaks: each card is repainted once, when its outcome is
known. The cards of fewer follow: Slack takes so many edits.

It is a value and no `exists`: for that PostgreSQL, which cannot guess how few messages there are, reads all bulks.
What a person asked to see goes through: until it is shown, a number below 0 stands for the version that is.
"""

_PLACED: Final = """
    messages.kind <> 'reply' or messages.direct_of is not null or coalesce(card.ts, parent.ts) is not null
    or card.error is not null or parent.error is not null
    or exists (select 1 from messages direct where direct.direct_of = parent.id)
"""
"""A reply waits for its card or summary, unless their channel does not take them: then it goes to people directly."""

_ALARM: Final = "exists (select 1 from alarms where alarms.message = {id}) or ({kind} = 'reply' and {verb} = 'stop')"
_CALLS: Final = _ALARM.format(
    id="coalesce(messages.direct_of, messages.id)",
    kind="case when messages.under is null then messages.kind else 'list' end",
    verb="commands.verb",
)
_CALLS_BELOW: Final = f"""
    exists (select 1 from messages below left join commands asked on asked.id = below.command
            where below.session = messages.session and below.kind = 'reply' and below.ts is null
              and below.error is null and ({_ALARM.format(id="below.id", kind="below.kind", verb="asked.verb")}))
"""

_URGENCY: Final = f"""
    case when {_CALLS} then {Urgency.alarm:d}
         when messages.kind = 'card' and messages.ts is null and {_CALLS_BELOW} then {Urgency.alarm:d}
         when messages.kind = 'card' and messages.ts is null and sessions.state = 'starting' then {Urgency.awaited:d}
         when messages.kind = 'summary' then {Urgency.summary:d}
         when messages.kind = 'reply' then {Urgency.reply:d}
         when messages.ts is null then {Urgency.card:d}
         when messages.kind = 'card' and messages.shown = 1 and sessions.origin = 'slack'
              then {Urgency.started:d}
         else {Urgency.repaint:d} end
"""


def due(db: Connection, *, limit: int = 200) -> list[Due]:
    """Return the messages to be sent, the most urgent first.

    New cards go in the order of their starts; of cards to be updated, the newest and running go first.
    A refused message stays due where its contents go on changing: a card, unless its session never started, and
    a posted message.
    """
    sql = f"""
        select messages.*, coalesce(card.ts, parent.ts) as thread_ts, {_URGENCY} as urgency from messages
        left join messages card on card.session = messages.session and card.kind = 'card'
        left join messages parent on parent.id = messages.under
        left join messages meant on meant.id = messages.direct_of
        left join commands on commands.id = coalesce(meant.command, messages.command)
        left join sessions on sessions.id = messages.session
        where messages.shown < messages.wanted
          and (messages.error is null or messages.ts is not null or messages.kind = 'card')
          and (messages.error is null or messages.ts is not null or sessions.state <> 'failed')
          and ({_PLACED}) and not ({_HELD_BACK})
        order by urgency, messages.kind = 'card' and sessions.state in ('ended', 'failed'),
                 case when messages.kind = 'card' and messages.ts is not null then -messages.session
                      else messages.id end
        limit ?
    """
    found = []
    for row in db.query(sql, [limit]):
        urgency = Urgency(row.pop("urgency"))
        found.append(Due(**vars(message_of(row)), urgency=urgency))
    return found


def count_due(db: Connection) -> int:
    """Return the number of messages to be sent, for the metrics."""
    sql = "select count(*) from messages where error is null and shown < wanted"
    return int(db.execute(sql).fetchone()[0])
