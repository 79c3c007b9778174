"""Trouble with this Slack that stays until it is ended: an outage, a limit, a cut connection."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EVERY_METHOD, Error, LocalSlack, RateLimited

Connect = Callable[[], Awaitable[aiohttp.ClientWebSocketResponse]]
SECONDS = 10


async def test_a_standing_fault_meets_every_call(slack: LocalSlack, client: AsyncWebClient) -> None:
    """It goes on for any number of calls of its method, and of no other, until it is ended."""
    channel = slack.channel("night-shift")
    slack.faults.stand("chat.postMessage", RateLimited(7))
    for _ in range(3):
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=channel.id, text="hello")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "7"
    await client.auth_test()
    slack.faults.stand("chat.postMessage", None)
    await client.chat_postMessage(channel=channel.id, text="hello")


async def test_the_nearer_fault_goes_first(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A call meets the pending fault of its method, then the standing one, then the one of every method."""
    slack.faults.stand(EVERY_METHOD, Error("every"))
    slack.faults.stand("auth.test", Error("standing"))
    slack.faults.add("auth.test", Error("pending"))
    met = []
    for _ in range(3):
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test()
        met.append(caught.value.response["error"])
        if len(met) == 2:
            slack.faults.stand("auth.test", None)
    assert met == ["pending", "standing", "every"]


@pytest.fixture
async def connect(slack: LocalSlack) -> AsyncIterator[Connect]:
    """Connect as an app does, without a library, which would take its time to notice a cut."""
    async with aiohttp.ClientSession() as http, AsyncExitStack() as exits:
        client = AsyncWebClient(token=slack.app_token, base_url=slack.api_url)

        async def open_one() -> aiohttp.ClientWebSocketResponse:
            url = str((await client.apps_connections_open(app_token=slack.app_token))["url"])
            socket = await exits.enter_async_context(http.ws_connect(url))
            assert (await socket.receive_json())["type"] == "hello"
            return socket

        yield open_one


async def test_an_outage_breaks_and_refuses_connections(
    slack: LocalSlack, client: AsyncWebClient, connect: Connect
) -> None:
    """During an outage nobody is connected, every call fails and no connection is taken; after it all is well."""
    socket = await connect()
    slack.set_down(is_down=True)
    assert not slack.is_connected
    assert (await socket.receive(SECONDS)).type is aiohttp.WSMsgType.CLOSED
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.status_code == 503
    slack.set_down(is_down=False)
    await client.auth_test()
    await connect()
    assert slack.is_connected


async def test_a_connection_that_is_cut_is_gone_without_a_word(slack: LocalSlack, connect: Connect) -> None:
    """A cut closes the connection without a `disconnect`, and another one can be opened at once."""
    socket = await connect()
    slack.cut()
    assert not slack.is_connected
    assert (await socket.receive(SECONDS)).type is aiohttp.WSMsgType.CLOSED
    await connect()
    assert slack.is_connected
