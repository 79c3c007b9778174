"""How a session and its state are named to people, on every line that speaks of it."""

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


def in_words(session: Session) -> str:
    """Say a session's state in a word or two, as people read it; what is over its time says so, too."""
    if session.state is State.failed:
        return "not started"
    if session.state is State.ended:
        return "ended"
    if session.state is State.abandoned:
        return "ended" if session.end_seen_at is not None else "record closed"
    if session.unconfirmed_at is not None:
        word = "stop not confirmed"
    elif session.end_seen_at is not None:
        return "ended"
    elif session.state is State.running and session.stop_asked_at is not None:
        word = "running, stop asked for"
    else:
        word = str(session.state)
    if session.over_max_at is not None:
        return f"{word}, over its limit"
    return f"{word}, longer than expected" if session.expect_told_at is not None else word


def has_started(session: Session) -> bool:
    """Whether it is known that the session came to run."""
    return session.started_at is not None or session.history_id is not None
