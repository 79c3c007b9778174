"""The options of a check, and the request that a stop is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.cli.scenario.check._observation import Canned, Request
from bot.voximplant import Method, StopRequest, content_type_of

_HEADERS: Final = (
    ("X-Session-Bot", "stop"),
    ("X-Request-Id", "00000000-0000-4000-8000-000000000000"),
    ("X-Session-Bot-By", "check"),
)
"""The headers of a stop that a scenario sees: the bot's (`bot.voximplant`), with an id that is always the same."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a check. `stop` None is the rule's own, or the default."""

    stop: StopRequest | None = None
    data: str = ""
    inbound: bool = False
    answers: Mapping[str, Canned] = field(default_factory=dict)
    seconds: float | None = None
    with_kit: bool = True
    json: bool = False


def typed_stop(body: str | None, path: str, method: str) -> StopRequest | None:
    """Return the stop of the command line, None where none was typed. Raises ValueError with a sentence."""
    if body is None and not path and method.upper() == Method.post:
        return None
    if method.upper() not in tuple(Method):
        raise ValueError(f"--stop-method is POST or GET, and not {method}.")
    if body and method.upper() == Method.get:
        msg = "--stop has no place beside --stop-method GET, which has no body."
        raise ValueError(msg)
    if body is None:
        body = "" if method.upper() == Method.get else '{"command": "stop"}'
    try:
        return StopRequest(
            body=body.encode(), content_type=content_type_of(body), path=path, method=Method(method.upper())
        )
    except UnicodeEncodeError:
        msg = "--stop holds what is no text in UTF-8."
        raise ValueError(msg) from None
    except ValueError as problem:
        raise ValueError(f"--stop-path {problem}.") from None


def stop_of(stop: StopRequest) -> Request:
    """Return a stop as its scenario sees it: without its content type."""
    return Request(body=stop.body.decode(), method=stop.method.value, path=stop.path, headers=_HEADERS)
