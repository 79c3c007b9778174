"""The forms of records in SQLite: values as columns, and rows as records."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from storage.command import Command, CommandState
from storage.message import Kind, Message
from storage.records import HistorySays, Origin, Session, State
from storage.stop import Arrived, Stop


def to_column(value: Any) -> Any:
    """Return the column's form of `value`: text for times and decimals, 0 and 1 for truth.

    Half a surrogate pair, which JSON can bring in and SQLite does not take, becomes a question mark.
    """
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case bool():
            return int(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case Decimal():
            return str(value)
        case Mapping():
            return json.dumps(value)
        case _:
            return value


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _times(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _time(value) if name.endswith("_at") else value for name, value in row.items()}


def session_of(row: Mapping[str, Any]) -> Session:
    """Make the record of a row of `sessions`."""
    known = {field.name for field in dataclasses.fields(Session)}
    values = _times({name: value for name, value in row.items() if name in known})
    for name in ("channel_private", "channel_shared", "adopted"):
        values[name] = bool(values.get(name))
    values["state"] = State(values["state"])
    values["origin"] = Origin(values["origin"])
    if values["history_says"] is not None:
        values["history_says"] = HistorySays(values["history_says"])
    if values["cost"] is not None:
        values["cost"] = Decimal(values["cost"])
    return Session(**values, stop=_stop_of(row))


def _stop_of(row: Mapping[str, Any]) -> Stop | None:
    if row["stop_asked_at"] is None:
        return None
    values = _times({field.name: row[f"stop_{field.name}"] for field in dataclasses.fields(Stop)})
    if values["arrived"] is not None:
        values["arrived"] = Arrived(values["arrived"])
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
