"""The names of a session, its data and its state in texts for people."""

from collections.abc import Mapping
from typing import Final

from bot.process import scrub
from bot.text import code, cut, mask
from storage.records import Session, State
from storage.stop import StopState

START_SHOWN: Final = 60
"""The number of characters of a session's data on a line."""

_RULE_SHOWN: Final = 150
_ALIAS_SHOWN: Final = 60

_CALM, _WAITS, _LATE, _ALARM, _LOST = "\U0001f7e2", "\U0001f7e1", "\U0001f7e0", "\U0001f534", "\u2753"
_STARTS, _CLOSED, _ENDED, _NEVER = "\u23f3", "\U0001f4c1", "\U0001f3c1", "\U0001f6ab"
"""Circles in green, yellow, orange and red, a question mark; an hourglass, a folder, a flag, a sign that forbids."""

_SIGNS: Final[Mapping[State, str]] = {
    State.starting: _STARTS,
    State.running: _CALM,
    State.stopping: _WAITS,
    State.unreachable: _LOST,
    State.unknown: _LOST,
    State.uncontrolled: _ALARM,
}


def session_name(session: Session) -> str:
    """Return a session's number and rule: `#7 Support line (support)`."""
    return f"{session.name} {rule_name(session)}"


def rule_name(session: Session, limit: int = _RULE_SHOWN) -> str:
    """Return the name of a session's rule, cut to a line's limit, and its alias here."""
    alias = session.alias if session.alias != session.rule else None
    return cut(session.rule, limit) + (f" ({cut(alias, min(limit, _ALIAS_SHOWN))})" if alias else "")


def data_excerpt(session: Session, limit: int = START_SHOWN) -> str | None:
    """Return the start of a session's data, on one line and without secrets; None if there is none."""
    return code(scrub(mask(session.custom_data)), limit) if session.custom_data else None


def data_suffix(session: Session) -> str:
    """Return the start of a session's data as the end of a line, if it has any."""
    return "" if (start := data_excerpt(session)) is None else f" · {start}"


def state_sign(session: Session) -> str:
    """Return the sign of a session's state, to be seen at a glance; the words beside it have the same meaning."""
    return _state(session)[0]


def state_words(session: Session) -> str:
    """Return a session's state in a word or two, with the excess over its time."""
    return _state(session)[1]


def _state(session: Session) -> tuple[str, str]:
    if session.state is State.failed:
        return _NEVER, "not started"
    if session.state is State.abandoned and not session.seems_over:
        return _CLOSED, "record closed"
    in_doubt = session.stop_state.needs_a_person and session.state is not State.abandoned
    if session.seems_over and not in_doubt:
        return _ENDED, "ended"
    shown, words = _SIGNS.get(session.state, _ENDED), str(session.state)
    if in_doubt:
        shown, words = _ALARM, "stop not confirmed"
    elif session.state is State.running and session.stop_state is not StopState.not_asked:
        shown, words = _WAITS, "running, stop asked for"
    if session.over_max_at is not None:
        return _ALARM, f"{words}, over its limit"
    if session.expect_told_at is not None:
        return _LATE if shown == _CALM else shown, f"{words}, longer than expected"
    return shown, words


def has_started(session: Session) -> bool:
    """Return whether it is known that the session ran."""
    return session.started_at is not None or session.history_id is not None
