"""A command as a frozen record, and the progress of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CommandState(StrEnum):
    """The progress of a command; all but the first two are final."""

    accepted = "accepted"
    """It is recorded, and nothing was done yet."""
    calling = "calling"
    """It may be on its way to the platform."""
    done = "done"
    """It was done, or shown."""
    asked = "asked"
    """Its person was shown first what a press of the button does. Nothing was done."""
    denied = "denied"
    """The policy does not allow it. Nothing was done."""
    refused = "refused"
    """It was not understood, or cannot be done now. Nothing was done."""
    failed = "failed"
    """It surely did not come about."""
    unknown = "unknown"
    """It may have come about: no answer is known."""

    @property
    def did_nothing(self) -> bool:
        """Return whether nothing was even tried."""
        return self in {CommandState.asked, CommandState.denied, CommandState.refused}

    @property
    def is_final(self) -> bool:
        """Return whether the command has its outcome."""
        return self not in {CommandState.accepted, CommandState.calling}


@dataclass(frozen=True, kw_only=True)
class NewCommand:
    """A command as it arrives, before it has a row.

    `digest` is of verb and intent. `intent` is kept for a stop only, so that a stop which a crash cut
    off can be done again; `confirmed` is true when its person has seen its effect.
    """

    key: str
    verb: str
    actor: str
    team: str
    channel: str
    via: str
    digest: str
    owner: str
    at: datetime
    intent: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command, as one row. `key` is its idempotency key: a second delivery has the same."""

    id: int
    key: str
    verb: str
    session: int | None
    actor: str
    team: str
    channel: str
    via: str
    digest: str
    state: CommandState
    outcome: str | None
    accepted_at: datetime
    called_at: datetime | None
    done_at: datetime | None
    owner: str
    intent: str | None
    confirmed: bool
