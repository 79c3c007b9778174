"""Faults on demand, rate limits, lifetimes: bad luck comes as it is asked for."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.slack import Error, Hang, Http, LocalSlack, RateLimited, Reset, SlackOptions
from bot.sandbox.slack._limits import POSTS_AT_ONCE

MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Empty"}, "blocks": []}


@pytest.fixture
def plain_client(client: AsyncWebClient) -> AsyncWebClient:
    """Return a client that never tries again by itself."""
    client.retry_handlers.clear()
    return client


async def test_refusals_in_order(slack: LocalSlack, plain_client: AsyncWebClient) -> None:
    """Faults meet the next calls of their method in the order in which they were added, and no others."""
    ops = slack.channel("ops")
    slack.faults.add("chat.postMessage", RateLimited(retry_after=7))
    slack.faults.add("chat.postMessage", Error("internal_error"))
    slack.faults.add("chat.postMessage", Http(502))
    await plain_client.auth_test()
    seen = []
    for _ in range(3):
        with pytest.raises(SlackApiError) as caught:
            await plain_client.chat_postMessage(channel=ops.id, text="x")
        response: Any = caught.value.response
        seen.append((getattr(response, "status_code", None) or response.status, response.headers.get("Retry-After")))
    assert seen == [(429, "7"), (200, None), (502, None)]
    await plain_client.chat_postMessage(channel=ops.id, text="x")
    assert len(ops.messages) == 1
    assert [call.method for call in slack.calls] == ["auth.test"] + ["chat.postMessage"] * 4


@pytest.mark.parametrize("applied", [True, False])
async def test_broken_connections(slack: LocalSlack, plain_client: AsyncWebClient, applied: bool) -> None:  # noqa: FBT001 - pytest gives it
    """A reset breaks the connection, after the method has done its work or before."""
    ops = slack.channel("ops")
    slack.faults.add("chat.postMessage", Reset(applied=applied))
    with pytest.raises(aiohttp.ClientConnectionError):
        await plain_client.chat_postMessage(channel=ops.id, text="x")
    assert len(ops.messages) == applied


async def test_hanging_ends_with_the_world(slack: LocalSlack, plain_client: AsyncWebClient) -> None:
    """A call that hangs is never answered, and does not keep this Slack from ending."""
    slack.faults.add("auth.test", Hang())
    hanging = asyncio.create_task(plain_client.auth_test())
    await slack.until(lambda: slack.calls, "the call")
    assert not hanging.done()
    await slack.__aexit__(None, None, None)
    with pytest.raises(SlackApiError):
        await hanging


async def test_posts_and_updates_have_limits(clock: Any) -> None:
    """A burst of posts, then one a second and channel; 50 updates a minute: what is more waits as Retry-After says."""
    async with LocalSlack(SlackOptions(clock=clock, rate_limits=True)) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        ops, dev = slack.channel("ops"), slack.channel("dev")
        for _ in range(POSTS_AT_ONCE):
            ts = (await client.chat_postMessage(channel=ops.id, text="x"))["ts"]
        await client.chat_postMessage(channel=dev.id, text="x")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=ops.id, text="y")
        assert caught.value.response.headers["Retry-After"] == "1"
        clock.forward(seconds=1)
        await client.chat_postMessage(channel=ops.id, text="y")
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel=ops.id, text="y")
        for _ in range(50):
            await client.chat_update(channel=ops.id, ts=ts, text="z")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_update(channel=ops.id, ts=ts, text="z")
        assert caught.value.response["error"] == "ratelimited"
        assert caught.value.response.headers["Retry-After"] == "60"


async def test_reading_has_limits_too(clock: Any) -> None:
    """Each method of a tier has its own minute; what another one used up does not count."""
    async with LocalSlack(SlackOptions(clock=clock, rate_limits=True)) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        for _ in range(20):
            await client.usergroups_list()
        with pytest.raises(SlackApiError, match="ratelimited"):
            await client.usergroups_list()
        await client.conversations_info(channel=slack.channel("ops").id)
        clock.forward(minutes=1)
        await client.usergroups_list()


async def test_trigger_ids(slack: LocalSlack, client: AsyncWebClient, clock: Any) -> None:
    """A trigger id opens one modal within 3 s."""
    alice, ops = slack.person("alice"), slack.channel("ops")

    async def opening(trigger_id: str) -> str:
        with pytest.raises(SlackApiError) as caught:
            await client.views_open(trigger_id=trigger_id, view=MODAL)
        return str(caught.value.response["error"])

    used = (await alice.slash(ops, "send 7")).trigger_id
    await client.views_open(trigger_id=used, view=MODAL)
    assert await opening(used) == "exchanged_trigger_id"
    late = (await alice.slash(ops, "send 7")).trigger_id
    clock.forward(seconds=3.1)
    assert await opening(late) == "expired_trigger_id"
    assert await opening("1.2.three") == "invalid_trigger_id"


async def test_response_url_expires(slack: LocalSlack, clock: Any) -> None:
    """A response URL serves for 30 minutes; its posts are among the calls, the URL itself is not."""
    alice, ops = slack.person("alice"), slack.channel("ops")
    typed = await alice.slash(ops, "list")
    assert typed.envelope is not None
    url = typed.envelope.payload["response_url"]
    assert url not in repr(typed)
    webhook = AsyncWebhookClient(url)
    assert (await webhook.send(text="in time", response_type="in_channel")).status_code == 200
    clock.forward(minutes=31)
    late = await webhook.send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)
    assert [message.text for message in ops.messages] == ["in time"]
    assert [call.arguments["text"] for call in slack.calls if call.method == "response_url"] == [
        "in time",
        "late",
    ]


@pytest.mark.parametrize(
    "request_", [{"data": {"text": "x"}}, {"data": b'{"text": "x"}'}, {"json": ["x"]}, {"json": None}]
)
async def test_response_url_takes_json_only(slack: LocalSlack, request_: dict[str, Any]) -> None:
    """What is posted to a response URL is a JSON object and says so; anything else is invalid_payload."""
    typed = await slack.person("alice").slash(slack.channel("ops"), "list")
    assert typed.envelope is not None
    async with (
        aiohttp.ClientSession() as session,
        session.post(typed.envelope.payload["response_url"], **request_) as response,
    ):
        assert (response.status, (await response.json())["error"]) == (400, "invalid_payload")
    assert not [call for call in slack.calls if call.method == "response_url"]


async def test_waiting_in_vain_shows_the_conversation(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A wait that fails names what it waited for and prints what was said."""
    await client.chat_postMessage(channel=slack.channel("ops").id, text="#7 running")
    with pytest.raises(AssertionError, match=r"the end of #7\n\n#ops\n  session-bot: #7 running"):
        await slack.until(lambda: False, "the end of #7", timeout=0.01)


async def test_no_token_in_a_repr(slack: LocalSlack) -> None:
    """No repr of this Slack shows a token."""
    shown = repr(vars(slack))
    assert slack.bot_token not in shown
    assert slack.app_token not in shown
