"""Socket Mode, frame by frame: what a client sees that acks by hand, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack, SlackOptions

Socket = aiohttp.ClientWebSocketResponse
Connecting = Callable[[LocalSlack], AbstractAsyncContextManager[Socket]]


@pytest.fixture
def connecting() -> Connecting:
    """Open one connection for the length of a `with`, its hello read."""

    @asynccontextmanager
    async def connect(slack: LocalSlack) -> AsyncIterator[Socket]:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            yield socket

    return connect


async def take(socket: Socket, ack: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - reads well in a test
    """Receive an envelope and ack it, or not."""
    envelope: dict[str, Any] = await socket.receive_json()
    if ack:
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
    return envelope


async def test_an_event_that_is_not_acked_comes_again(connecting: Connecting) -> None:
    """An event comes again until it is acked, as the same event in a new envelope that says which attempt it is."""
    async with (
        LocalSlack(SlackOptions(ack_seconds=0.5, retry_seconds=(0, 0, 0))) as slack,
        connecting(slack) as socket,
    ):
        alice, ops = slack.person("alice"), slack.channel("ops")
        typed = await alice.mention(ops, "stop")
        assert not typed.acked
        envelopes = [await take(socket, ack=False), await take(socket, ack=False), await take(socket)]
        told = asyncio.create_task(alice.mention(ops, "again"))
        last = await take(socket)
        assert (await told).acked
    assert [(each["retry_attempt"], each["retry_reason"]) for each in envelopes] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
    ]
    assert len({each["payload"]["event_id"] for each in envelopes}) == 1
    assert len({each["envelope_id"] for each in envelopes}) == 3
    assert last["payload"]["event"]["text"].endswith("again")
    assert alice.ephemerals() == []


async def test_an_event_comes_three_times_more_at_most(connecting: Connecting) -> None:
    """After three retries an event is given up, and a command never comes again."""
    options = SlackOptions(ack_seconds=0.5, retry_seconds=(0, 0, 0))
    async with LocalSlack(options) as slack, connecting(slack) as socket:
        alice, ops = slack.person("alice"), slack.channel("ops")
        await alice.slash(ops, "list")
        await alice.mention(ops, "stop")
        seen = [await take(socket, ack=False) for _ in range(5)]
        told = asyncio.create_task(alice.slash(ops, "status 7"))
        following = await take(socket)
        assert (await told).acked
    assert [each["type"] for each in seen] == ["slash_commands", *["events_api"] * 4]
    assert following["payload"]["text"] == "status 7"


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_who_was_asked_to_leave_is_closed(connecting: Connecting, reason: str) -> None:
    """A connection that was asked to be replaced gets nothing more and is closed; the new one gets everything."""
    async with (
        LocalSlack(SlackOptions(close_seconds=0.5)) as slack,
        connecting(slack) as old,
    ):
        await slack.disconnect(reason)
        async with connecting(slack) as new:
            told = asyncio.create_task(slack.person("alice").slash(slack.channel("ops"), "list"))
            await take(new)
            assert (await told).acked
        assert (await old.receive_json())["reason"] == reason
        last = await old.receive()  # the word itself: whether a slow client's goodbye still arrives is another matter
        assert (last.type, last.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.GOING_AWAY)


async def test_an_ack_may_come_over_a_connection_that_is_leaving(slack: LocalSlack, connecting: Connecting) -> None:
    """What a connection got before it was asked to leave it may still ack, until it is closed."""
    async with connecting(slack) as socket:
        told = asyncio.create_task(slack.person("alice").slash(slack.channel("ops"), "list"))
        envelope = await socket.receive_json()
        await slack.disconnect()
        assert (await socket.receive_json())["type"] == "disconnect"
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "late, but there"}})
        assert (await told).ack == {"text": "late, but there"}


async def test_each_envelope_goes_to_one_of_ten(slack: LocalSlack, connecting: Connecting) -> None:
    """With ten connections open, ten commands reach each of them once."""
    alice, ops = slack.person("alice"), slack.channel("ops")
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(connecting(slack)) for _ in range(10)]
        told = [asyncio.create_task(alice.slash(ops, str(number))) for number in range(10)]
        envelopes = await asyncio.gather(*(take(socket) for socket in sockets))
        assert all(typed.acked for typed in await asyncio.gather(*told))
    assert sorted(envelope["payload"]["text"] for envelope in envelopes) == [str(number) for number in range(10)]


async def test_frames_that_mean_nothing_change_nothing(slack: LocalSlack, connecting: Connecting) -> None:
    """Frames that are no acks, and acks of nothing known, are passed over."""
    async with connecting(slack) as socket:
        told = asyncio.create_task(slack.person("alice").slash(slack.channel("ops"), "list"))
        envelope = await socket.receive_json()
        for nonsense in ("{", "[]", "{}", '{"envelope_id": "other"}', '{"envelope_id": 7}'):
            await socket.send_str(nonsense)
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        assert (await told).acked
