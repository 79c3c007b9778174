"""The options of a check, and the request that a stop is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.cli.scenario.check._plan import REQUEST_ID
from bot.cli.scenario.sessions import Request
from bot.config import stop_request
from bot.voximplant import Method, StopRequest, stop_headers

_PERSON: Final = "check"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a check. `stop` None is the rule's own, or the default."""

    stop: StopRequest | None = None
    data: str = field(default="", repr=False)
    inbound: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    with_kit: bool = True
    json: bool = False


def typed_stop(body: str | None, path: str, method: str) -> StopRequest | None:
    """Return the stop of the command line, None where none was typed. Raises ValueError with a sentence."""
    typed = next((each for each in Method if each == method.upper()), None)
    if typed is None:
        raise ValueError(f"--stop-method is POST or GET, and not {method}.")
    if body is None and not path and typed is Method.post:
        return None
    if body and typed is Method.get:
        msg = "--stop has no place beside --stop-method GET, which has no body."
        raise ValueError(msg)
    try:
        return stop_request(body, None, path, typed)
    except UnicodeEncodeError:
        msg = "--stop holds what is no text in UTF-8."
        raise ValueError(msg) from None
    except ValueError as problem:
        raise ValueError(f"--stop-path {problem}.") from None


def stop_of(stop: StopRequest) -> Request:
    """Return a stop as its scenario sees it: without its content type, and with an id that is always the same."""
    headers = tuple(stop_headers(REQUEST_ID, _PERSON, None).items())
    return Request(body=stop.body.decode(), method=stop.method.value, path=stop.path, headers=headers)
