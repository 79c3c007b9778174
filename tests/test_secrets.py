"""Promise 4: no session URL, key or token in a log, a message, a file, an exception or a `repr`.

Whole conversations, with everything going wrong that can, at the log level that prints most; then every place
that a person or a program could look into is searched for every secret that there is.
"""

import gc
import json
import re
from collections.abc import AsyncIterator, Iterable
from typing import Any

import aiohttp
import psutil
import pytest

from bot.config._settings import Settings
from bot.life.app._app import Bot
from bot.life.app._wiring import BotParts
from bot.ports._request import Request
from bot.ports._verb import Context, Services
from bot.sandbox.slack import Channel, Http
from bot.sandbox.slack import Error as SlackError
from bot.sandbox.slack import Reset as SlackReset
from bot.sandbox.voximplant import Account, Edit, Error, Hang, Html, Redirect, Reset, Status, default_account
from bot.slack.responses._response_url import ResponseUrl
from tests.canaries import Canaries, Place, on_disk, search, secrets_of
from tests.conversations.conftest import MakeWorld, World
from tests.faults.conftest import Process, StartProcess

TALKATIVE = """
    let url;
    VoxEngine.addEventListener(AppEvents.Started, (e) => {
      url = e.accessSecureURL + " " + e.accessURL;
      VoxEngine.callPSTN("+15550100", "+15550199");
      Logger.write(url);
    });
    VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
      if (e.content.includes("stop")) VoxEngine.terminate();
      return JSON.stringify({ url, escaped: encodeURIComponent(url), got: e.content });
    });
"""


def account() -> Account:
    """Make an account with a rule whose scenario answers every send with its own URL."""
    made = default_account()
    made.add_rule(made.applications[0], "talkative", TALKATIVE)
    return made


MASKED = {"a pin": "canary-of-a-pin", "a card's number": "4000 1234 5678 9010", "a token": "canary/of a token"}
"""What people send under telling names; the scenario answers with it, as text within JSON."""


def told_in_slack(world: World) -> str:
    """Return all that was ever sent to Slack: messages, blocks, ephemerals, metadata."""
    return json.dumps([[call.method, call.arguments] for call in world.slack.calls]) + json.dumps(
        [
            [message.text, message.blocks]
            for channel in world.slack.workspace.channels.values()
            for message in _all(channel)
        ]
    )


def _all(channel: Channel) -> list[Any]:
    return list(channel.entries)


def leaks(world: World, places: Iterable[Place]) -> list[str]:
    """Return each secret found, with its place."""
    secrets = secrets_of(world.platform, world.slack, world.environ, world.folder)
    return search(Canaries(secrets | MASKED), iter(places))


async def shown_to_operators(process: Process) -> list[Place]:
    """Return the pages of the operations port, and the command line that other users of the host see."""
    port = re.search(r"operations endpoints on 127\.0\.0\.1:(\d+)", await process.logs("operations endpoints"))
    assert port is not None
    places = [("the command line", " ".join(psutil.Process(process.process.pid).cmdline()).encode())]
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port[1]}") as http:
        for page in ("/healthz", "/readyz", "/metrics", "/nowhere"):
            async with http.get(page) as answer:
                places.append((page, f"{answer.headers}".encode() + await answer.read()))
    return places


