"""HTTP mode: the same conversations over signed requests, and what is not signed gets nowhere."""

import hashlib
import hmac
import io
import json
import socket
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote, urlencode

import aiohttp
import pytest

from bot.slack.inbound._http import LONGEST, HttpMode
from tests.conversations.conftest import MakeWorld, World

EMPTY_VIEW = {"id": "V1", "private_metadata": "", "state": {"values": {}}}


@pytest.fixture
async def over_http(make_world: MakeWorld) -> AsyncIterator[World]:
    """Return a world whose Slack sends to the bot's request URL."""
    async with make_world(http=True) as made:
        yield made


def url(world: World) -> str:
    """Return the bot's request URL."""
    assert world.bot is not None
    assert isinstance(world.bot.receiver, HttpMode)
    return f"http://127.0.0.1:{world.bot.receiver.port}/slack/events"


def signed(world: World, body: bytes, *, timestamp: str | None = None) -> dict[str, str]:
    """Sign a body as Slack does."""
    stamp = timestamp if timestamp is not None else str(int(world.clock.now().timestamp()))
    secret = world.slack.signing_secret.encode()
    digest = hmac.new(secret, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


async def post(world: World, body: bytes, headers: Mapping[str, str], content_type: str = "") -> int:
    """Post a body; give the status."""
    form = content_type or "application/x-www-form-urlencoded"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url(world), data=io.BytesIO(body), headers={"Content-Type": form, **headers}) as answer,
    ):
        return answer.status


def a_command(world: World, trigger_id: str = "1.2.x") -> bytes:
    """Write a slash command as Slack would send it."""
    return urlencode(
        {
            "team_id": world.slack.team_id,
            "channel_id": world.ops.id,
            "user_id": world.ann.id,
            "command": "/session",
            "text": "start obedient",
            "response_url": f"{world.slack.api_url}nowhere",
            "trigger_id": trigger_id,
        }
    ).encode()


async def test_the_main_job_over_http(over_http: World) -> None:
    """Start, send, a bad JSON, a button and a confirmed stop come out the same over HTTP."""
    world = over_http
    await world.started()
    await world.says(world.ann, 'send 1 {"say":  "hello"}', expect="Delivered to #1")
    assert world.platform.deliveries[-1].body == b'{"say":  "hello"}'
    await world.says(world.ann, 'send 1 {"say": }', expect="Nothing was sent")
    await world.presses(world.bob, world.card(), "Stop", expect="Confirmed: #1")
    await world.shows("ended")


async def test_a_replayed_request_acts_once(over_http: World) -> None:
    """The very same signed request again, within its five minutes, is answered and does nothing."""
    world = over_http
    typed = await world.ann.slash(world.ops, "start obedient")
    again = await world.ann.redeliver(typed)
    assert again.acked
    await world.shows("running")
    await world.says(world.ann, "list", expect="1 session is")
    assert len(world.platform.starts()) == 1


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "1e9", "٣", "9" * 400, "1700000000"])
async def test_an_odd_or_old_timestamp_is_refused(over_http: World, stamp: str) -> None:
    """A timestamp that is no number, or not of the last five minutes, is 401 and never a server error."""
    world = over_http
    body = a_command(world)
    headers = {**signed(world, body), "X-Slack-Request-Timestamp": "1"}
    if stamp.isascii():
        headers = signed(world, body, timestamp=stamp)
    assert await post(world, body, headers) == 401
    assert not world.commands()


async def test_a_clock_off_by_ten_minutes_is_refused(over_http: World) -> None:
    """What is signed rightly but ten minutes ago, or ahead, is refused."""
    world = over_http
    body = a_command(world)
    for off in (-600, 600):
        stamp = str(int(world.clock.now().timestamp()) + off)
        assert await post(world, body, signed(world, body, timestamp=stamp)) == 401
    assert not world.commands()


