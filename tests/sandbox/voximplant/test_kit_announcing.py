"""What a session with the kit says of itself in its application's storage."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from bot.sandbox.voximplant import PlatformOptions
from bot.scenario import kit_source
from bot.scenario._options import with_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.voximplant.conftest import Caller, OpenPlatform, Started

CALL = "VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.callPSTN('+15550100', '+15550199'));"
COUNTED = """
const put = ApplicationStorage.put;
ApplicationStorage.put = (...given) => { Logger.write("put"); return put(...given); };
"""
REFUSED = "ApplicationStorage.put = () => Promise.reject(new Error('full'));"
THROWN = "ApplicationStorage.put = () => { throw new Error('full'); };"


def kit(**options: str) -> str:
    """Return the kit with announcing switched on, by one line."""
    return with_options(kit_source(), {"ANNOUNCE": "true", **options})


async def run(caller: Caller, *sources: str, data: str = "") -> Started:
    """Start a session of a rule with these scenarios."""
    account = caller.platform.account
    rule = account.add_rule(account.applications[0], f"rule {len(account.rules)}", *sources)
    return await caller.start(rule.rule_id, data)


def text_of(caller: Caller, started: Started) -> str | None:
    """Return what stands in the storage of the session's application, None for nothing."""
    account = caller.platform.account
    key = f"session-bot:{started.session.history_id}"
    found = account.key_values(account.applications[0]).get(key, now=datetime.now(UTC))
    return None if found is None else found.value


async def announced(
    caller: Caller, started: Started, fits: Callable[[dict[str, Any]], bool] = lambda _: True
) -> dict[str, Any]:
    """Wait until what the session announces is so, and return it."""
    async with asyncio.timeout(30):
        while True:
            text = text_of(caller, started)
            if text is not None and fits(found := json.loads(text)):
                assert isinstance(found, dict)
                return found
            await asyncio.sleep(0.01)


async def stop(caller: Caller, started: Started) -> None:
    """Send a stop of the bot, and wait for the end."""
    await caller.send(started.url, b"", {"X-Session-Bot": "stop", "X-Request-Id": "r1"})
    async with asyncio.timeout(30):
        await started.session.closed()


async def test_nothing_is_announced_unless_it_is_switched_on(caller: Caller) -> None:
    """The kit as it is printed writes nothing into the storage."""
    started = await run(caller, COUNTED, kit_source(), CALL)
    await stop(caller, started)
    assert "put" not in started.session.log
    assert text_of(caller, started) is None


async def test_a_session_announces_itself(caller: Caller) -> None:
    """Id, URL, custom data, start, heartbeat and live calls stand there, for three heartbeats."""
    started = await run(caller, kit(), CALL, data="for you")
    found = await announced(caller, started)
    assert found.keys() == {"v", "url", "session", "data", "started", "beat", "calls"}
    assert found["v"] == 1
    assert found["url"] == started.url
    assert found["session"] == str(started.session.history_id)
    assert found["data"] == "for you"
    assert found["calls"] in {0, 1}
    began = started.session.started_at.timestamp()
    assert began - 2 < found["started"] <= found["beat"] < began + 30
    account = caller.platform.account
    store = account.key_values(account.applications[0])
    pair = store.get(f"session-bot:{started.session.history_id}", now=datetime.now(UTC))
    assert pair is not None
    assert 170 <= pair.expires_at - found["beat"] <= 190


async def test_changes_are_announced_no_faster_than_their_spacing(caller: Caller) -> None:
    """A call that begins is written after the spacing, and several changes within it are one."""
    started = await run(caller, COUNTED, kit(ANNOUNCE_SPACING_SECONDS="1"), CALL * 3)
    await announced(caller, started, lambda found: bool(found["calls"] == 3))
    assert started.session.log.count("put") == 2


async def test_a_session_has_a_heartbeat(caller: Caller) -> None:
    """It is written again and again, with the time of the writing."""
    started = await run(caller, kit(ANNOUNCE_EVERY_SECONDS="1"), CALL)
    first = (await announced(caller, started))["beat"]
    later = await announced(caller, started, lambda found: bool(found["beat"] > first))
    assert later["started"] <= first


async def test_a_stop_is_announced_as_taken(caller: Caller) -> None:
    """With onStop the request id stands there during the grace; before the end it says that it is ending."""
    started = await run(caller, kit(), CALL, "SessionBot.onStop(() => {}); VoxEngine.callPSTN('1', '2');")
    await announced(caller, started)
    await caller.send(started.url, b"", {"X-Session-Bot": "stop", "X-Request-Id": "r1"})
    taken = await announced(caller, started, lambda found: "taken" in found)
    assert (taken["taken"], taken.get("ending")) == ("r1", None)
    assert started.session.running


async def test_an_end_is_announced(caller: Caller) -> None:
    """Before a stop ends the session it says that it is ending, and by which request."""
    started = await run(caller, kit(), CALL)
    await stop(caller, started)
    found = await announced(caller, started, lambda found: "ending" in found)
    assert (found["ending"], found["taken"]) == (True, "r1")


@pytest.mark.parametrize("broken", ["() => new Promise(() => {})", "() => 7", "() => null.x", "undefined"])
async def test_a_storage_that_is_silent_does_not_keep_a_session(caller: Caller, broken: str) -> None:
    """The last word is waited for briefly: a storage that never answers, or is broken, delays a stop by a second."""
    started = await run(caller, kit(), CALL, f"ApplicationStorage.put = {broken};")
    await stop(caller, started)
    assert started.session.finish_reason == "Normal termination"