async def everything_goes_wrong(world: World) -> None:
    """Hold a conversation in which all that can fail fails, while secrets lie in every answer."""
    account, faults = world.platform.account, world.platform.faults
    key, pem = account.api_key, str(account.service_account()["private_key"])
    faults.management("StartScenarios", Error(100, f"bad key {key} of {pem}"))
    await world.says(world.ann, "start talkative", expect="not started")
    faults.management("StartScenarios", Edit(lambda answer: {**answer, "warnings": [json.dumps(answer)]}))
    await world.says(world.ann, 'start talkative {"token": "t"}', expect="Started")
    await world.shows("running", 1)
    url = next(iter(world.platform._engine._by_path))
    faults.management("StartScenarios", Edit(lambda answer: {**answer, "media_session_access_secure_url": f"x{url}"}))
    await world.says(world.ann, "start obedient", expect="#3")
    for number, fault in enumerate(
        (Html(502), Reset(), Redirect(f"https://127.0.0.1:1{url}"), Status(500, f"trouble at {url}"), Hang())
    ):
        faults.session(fault)
        await world.says(world.ann, f'send 2 {{"n": {number}}}', expect="elivered")
    world.slack.faults.add("chat.postMessage", SlackReset())
    world.slack.faults.add("chat.update", Http(502))
    world.slack.faults.add("response_url", SlackError("no_service"))
    await world.ann.slash(world.ops, "status 2")
    await world.until(lambda: "response_url" not in world.slack.faults.pending, "the response to go astray")
    await world.says(world.ann, 'send 2 {"say": "hello"}', expect="Delivered")
    await world.says(world.ann, f'send 2 {{"see": "https://127.0.0.1:1{url}"}}', expect="elivered")
    pin, card, token = MASKED.values()
    told = json.dumps({"pin": pin, "deep": [{"card": card}, json.dumps({"access_token": token})]})
    await world.says(world.ann, f"send 2 {told}", expect="elivered")
    await world.says(world.bob, "stop 2", expect="Stop delivered")
    await world.told(world.bob, "Confirmed: #2")


@pytest.fixture(params=["service account", "API key"])
async def world_and_process(
    request: pytest.FixtureRequest, make_world: MakeWorld, start_process: StartProcess
) -> AsyncIterator[tuple[World, Process]]:
    """Return a world with the real process in it, at DEBUG, with either kind of credentials."""
    async with make_world(account=account(), start=False) as world:
        environ = {
            **world.environ,
            "SESSION_BOT_LOG_LEVEL": "DEBUG",
            "VOXIMPLANT_SESSION_TIMEOUT": "0.5",
            "VOXIMPLANT_START_TIMEOUT": "1",
        }
        if request.param == "API key":
            del environ["VOXIMPLANT_CREDENTIALS"]
            environ["VOXIMPLANT_ACCOUNT_ID"] = str(world.platform.account.account_id)
            environ["VOXIMPLANT_API_KEY"] = world.platform.account.api_key
        process = await start_process(environ)
        await world.slack.connected()
        yield world, process


async def test_no_secret_gets_out(world_and_process: tuple[World, Process]) -> None:
    """After a conversation full of failures no secret is in the log, in Slack, in the database or beside it."""
    world, process = world_and_process
    await everything_goes_wrong(world)
    pages = await shown_to_operators(process)
    before = [*on_disk(world.folder)]
    assert "session-bot.db-wal" in dict(before)
    assert await process.terminate() == 0
    assert " DEBUG " in process.log
    assert "Traceback" not in process.log
    assert b"session_bot_" in dict(pages)["/metrics"]
    assert leaks(world, [*pages, *before, *on_disk(world.folder), ("Slack", told_in_slack(world).encode())]) == []


async def test_nothing_shows_a_secret_when_printed(make_world: MakeWorld) -> None:
    """The parts of a running bot, a command on its way included, show no secret in their `repr`."""
    async with make_world(account=account()) as world:
        await world.started("talkative")
        world.platform.faults.session(Hang())
        await world.ann.slash(world.ops, "send 1 {}")
        await world.until(lambda: world.platform.deliveries, "the send to be on its way")
        kinds = (Bot, BotParts, Services, Context, Request, Settings, ResponseUrl)
        printed = {type(each).__name__: repr(each).encode() for each in gc.get_objects() if isinstance(each, kinds)}
        assert {"Bot", "Services", "Context", "Request", "Settings"} <= printed.keys()
        assert leaks(world, printed.items()) == []
        world.platform.faults.release()


async def test_what_is_typed_against_the_rules_is_not_kept(world: World) -> None:
    """The words of a send, and of what was not understood, are in no file; only their digest is."""
    await world.started()
    await world.says(world.ann, 'send 1 {"say": "canary-in-a-send"}', expect="Delivered")
    await world.says(world.ann, 'send 1 {"say": "canary-in-broken-json', expect="Nothing was sent")
    await world.says(world.ann, "sned canary-in-a-typo", expect="send")
    await world.replied("canary-in-a-send")
    await world.stop_bot()
    with world.database() as db:
        rows = [*db.execute("select * from commands"), *db.execute("select * from audit")]
    kept = json.dumps(rows, default=bytes.hex)
    for canary in ("canary-in-a-send", "canary-in-broken-json"):
        assert canary not in kept
