"""The result of a command for scripts: one exit code, and on request all of it as JSON."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from bot.cli._exit_codes import ExitCode
from bot.cli.terminal._execution import CommandResult
from bot.cli.terminal._plain import words
from bot.process import scrub
from bot.text import mask
from storage.command import CommandState
from storage.records import Session

_OF_STATE: Final = {
    CommandState.done: ExitCode.done,
    CommandState.asked: ExitCode.refused,
    CommandState.denied: ExitCode.refused,
    CommandState.refused: ExitCode.refused,
    CommandState.failed: ExitCode.not_reached,
    CommandState.unknown: ExitCode.not_confirmed,
    CommandState.accepted: ExitCode.not_confirmed,
    CommandState.calling: ExitCode.not_confirmed,
}

_SHOWN: Final = (
    "id", "state", "rule", "rule_id", "application_name", "history_id", "history_says",
    "history_at", "created_at", "started_at", "ended_at", "finish_reason", "duration_s", "cost", "currency",
    "changed_at", "origin", "heard_at", "calls", "silent_at", "ending_at",
)  # fmt: skip
"""The fields of a session for scripts: never its URLs, not even sealed."""

_OF_STOP: Final = {
    "stop_by": "by",
    "stop_reason": "reason",
    "stop_asked_at": "asked_at",
    "stop_delivered_at": "delivered_at",
    "stop_taken_at": "taken_at",
    "stop_untaken_at": "untaken_at",
    "unconfirmed_at": "given_up_at",
}
"""The fields of its stop for scripts, by their keys."""


def exit_code(result: CommandResult) -> int:
    """Return 0 when confirmed, delivered or shown, 3 when not confirmed, 4 when refused, 5 when not reached.

    Of several sessions the worst counts. A stop is judged by how its sessions stand in the end, not by its delivery.
    """
    command = result.command
    if command is None:
        return ExitCode.not_reached  # not even recorded
    if command.verb != "stop" or command.state.did_nothing:
        return _OF_STATE[command.state]
    return max((_of_stopped(each) for each in result.sessions), default=_OF_STATE[command.state])


def as_json(result: CommandResult, command: str, names: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Return all of it in JSON's own types: times as ISO 8601 in UTC, `said` without markup, names beside ids."""
    return {
        "command": None if result.command is None else result.command.id,
        "state": None if result.command is None else result.command.state,
        "code": exit_code(result),
        "said": [words(each.text, command, names) for each in result.responses],
        "sessions": [_session(each, command, names) for each in result.sessions],
    }


def _of_stopped(session: Session) -> int:
    if session.seems_over:
        return ExitCode.done
    arrived = session.stop is not None and session.stop.may_have_arrived
    return ExitCode.not_confirmed if arrived else ExitCode.not_reached


def _session(session: Session, command: str, names: Mapping[str, str]) -> dict[str, Any]:
    shown = {name: _value(getattr(session, name)) for name in _SHOWN}
    data = None if session.custom_data is None else scrub(mask(session.custom_data))
    return {
        **shown,
        **{key: _value(getattr(session.stop, fact, None)) for key, fact in _OF_STOP.items()},
        "channel": session.channel or None,
        "starter": session.starter or None,
        "channel_name": names.get(session.channel),
        "starter_name": names.get(session.starter),
        "custom_data": data,
        "last_event": words(session.last_event, command, names),
    }


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
