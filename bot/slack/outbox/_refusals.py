"""Refusals of Slack in the audit: with the error code, once for all retries.

Only refusals: a message that has to wait (a 429, a fault of Slack's) is not lost, and is no line.
"""

from datetime import datetime
from typing import Final

from bot.process import Clock
from bot.text import BOT, code
from storage import Connection, audit, sessions, workspaces
from storage.message import Kind, Message
from storage.store import Store

_ERROR_SHOWN: Final = 80
KEPT: Final = 10_000
"""The number of messages whose last error code is kept; the refusal of an older one is a line of the audit again."""


class Refusals:
    """The last error code of each message, until Slack takes it or it is given up."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._last: dict[int, str] = {}

    async def record(self, message: Message, error: str) -> bool:
        """Record Slack's error code for a message in the audit, unless it is there; return whether it is new."""
        if self._last.get(message.id) == error:
            return False
        await self._store.write(lambda db: _note(db, message, error, self._clock.now()))
        self._last[message.id] = error
        if len(self._last) > KEPT:
            del self._last[next(iter(self._last))]
        return True

    def forget(self, message_id: int) -> None:
        """Drop the last error code of a message: its next refusal is new."""
        self._last.pop(message_id, None)


def _note(db: Connection, message: Message, error: str, now: datetime) -> None:
    session = None if message.session is None else sessions.get(db, message.session)
    workspace = workspaces.known(db)
    audit.note(
        db,
        team=session.team if session else workspace.team if workspace else "",
        channel=session.channel if session else str((message.body or {}).get("place", message.channel)),
        actor=BOT,
        became="refused",
        words=f"Slack did not take {_named(message)}: {code(error, _ERROR_SHOWN)}.",
        session=message.session,
        now=now,
    )


def _named(message: Message) -> str:
    about = f"#{message.session}" if message.session is not None else "several sessions"
    if message.direct_of is not None:
        return f"a direct message about {about}"
    return f"a reply about {about}" if message.kind is Kind.reply else f"the {message.kind} of {about}"
