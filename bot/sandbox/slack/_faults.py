"""Fault injection for the Web API and response URLs, per method: for a number of calls, or until it is ended."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web


@dataclass(frozen=True)
class RateLimited:
    """HTTP 429 with this `Retry-After`, in seconds."""

    retry_after: int = 1


@dataclass(frozen=True)
class Error:
    """HTTP 200 with this code as `error`, and the `errors` that blocks.validate lists."""

    code: str
    errors: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Hang:
    """No answer until the caller disconnects or this Slack ends."""


@dataclass(frozen=True)
class Reset:
    """A broken connection; `applied` is true when the method did its work before that."""

    applied: bool = False


@dataclass(frozen=True)
class Http:
    """This HTTP status with a page of HTML, as gateways send it; some send another content type."""

    status: int = 502
    content_type: str = "text/html"


Fault = RateLimited | Error | Hang | Reset | Http


EVERY_METHOD: Final = "*"


class SlackFaults:
    """The pending and the standing faults by method; `response_url` stands for posts to response URLs."""

    def __init__(self) -> None:
        self._pending: defaultdict[str, deque[tuple[Fault, str | None]]] = defaultdict(deque)
        self._standing: dict[str, Fault] = {}
        self._ending = asyncio.Event()

    def add(self, method: str, fault: Fault, times: int = 1, *, channel: str | None = None) -> None:
        """Make the next `times` calls of a method, in one channel or any, fail, after the faults already pending."""
        self._pending[method].extend([(fault, channel)] * times)

    def stand(self, method: str, fault: Fault | None) -> None:
        """Make every call of a method, or of `EVERY_METHOD`, fail from now on; None ends that.

        A call takes the pending fault of its method before the standing one, and that before the one of every method.
        """
        if fault is None:
            self._standing.pop(method, None)
        else:
            self._standing[method] = fault

    def standing(self, method: str) -> Fault | None:
        """Return the standing fault of a method, or of `EVERY_METHOD`."""
        return self._standing.get(method)

    @property
    def pending(self) -> list[str]:
        """The methods that have a pending fault."""
        return [method for method, waiting in self._pending.items() if waiting]

    def clear(self) -> None:
        """Remove every pending fault."""
        self._pending.clear()

    def take(self, method: str, channel: str | None = None) -> Fault | None:
        """Remove and return the pending fault for a call, or return the standing one, if there is one."""
        pending = self._pending[method]
        fault = next((each for each in pending if each[1] in {None, channel}), None)
        if fault is None:
            return self._standing.get(method) or self._standing.get(EVERY_METHOD)
        pending.remove(fault)
        return fault[0]

    async def respond(self, fault: Fault, request: web.Request, apply: Callable[[], object]) -> web.Response:
        """Return the fault's response; `apply` does the method's work, if the fault allows it."""
        match fault:
            case RateLimited(retry_after):
                return rate_limited(retry_after)
            case Error(code, errors):
                beside = {"errors": list(errors)} if errors else {}
                return web.json_response({"ok": False, "error": code, **beside})
            case Http(status, content_type):
                return web.Response(status=status, text="<html>bad gateway</html>", content_type=content_type)
            case Hang():
                await self._ending.wait()
            case Reset(applied):
                if applied:
                    apply()
                if request.transport is not None:
                    request.transport.abort()
        return web.Response(status=503)  # to nobody: the connection is gone

    def release(self) -> None:
        """Release every hanging request."""
        self._ending.set()


def rate_limited(retry_after: int) -> web.Response:
    """Return Slack's HTTP 429 response."""
    headers = {"Retry-After": str(retry_after)}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
