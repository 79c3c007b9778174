"""The names of a session, its data and its state in texts for people."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.process import Clock, scrub
from bot.text import ago, channel, code, cut, duration_words, mask, person, strong
from storage.records import Origin, Session, State
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


def origin_words(session: Session) -> str:
    """Return who started a session: `started by Ann`, `not started in Slack`."""
    if session.origin is Origin.elsewhere:
        return "not started in Slack"
    return f"{_verb(session)} by {person(session.starter)}"


def beginning_words(session: Session, age: timedelta) -> str:
    """Return who started a session, and when: `started 3 min ago by Ann`, `not started in Slack, began 3 min ago`."""
    if session.origin is Origin.elsewhere:
        return f"{origin_words(session)}, began {ago(age)}"
    return f"{_verb(session)} {ago(age)} by {person(session.starter)}"


def place_words(session: Session) -> str:
    """Return a session's channel, for the end of a line: ` in #phones`; ` in no channel`."""
    return f" in {channel(session.channel)}" if session.channel else " in no channel"


def heard_words(session: Session, clock: Clock) -> str | None:
    """Return when a session was heard of: `heard of 40 s ago`, or `not heard of for 6 min` where it counts as silent.

    None for one that never announced itself, and for one that is over: nothing is expected of those.
    """
    if session.heard_at is None or session.seems_over:
        return None
    age = clock.age(session.heard_at)
    return f"heard of {ago(age)}" if session.silent_at is None else strong(f"not heard of for {duration_words(age)}")


def live_calls_words(session: Session) -> str:
    """Return the number of live calls that a session announced last: ` with 2 live calls`; empty where it told none.

    Of a silent one it may be another by now: `, then with 2 live calls`.
    """
    if session.calls is None:
        return ""
    then = "" if session.silent_at is None else ", then"
    return f"{then} with {session.calls or 'no'} live call{'' if session.calls == 1 else 's'}"


def _verb(session: Session) -> str:
    return "started" if _has_started(session) else "asked for"


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
    elif session.state is State.stopping and session.stop is not None and session.stop.taken_at is not None:
        words = "stopping, taken up"
    if session.silent_at is not None:
        shown, words = _LATE if shown == _CALM else shown, f"{words}, silent"
    if session.over_max_at is not None:
        return _ALARM, f"{words}, over its limit"
    if session.expect_told_at is not None:
        return _LATE if shown == _CALM else shown, f"{words}, longer than expected"
    return shown, words


def _has_started(session: Session) -> bool:
    """Return whether it is known that the session ran."""
    return session.started_at is not None or session.history_id is not None
