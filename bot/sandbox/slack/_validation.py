"""blocks.validate: the problems Slack has with blocks, a message or a view, without showing it to anybody."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from bot.sandbox.slack._blocks import Surface, problems
from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._method import Kind, Method
from bot.sandbox.slack._schema import anything, boolean, string, table
from bot.sandbox.slack._views import view_problems
from bot.sandbox.slack._workspace import Workspace

_WHERE: Final = re.compile(r"(?P<message>.*) \[json-pointer:(?P<pointer>[^\]]*)\]", re.DOTALL)
_MESSAGE: Final = table(
    {},
    {
        "text": string(40_000, least=0),
        "blocks": anything,  # looked at by their own rules
        "mrkdwn": boolean,
        "thread_ts": string(255),
        "metadata": anything,
    },
    any_of=("text", "blocks"),
)


def _of_blocks(blocks: Any) -> Iterator[str]:
    yield from problems(blocks, Surface.MESSAGE, "")


def _of_message(message: Any) -> Iterator[str]:
    yield from _MESSAGE(message, "")
    if isinstance(message, dict) and "blocks" in message:
        yield from problems(message["blocks"], Surface.MESSAGE)


def _of_view(view: Any) -> Iterator[str]:
    is_home = isinstance(view, dict) and view.get("type") == "home"
    yield from view_problems(view, Surface.HOME if is_home else Surface.MODAL, "")


_JUDGES: Final[Mapping[str, Callable[[Any], Iterable[str]]]] = {
    "blocks": _of_blocks,
    "message": _of_message,
    "view": _of_view,
}


def validate(workspace: Workspace, arguments: Json) -> Json:
    """Check exactly one of `blocks`, `message` and `view` (facts).

    Raises SlackError `invalid_blocks`, `invalid_message` or `invalid_view`, with an object for each problem in
    `errors`: its `pointer`, a `code` (the one that is documented) and a `message`.
    """
    del workspace
    if len(arguments) != 1:
        refuse("invalid_arguments", "exactly one of blocks, message and view is needed")
    ((what, payload),) = arguments.items()
    if found := [_error(problem) for problem in _JUDGES[what](payload)]:
        refuse(f"invalid_{what}", errors=found)
    return {}


def _error(problem: str) -> Json:
    parts = _WHERE.fullmatch(problem)
    if parts is None:
        raise AssertionError(problem)
    return {"pointer": parts["pointer"], "code": "failed_constraint", "message": parts["message"]}


METHODS = {"blocks.validate": Method(validate, optional=dict.fromkeys(_JUDGES, Kind.VALUE))}
