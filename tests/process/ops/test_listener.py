"""What strangers may do to a port, over real sockets."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import cast

import pytest
from aiohttp import web

from bot.process._clock import Clock
from bot.process._rate_limited_log import AGAIN_AFTER_S, RateLimitedLog
from bot.process.metrics import Metrics
from bot.process.ops import OpsServer
from bot.process.ops._listener import ClientTimeouts, Listener
from bot.process.ops._server import ROOM as OPS_ROOM
from bot.slack.inbound._http import ROOM as HTTP_ROOM
from bot.slack.inbound._http import HttpMode
from bot.slack.inbound._router import Router

LONG = ClientTimeouts()
SHORT = ClientTimeouts(head=0.3, body=0.3, answer=0.3)
PING = b"GET /ping HTTP/1.1\r\nHost: h\r\n\r\n"
BIG = 50_000_000

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def at_hand() -> AsyncIterator[Callable[..., Awaitable[Listener]]]:
    """Make listeners with a page that answers, one that waits for `let_go`, and one that is too big to send at once."""
    opened: list[Listener] = []

    async def ping(request: web.Request) -> web.Response:
        return web.Response(body=await request.read() or b"pong")

    async def big(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * BIG)

    async def make(timeouts: ClientTimeouts = LONG, room: int = 8, slow: asyncio.Event | None = None) -> Listener:
        async def wait(_request: web.Request) -> web.Response:
            await (slow or asyncio.Event()).wait()
            return web.Response(text="at last")

        routes = [web.route("*", "/ping", ping), web.get("/big", big), web.get("/slow", wait)]
        listener = Listener(
            "port of the test", routes, settings="TEST", room=room, longest=100, closing_s=1, timeouts=timeouts
        )
        await listener.open("127.0.0.1", 0)
        opened.append(listener)
        return listener

    yield make
    for each in opened:
        await each.close()


@pytest.fixture
async def both_ports() -> AsyncIterator[dict[int, int]]:
    """Serve the operations port and the HTTP port; give the room of each."""
    ops = OpsServer("127.0.0.1", 0, Metrics(), {})
    http = HttpMode(cast("Router", None), "secret", "127.0.0.1", 0, [Clock().now])
    await ops.start()
    await http.open()
    yield {ops.port: OPS_ROOM, http.port: HTTP_ROOM}
    await ops.stop()
    await http.close()


@pytest.fixture
def visitors() -> Iterator[contextlib.ExitStack]:
    """Hold plain sockets, and close them at the end."""
    with contextlib.ExitStack() as held:
        yield held


async def said_by(port: int, raw: bytes, *, seconds: float = 10) -> bytes:
    """Send these bytes; give all that comes back until the other side ends, or nothing has come for a while."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        writer.write(raw)
        async with asyncio.timeout(seconds):
            while more := await reader.read(65_536):
                answer += more
    await gone(writer)
    return answer


async def gone(writer: asyncio.StreamWriter) -> None:
    """Close a connection, and wait until it is."""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Wait until the other side has ended the connection; give what it said before."""
    said = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(10):
            while more := await reader.read(65_536):
                said += more
    return said


NO_HTTP = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "h2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "nonsense": b"\x00\xff\r\n\r\n" * 20,
    "esc": b"\x1b]0;title\x07 / HTTP/1.1\r\n\r\n",
    "version": b"GET / HTTP/9.9\r\nHost: h\r\n\r\n",
    "target": b"GET http://[::bad HTTP/1.1\r\nHost: h\r\n\r\n",
    "header": b"GET /healthz HTTP/1.1\r\nno colon\r\n\r\n",
    "header name": b"GET /healthz HTTP/1.1\r\nHo st: h\r\n\r\n",
    "long line": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    "length": b"POST /slack/events HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST /slack/events HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "chunk": b"POST /slack/events HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n",
    "chunk on a page": b"GET /healthz HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n",
    "chunk nowhere": b"POST /no HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n",
    "half a body": b"POST /slack/events HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf",
    "half a head": b"POST /slack/events HTTP/1.1\r\nHost",
    "a second one": b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\nnonsense\r\n\r\n",
    "upgrade": b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nnonsense\r\n\r\n",
    "packed": b"POST /slack/events HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx",
    "expect": b"POST /slack/events HTTP/1.1\r\nHost: h\r\nExpect: magic\r\nContent-Length: 2\r\n\r\nxx",
    "connect": b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n\x16\x03\x01",
}


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "in chunks"])
async def test_a_body_that_is_too_long_reaches_no_handler(
    at_hand: Callable[..., Awaitable[Listener]], *, chunked: bool
) -> None:
    """One byte more than a port takes is refused with 413, also where its length is not known before."""
    listener = await at_hand()
    assert listener.port is not None
    for size, answer in ((100, b"HTTP/1.1 200 "), (101, b"HTTP/1.1 413 ")):
        body = b"x" * size
        head = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
        sent = b"%x\r\n%s\r\n0\r\n\r\n" % (size, body) if chunked else body
        request = b"POST /ping HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + head + b"\r\n\r\n" + sent
        assert (await said_by(listener.port, request)).startswith(answer)


@pytest.mark.parametrize("raw", NO_HTTP.values(), ids=NO_HTTP)
async def test_what_is_no_http_is_one_quiet_line(
    both_ports: dict[int, int], raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a stranger sends to either port, the log has a line at most and no traceback, and the port serves on."""
    caplog.set_level(logging.DEBUG)
    for port in both_ports:
        caplog.clear()
        await said_by(port, raw, seconds=0.2)  # what keeps its connection is left alone then
        assert not [each for each in caplog.records if each.exc_info]
        lines = [each for each in caplog.records if each.levelno >= logging.INFO]
        assert len(lines) <= 1
        assert not any(each.levelno >= logging.ERROR for each in lines)
        assert b" 404 " in await said_by(port, b"GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")


