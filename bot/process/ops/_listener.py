"""An HTTP port with limits on its clients: on the number of connections, their time, and what is no HTTP.

    more connections than there is room for   the one that has waited longest for its client is closed
    no request, or half of one, in time       the connection is closed; a body that does not end is 408
    an answer that nobody reads               the connection is closed
    no HTTP                                   400, and the connection is closed

Each is a line in the log, once a minute at most. A complete request is never dropped here.
"""

import asyncio
import errno
import logging
import os
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.process import RateLimitedLog

log = logging.getLogger(__name__)

_KEPT_S: Final = 75.0
"""The keep-alive of a connection: longer than that of a proxy in front, which would use it."""

_AT_ONCE: Final = 32
"""Connections that are taken before the oldest are closed for them: so many descriptors more than there is room."""

_QUEUE: Final = 1_024
"""Connections that wait in the system, where they cost no descriptor. Those that come on top are a second late."""

_UNREAD_S: Final = 1.0
"""The time for which the rest of a refused request is read, so that its sender can see the answer."""

_NO_HTTP: Final = (HttpProcessingError, web.RequestPayloadError)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotListen(OSError):  # noqa: N818 - it names what is wrong, as its sentence does
    """A port cannot be listened on; the text is one sentence."""


class PortTaken(CannotListen):
    """A port is in use."""


@dataclass(frozen=True)
class ClientTimeouts:
    """Timeouts of a client, in seconds: for a request's head, its body, and reading the answer."""

    head: float = 15.0
    body: float = 10.0
    answer: float = 10.0


