"""The outcome of a command as one commit: its row, its changes and its replies.

A part that cannot be recorded spoils no other one: a running session is on record, even if its reply
is not.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.dispatch._command_record import recorded_words
from bot.dispatch._shared_replies import record_reply
from bot.ports import Context, Outcome, command_row
from bot.process import UNEXPECTED_LOG_LINE, new_reference
from bot.text import code
from storage import Connection, commands, savepoint, sessions
from storage.records import Session
from storage.store import Job, StorageUnavailable

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Recorded:
    """The command's session after the commit, and the reference of the parts that failed, if any."""

    session: Session | None
    lost: str | None


def recording(outcome: Outcome, on: Context) -> Job[Recorded]:
    """Return the job that records an outcome."""
    now = on.services.clock.now()

    def job(db: Connection) -> Recorded:
        command, parts = command_row(db, on), Parts(db, f"recording command {on.command}")
        change = outcome.changes
        changed = None if change is None else parts.do(lambda: change(db))
        parts.do(lambda: _reply(db, outcome, command, now))
        words = parts.do(lambda: recorded_words(outcome, on.right)) or ""
        if command is not None:
            said = words if parts.lost is None else f"{words}\n{not_all(parts.lost)}".lstrip()
            commands.finish(db, command, outcome.state, said, now=now)
        return Recorded(changed, parts.lost)

    return job


def not_all(reference: str) -> str:
    """Return the sentence that a part of an outcome was not recorded, with the `reference` of the log."""
    return f"Not all of this could be recorded. Reference: {code(reference)}."


class Parts:
    """The parts of one commit, each in a savepoint of its own; `lost` is the reference of those that failed."""

    def __init__(self, db: Connection, what: str) -> None:
        self.lost: str | None = None
        self._db = db
        self._what = what

    def do(self, part: Callable[[], T]) -> T | None:
        """Return the result of a part, None if it fails; an error of the database itself is raised."""
        try:
            return savepoint.alone(self._db, part)
        except StorageUnavailable:
            raise
        except Exception:  # the log has its traceback, and the person the reference
            self.lost = self.lost or new_reference()
            log.exception(UNEXPECTED_LOG_LINE, self.lost, self._what)
            return None


def _reply(db: Connection, outcome: Outcome, command: int | None, now: datetime) -> None:
    for session_id, reply in outcome.replies.items():
        session = sessions.get(db, session_id)
        if session is not None:
            record_reply(db, session, reply, command=command, now=now)
