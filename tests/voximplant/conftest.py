"""A scripted server that speaks real HTTP over real sockets, with and without TLS."""

import asyncio
import json
import logging
import socket
import ssl
import struct
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from bot.voximplant._credentials import ApiKey, Credentials
from bot.voximplant._lanes import Lanes
from bot.voximplant._management import Management

HANGS_S = 1.5
"""The time of what hangs: connecting and TLS have to be done in it too, on a busy machine."""

KEY = "s3cr3t-api-key-0123456789"
ROW = {
    "call_session_history_id": 7,
    "account_id": 1,
    "application_id": 3,
    "application_name": "calls.example",
    "rule_name": "night call",
    "start_date": "2026-11-20 02:14:05",
}
"""What every row of the history has."""

SECRET_PATH = "/request/AF30C0FFEE42CCA6.1580999958.1204800_127.0.0.1/90AB12CD34EF5D84"


@dataclass(frozen=True)
class Request:
    """A request as the server read it, byte for byte."""

    line: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Reads one request a connection, then does what it was told to."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.at_once = 0
        self.most_at_once = 0
        self.port = 0
        self.tls = False
        self.let_go = asyncio.Event()
        self._script: Script = _forget
        self._seen = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, tls: ssl.SSLContext | None = None) -> "Server":
        """Listen on a port of the system's choice."""
        self.tls = tls is not None
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Close the port and end what still runs."""
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, host: str = "127.0.0.1", path: str = SECRET_PATH) -> str:
        """Return this server's URL, under any name."""
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def says(self, status: int, body: bytes | str | dict[str, object] = b"", **headers: str) -> None:
        """Answer every request with this."""
        raw = json.dumps(body).encode() if isinstance(body, dict) else body
        raw = raw.encode() if isinstance(raw, str) else raw
        fields = {"Content-Length": str(len(raw)), **{k.replace("_", "-"): v for k, v in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.writes(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + raw)

    def writes(self, raw: bytes) -> None:
        """Answer every request with these very bytes, then close."""

        async def script(_: Request, writer: asyncio.StreamWriter) -> None:
            writer.write(raw)
            await writer.drain()

        self._script = script

    def hangs(self, first: bytes = b"") -> None:
        """Write `first`, then nothing until `let_go` is set, then answer 200."""

        async def script(_: Request, writer: asyncio.StreamWriter) -> None:
            writer.write(first)
            await self.let_go.wait()
            if not first:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        self._script = script

    def resets(self, first: bytes = b"") -> None:
        """Write `first`, then reset the connection."""

        async def script(_: Request, writer: asyncio.StreamWriter) -> None:
            writer.write(first)
            await writer.drain()
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

        self._script = script

    def runs(self, script: Script) -> None:
        """Answer every request by this function."""
        self._script = script

    async def seen(self, count: int) -> None:
        """Wait until so many requests were read."""
        async with self._seen:
            await self._seen.wait_for(lambda: len(self.requests) >= count)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            request = await _read(reader)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            async with self._seen:
                self.requests.append(request)
                self._seen.notify_all()
            try:
                await self._script(request, writer)
            finally:
                self.at_once -= 1
        except (OSError, EOFError, asyncio.CancelledError):  # the client went away, or the test is over
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    line, *fields = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}
    return Request(line, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _forget(_: Request, __: asyncio.StreamWriter) -> None:
    return


Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers; `serve()` speaks plain HTTP, `serve(context)` TLS."""
    servers: list[Server] = []

    async def start(tls: ssl.SSLContext | None = None) -> Server:
        servers.append(await Server().start(tls))
        return servers[-1]

    yield start
    for server in servers:
        await server.stop()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Make the certificate authority that the lanes of these tests trust."""
    return trustme.CA()


@pytest.fixture(scope="session")
def certified(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """Make a server's context with a certificate for the given names."""

    def context(*names: str, by: trustme.CA = authority) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        by.issue_cert(*names).configure_cert(made)
        return made

    return context


@pytest.fixture
async def lanes(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lanes]:
    """Small lanes that trust the authority in the way that people set it: SSL_CERT_FILE."""
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    async with Lanes(platform=3, send=2, stop=2, bulk=3) as made:
        yield made


@pytest.fixture(scope="session")
def rsa_key() -> RSAPrivateKey:
    """Make the private key of the tests' service account."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Return a port on which nobody listens: connecting to it is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[BaseException], str]:
    """Collect everything that an error and the logs at DEBUG would show to somebody."""
    caplog.set_level(logging.DEBUG)
    for name in ("asyncio",):
        caplog.set_level(logging.DEBUG, logger=name)

    def show(error: BaseException) -> str:
        seen: list[str] = [caplog.text]
        chain: list[BaseException | None] = [error]
        while chain:
            one = chain.pop()
            if one is not None:
                seen += [
                    str(one),
                    repr(one),
                    repr(one.args),
                    repr(vars(one)),
                    *traceback.format_exception(one),
                ]
                chain += [one.__cause__, one.__context__]
        return "\n".join(seen)

    return show


@pytest.fixture
async def server(serve: Callable[..., Any]) -> Any:
    """Script the platform's API."""
    return await serve()


@pytest.fixture
def management(server: Any, lanes: Lanes) -> Management:
    """Ask the account at the scripted API with an API key."""
    return management_of(server, lanes)


def management_of(server: Any, lanes: Lanes, credentials: Credentials | None = None, **timeouts: float) -> Management:
    url = server.url(path="/platform_api")
    return Management(url, credentials or ApiKey(1, KEY), lanes.platform, **timeouts)


def form(request: Any) -> dict[str, str]:
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return dict(parse_qsl(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True))


def paged(server: Any, rows: list[Any], key: Any = "result", most: int = 1000) -> None:
    """Answer as the platform pages: `count` and `offset` against `total_count`."""

    async def script(request: Any, writer: asyncio.StreamWriter) -> None:
        asked = form(request)
        some = rows[int(asked["offset"]) :][: min(int(asked["count"]), most)]
        body = json.dumps({key: some, "count": len(some), "total_count": len(rows)}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    server.runs(script)
