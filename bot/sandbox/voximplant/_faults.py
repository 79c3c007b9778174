"""Fault injection for the Management API and session URLs.

    platform.faults.management("StartScenarios", Hang(applied=True))
    platform.faults.session(Status(404), times=2)

Each order is used up by the requests it fits, the oldest first; `pending` holds the unused ones. Where none fits, the
standing fault of that side applies, as long as there is one: `platform.faults.stand(Side.MANAGEMENT, Slow(3))`.
"""

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, TypeAlias

from aiohttp import web


@dataclass(frozen=True)
class Hang:
    """Never answers. `applied`: the platform does act, though the caller never learns of it."""

    applied: bool = False


@dataclass(frozen=True)
class Reset:
    """Resets the TCP connection instead of answering, after having acted (`applied`) or without."""

    applied: bool = False


@dataclass(frozen=True)
class Html:
    """A gateway's page instead of an answer; the platform never saw the request."""

    status: int = 502


@dataclass(frozen=True)
class Status:
    """Any status, body and headers; the platform does not act."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Error:
    """A refusal in the Management API's own form: HTTP 200 with `{"error": {"code", "msg"}}`."""

    code: int
    msg: str


@dataclass(frozen=True)
class Redirect:
    """307 to another place; the platform does not act."""

    location: str


@dataclass(frozen=True)
class Slow:
    """The platform acts at once, its answer comes this much later."""

    seconds: float


@dataclass(frozen=True)
class Edit:
    """The Management API's real answer, altered: `change` maps the JSON object to another.

    Not for session URLs, whose answers are any text. Use a `Status` with a body there.
    """

    change: Callable[[dict[str, Any]], dict[str, Any]]


SessionFault: TypeAlias = Hang | Reset | Html | Status | Error | Redirect | Slow
Fault: TypeAlias = SessionFault | Edit


@dataclass(frozen=True, kw_only=True)
class Order:
    """One ordered fault: for a Management API method or, without one, for the URLs of one session or any."""

    fault: Fault
    times: int
    method: str | None = None
    history_id: int | None = None

    def fits(self, method: str | None, history_id: int | None) -> bool:
        """Return whether this order applies to a request."""
        return self.method == method and self.history_id in (None, history_id)


class Side(StrEnum):
    """The two kinds of servers of the platform."""

    MANAGEMENT = "management"
    SESSIONS = "sessions"


class Faults:
    """The pending orders, the standing faults, and the responses of requests that meet one."""

    def __init__(self) -> None:
        self._orders: list[Order] = []
        self._standing: dict[Side, SessionFault] = {}
        self._released = asyncio.Event()
        self._is_over = False

    def management(self, method: str, fault: Fault, *, times: int = 1) -> None:
        """Inject `fault` into the next `times` calls of a Management API method."""
        self._order(Order(fault=fault, times=times, method=method))

    def session(self, fault: SessionFault, *, times: int = 1, history_id: int | None = None) -> None:
        """Inject `fault` into the next `times` requests to the URLs of one session, or of any.

        Raises TypeError for an `Edit`.
        """
        if isinstance(fault, Edit):
            msg = "a session's answer is any text, so it cannot be edited; order a Status with a body instead"
            raise TypeError(msg)
        self._order(Order(fault=fault, times=times, history_id=history_id))

    def stand(self, side: Side, fault: SessionFault | None) -> None:
        """Make every request to a side meet `fault` from now on; None ends that, and releases what hangs or is slow."""
        if fault is not None:
            self._standing[side] = fault
        elif self._standing.pop(side, None) is not None:
            self._let_go()

    def standing(self, side: Side) -> SessionFault | None:
        """Return the standing fault of a side."""
        return self._standing.get(side)

    @property
    def pending(self) -> list[Order]:
        """Return the unused orders, `times` being the number left."""
        return list(self._orders)

    def clear(self) -> None:
        """Remove every unused order."""
        self._orders.clear()

    def take(self, *, method: str | None = None, history_id: int | None = None) -> Fault | None:
        """Use up and return one fault for this request, else the standing one; None when there is neither."""
        for place, order in enumerate(self._orders):
            if order.fits(method, history_id):
                self._orders[place : place + 1] = [replace(order, times=order.times - 1)] if order.times > 1 else []
                return order.fault
        return self._standing.get(Side.MANAGEMENT if history_id is None else Side.SESSIONS)

    async def answer(
        self, request: web.Request, fault: Fault | None, act: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        """Answer `request` with the result of `act`, as far as the fault lets it."""
        match fault:
            case None:
                return await act()
            case Slow(seconds=seconds):
                response = await act()
                await self._pause(seconds)
                return response
            case Edit(change=change):
                response = await act()
                return web.json_response(change(json.loads(response.text or "null")))
            case Hang(applied=applied) | Reset(applied=applied):
                if applied:
                    await act()
                if isinstance(fault, Hang):
                    await self._released.wait()
                return _reset(request)
            case _:
                return _instead(fault)

    def release(self) -> None:
        """Release every hanging request, and those to come; for the platform's shutdown."""
        self._is_over = True
        self._let_go()

    def _let_go(self) -> None:
        self._released.set()
        if not self._is_over:
            self._released = asyncio.Event()

    def _order(self, order: Order) -> None:
        if order.times < 1:
            raise ValueError(f"a fault is ordered for one request at least, not for {order.times}")
        self._orders.append(order)

    async def _pause(self, seconds: float) -> None:
        """Wait this many seconds, or until the platform shuts down."""
        waiting = asyncio.ensure_future(self._released.wait())
        await asyncio.wait([waiting], timeout=seconds)
        waiting.cancel()


def _instead(fault: Html | Status | Error | Redirect) -> web.Response:
    """Return the response of a fault that does not act."""
    match fault:
        case Html(status=status):
            page = f"<html><body><h1>{status} from the gateway</h1></body></html>"
            return web.Response(status=status, text=page, content_type="text/html")
        case Status(status=status, body=body, headers=headers):
            return web.Response(status=status, text=body, headers=headers)
        case Error(code=code, msg=msg):
            return web.json_response({"error": {"code": code, "msg": msg}})
        case Redirect(location=location):
            return web.Response(status=307, headers={"Location": location})


def _reset(request: web.Request) -> web.Response:
    """Close the connection with a TCP reset."""
    if request.transport is not None:
        request.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response(status=500)  # written to nobody
