"""The last word of a session, that it is ending: it excuses silence, but only for as long as an end can take."""

from typing import Final

from bot.process import Clock
from storage.records import Session

ENDS_WITHIN_S: Final = 300.0
"""An end takes the history a minute or two. What says for longer that it is ending hangs, or is not believed."""


def is_ending(session: Session, clock: Clock) -> bool:
    """Return whether a session has said lately that it is ending."""
    return session.ending_at is not None and clock.since(session.ending_at) < ENDS_WITHIN_S
