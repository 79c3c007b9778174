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
    """Say the state in a word or two, as people read it."""
    if session.state is State.ended:
        return "ended"
    if session.unconfirmed_at is not None and not session.state.is_over:
        return "stop not confirmed"
    if session.end_seen_at is not None:
        return "ended"
    if session.state is State.running and session.stop_asked_at is not None:
        return "running, stop asked for"
    return {State.failed: "not started", State.abandoned: "record closed"}.get(session.state, str(session.state))


def has_started(session: Session) -> bool:
    """Whether it is known that the session came to run."""
    return session.started_at is not None or session.history_id is not None