async def test_without_a_timer_the_last_word_is_not_waited_for(caller: Caller) -> None:
    """Where the scenario has used up the timers, a stop ends the session at once."""
    hog = "for (let i = 0; i < 100; i += 1) try { setTimeout(() => {}, 3600e3); } catch {}"
    started = await run(caller, kit(), CALL, "ApplicationStorage.put = () => new Promise(() => {});" + hog)
    await stop(caller, started)
    assert started.session.finish_reason == "Normal termination"


async def test_what_is_announced_is_signed_with_the_applications_secret(open_platform: OpenPlatform) -> None:
    """The last member signs the text that is left without it; everything is ASCII, and short enough."""
    caller = await open_platform(PlatformOptions(secrets={"SESSION_BOT_SECRET": "s3cret"}))
    started = await run(caller, kit(), CALL, data="\x01\u2028😀é" * 20)
    found = await announced(caller, started)
    text = text_of(caller, started)
    assert text is not None
    assert text.isascii()
    assert len(text) < 2000
    signed, comma, signature = text.rpartition(',"hmac":"')
    assert comma
    expected = hmac.new(b"s3cret", f"{signed}}}".encode(), hashlib.sha256).hexdigest()
    assert signature == f'{expected}"}}'
    assert found["hmac"] == expected
    assert "s3cret" not in text


async def test_custom_data_is_cut_by_whole_characters(open_platform: OpenPlatform) -> None:
    """Of longer custom data the first 200 bytes are announced, and no half of a character."""
    caller = await open_platform(PlatformOptions(custom_data_limit_bytes=4000))
    for character in ("a", "é", "\u2028", "😀", "\x01"):
        found = await announced(caller, await run(caller, kit(), CALL, data=character * 300))
        assert found["data"] == character * (200 // len(character.encode()))


async def test_a_storage_that_refuses_is_told_once(caller: Caller) -> None:
    """Neither a rejection nor an error of the storage reaches the scenario, and the log has one line of it."""
    refused = await run(caller, kit(ANNOUNCE_SPACING_SECONDS="0"), REFUSED, CALL * 5)
    await stop(caller, refused)
    assert sum("did not take" in line for line in refused.session.log) == 1
    assert refused.session.finish_reason == "Normal termination"
    thrown = await run(caller, kit(ANNOUNCE_SPACING_SECONDS="0"), THROWN, CALL * 5)
    await stop(caller, thrown)
    assert thrown.session.finish_reason == "Normal termination"


@dataclass
class Receiver:
    """A server that keeps what is sent to it; with `silent` it never answers."""

    silent: bool = False
    url: str = ""
    requests: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, request: web.Request) -> web.Response:
        """Keep a request."""
        self.requests.append((request.headers, await request.read()))
        if self.silent:
            await self.closing.wait()
        return web.Response(status=204)

    @property
    def found(self) -> list[dict[str, Any]]:
        """The announcements that came."""
        return [json.loads(body) for _, body in self.requests]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Listen as an inbox of the bot would."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/announcements", receiver.receive)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/announcements"
    yield receiver
    receiver.closing.set()
    await runner.cleanup()


SECRETS = PlatformOptions(secrets={"SESSION_BOT_SECRET": "s3cret"})


async def test_starts_stops_and_ends_are_sent_to_an_inbox(open_platform: OpenPlatform, receiver: Receiver) -> None:
    """The announcement, its time and its signature arrive, also of a session that the scenario itself ends."""
    caller = await open_platform(SECRETS)
    grace = f"SessionBot.onStop(() => VoxEngine.terminate()); {CALL}"
    started = await run(caller, kit(INBOX=f'"{receiver.url}"'), grace)
    await announced(caller, started)
    await stop(caller, started)
    assert [(each.get("taken"), each.get("ending")) for each in receiver.found] == [
        (None, None), ("r1", None), ("r1", True)
    ]  # fmt: skip
    for headers, body in receiver.requests:
        signed = headers["X-Session-Bot-Time"].encode() + b"." + body
        assert headers["X-Session-Bot-Signature"] == hmac.digest(b"s3cret", signed, "sha256").hex()
    (last,) = receiver.found[2:]
    assert text_of(caller, started) == receiver.requests[2][1].decode()
    assert last["url"] == started.url


async def test_an_inbox_that_never_answers_keeps_no_session(open_platform: OpenPlatform, receiver: Receiver) -> None:
    """The platform waits for requests under way: those to the inbox are given up before anybody notices."""
    receiver.silent = True
    caller = await open_platform(SECRETS)
    started = await run(caller, kit(INBOX=f'"{receiver.url}"'), CALL)
    await announced(caller, started)
    await stop(caller, started)
    assert started.session.finish_reason == "Normal termination"
    assert [each.get("ending") for each in receiver.found] == [None, True]


async def test_without_the_secret_nothing_is_sent(caller: Caller, receiver: Receiver) -> None:
    """A push that nobody could believe is not made, and the log has one line of it."""
    started = await run(caller, kit(INBOX=f'"{receiver.url}"'), CALL)
    await stop(caller, started)
    assert receiver.requests == []
    assert sum("inbox" in line for line in started.session.log) == 1
