"""The media servers: a session's own URL, over TLS and plain. Knowing the path is the permission."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.sandbox import let_go
from bot.sandbox.voximplant._faults import Faults
from bot.sandbox.voximplant._options import PlatformOptions
from bot.sandbox.voximplant.engine import Engine, HttpAnswer, ScenarioSession, SessionOverError


@dataclass(kw_only=True)
class Delivery:
    """One request that reached a session's URL, a late one included. `headers` are the X-… ones.

    `status`, `seconds` and `answer` are those of its answer; None as long as there is none, as for one that hangs.
    """

    history_id: int
    http_method: str
    headers: dict[str, str]
    body: bytes
    at: datetime
    status: int | None = None
    seconds: float | None = None
    answer: str | None = field(default=None, repr=False)


class Media:
    """Passes each request on to its session as `AppEvents.HttpRequest`."""

    def __init__(self, engine: Engine, options: PlatformOptions, faults: Faults) -> None:
        self._engine = engine
        self._options = options
        self._faults = faults
        self.deliveries: list[Delivery] = []

    def application(self) -> web.Application:
        """Return the aiohttp application of the session URLs."""
        app = web.Application(middlewares=[let_go])
        app.router.add_route("*", "/request/{session}/{key}{rest:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        session = self._engine.at_path(request.path)
        if session is None:
            return web.Response(status=404)
        delivery = Delivery(
            history_id=session.history_id,
            http_method=request.method,
            headers=_x_headers(request),
            body=await request.read(),
            at=self._options.clock(),
        )
        self.deliveries.append(delivery)
        self._engine.changes.notify()
        began = time.monotonic()

        async def act() -> web.Response:
            try:
                answer = await _deliver(session, delivery, request.raw_path)
            except SessionOverError:
                return web.Response(status=404)
            return _answered(answer.body or "" if self._options.answer_bodies else "")

        fault = self._faults.take(history_id=session.history_id)
        response = await self._faults.answer(request, fault, act)
        if not (request.transport is None or request.transport.is_closing()):  # else it was reset, or hung up
            delivery.status, delivery.seconds = response.status, time.monotonic() - began
            delivery.answer = response.text
            self._engine.changes.notify()
        return response


def _x_headers(request: web.Request) -> dict[str, str]:
    """Return the headers a scenario sees, spelled as they were sent: aiohttp respells the names it knows."""
    sent = ((name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in request.raw_headers)
    return {name: value for name, value in sent if name.upper().startswith("X-")}


async def _deliver(session: ScenarioSession, delivery: Delivery, path: str) -> HttpAnswer:
    """Return what the scenario's handlers made of it. Raises SessionOverError after the session's end."""
    fields: dict[str, Any] = {
        "method": delivery.http_method,
        "path": path,
        "content": delivery.body.decode("utf-8", "replace"),
        "headers": [{"key": name, "value": value} for name, value in delivery.headers.items()],
    }
    return await session.deliver(fields)


def _answered(body: str) -> web.Response:
    return web.Response(body=body.encode("utf-8", "replace"), content_type="text/plain", charset="utf-8")
