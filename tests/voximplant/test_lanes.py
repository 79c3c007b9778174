import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trustme

from bot.voximplant._lanes import Lane, Lanes, Reply
from bot.voximplant.errors import (
    CannotConnect,
    CertificateUnverified,
    ConnectionBroken,
    NotUnderstood,
    TimedOut,
)

from .conftest import HANGS_S


def post(
    lane: Lane, url: str, body: Any = b"{}", *, seconds: float = 5, at_most: int = 1000, **route: Any
) -> Coroutine[Any, Any, Reply]:
    return lane.request("POST", url, body, {"X-Request-Id": "r-1"}, seconds=seconds, at_most=at_most, **route)


async def test_what_goes_out_is_what_was_given(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """Path, headers and body arrive byte for byte; nothing is compressed, nothing added to the body."""
    server = await serve()
    server.says(200, b"\x00\xff done", X_Any="thing")
    body = bytes(range(256))
    reply = await post(lanes.platform, server.url(path="/request/A.b_c/D?x=1"), body)
    (request,) = server.requests
    assert request.line == "POST /request/A.b_c/D?x=1 HTTP/1.1"
    assert request.body == body
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["x-request-id"] == "r-1"
    assert request.headers["accept-encoding"] == "identity"
    assert (reply.status, reply.body, reply.headers["x-any"]) == (200, b"\x00\xff done", "thing")
    assert reply.flaw is None
    assert reply.elapsed.total_seconds() > 0


async def test_a_lane_never_holds_more_than_its_size(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """Of twelve requests a lane of three sends three; the others wait and then go, none is lost."""
    server = await serve()
    server.hangs()
    lane = lanes.platform
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(post(lane, server.url())) for _ in range(12)]
        await server.seen(3)
        assert (lane.in_flight, lane.waiting) == (3, 9)
        server.let_go.set()
    assert server.most_at_once == 3
    assert [task.result().status for task in tasks] == [200] * 12
    assert (lane.in_flight, lane.waiting) == (0, 0)


async def test_a_full_lane_does_not_hold_up_another(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """Stops go out while starts and sends hang."""
    server, other = await serve(), await serve()
    server.hangs()
    other.says(200)
    async with asyncio.TaskGroup() as group:
        for lane in (lanes.platform, lanes.send):
            for _ in range(lane.size + 2):
                group.create_task(post(lane, server.url()))
        await server.seen(lanes.platform.size + lanes.send.size)
        assert (await post(lanes.stop, other.url())).status == 200
        server.let_go.set()


async def test_the_deadline_starts_after_the_wait(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """A request that waited longer for its lane than its deadline still has its whole time."""
    slow, quick = await serve(), await serve()
    slow.hangs()
    quick.says(200)
    first = [asyncio.create_task(post(lanes.send, slow.url(), seconds=2)) for _ in range(lanes.send.size)]
    await slow.seen(lanes.send.size)
    assert (await post(lanes.send, quick.url(), seconds=1.5)).status == 200
    for task in first:
        with pytest.raises(TimedOut):
            await task


async def test_a_request_given_up_while_waiting_leaves_no_trace(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """Cancelling what waits or runs gives the room back."""
    server = await serve()
    server.hangs()
    lane = lanes.stop
    tasks = [asyncio.create_task(post(lane, server.url())) for _ in range(4)]
    await server.seen(2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (lane.in_flight, lane.waiting) == (0, 0)
    server.says(200)
    assert (await post(lane, server.url())).status == 200
    assert not lane.connections


async def test_no_connection_is_used_twice(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """Each request has its own connection, also when the server would keep the last one open."""
    server = await serve()
    server.hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")  # a whole answer, the connection stays
    for _ in range(3):
        assert (await post(lanes.stop, server.url())).flaw is None
    assert len(server.requests) == 3
    assert not lanes.stop.connections


async def test_closing_ends_what_is_on_its_way(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """A request cut off by closing the lanes may have been acted on."""
    server = await serve()
    server.hangs()
    task = asyncio.create_task(post(lanes.stop, server.url()))
    await server.seen(1)
    await lanes.aclose()
    with pytest.raises(ConnectionBroken):
        await task


async def test_a_refused_port_is_not_sent(lanes: Lanes, closed_port: int) -> None:
    """Where nobody listens, surely nothing was sent."""
    with pytest.raises(CannotConnect) as caught:
        await post(lanes.stop, f"http://127.0.0.1:{closed_port}/request/A")
    assert caught.value.host == f"127.0.0.1:{closed_port}"


async def test_a_deadline_before_the_request_left_is_not_sent(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """A server that takes the connection and never answers TLS saw no byte of the request."""
    silent = await serve()  # without TLS it waits for a request that never comes
    url = f"https://127.0.0.1:{silent.port}/request/A"
    for limits in ({"seconds": 0.2}, {"connect_seconds": 0.1}):
        with pytest.raises(CannotConnect):
            await post(lanes.stop, url, **limits)
    assert silent.requests == []
    assert not lanes.stop.connections


async def test_a_hang_after_the_request_left_is_unknown(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any]
) -> None:
    """A server that read the request and says nothing may have acted on it."""
    for server in (await serve(), await serve(certified("127.0.0.1"))):
        server.hangs()
        with pytest.raises(TimedOut) as caught:
            await post(lanes.stop, server.url(), seconds=HANGS_S)
        assert caught.value.seconds == HANGS_S
        assert len(server.requests) == 1


async def test_a_drip_of_headers_is_cut_by_the_whole_deadline(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """An answer that never stops coming, a little at a time, still ends at the deadline."""
    server = await serve()

    async def drip(_request: object, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Drip: 1\r\n")
            await writer.drain()
            await asyncio.wait([server_done], timeout=0.01)

    server_done = asyncio.ensure_future(server.let_go.wait())
    server.runs(drip)
    with pytest.raises(TimedOut):
        await post(lanes.stop, server.url(), seconds=HANGS_S)
    server_done.cancel()


async def test_a_connection_that_breaks_is_unknown(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any]
) -> None:
    """A reset, an early end or garbage instead of an answer may come after the request was acted on."""
    for server in (await serve(), await serve(certified("127.0.0.1"))):
        for raw in (b"", b"HTTP/1.1 200", b"garbage\r\n\r\n"):
            for break_off in (server.resets, server.writes):
                break_off(raw)
                with pytest.raises(ConnectionBroken):
                    await post(lanes.stop, server.url())


async def test_a_status_outlives_trouble_with_the_body(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """Once the status is there it is told, with what came of the body and why that is not all."""
    server = await serve()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    for script, flaw in (
        (server.resets, ConnectionBroken),
        (server.writes, ConnectionBroken),
        (server.hangs, TimedOut),
    ):
        script(head)
        reply = await post(lanes.stop, server.url(), seconds=HANGS_S)
        assert reply.status == 200
        assert isinstance(reply.flaw, flaw)
        assert b"half".startswith(reply.body)


async def test_a_body_is_read_to_its_limit_only(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """A body without end fills no memory: what is over the limit is not read."""
    server = await serve()

    async def endless(_request: object, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    server.runs(endless)
    reply = await post(lanes.stop, server.url(), at_most=1000)
    assert reply.body == b"x" * 1000
    assert isinstance(reply.flaw, NotUnderstood)
    server.says(200, b"x" * 1000)
    assert (await post(lanes.stop, server.url(), at_most=1000)).flaw is None


async def test_a_certificate_for_another_name_is_not_trusted(
    lanes: Lanes,
    serve: Callable[..., Any],
    certified: Callable[..., Any],
    told: Callable[[BaseException], str],
) -> None:
    """A server that cannot prove its name, whose time is over or whom nobody trusts gets no byte."""
    wrong = [
        certified("other.example"),
        certified("127.0.0.1", by=trustme.CA()),
    ]
    for context in wrong:
        server = await serve(context)
        with pytest.raises(CertificateUnverified) as caught:
            await post(lanes.stop, server.url())
        assert server.requests == []
        assert "AF30" not in told(caught.value)


async def test_tls_keeps_the_name_while_the_connection_goes_to_an_address(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any]
) -> None:
    """With an address given, the name is what the certificate must bear and what the server reads."""
    server = await serve(certified("www.voximplant.com"))
    server.says(200)
    await post(lanes.stop, server.url("www.voximplant.com"), address="127.0.0.1")
    assert server.requests[0].headers["host"] == f"www.voximplant.com:{server.port}"
    with pytest.raises(CertificateUnverified):
        await post(lanes.stop, server.url("evil.example"), address="127.0.0.1")


async def test_a_proxy_of_the_environment_is_not_used(
    serve: Callable[..., Any], closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxy variables would hand session URLs to somebody else."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    server = await serve()
    server.says(200)
    async with Lanes() as fresh:
        assert (await post(fresh.stop, server.url())).status == 200


async def test_no_cookie_is_carried_on(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """What one answer sets, no later request brings back."""
    server = await serve()
    server.says(200, Set_Cookie="a=b; Path=/")
    for _ in range(2):
        await post(lanes.stop, server.url())
    assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize("trouble", ["reset", "hang", "garbage", "half", "refused"])
async def test_no_trouble_shows_the_url(
    lanes: Lanes,
    serve: Callable[..., Any],
    closed_port: int,
    told: Callable[[BaseException], str],
    trouble: str,
) -> None:
    """No error, nothing it was caused by, and no log line at DEBUG shows the path or a header."""
    server = await serve()
    if trouble == "reset":
        server.resets()
    elif trouble == "hang":
        server.hangs()
    elif trouble == "garbage":
        server.writes(b"HTTP/1.1 302 X\r\nLocation: " + server.url().encode() + b"\r\nbad header\r\n\r\n")
    elif trouble == "half":
        server.hangs(b"HTTP/1.1 200 OK\r\nX-Any: " + server.url().encode())
    else:
        server.port = closed_port
    with pytest.raises((CannotConnect, TimedOut, ConnectionBroken)) as caught:
        await post(lanes.stop, server.url(), seconds=0.2)
    assert "AF30" not in told(caught.value)
    assert caught.value.__context__ is None


async def test_an_answer_shows_no_url_in_the_logs(
    lanes: Lanes, serve: Callable[..., Any], told: Callable[[BaseException], str]
) -> None:
    """A redirect's headers, which hold the URL, reach no log at DEBUG either, and it is not followed."""
    server = await serve()
    server.says(302, Location=server.url())
    reply = await post(lanes.stop, server.url())
    assert reply.status == 302
    assert len(server.requests) == 1
    assert "AF30" not in told(CannotConnect("h"))


async def test_odd_answers_are_read_or_refused(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """A body without a length ends with the connection; what HTTP forbids is no answer, or a flaw of it."""
    server = await serve()
    whole = {
        b"HTTP/1.1 200 OK\r\n\r\nto the end": (200, b"to the end"),
        b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\nHTTP/1.1 201 OK\r\nContent-Length: 2\r\n\r\nok": (201, b"ok"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n": (200, b"ok"),
        b"HTTP/1.1 204 No\r\n\r\n": (204, b""),
    }
    for raw, (status, body) in whole.items():
        server.writes(raw)
        reply = await post(lanes.stop, server.url())
        assert (reply.status, reply.body, reply.flaw) == (status, body, None)
    for raw in (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
    ):
        server.writes(raw)
        reply = await post(lanes.stop, server.url())
        assert (reply.body, type(reply.flaw)) == (b"ok", ConnectionBroken)
    twice = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok"
    for raw in (twice, b"HTTP/1.1 200 OK\r\n" + b"X: %b\r\n" % (b"x" * 200_000)):
        server.writes(raw)
        with pytest.raises(ConnectionBroken):
            await post(lanes.stop, server.url())


async def test_no_header_is_broken_in_two(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """A line break in a header's value sends nothing: it could begin another header, or another request."""
    server = await serve()
    with pytest.raises(ConnectionBroken):
        await lanes.stop.request("POST", server.url(), b"", {"X-Any": "a\r\nX-Other: b"}, seconds=5, at_most=10)
    assert server.requests == []