async def test_a_wrong_or_missing_signature_is_refused(over_http: World) -> None:
    """Without Slack's signature over exactly this body nothing is read."""
    world = over_http
    body = a_command(world)
    right = signed(world, body)
    assert await post(world, body, {}) == 401
    assert await post(world, body + b"x", right) == 401
    assert await post(world, body, {**right, "X-Slack-Signature": "v0=ünsigned"}) == 401
    assert await post(world, b"\xff\xfe", signed(world, b"\xff\xfe")) == 401
    assert not world.commands()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"no form at all", "application/x-www-form-urlencoded"),
        (b"payload=%7Bbroken", "application/x-www-form-urlencoded"),
        (b"payload=[]", "application/x-www-form-urlencoded"),
        (b"{broken", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"{=1", "application/x-www-form-urlencoded"),
        (b"{=1", "text/plain"),
        (b"payload=&a=1", "application/x-www-form-urlencoded"),
        (b"payload={}&payload=[", "application/x-www-form-urlencoded"),
        (b"payload={}&payload=[1]", "application/x-www-form-urlencoded"),
        *(
            (json.dumps(event).encode(), "application/json")
            for event in (
                {"type": "event_callback", "event": None},
                {"type": "event_callback", "event": "x"},
                {"type": "event_callback", "event": [1]},
                {"type": "event_callback", "event": {"type": "app_mention"}, "authorizations": [1]},
                {"type": "event_callback", "event": {"type": "app_mention"}, "authorizations": "x"},
                {"type": "event_callback", "event": {"type": ["app_mention"]}},
                {"type": "event_callback", "event": {"type": "app_mention", "channel": ["C1"], "user": {}, "ts": []}},
                {"type": "event_callback", "team_id": ["T1"], "event": {"type": "app_mention"}},
                {"command": ["/session"], "team_id": "T1"},
            )
        ),
        *(
            (b"payload=" + quote(json.dumps(payload)).encode(), "application/x-www-form-urlencoded")
            for payload in (
                {"type": "block_actions", "actions": []},
                {"type": "block_actions", "actions": "x"},
                {"type": "block_actions", "actions": [1]},
                {"type": "block_actions", "user": "x", "actions": [{"action_id": "stop:1"}]},
                {"type": "view_submission", "view": "x"},
                {"type": "view_submission", "user": {"id": "U1"}, "view": {"callback_id": "start_form", "id": "V1"}},
                {"type": "view_submission", "user": {"id": "U1"}, "view": {"private_metadata": "x", "id": "V1"}},
                {"type": "view_submission", "user": {"id": "U1"}, "view": {"callback_id": "start_form", **EMPTY_VIEW}},
                {"type": ["block_actions"]},
            )
        ),
    ],
)
async def test_a_broken_form_is_no_server_error(over_http: World, body: bytes, content_type: str) -> None:
    """What is signed and yet no request of Slack's is 400, and whatever it is, nothing is done."""
    world = over_http
    assert await post(world, body, signed(world, body), content_type) == 400
    assert not world.commands()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "nonsense"])
async def test_what_is_packed_is_not_unpacked(over_http: World, coding: str) -> None:
    """Slack packs nothing: what says that it is packed is refused before anything reads it, signed or not."""
    world = over_http
    for headers in ({}, signed(world, b"xx")):
        assert await post(world, b"xx", {**headers, "Content-Encoding": coding}) == 400


async def test_what_is_too_long_is_not_read(over_http: World) -> None:
    """A body over the limit is refused before its signature is looked at."""
    body = b"x" * (LONGEST + 1)
    assert await post(over_http, body, signed(over_http, body)) == 413


async def test_a_path_in_front_is_not_served(over_http: World) -> None:
    """A proxy that leaves a path of its own in front reaches nobody, however well the request is signed."""
    body = a_command(over_http)
    headers = {"Content-Type": "application/x-www-form-urlencoded", **signed(over_http, body)}
    for path, status in (("/bots/slack/events", 404), ("/slack/events", 200)):
        address = url(over_http).replace("/slack/events", path)
        async with aiohttp.ClientSession() as session, session.post(address, data=body, headers=headers) as answer:
            assert answer.status == status


async def test_the_ops_endpoints_are_not_on_slacks_port(over_http: World) -> None:
    """Health and metrics are never served where Slack's requests come in."""
    base = url(over_http).removesuffix("/slack/events")
    async with aiohttp.ClientSession() as session:
        for path in ("/healthz", "/readyz", "/metrics"):
            async with session.get(base + path) as answer:
                assert answer.status == 404


async def test_another_workspace_is_refused_over_http(over_http: World) -> None:
    """A signature does not make a stranger a member: another team's command is denied."""
    world = over_http
    typed = await world.ann.slash(world.ops, "start obedient", team_id="T0OTHER")
    assert typed.acked
    await world.until(lambda: [each.state for each in world.commands()] == ["denied"], "the denial")
    assert not world.platform.starts()


async def test_a_taken_port_is_a_sentence(make_world: MakeWorld) -> None:
    """A port that is taken keeps the bot from starting, and names the setting."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with make_world(http=True, start=False) as world:
            world.environ["SESSION_BOT_PORT"] = port
            with pytest.raises(OSError, match="SESSION_BOT_PORT"):
                await world.start_bot()


async def test_an_address_of_no_machine_is_a_sentence(make_world: MakeWorld) -> None:
    """An address that is not this machine's names its setting."""
    async with make_world(http=True, start=False) as world:
        world.environ["SESSION_BOT_HOST"] = "192.0.2.1"
        with pytest.raises(OSError, match="SESSION_BOT_HOST"):
            await world.start_bot()
