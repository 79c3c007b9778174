"""How a session is named to people, on every line that speaks of it."""

from typing import Final

from bot.mrkdwn import escape
from storage.records import Session, State

_RULE_SHOWN: Final = 150


def called(session: Session) -> str:
    """Name a session by its number and its rule: `#7 support`."""
    return f"{session.name} {rule(session)}"


def rule(session: Session) -> str:
    """Name a session's rule, cut to what a line can hold."""
    return escape(session.rule, _RULE_SHOWN)


def state_in_words(session: Session) -> str:
    """Say a session's state in a word or two; what is over its time says so, too."""
    if session.is_over:
        return "not started" if session.state is State.failed else "ended"
    if session.unconfirmed_at is not None:
        word = "stop not confirmed"
    elif session.state is State.running and session.stop_asked_at is not None:
        word = "running, stop asked for"
    else:
        word = "record closed" if session.state is State.abandoned else str(session.state)
    if session.over_max_at is not None:
        return f"{word}, over its limit"
    return f"{word}, longer than expected" if session.expect_told_at is not None else word
