"""The description of a Web API method: its arguments, its scope, and its function."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._workspace import Workspace


class Kind(Enum):
    """The type of an argument."""

    TEXT = auto()
    FLAG = auto()
    COUNT = auto()
    VALUE = auto()  # JSON; in a form, and also inside JSON, it may come as a string that holds JSON


@dataclass(frozen=True)
class Method:
    """One method. `run` maps the workspace and the arguments to the answer without its `ok`.

    Slack ignores unknown arguments; here they are refused, so that a typing error is seen.
    """

    run: Callable[[Workspace, Json], Json]
    required: Mapping[str, Kind] = field(default_factory=dict)
    optional: Mapping[str, Kind] = field(default_factory=dict)
    scope: str | None = None
    takes_json: bool = True
    app_token: bool = False

    def arguments(self, given: Mapping[str, Any]) -> Json:
        """Read the arguments of a call, see `read`."""
        return read(given, self.required, self.optional)


def read(given: Mapping[str, Any], required: Mapping[str, Kind], optional: Mapping[str, Kind]) -> Json:
    """Read arguments by their kinds; null counts as absent.

    Raises SlackError `invalid_arguments`, or the argument's own code where Slack has one.
    """
    known = {**required, **optional}
    present = {name: value for name, value in given.items() if value is not None}
    unknown = [f"unknown argument: {name}" for name in present if name not in known]
    missing = [f"missing required field: {name}" for name in required if present.get(name, "") == ""]
    if unknown or missing:
        refuse("invalid_arguments", *unknown, *missing)
    return {name: _read(name, known[name], value) for name, value in present.items()}


_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_UNREADABLE = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}


def _read(name: str, kind: Kind, value: Any) -> Any:
    """Read one argument, which is a string in a form and typed in JSON."""
    match kind, value:
        case (Kind.TEXT, str()) | (Kind.FLAG, bool()) | (Kind.VALUE, list() | dict()):
            return value
        case Kind.COUNT, int() if not isinstance(value, bool):
            return value
        case Kind.FLAG, str() if value in _FLAGS:
            return _FLAGS[value]
        case Kind.COUNT, str() if value.isascii() and value.isdigit():
            return int(value)
        case Kind.VALUE, str():
            return _decoded(name, value)
        case _:
            return refuse("invalid_arguments", f"{name} is not a {kind.name.lower()}")


def _decoded(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return refuse(_UNREADABLE.get(name, "invalid_arguments"))
