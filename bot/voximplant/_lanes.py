"""Bulkheads for requests to the platform: each lane has room for a fixed number of requests at once.

A request that does not fit waits for the lane, first come first served, and its deadline starts only when its turn has
come. A lane keeps no connection for a second request, since one that the server closes meanwhile makes a start's
outcome unknown, unless it has only requests that may be repeated.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from bot.process import Failpoint, reach
from bot.process.network import Proxy
from bot.voximplant._connection import Connection, Head, Route, connect, dissected
from bot.voximplant.errors import AnswerTooLarge, ConnectionBroken, NotSent, PlatformError, TimedOut

KEPT_S: Final = 5.0
"""The time for which a lane keeps an unused connection, if it keeps any: servers keep theirs for longer."""


@dataclass(frozen=True)
class Reply:
    """The response to one request: `body` is the part of it that was read, `flaw` the reason why it is incomplete.

    The names of `headers` are lower-case. `size` counts all bytes received, also those that were not kept. Where it is
    `repeated`, an earlier attempt on a kept connection may have arrived, too.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    elapsed: timedelta
    flaw: PlatformError | None
    size: int
    repeated: bool = False


@dataclass(frozen=True)
class _Request:
    """A request, byte for byte, and its limits."""

    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float
    connect_seconds: float
    acts: bool = False


