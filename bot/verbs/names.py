"""How a session is named to people, on every line that speaks of it."""

from typing import Final

from bot.mrkdwn import escape
from storage.records import Session

_RULE_SHOWN: Final = 150


def called(session: Session) -> str:
    """Name a session by its number and its rule: `#7 support`."""
    return f"{session.name} {rule(session)}"


def rule(session: Session) -> str:
    """Name a session's rule, cut to what a line can hold."""
    return escape(session.rule, _RULE_SHOWN)
