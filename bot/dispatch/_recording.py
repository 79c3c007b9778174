"""The outcome of a command as one commit: its row, its changes, its replies, and the offers to its person.

A part that cannot be recorded spoils no other one: a running session is on record, even if its reply
is not.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.dispatch._command_record import recorded_words
from bot.dispatch._drafts import PreparedOffers
from bot.dispatch._shared_replies import record_reply
from bot.ports import Context, Outcome, SavepointGroup, command_row
from bot.text import code
from storage import Connection, Job, commands, sessions
from storage.commands import Admitted
from storage.records import Session


@dataclass(frozen=True)
class Recorded:
    """The command's session after the commit, and the reference of the parts that failed, if any."""

    session: Session | None
    lost: str | None


def recording(outcome: Outcome, offers: PreparedOffers, context: Context) -> Job[Recorded]:
    """Return the job that records an outcome, and the offers to its person."""
    now = context.services.clock.now()

    def job(db: Connection) -> Recorded:
        command, parts = command_row(db, context), SavepointGroup(db, f"recording command {context.command}")
        change = outcome.changes
        changed = None if change is None else parts.do(lambda: change(db))
        parts.do(lambda: offers.record(db))
        if context.command is None and command is not None and _has_outcome(db, command):
            return Recorded(changed, parts.lost)  # another replica did the same, and has recorded it before
        parts.do(lambda: _reply(db, outcome, command, now))
        words = parts.do(lambda: recorded_words(outcome, context.right)) or ""
        if command is not None:
            said = words if parts.lost is None else f"{words}\n{not_all(parts.lost)}".lstrip()
            commands.finish(db, command, outcome.state, said, now=now)
        return Recorded(changed, parts.lost)

    return job


def refusing(admission: Job[Admitted], own: tuple[str, str], words: str, now: datetime) -> Job[Admitted]:
    """Return the job that records a refusal by `admission`; `own` are the key and the owner of the command.

    If its own admission was recorded after all, when that commit had no answer, it ends by these words.
    """

    def job(db: Connection) -> Admitted:
        commands.refuse_unanswered(db, *own, words, now=now)
        return admission(db)

    return job


def _has_outcome(db: Connection, command: int) -> bool:
    row = commands.get(db, command)
    return row is not None and row.state.is_final


def not_all(reference: str) -> str:
    """Return the sentence that a part of an outcome was not recorded, with the `reference` of the log."""
    return f"Not all of this could be recorded. Reference: {code(reference)}."


def _reply(db: Connection, outcome: Outcome, command: int | None, now: datetime) -> None:
    for session_id, reply in outcome.replies.items():
        session = sessions.get(db, session_id)
        if session is not None:
            record_reply(db, session, reply, command=command, now=now)
