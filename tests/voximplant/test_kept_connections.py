"""The connections of stops of many sessions: kept for the next one, without harm where a server hangs up."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from bot.voximplant._lanes import Lanes
from bot.voximplant._session_url import AccessUrls, HostRules, SessionAnswer, SessionRequests, SessionUrl
from bot.voximplant._stop_request import StopRequest
from bot.voximplant.errors import ConnectionBroken, Gone

from .conftest import SECRET_PATH
from .keeping_server import KeepingServer

STOP = StopRequest(body=b"{}", content_type="application/json")


async def stop(lanes: Lanes, server: KeepingServer, number: int = 1, *, is_of_many: bool = True) -> SessionAnswer:
    """Stop one session of the server."""
    url = AccessUrls(SessionUrl(f"https://127.0.0.1:{server.port}{SECRET_PATH}"), None)
    requests = SessionRequests(lanes, HostRules("127.0.0.1"))
    return await requests.stop(url, STOP, f"r-{number}", by="U1", is_of_many=is_of_many)


async def test_stops_of_many_share_connections(lanes: Lanes, certified: Callable[..., ssl.SSLContext]) -> None:
    """Forty stops at one host make as many TLS handshakes as the lane has room for; each goes out once."""
    async with KeepingServer().listening(certified("127.0.0.1")) as server:
        await asyncio.gather(*(stop(lanes, server, each) for each in range(40)))
        assert server.connections <= lanes.bulk.size == 3
        assert len(server.requests) == 40
        assert lanes.bulk.connections == server.connections
        await lanes.aclose()
        await server.all_closed()


async def test_a_stop_alone_has_a_connection_of_its_own(lanes: Lanes, certified: Callable[..., ssl.SSLContext]) -> None:
    """Nothing is left to doubt for the sake of a handshake where one session is stopped."""
    async with KeepingServer().listening(certified("127.0.0.1")) as server:
        for _ in range(3):
            await stop(lanes, server, is_of_many=False)
        assert (server.connections, lanes.stop.connections) == (3, 0)
        await server.all_closed()


async def test_a_kept_connection_that_was_closed_costs_no_stop(
    lanes: Lanes, certified: Callable[..., ssl.SSLContext]
) -> None:
    """A server that hangs up on the second request of a connection gets it once more, with the same id."""
    async with KeepingServer().listening(certified("127.0.0.1")) as server:
        await stop(lanes, server, 1)
        server.hangs_up = True
        assert (await stop(lanes, server, 2)).status == 200
        assert server.connections == 2
        assert [b"X-Request-Id: r-2\r\n" in each for each in server.requests] == [False, True, True]


async def test_gone_at_the_second_try_is_doubt(lanes: Lanes, certified: Callable[..., ssl.SSLContext]) -> None:
    """Where the first of two may have ended the session, a 404 to the second does not mean that it was over before."""
    async with KeepingServer().listening(certified("127.0.0.1")) as server:
        await stop(lanes, server, 1)
        server.hangs_up, server.status = True, b"404 Not Found"
        with pytest.raises(ConnectionBroken):
            await stop(lanes, server, 2)
        server.hangs_up = False
        with pytest.raises(Gone):
            await stop(lanes, server, 3)


async def test_what_comes_unasked_is_no_answer_to_the_next(
    lanes: Lanes, certified: Callable[..., ssl.SSLContext]
) -> None:
    """A second answer behind the first belongs to no request: the next one gets a connection of its own."""
    async with KeepingServer().listening(certified("127.0.0.1")) as server:
        server.behind = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        await stop(lanes, server, 1)
        assert (await stop(lanes, server, 2)).status == 200
        assert server.connections == 2
        await lanes.aclose()


async def test_a_stop_alone_does_not_wait_behind_many(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """While the whole lane of a bulk hangs, and more of it waits, a stop of one session goes out."""
    hanging, other = await serve(), await serve()
    hanging.hangs()
    other.says(200)
    requests = SessionRequests(lanes, HostRules("127.0.0.1"))
    urls = [AccessUrls(None, SessionUrl(each.url())) for each in (hanging, other)]
    bulk = [
        asyncio.create_task(requests.stop(urls[0], STOP, f"r-{each}", by="U1", is_of_many=True))
        for each in range(lanes.bulk.size + 2)
    ]
    await hanging.seen(lanes.bulk.size)
    assert (lanes.bulk.in_flight, lanes.bulk.waiting) == (lanes.bulk.size, 2)
    assert (await requests.stop(urls[1], STOP, "r-one", by="U1")).status == 200
    hanging.let_go.set()
    await asyncio.gather(*bulk)
