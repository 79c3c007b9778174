"""The forms of records in SQLite: values as columns and in statements, and rows as records."""

import dataclasses
import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from storage.command import Command, CommandState
from storage.message import Kind, Message
from storage.records import HistorySays, Origin, Session, State
from storage.stop import Arrived, Stop

IS_OPEN: Final = "state not in ('ended', 'failed')"
IS_OVER: Final = "state in ('ended', 'failed')"
"""The two parts of all sessions, in the words of the indexes on them: SQLite uses those for no other words."""


_NUL: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""The character that no engine can look past in a JSON text, as JSON writes it."""


def to_column(value: Any) -> Any:
    """Return the column's form of `value`: text for times and decimals, 0 and 1 for truth.

    Half a surrogate pair, which JSON can bring in and SQLite does not take, becomes a question mark.
    """
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
        case bool():
            return int(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case Decimal():
            return str(value)
        case Mapping():
            return _NUL.sub(r"\1\\ufffd", json.dumps(value))
        case _:
            return value


def marks(values: Collection[object]) -> str:
    """Return a question mark for each value, as they stand in a statement after `in`; without values, nothing is in."""
    return ", ".join("?" for _ in values) or "null"


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _times(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _time(value) if name.endswith("_at") else value for name, value in row.items()}


def _enum(of: type[StrEnum]) -> Callable[[str], StrEnum]:
    return {str(each): each for each in of}.__getitem__


def _readers(record: type[Any], others: Mapping[str, Callable[[Any], Any]]) -> dict[str, Callable[[Any], Any]]:
    """Return the reader of each field whose column has another form; null is None in both."""
    names = [field.name for field in dataclasses.fields(record)]
    return {name: datetime.fromisoformat for name in names if name.endswith("_at")} | dict(others)


_COLUMNS: Final = tuple(field.name for field in dataclasses.fields(Session) if field.name != "stop")
_READERS: Final = _readers(
    Session,
    {
        "channel_private": bool,
        "channel_shared": bool,
        "adopted": bool,
        "state": _enum(State),
        "origin": _enum(Origin),
        "history_says": _enum(HistorySays),
        "cost": Decimal,
    },
)
_STOP_COLUMNS: Final = tuple((field.name, f"stop_{field.name}") for field in dataclasses.fields(Stop))
_STOP_READERS: Final = _readers(Stop, {"arrived": _enum(Arrived)})


def session_of(row: Mapping[str, Any]) -> Session:
    """Make the record of a row of `sessions`. Thousands are read at once: only what has another form is touched."""
    values = {name: row[name] for name in _COLUMNS}
    for name, read in _READERS.items():
        if (value := values[name]) is not None:
            values[name] = read(value)
    return Session(**values, stop=_stop_of(row))


def _stop_of(row: Mapping[str, Any]) -> Stop | None:
    if row["stop_asked_at"] is None:
        return None
    values = {name: row[column] for name, column in _STOP_COLUMNS}
    for name, read in _STOP_READERS.items():
        if (value := values[name]) is not None:
            values[name] = read(value)
    return Stop(**values)


def command_of(row: Mapping[str, Any]) -> Command:
    """Make the record of a row of `commands`."""
    values = _times(dict(row))
    values["state"] = CommandState(values["state"])
    values["confirmed"] = bool(values["confirmed"])
    return Command(**values)


def message_of(row: Mapping[str, Any]) -> Message:
    """Make the record of a row of `messages`, joined with the ts of its session's card as `thread_ts`."""
    values = _times(dict(row))
    values["kind"] = Kind(values["kind"])
    values["body"] = None if values["body"] is None else json.loads(values["body"])
    return Message(**values)
