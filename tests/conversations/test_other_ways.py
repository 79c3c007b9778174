"""A response_url that leads nowhere: the person gets the response all the same, another way, and at once."""

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.ports._response import Response
from bot.process._tasks import Tasks
from bot.sandbox.slack import Http, RateLimited
from bot.sandbox.slack import _payloads as payloads
from bot.sandbox.slack._envelopes import Envelope, EnvelopeType
from bot.sandbox.slack._faults import Fault
from bot.sandbox.slack._messages import find_button
from bot.slack.responses._delivery import Delivery, Way
from bot.slack.responses._responses import Recipient, Responses

from .conftest import World


def used(world: World) -> int:
    """Count the posts to response_urls."""
    return len([call for call in world.slack.calls if call.method == "response_url"])


@pytest.mark.parametrize("fault", [Http(403), Http(404), Http(410), Http(302)], ids=str)
async def test_what_a_response_url_does_not_take_is_whispered(world: World, fault: Fault) -> None:
    """After a refusal the line is an ephemeral one in the channel, and that URL is not tried again."""
    await world.started("obedient")
    before = used(world)
    world.slack.faults.add("response_url", fault, times=100)
    told = await world.says(world.bob, "stop 1", expect="Confirmed: #1")
    assert told.ephemeral_for == world.bob.id
    assert used(world) == before + 1


async def test_what_stays_broken_is_whispered_after_some_attempts(world: World) -> None:
    """A fault that may pass is tried again, a long pause is not waited for, and the line goes the other way, too."""
    for fault, attempts in ((Http(503), 3), (RateLimited(60), 1)):
        before = used(world)
        world.slack.faults.add("response_url", fault, times=attempts)
        await world.says(world.ann, "list", expect="No session is open")
        assert used(world) - before == attempts


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9", "http://", "nowhere"], ids=["refused", "odd", "none"])
async def test_an_address_that_cannot_be_reached_is_none(world: World, origin: str) -> None:
    """Where a firewall, or an odd address, keeps a line from Slack, it is whispered; that of a click as well."""
    card = await world.started("obedient")
    world.slack._response_urls.origin = origin
    told = await world.says(world.ann, "list", expect="1 session is open")
    assert told.ephemeral_for == world.ann.id
    await world.presses(world.bob, card, "Stop", expect="Confirmed: #1")


async def test_where_the_bot_is_not_it_comes_as_a_direct_message(world: World) -> None:
    """In a channel without the bot there are no whispers: a direct message tells, and its button still stops."""
    elsewhere = world.slack.channel("elsewhere", bot_in=False)
    await world.started("obedient")
    world.slack.faults.add("response_url", Http(403), times=100)
    assert (await world.ann.slash(elsewhere, "stop 1")).acked
    asked = await world.slack.until(
        lambda: next((each for each in world.ann.dm.messages if "Stop #1?" in each.text), None), "a direct message"
    )
    assert f"About <#{elsewhere.id}>" in asked.text
    await world.presses(world.ann, asked, "Stop #1", channel=world.ann.dm, expect="Confirmed: #1")


async def test_a_click_without_a_response_url_is_answered_in_its_thread(world: World) -> None:
    """Slack sends some clicks without a response_url; what they come to is whispered where they were made."""
    card = await world.started("stuck")
    await world.says(world.ann, "stop 1", expect="delivered")
    await world.shows("not confirmed")
    reply = await world.slack.until(
        lambda: next((each for each in world.replies() if any(b.label == "Stop again" for b in each.buttons())), None),
        "the reply with Stop again",
    )
    slack, bob = world.slack, world.bob
    button = find_button(reply.blocks, "Stop again")
    place = (button.block_id, button.action_id)
    payload = payloads.action(slack.workspace, bob.user, reply, place, {}, trigger_id="1.2")
    answer = await slack._delivery.deliver(Envelope(EnvelopeType.INTERACTIVE, payload, accepts_response_payload=False))
    assert answer.error is None
    told = await world.told(bob, "#1")
    assert told.thread_ts == card.ts


async def test_a_sixth_line_goes_another_way(world: World) -> None:
    """Slack takes five lines by one response_url; what is more goes the other way, and nothing is lost."""
    others: list[str] = []

    def call_for(response: Response) -> Callable[[], Awaitable[None]]:
        async def call() -> None:
            others.append(response.text)

        return call

    tasks = Tasks()
    to = Recipient(response_url=world.slack._response_urls.issue(world.ops, world.ann.user))
    async with aiohttp.ClientSession() as http:
        responses = Responses(client=AsyncWebClient(), http=http, tasks=tasks, clock=world.clock)
        ways = [*responses.ways_to(to), Way(name="another way", call_for=call_for)]
        respond = Delivery(world.ann.id, lambda: ways, tasks, world.clock)
        for number in range(7):
            await respond(Response(text=f"line {number}"))
        await tasks.idle()
    assert [each.text for each in world.ann.ephemerals(world.ops)] == [f"line {number}" for number in range(5)]
    assert others == ["line 5", "line 6"]
