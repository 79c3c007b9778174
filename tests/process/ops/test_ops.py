import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from bot.process.metrics import Metrics
from bot.process.ops import CannotListen, OpsServer, PortTaken
from bot.process.ops._server import Check


async def fine() -> None:
    """Find nothing wrong."""


async def broken() -> str | None:
    """Find something wrong."""
    return "disk is\nfull"


async def failing() -> str | None:
    """Fail to find out."""
    message = "xoxb-1-secret"
    raise RuntimeError(message)


async def hanging() -> None:
    """Never answer."""
    await asyncio.Event().wait()


Get = Callable[[str], Awaitable[tuple[int, str, str]]]
Serve = Callable[..., Awaitable[Get]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers on free ports; each comes as a way to get a page: its status, text and content type."""
    servers = []
    async with aiohttp.ClientSession() as client:

        async def start(metrics: Metrics | None = None, **checks: Check) -> Get:
            server = OpsServer("127.0.0.1", 0, metrics or Metrics(), checks)
            await server.start()
            servers.append(server)

            async def get(path: str) -> tuple[int, str, str]:
                async with client.get(f"http://127.0.0.1:{server.port}{path}") as answer:
                    return answer.status, await answer.text(), answer.content_type

            return get

        yield start
    for server in servers:
        await server.stop()


async def test_alive_says_only_that(serve: Serve) -> None:
    """Being alive does not depend on anything else working."""
    get = await serve(database=broken)
    assert await get("/healthz") == (200, "ok\n", "text/plain")


async def test_ready_when_every_check_is(serve: Serve) -> None:
    """Readiness is 200 and a line for each check when none has a problem."""
    get = await serve(socket=fine, database=fine)
    assert await get("/readyz") == (200, "socket: ok\ndatabase: ok\n", "text/plain")


async def test_many_who_ask_cost_one_look(serve: Serve) -> None:
    """However many ask at once, and though some lose patience, nothing is looked into twice at the same time."""
    looks, most, go_on = 0, 0, asyncio.Event()

    async def slow() -> None:
        nonlocal looks, most
        looks += 1
        most = max(most, looks)
        await go_on.wait()
        looks -= 1

    get = await serve(database=slow)
    asked = [get("/readyz") for _ in range(20)]
    assert {text for _, text, _ in await asyncio.gather(*asked)} == {"database: no answer within 1 s\n"}
    later = [asyncio.create_task(get("/readyz")) for _ in range(20)]
    go_on.set()
    assert {status for status, _, _ in await asyncio.gather(*later)} == {200}
    assert (most, looks) == (1, 0)


async def test_not_ready_says_why(serve: Serve) -> None:
    """One problem is enough for 503; each check has one line, an error only its kind, a hanging one its deadline."""
    get = await serve(socket=fine, database=broken, platform=failing, slack=hanging)
    status, text, _ = await get("/readyz")
    assert status == 503
    assert text == (
        "socket: ok\ndatabase: disk is full\nplatform: failed with RuntimeError\nslack: no answer within 1 s\n"
    )


async def test_metrics_are_prometheus_text(serve: Serve) -> None:
    """What was counted is there to be scraped, and two bots in one process count apart."""
    metrics, others = Metrics(), Metrics()
    metrics.commands.labels("start", "done").inc()
    metrics.ack_seconds.observe(0.02)
    metrics.sessions.labels("running").set(3)
    metrics.platform_requests.labels("StartScenarios", "ok").inc()
    metrics.platform_seconds.labels("StartScenarios").observe(0.3)
    metrics.lane_in_flight.labels("stop").set(2)
    metrics.lane_waiting.labels("stop").set(1)
    metrics.messages_waiting.set(4)
    metrics.platform_reachable.set(1)
    _, text, kind = await (await serve(metrics))("/metrics")
    assert kind == "text/plain"
    for line in (
        'session_bot_commands_total{state="done",verb="start"} 1.0',
        'session_bot_ack_seconds_bucket{le="0.025"} 1.0',
        'session_bot_open_sessions{state="running"} 3.0',
        'session_bot_platform_requests_total{method="StartScenarios",outcome="ok"} 1.0',
        'session_bot_platform_seconds_count{method="StartScenarios"} 1.0',
        'session_bot_lane_in_flight{lane="stop"} 2.0',
        'session_bot_lane_waiting{lane="stop"} 1.0',
        "session_bot_messages_waiting 4.0",
        "session_bot_platform_reachable 1.0",
    ):
        assert line in text.splitlines()
    _, text, _ = await (await serve(others))("/metrics")
    assert "session_bot_messages_waiting 0.0" in text.splitlines()


async def test_nothing_else_is_served(serve: Serve) -> None:
    """There is no other page, and nothing can be posted."""
    get = await serve()
    assert (await get("/"))[0] == 404


async def test_a_taken_port_is_one_clear_error() -> None:
    """A port in use is told with its number and the setting to change; the server can be stopped all the same."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = OpsServer("127.0.0.1", port, Metrics(), {})
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port} is in use.*SESSION_BOT_OPS_PORT"):
            await server.start()
        await server.stop()


async def test_another_bad_address_is_one_clear_error() -> None:
    """An address that is not this machine's is told with both settings, and is not mistaken for a taken port."""
    with pytest.raises(CannotListen, match=r"192.0.2.1:0 \(Cannot assign .*SESSION_BOT_OPS_HOST") as caught:
        await OpsServer("192.0.2.1", 0, Metrics(), {}).start()
    assert not isinstance(caught.value, PortTaken)
