"""The questions of a session to its services, from the asking to the answer."""

import asyncio
from collections.abc import Callable, Mapping

from bot.sandbox.voximplant.engine._effects import Ask
from bot.sandbox.voximplant.engine._facts import Service

HTTP = "http"  # the service whose open requests hold up the end of a session


class Asks:
    """Asks the services, and hands each answer to `settle` with the question's id."""

    def __init__(self, services: Mapping[str, Service], settle: Callable[[int, object], None]) -> None:
        self._services = services
        self._settle = settle
        self._open: dict[asyncio.Future[object], str] = {}

    def ask(self, ask: Ask) -> bool:
        """Ask a service; return whether there is one, so that an answer comes."""
        service = self._services.get(ask.what)
        if service is None:
            return False
        asked = asyncio.ensure_future(service(ask.question))
        self._open[asked] = ask.what
        asked.add_done_callback(lambda asked: self._answered(ask.ask_id, asked))
        return True

    @property
    def http_is_open(self) -> bool:
        """Return whether an HTTP request has no answer yet."""
        return HTTP in self._open.values()

    async def wait_for_http(self, seconds: float) -> None:
        """Wait for the answers of the open HTTP requests, so many seconds at most."""
        if requests := [asked for asked, what in self._open.items() if what == HTTP]:
            await asyncio.wait(requests, timeout=seconds)

    async def answered(self) -> bool:
        """Wait for the answers of what is asked of the other services; return whether something was asked."""
        others = [asked for asked, what in self._open.items() if what != HTTP]
        if others:
            await asyncio.wait(others)
        return bool(others)

    def close(self) -> None:
        """Cancel what has no answer yet."""
        for asked in list(self._open):
            asked.cancel()

    def _answered(self, ask_id: int, asked: asyncio.Future[object]) -> None:
        self._open.pop(asked, None)
        if not asked.cancelled():
            error = asked.exception()
            self._settle(ask_id, asked.result() if error is None else error)