class Lanes:
    """The bulkheads for starts and look-ups, sends, stops, stops of many sessions, logs, announcements.

    A stop of one session never waits behind the others, those of many included.

    Sizes are requests at once. The certificates of the system are trusted, or those of SSL_CERT_FILE.
    """

    def __init__(
        self,
        platform: int = 48,
        send: int = 16,
        stop: int = 32,
        bulk: int = 64,
        announcements: int = 4,
        *,
        proxy: Proxy | None = None,
    ) -> None:
        tls = ssl.create_default_context()  # one for all: it takes 20 ms and half a megabyte
        self.platform = Lane("platform", platform, tls, proxy)
        self.send = Lane("send", send, tls, proxy)
        self.stop = Lane("stop", stop, tls, proxy)
        self.bulk = Lane("bulk", bulk, tls, proxy, may_repeat=True)  # all attempts of a stop have one X-Request-Id
        self.logs = Lane("logs", 2, tls, proxy)
        self.announcements = Lane("announcements", announcements, tls, proxy, may_repeat=True)

    def each(self) -> "tuple[Lane, ...]":
        """Return every lane."""
        return self.platform, self.send, self.stop, self.bulk, self.logs, self.announcements

    async def aclose(self) -> None:
        """Close every connection. Requests still on their way end as ConnectionBroken."""
        for lane in self.each():
            await lane.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class Lane:
    """A bulkhead for `size` requests at once; `waiting` and `in_flight` count them for the metrics.

    Where its requests `may_repeat`, connections are kept for the next one to the same place, and a request on a kept
    connection that the server closed meanwhile is sent once more, on a new one.
    """

    def __init__(
        self, name: str, size: int, tls: ssl.SSLContext, proxy: Proxy | None = None, *, may_repeat: bool = False
    ) -> None:
        self.name = name
        self.size = size
        self.waiting = 0
        self.in_flight = 0
        self._room = asyncio.Semaphore(size)
        self._may_repeat = may_repeat
        self._tls = tls
        self._proxy = proxy
        self._busy: set[Connection] = set()
        self._kept: list[Connection] = []

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self._busy) + len(self._kept)

    async def aclose(self) -> None:
        """Close the lane's connections."""
        for each in (*self._busy, *self._kept):
            each.close()
        self._kept.clear()
        await asyncio.sleep(0)  # a transport closes its socket in the loop's next turn

    async def request(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        seconds: float,
        at_most: int,
        connect_seconds: float | None = None,
        address: str | None = None,
        acts: bool = False,
    ) -> Reply:
        """Send `body` as it is, once, and return the response, of any status.

        `seconds` is the time for everything from the first packet to the last byte read, `connect_seconds`
        the part of it that TCP and TLS may take; `at_most` bytes of the answer are read. With `address`
        the connection goes there, while TLS still demands the certificate of the URL's host. A request that `acts`
        starts a session, or reaches one.

        Raises CannotConnect or CertificateUnverified when surely no byte of the request has left, TimedOut
        or ConnectionBroken when no answer came. After a status, trouble with the body is the reply's flaw.
        """
        route, target = dissected(url, address, self._proxy)
        length = {"Content-Length": str(len(body))} if body or method == "POST" else {}
        request = _Request(
            method, target, _headers(route, {**length, **headers}), body, seconds, connect_seconds or seconds, acts
        )
        return await self._in_turn(route, request, _BodyBuffer(at_most))

    async def get(self, url: str, headers: Mapping[str, str], *, seconds: float, tail: int, address: str) -> Reply:
        """GET once, and keep the last `tail` bytes of the response, of any length.

        `seconds` is the time for everything; `address` and the errors are those of `request`.
        """
        route, target = dissected(url, address, self._proxy)
        request = _Request("GET", target, _headers(route, headers), b"", seconds, seconds)
        return await self._in_turn(route, request, _BodyBuffer(tail, of_the_end=True))

    async def _in_turn(self, route: Route, request: _Request, kept: "_BodyBuffer") -> Reply:
        self.waiting += 1
        try:
            await self._room.acquire()
        finally:
            self.waiting -= 1
        self.in_flight += 1
        try:
            return await self._exchange(route, request, kept)
        finally:
            self.in_flight -= 1
            self._room.release()

    async def _exchange(self, route: Route, request: _Request, kept: "_BodyBuffer") -> Reply:
        connection = self._taken(route)
        if connection is None:
            return await self._attempt(None, route, request, kept)
        try:
            return await self._attempt(connection, route, request, kept)
        except ConnectionBroken:
            pass
        try:
            return replace(await self._attempt(None, route, request, kept), repeated=True)
        except NotSent:
            pass
        raise ConnectionBroken  # the first attempt may have arrived

    async def _attempt(
        self, connection: Connection | None, route: Route, request: _Request, kept: "_BodyBuffer"
    ) -> Reply:
        started = time.monotonic()
        head: Head | None = None
        failure: PlatformError | None = None
        if connection is None:
            connection = await connect(route, self._tls, self._proxy, min(request.connect_seconds, request.seconds))
        self._busy.add(connection)
        try:
            async with asyncio.timeout(request.seconds - (time.monotonic() - started)):
                connection.send(request.method, request.target, request.headers, request.body)
                if request.acts:
                    reach(Failpoint.request_sent)
                head = await connection.head()
                async for chunk in connection.body():
                    if not kept.take(chunk):
                        failure = AnswerTooLarge(head.status)
                        break
        except TimeoutError:
            failure = TimedOut(request.seconds)
        except OSError:
            failure = ConnectionBroken()
        finally:
            self._busy.discard(connection)
            self._put_back(connection)
        # Raised out here, so that the error carries no context, which could hold the request.
        if head is None:
            raise failure or ConnectionBroken()
        return Reply(
            status=head.status,
            headers=head.headers,
            body=kept.body,
            elapsed=timedelta(seconds=time.monotonic() - started),
            flaw=failure,
            size=kept.size,
        )

    def _taken(self, route: Route) -> Connection | None:
        """Return the kept connection to this place that was used last, or None."""
        for each in reversed(self._kept):
            if each.route == route:
                self._kept.remove(each)
                if each.is_usable:
                    return each
                each.close()
        return None

    def _put_back(self, connection: Connection) -> None:
        """Keep a connection for a while, if it can be used again here, or close it."""
        if not (self._may_repeat and connection.is_usable):
            connection.close()
            return
        self._kept.append(connection)
        if len(self._kept) > self.size:
            self._kept.pop(0).close()
        asyncio.get_running_loop().call_later(KEPT_S, self._drop, connection, connection.uses)

    def _drop(self, connection: Connection, uses: int) -> None:
        """Close a connection that was not used since."""
        if connection.uses == uses and connection in self._kept:
            self._kept.remove(connection)
            connection.close()


def _headers(route: Route, headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers of a request; "identity": nothing is decompressed, so what is kept bounds the memory too."""
    return {"Host": route.authority, "User-Agent": "session-bot", "Accept-Encoding": "identity", **headers}


class _BodyBuffer:
    """The kept part of a body: its first bytes, after which reading ends, or its last ones."""

    def __init__(self, at_most: int, *, of_the_end: bool = False) -> None:
        self.size = 0
        self._at_most = at_most
        self._of_the_end = of_the_end
        self._bytes = bytearray()

    def take(self, chunk: bytes) -> bool:
        """Add a chunk; return False when the limit is reached."""
        self.size += len(chunk)
        self._bytes += chunk
        if self._of_the_end and len(self._bytes) > 2 * self._at_most:
            del self._bytes[: -self._at_most]
        return self._of_the_end or self.size <= self._at_most

    @property
    def body(self) -> bytes:
        return bytes(self._bytes[-self._at_most :] if self._of_the_end else self._bytes[: self._at_most])
