"""Starts without a process: the command is over, or its process is, and the record is still in `starting`.

They become *unknown*, and are searched for in the history as any start without an answer is.
"""

from datetime import datetime
from typing import Final

from bot.ports import Reply, Services, session_name
from bot.text import BOT, call
from storage import Connection, messages, sessions
from storage.records import Session, State

STARTING_VERBS: Final = ("start", "again", "adopt")
"""The verbs whose command says what becomes of a session in `starting`."""

_LOST: Final = (
    "What came of its start was not recorded, so whether it runs is not known. "
    "It is being looked for in the history, never started again."
)
_HELD: Final = "What came of its start was not recorded, and its URL was: it runs, as far as is known."


async def settle_stranded_starts(services: Services) -> None:
    """Settle every session that is left in `starting`; mostly there is none."""
    if await services.store.read(_stranded):
        now = services.clock.now()
        for changed in await services.store.write(lambda db: [_settle(db, each, now) for each in _stranded(db)]):
            services.changes.publish(changed)


def _stranded(db: Connection) -> list[Session]:
    return sessions.without_outcome(db, STARTING_VERBS)


def _settle(db: Connection, session: Session, now: datetime) -> Session | None:
    to, event = (State.running, _HELD) if session.has_url else (State.unknown, _LOST)
    moved = sessions.move(db, session.id, to, by=BOT, event=event, now=now)
    if moved is not None:
        reply = Reply(text=f"{session_name(moved)}: {event} {call(moved.starter)}")
        messages.add_reply(db, moved.id, moved.channel, reply.body(), command=None, now=now)
    return moved
