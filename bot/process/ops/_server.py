"""The endpoints of operations: liveness, readiness and the metrics.

A port of its own, never Slack's: nothing here is meant for the outside.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Generic, TypeVar

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.process.metrics import Metrics
from bot.process.ops._listener import Listener

CHECK_SECONDS: Final = 1.0
ROOM: Final = 64
"""Connections at once: a few machines that look, each with one or two."""

_NOTHING: Final = 1024
"""Bytes of a body. Nobody who looks sends one."""

log = logging.getLogger(__name__)

T = TypeVar("T")

Check = Callable[[], Awaitable[str | None]]
"""Tells in one line what is wrong, or None when nothing is. Raising counts as a problem, too."""

Fact = Callable[[], str]
"""Tells in a word or two how something stands; it is neither good nor bad."""

Measure = Callable[[], Awaitable[None]]
"""Brings the gauges up to date, right before they are served. Raising leaves those it did not reach as they were."""


class OpsServer:
    """Serves `/healthz`, `/readyz` and `/metrics`.

    Not being ready is 503, with each check on a line of its own, `name: ok` or `name: problem`, and behind
    them the facts, which make it no less ready.
    """

    def __init__(
        self,
        host: str,
        port: int,
        metrics: Metrics,
        checks: Mapping[str, Check],
        measure: Measure | None = None,
        *,
        facts: Mapping[str, Fact] | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._metrics = metrics
        self._checks = {name: _SingleFlight(check) for name, check in checks.items()}
        self._facts = facts or {}
        self._measure = None if measure is None else _SingleFlight(measure)
        self._listener = Listener(
            "operations port",
            [web.get("/healthz", self._alive), web.get("/readyz", self._ready), web.get("/metrics", self._count)],
            settings="SESSION_BOT_OPS",
            room=ROOM,
            longest=_NOTHING,
            closing_s=CHECK_SECONDS,
        )

    @property
    def port(self) -> int:
        """The port that is listened on: the system's choice, if 0 was asked for."""
        return self._listener.port or self._port

    @property
    def is_listening(self) -> bool:
        """Return whether the endpoints are served."""
        return self._listener.port is not None

    async def start(self) -> None:
        """Start listening. Raises CannotListen, of it PortTaken where the port is in use."""
        await self._listener.open(self._host, self._port)
        log.info("operations endpoints on %s:%d", self._host, self.port)

    async def stop(self) -> None:
        """Stop listening; answers under way are dropped after a second."""
        await self._listener.close()
        for shared in (*self._checks.values(), self._measure):
            if shared is not None:
                shared.cancel()

    async def _alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _request: web.Request) -> web.Response:
        verdicts = await asyncio.gather(*(_verdict(check) for check in self._checks.values()))
        lines = [f"{name}: {verdict or 'ok'}\n" for name, verdict in zip(self._checks, verdicts, strict=True)]
        lines += [f"{name}: {fact()}\n" for name, fact in self._facts.items()]
        return web.Response(text="".join(lines), status=503 if any(verdicts) else 200)

    async def _count(self, _request: web.Request) -> web.Response:
        if self._measure is not None:
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._measure()
            except Exception as problem:  # noqa: BLE001 - the log has it; the other figures are served all the same
                log.warning("not everything could be measured: %s", type(problem).__name__)
        return web.Response(
            body=generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        )


class _SingleFlight(Generic[T]):
    """One call at a time of a slow function, shared by all concurrent callers: each call costs the bot a thread."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """Return the result of the call under way, or else of a new one; a cancelled caller does not cancel it."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._look())
            self._asking.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._asking)

    def cancel(self) -> None:
        """Cancel the call under way."""
        if self._asking is not None:
            self._asking.cancel()

    async def _look(self) -> T:
        return await self._ask()


async def _verdict(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            problem = await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001 - whoever asks for readiness learns of it, by its kind
        return f"failed with {type(error).__name__}"
    return " ".join(problem.split()) or "failed" if problem is not None else None
