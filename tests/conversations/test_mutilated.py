"""Payloads that are not whole, and such that nobody listens for: each is answered, and none does what it should not."""

import asyncio
import copy
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.sandbox.slack import _payloads as payloads
from bot.sandbox.slack._envelopes import Envelope, EnvelopeType

from .conftest import BOTH_MODES, MakeWorld, World
from .test_http_mode import signed, url

Json = dict[str, Any]
Keys = tuple[str | int, ...]

AT_ONCE = 100
DROPPED = object()
INSTEAD = (DROPPED, None, 7, [7], {"id": 7}, "\ud800")

EVENT, INTERACTIVE, SLASH = EnvelopeType.EVENT, EnvelopeType.INTERACTIVE, EnvelopeType.SLASH

pytestmark = BOTH_MODES


@pytest.fixture
async def quiet(make_world: MakeWorld) -> AsyncIterator[World]:
    """Return a world in which no event comes again."""
    async with make_world(slack_options={"retry_seconds": ()}) as made:
        yield made


def paths(value: Any, before: Keys = ()) -> Iterator[Keys]:
    """Yield the way to every field; of a list its first element stands for all, and what we posted is one field."""
    if before in {("message",), ("view", "blocks")}:
        return
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*before, key)
        yield from paths(each, (*before, key))


def mutilated(payload: Json) -> Iterator[Json]:
    """Yield the payload with each of its fields left out, or of another type."""
    for path in paths(payload):
        for instead in INSTEAD:
            odd = copy.deepcopy(payload)
            at: Any = odd
            for key in path[:-1]:
                at = at[key]
            if instead is DROPPED:
                del at[path[-1]]
            else:
                at[path[-1]] = instead
            yield odd


def numbered(payload: Json, number: int) -> Json:
    """Make a payload one of its own, by what tells two of them apart."""
    odd = copy.deepcopy(payload)
    for part, name in ((odd, "trigger_id"), (odd, "event_id"), (odd.get("view"), "id"), (odd.get("event"), "ts")):
        if isinstance(part, dict) and isinstance(part.get(name), str):
            part[name] = f"{part[name]}{number}"
    for action in odd["actions"] if isinstance(odd.get("actions"), list) else ():
        if isinstance(action, dict) and isinstance(action.get("action_ts"), str):
            action["action_ts"] += str(number)
    return odd


async def whole_ones(world: World) -> list[tuple[EnvelopeType, Json]]:
    """Return one payload of each kind, as people's acts made them; what they ask for is only to look."""
    slack, ann = world.slack, world.ann
    card = await world.started()
    typed = [await ann.slash(world.ops, "list"), await ann.click(card, "Refresh")]
    typed += [await ann.mention(world.ops, "*status* `1`", thread=card), await ann.open_home()]
    shown = await slack.until(lambda: ann.home, "Home to be shown")
    typed.append(await ann.click(shown, "Refresh"))
    await ann.click(card, "Send…")
    editor = await slack.until(
        lambda: next((each for each in ann.modals if each.content["callback_id"] == "send_editor"), None), "the editor"
    )
    typed.append(await ann.submit(editor, {"JSON": "no JSON"}))
    await ann.slash(world.ops, "start")
    form = await slack.until(
        lambda: next((each for each in ann.modals if each.content["callback_id"] == "start_form"), None), "the form"
    )
    rule = next(each for each in form.blocks if each.get("block_id") == "rule")["element"]
    suggestion = payloads.suggestion(slack.workspace, ann.user, form, ("rule", rule["action_id"]), "obe")
    group = payloads.group_changed(slack.workspace, slack.usergroup("oncall", [ann]), [])
    made = [(each.envelope.type, each.envelope.payload) for each in typed if each.envelope is not None]
    return [*made, (INTERACTIVE, suggestion), (EVENT, group)]