class Listener:
    """A named port and its handlers. `longest` is the size limit of a body, in bytes.

    `settings` begins the names of the two settings that hold its address, `…_HOST` and `…_PORT`. Handlers get requests
    whose body is there already, and as it came: nothing is unpacked.
    """

    def __init__(
        self,
        name: str,
        routes: Sequence[web.RouteDef],
        *,
        settings: str,
        room: int,
        longest: int,
        closing_s: float,
        timeouts: ClientTimeouts = ClientTimeouts(),
    ) -> None:
        self._name = name
        self._routes = routes
        self._settings = settings
        self._room = room
        self._longest = longest
        self._closing_s = closing_s
        self.timeouts = timeouts
        self._connections: set[_Connection] = set()
        self._waiting: OrderedDict[_Connection, None] = OrderedDict()
        self._crowded = RateLimitedLog(log, logging.WARNING)
        self._misbehaviour = RateLimitedLog(log, logging.INFO)
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int | None:
        """The port that is listened on, the system's choice if 0 was asked for; None while there is none."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server and self._server.sockets else None

    async def open(self, host: str, port: int) -> None:
        """Start listening. Raises CannotListen, of it PortTaken where the port is in use; can be retried."""
        app = web.Application(client_max_size=self._longest, middlewares=[self._read_whole])
        app.add_routes(self._routes)
        app.on_response_prepare.append(_hide_software)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=self._closing_s)
        await runner.setup()
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: _Connection(self, cast("web.Server", runner.server)), host, port, backlog=_AT_ONCE
            )
        except OSError as problem:
            await runner.cleanup()
            raise self._cannot_listen(f"{host}:{port}", problem) from None
        self._runner = runner
        for each in self._server.sockets:
            with socket.socket(fileno=os.dup(each.fileno())) as same:
                same.listen(_QUEUE)

    async def close(self) -> None:
        """Stop listening, and wait a while for answers under way."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    def _cannot_listen(self, place: str, problem: OSError) -> CannotListen:
        if problem.errno == errno.EADDRINUSE:
            msg = f"The {self._name} {place} is in use: stop what runs there, or set {self._settings}_PORT."
            return PortTaken(msg)
        why, names = _address_problem(problem), f"{self._settings}_HOST and {self._settings}_PORT"
        return CannotListen(f"The {self._name} cannot be opened on {place} ({why}): check {names}.")

    def add(self, connection: "_Connection") -> None:
        """Count a new connection and make room for it; a connection with a complete request stays."""
        self._connections.add(connection)
        self._waiting[connection] = None
        if len(self._connections) > self._room:
            self._crowded.log(
                f"the {self._name} has {self._room} connections, as many as it may: "
                "the one that has waited longest for its client is closed for each new one"
            )
            next(iter(self._waiting)).abort()

    def remove(self, connection: "_Connection") -> None:
        """Remove a connection from the count."""
        self._connections.discard(connection)
        self._waiting.pop(connection, None)

    def log_misbehaviour(self, what: str) -> None:
        """Log a client's misbehaviour, rate limited."""
        self._misbehaviour.log(f"a connection to the {self._name} was closed: {what}")

    @web.middleware
    async def _read_whole(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Read the complete request before it is handled; until then its connection counts as waiting."""
        connection = cast("_Connection", request.protocol)
        connection.head_received()
        if request.match_info.http_exception is None:
            await self._body(request)
        self._waiting.pop(connection, None)
        try:
            return await handler(request)
        finally:
            if connection in self._connections:
                self._waiting[connection] = None

    async def _body(self, request: web.Request) -> None:
        try:
            async with asyncio.timeout(self.timeouts.body):
                await request.read()
        except TimeoutError:
            self.log_misbehaviour("its request did not end in time")
        except (*_NO_HTTP, ConnectionError) as problem:
            self.log_misbehaviour(f"its request broke off, or was no HTTP ({type(problem).__name__})")
            raise web.HTTPBadRequest from None
        else:
            return
        raise web.HTTPRequestTimeout


class _Connection(web.RequestHandler):
    """One connection. It has a deadline while its client must act: send a head, or read an answer."""

    def __init__(self, listener: Listener, server: web.Server) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type] # as aiohttp's own runner passes it on
            keepalive_timeout=_KEPT_S,
            lingering_time=_UNREAD_S,
            auto_decompress=False,
        )
        self._listener = listener
        self._late: asyncio.TimerHandle | None = None
        self._here: asyncio.Transport | None = None

    def abort(self) -> None:
        """Close the connection now, unsent data included."""
        self._listener.remove(self)
        if self._here is not None:
            self._here.abort()

    def head_received(self) -> None:
        """Cancel the deadline for the head."""
        self._expect(None, "")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        self._here = cast("asyncio.Transport", transport)
        super().connection_made(transport)
        self._expect(self._listener.timeouts.head, "no request came in time")
        self._listener.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Remove the connection from the count."""
        self._expect(None, "")
        self._listener.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Start the deadline with the first byte of a head; later ones do not prolong it."""
        if self._late is None and not self._request_in_progress:
            self._expect(self._listener.timeouts.head, "its request did not end in time")
        super().data_received(data)

    def pause_writing(self) -> None:
        """Start the deadline of a client that does not read."""
        super().pause_writing()
        self._expect(self._listener.timeouts.answer, "it did not take its answer")

    def resume_writing(self) -> None:
        """Cancel the deadline: the client reads."""
        super().resume_writing()
        self._expect(None, "")

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a malformed request without repeating it; aiohttp logs and answers our own errors."""
        if not isinstance(exc, _NO_HTTP):
            return super().handle_error(request, status, exc, message)
        self.log_exception(exc_info=exc)
        refusal = web.Response(status=status, headers={"Server": ""})
        refusal.force_close()
        return refusal

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log a client's error in a line; only our own errors have a traceback."""
        problem = kw.get("exc_info")
        if isinstance(problem, _NO_HTTP):
            self._listener.log_misbehaviour(f"what it sent was no HTTP ({type(problem).__name__})")
        else:
            super().log_exception(*args, **kw)

    def _expect(self, seconds: float | None, otherwise: str) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        if seconds is not None:
            self._late = self._loop.call_later(seconds, self._give_up, otherwise)

    def _give_up(self, why: str) -> None:
        self._late = None
        self._listener.log_misbehaviour(why)
        self.abort()


async def _hide_software(_request: web.Request, response: web.StreamResponse) -> None:
    """Remove the versions of our software, which strangers need not know, from an answer."""
    response.headers.popall("Server", None)


def _address_problem(error: OSError) -> str:
    """Return the system's reason why an address cannot be bound, without the address that asyncio repeats."""
    number = error.errno or 0  # a name that cannot be resolved has one below 0, which is not the system's
    return os.strerror(number) if number > 0 else error.strerror or type(error).__name__