async def test_no_http_is_answered_without_repeating_it(at_hand: Callable[..., Awaitable[Listener]]) -> None:
    """The answer to what is no HTTP is a bare 400."""
    listener = await at_hand()
    answer = await said_by(listener.port or 0, b"GET /<script> HTTP/1.1\r\nno-colon <script>\r\n\r\n")
    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert b"script" not in answer


async def test_the_oldest_idle_connection_goes(both_ports: dict[int, int], visitors: contextlib.ExitStack) -> None:
    """A port that is full of connections without a request closes those that wait longest, and answers new ones."""
    for port, room in both_ports.items():
        idle = []
        for _ in range(room + 16):
            idle.append(visitors.enter_context(socket.create_connection(("127.0.0.1", port))))
            await asyncio.sleep(0)
        assert b" 404 " in await said_by(port, b"GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        for number, each in enumerate(idle):
            each.setblocking(False)
            is_closed = True
            try:
                assert each.recv(1) == b""
            except BlockingIOError:
                is_closed = False
            except ConnectionError:
                pass
            assert is_closed is (number <= 16), number


async def test_a_request_that_is_whole_keeps_its_place(at_hand: Callable[..., Awaitable[Listener]]) -> None:
    """However many come, none of those whose requests are being answered goes; with no other left, the new one does."""
    let_go = asyncio.Event()
    listener = await at_hand(room=4, slow=let_go)
    port = listener.port or 0
    asking = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
    for _, writer in asking:
        writer.write(b"GET /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(10):
        while listener._waiting:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await ended(reader) == b""
    await gone(writer)
    let_go.set()
    for reader, writer in asking:
        assert (await ended(reader)).endswith(b"at last")
        await gone(writer)


@pytest.mark.parametrize(
    ("first", "then", "answer"),
    [
        (b"", b"", b""),
        (b"GET /ping HTTP/1.1\r\nX-A: ", b"a", b""),
        (b"POST /ping HTTP/1.1\r\nHost: h\r\nContent-Length: 90\r\n\r\n", b"a", b"HTTP/1.1 408 "),
        (b"POST /ping HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", b"HTTP/1.1 408 "),
        (PING + b"GET /ping HTTP/1.1\r\nX-A: ", b"a", b"HTTP/1.1 200 OK"),
    ],
    ids=["nothing", "a head that does not end", "a body that does not", "chunks", "a second head"],
)
async def test_what_does_not_come_or_does_not_end_is_given_up(
    at_hand: Callable[..., Awaitable[Listener]], first: bytes, then: bytes, answer: bytes
) -> None:
    """A client that sends nothing, or a little now and then, has its time and no more."""
    listener = await at_hand(SHORT)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(first)

    async def drip() -> None:
        with contextlib.suppress(ConnectionError):
            while then:
                writer.write(then)
                await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    heard = await ended(reader)
    dripping.cancel()
    assert heard[: len(answer)] == answer
    assert bool(heard) is bool(answer)
    await gone(writer)


async def test_a_client_that_does_not_read_is_given_up(at_hand: Callable[..., Awaitable[Listener]]) -> None:
    """An answer that nobody takes does not hold a place for ever."""
    listener = await at_hand(SHORT)
    _, writer = await asyncio.open_connection("127.0.0.1", listener.port, limit=1)
    writer.write(b"GET /big HTTP/1.1\r\nHost: h\r\n\r\n")
    async with asyncio.timeout(10):
        while not listener._connections:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.01)
        while listener._connections:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.01)
    await gone(writer)


async def test_a_connection_that_is_used_again_is_kept(at_hand: Callable[..., Awaitable[Listener]]) -> None:
    """Between two requests a connection may rest longer than a head may take, as a proxy in front wants it."""
    listener = await at_hand(SHORT)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    for _ in range(2):
        writer.write(PING)
        assert b" 200 " in await reader.readuntil(b"pong")
        silent, other = await asyncio.open_connection("127.0.0.1", listener.port)
        assert await ended(silent) == b""  # it has had the time of a head, and so has ours
        await gone(other)
    await gone(writer)


def test_a_line_that_anyone_can_cause_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """The first is said at once, those of the next minute are counted, and the next one says how many they were."""
    now = 0.0
    seldom = RateLimitedLog(logging.getLogger("bot.test"), logging.WARNING, lambda: now)
    for _ in range(1000):
        seldom.log("no")
    now = AGAIN_AFTER_S
    seldom.log("no")
    seldom.log("no")
    assert caplog.messages == ["no", "no; 999 more like it since the last such line"]
