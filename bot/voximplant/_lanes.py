"""Bulkheads for requests to the platform: each lane has room for a fixed number of requests at once.

A lane is a semaphore with its own connection pool of the same size, so that httpcore never queues: its queue
is searched anew for every request. A request that does not fit waits for the lane, first come first served, and its
deadline starts only when its turn has come.

The pools are httpx's transports, used without the client on top: nothing is redirected, no cookie is kept,
and no line about a request is logged. No proxy is taken from the environment; the proxy of SESSION_BOT_PROXY
is reached in tunnels (`bot.process.network`). A lane keeps no connection for a second request,
since one that the server closes meanwhile makes a start's outcome unknown, unless it has only requests that may be
repeated.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import httpx

from bot.process.network import Proxy
from bot.voximplant._progress import Progress
from bot.voximplant._tunnels import Tunnels
from bot.voximplant.errors import AnswerTooLarge, ConnectionBroken, PlatformError

# httpx logs URLs at INFO, httpcore addresses and headers (a redirect's URL) at DEBUG. A filter holds whatever
# levels and handlers the logging is configured with; the level only saves httpcore the formatting.
for _name in ("httpx", "httpcore.connection", "httpcore.http11"):
    logging.getLogger(_name).addFilter(lambda _record: False)
    logging.getLogger(_name).setLevel(logging.WARNING)


KEPT_S: Final = 5.0
"""The time for which a lane keeps an unused connection, if it keeps any: servers keep theirs for longer."""


@dataclass(frozen=True)
class Reply:
    """The response to one request: `body` is the part of it that was read, `flaw` the reason why it is incomplete.

    `size` counts all bytes received, also those that were not kept.
    """

    status: int
    headers: httpx.Headers
    body: bytes
    elapsed: timedelta
    flaw: PlatformError | None
    size: int


class Lanes:
    """The bulkheads for starts and look-ups, sends, stops, logs, announcements. A stop never waits behind the others.

    Sizes are requests at once. The certificates of the system are trusted, or those of SSL_CERT_FILE.
    """

    def __init__(
        self,
        platform: int = 48,
        send: int = 16,
        stop: int = 32,
        logs: int = 2,
        announcements: int = 4,
        *,
        proxy: Proxy | None = None,
    ) -> None:
        tls = ssl.create_default_context()  # one for all: it takes 20 ms and half a megabyte
        self.platform = Lane("platform", platform, tls, proxy)
        self.send = Lane("send", send, tls, proxy)
        self.stop = Lane("stop", stop, tls, proxy)
        self.logs = Lane("logs", logs, tls, proxy)
        self.announcements = Lane("announcements", announcements, tls, proxy, may_repeat=True)

    async def aclose(self) -> None:
        """Close every connection. Requests still on their way end as ConnectionBroken."""
        for lane in (self.platform, self.send, self.stop, self.logs, self.announcements):
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

    Where its requests `may_repeat`, connections are kept for the next one, and a request on a kept connection that
    the server closed meanwhile is sent once more.
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
        kept = size if may_repeat else 0
        self._pool = _pool(size, tls, kept)
        self._proxy = proxy
        self._through = self._pool if proxy is None else _pool(size, tls, kept, Tunnels(proxy))

    async def aclose(self) -> None:
        """Close the lane's connections."""
        await self._pool.aclose()
        await self._through.aclose()

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
        the part of it that TCP and TLS may take each; `at_most` bytes of the answer are read. With `address`
        the connection goes there, while TLS still demands the certificate of the URL's host. A request that `acts`
        starts a session, or reaches one.

        Raises CannotConnect or CertificateUnverified when surely no byte of the request has left, TimedOut
        or ConnectionBroken when no answer came. After a status, trouble with the body is the reply's flaw.
        """
        request = _request(
            method, url, body, headers, address, httpx.Timeout(seconds, connect=connect_seconds or seconds)
        )
        return await self._in_turn(request, seconds, _BodyBuffer(at_most), acts=acts)

    async def get(self, url: str, headers: Mapping[str, str], *, seconds: float, tail: int, address: str) -> Reply:
        """GET once, and keep the last `tail` bytes of the response, of any length.

        `seconds` is the time for everything; `address` and the errors are those of `request`.
        """
        request = _request("GET", url, b"", headers, address, httpx.Timeout(seconds))
        return await self._in_turn(request, seconds, _BodyBuffer(tail, of_the_end=True))

    async def _in_turn(
        self, request: httpx.Request, seconds: float, kept: "_BodyBuffer", *, acts: bool = False
    ) -> Reply:
        self.waiting += 1
        try:
            await self._room.acquire()
        finally:
            self.waiting -= 1
        self.in_flight += 1
        try:
            return await self._exchange(request, seconds, kept, acts=acts)
        finally:
            self.in_flight -= 1
            self._room.release()

    async def _exchange(self, request: httpx.Request, seconds: float, kept: "_BodyBuffer", *, acts: bool) -> Reply:
        through = self._proxy is not None and self._proxy.serves(request.extensions["sni_hostname"])
        progress = Progress(through=through, acts=acts)
        try:
            return await self._attempt(request, seconds, kept, progress)
        except ConnectionBroken:
            if not self._may_repeat or not progress.is_on_kept_connection:
                raise
        return await self._attempt(request, seconds, kept, Progress(through=through, acts=acts))

    async def _attempt(self, request: httpx.Request, seconds: float, kept: "_BodyBuffer", progress: Progress) -> Reply:
        request.extensions["trace"] = progress.note
        started = time.monotonic()
        response: httpx.Response | None = None
        failure: PlatformError | None = None
        try:
            async with asyncio.timeout(seconds):
                response = await (self._through if progress.through else self._pool).handle_async_request(request)
                async for chunk in response.aiter_raw():
                    if not kept.take(chunk):
                        failure = AnswerTooLarge(response.status_code)
                        break
        except (httpx.HTTPError, OSError) as error:  # OSError: the deadline's TimeoutError, raw TLS errors
            failure = progress.failure(error, request, seconds)
        finally:
            if response is not None:
                await response.aclose()
            if not self._may_repeat or response is None or failure is not None:
                await progress.hang_up()
        # Raised out here, so that the error carries no context: httpx's own would hold the request's URL.
        if response is None:
            raise failure or ConnectionBroken()
        return Reply(
            status=response.status_code,
            headers=response.headers,
            body=kept.body,
            elapsed=timedelta(seconds=time.monotonic() - started),
            flaw=failure,
            size=kept.size,
        )


def _pool(size: int, tls: ssl.SSLContext, kept: int, tunnels: Tunnels | None = None) -> httpx.AsyncHTTPTransport:
    pool = httpx.AsyncHTTPTransport(
        verify=tls,
        trust_env=False,
        limits=httpx.Limits(max_connections=size, max_keepalive_connections=kept, keepalive_expiry=KEPT_S),
    )
    if tunnels is not None:  # httpx's own way through a proxy shows it the whole URL of what is not encrypted
        pool._pool._network_backend = tunnels  # noqa: SLF001 - httpcore takes one, and httpx has no word for it
    return pool


def _request(  # noqa: PLR0917 - the parts of one request, each needed once
    method: str, url: str, body: bytes, headers: Mapping[str, str], address: str | None, timeout: httpx.Timeout
) -> httpx.Request:
    target = httpx.URL(url)
    return httpx.Request(
        method,
        target if address is None else target.copy_with(host=address),
        content=body,
        # "identity": nothing is decompressed, so that what is kept bounds the memory too.
        headers={
            "Host": target.netloc.decode("ascii"),
            "User-Agent": "session-bot",
            "Accept-Encoding": "identity",
            **headers,
        },
        extensions={"timeout": timeout.as_dict(), "sni_hostname": target.raw_host.decode("ascii")},
    )


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