async def deliver(world: World, client: aiohttp.ClientSession, kind: EnvelopeType, payload: Json) -> None:
    """Deliver a payload; over HTTP it is taken or called bad, over a socket it is acked."""
    if "SLACK_APP_TOKEN" in world.environ:
        answer = await world.slack._delivery.deliver(Envelope(kind, payload, accepts_response_payload=False))
        assert answer.error is None, payload
        return
    body, form = json.dumps(payload), "application/x-www-form-urlencoded"
    if kind is INTERACTIVE:
        body = urlencode({"payload": body})
    elif kind is SLASH and all(isinstance(each, str) for each in payload.values()):
        body = urlencode(payload, errors="replace")
    content_type = form if "=" in body and not body.startswith("{") else "application/json"
    headers = {"Content-Type": content_type, **signed(world, body.encode())}
    async with client.post(url(world), data=body.encode(), headers=headers) as got:
        assert got.status in {200, 400}, payload


async def test_a_payload_that_is_not_whole_does_no_harm(quiet: World, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever field of a payload is missing or of another type: an answer, no traceback, no act in a wrong name."""
    world = quiet
    cases = [(kind, odd) for kind, payload in await whole_ones(world) for odd in mutilated(payload)]
    mine = int("SLACK_APP_TOKEN" in world.environ)  # each way in brings every other one: behind it all is the same
    cases = [each for n, each in enumerate(cases) if (n + n // len(INSTEAD)) % 2 == mine]
    starts = len(world.platform.starts())
    async with aiohttp.ClientSession() as client:
        for first in range(0, len(cases), AT_ONCE):
            some = enumerate(cases[first : first + AT_ONCE], first)
            await asyncio.gather(*(deliver(world, client, kind, numbered(odd, n)) for n, (kind, odd) in some))
    await world.until(lambda: all(each.state.is_final for each in world.commands()), "all to be answered")
    loud = [each for each in caplog.records if each.exc_info or each.levelno >= logging.ERROR]
    assert not loud, loud[0].getMessage()
    assert "Reference:" not in world.slack.conversation()
    done = [each for each in world.commands() if each.state == "done"]
    assert {each.actor for each in done} == {world.ann.id}
    assert {each.team for each in done} == {world.slack.team_id}
    assert (len(world.platform.starts()), world.platform.deliveries) == (starts, [])


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (EVENT, {"type": "event_callback", "event": {"type": "team_join", "user": {"id": "U1"}}}),
        (EVENT, {"type": "event_callback", "event": {"type": "message", "user": 5, "enterprise": 7}}),
        (EVENT, {"type": "event_callback", "authorizations": [1], "event": {"type": "app_uninstalled"}}),
        (EVENT, {"type": "app_rate_limited", "team_id": "T0LOCAL", "minute_rate_limited": 1}),
        (INTERACTIVE, {"type": "shortcut", "callback_id": "old", "user": {"id": "U1"}, "trigger_id": "1.2"}),
        (INTERACTIVE, {"type": "message_action", "callback_id": "old", "user": {"id": "U1"}}),
        (INTERACTIVE, {"type": "view_closed", "view": {"callback_id": "old"}, "user": {"id": "U1"}}),
        (INTERACTIVE, {"type": "interactive_message", "callback_id": "old"}),
    ],
)
async def test_what_nobody_listens_for_is_acked_and_said_once(
    quiet: World, caplog: pytest.LogCaptureFixture, kind: EnvelopeType, payload: Json
) -> None:
    """Slack is not left to bring it again, nor to switch off the app's events; the log says each type once."""
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            answer = await quiet.slack._delivery.deliver(Envelope(kind, payload, accepts_response_payload=False))
            assert answer.error is None
    said = [each for each in caplog.records if "nobody listens for this" in each.getMessage()]
    assert len(said) == 1
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING and "slack" in each.name]


async def test_a_person_hears_that_their_click_could_not_be_read(quiet: World) -> None:
    """A click whose payload does not say who made it does nothing, and its response_url is told so."""
    world = quiet
    card = await world.started()
    clicked = await world.ann.click(card, "Stop", confirm=True)
    await world.shows("ended")
    assert clicked.envelope is not None
    del clicked.envelope.payload["user"]
    await world.ann.redeliver(clicked) if "SLACK_APP_TOKEN" in world.environ else await _again(world, clicked.envelope)
    await world.told(world.ann, "nothing was done")


async def _again(world: World, envelope: Envelope) -> None:
    async with aiohttp.ClientSession() as client:
        await deliver(world, client, envelope.type, envelope.payload)
