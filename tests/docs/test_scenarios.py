"""The page on scenarios: its examples do, on the sandbox's engine, what it says."""

import ssl

import aiohttp

from bot.sandbox._certificates import Certificates
from bot.sandbox.voximplant import Platform, default_account
from tests.conversations.conftest import MakeWorld
from tests.docs.pages import fenced, read

PAGE = "docs/how-to/scenarios.md"
STOP = b'{"command": "stop"}'


async def test_its_scenario_stops_when_told_and_only_then() -> None:
    """The example scenario survives what is not for it, and a stop ends its session normally."""
    certificates = Certificates()
    tls = ssl.create_default_context(cadata=certificates.ca_pem.decode("ascii"))
    async with (
        Platform(certificates) as platform,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as http,
    ):
        account = platform.account
        rule = account.add_rule(account.applications[0], "example", fenced(read(PAGE), "js"))
        form = {"account_id": account.account_id, "api_key": account.api_key, "rule_id": rule.rule_id}
        async with http.post(f"{platform.api_url}/StartScenarios", data=form) as answer:
            url = (await answer.json())["media_session_access_secure_url"]
        (session,) = platform.sessions.values()
        for body in (b"no json", b'{"say": "hello"}'):
            async with http.post(url, data=body) as answer:
                assert answer.status == 200
        assert session.running
        async with http.post(url, data=STOP) as answer:
            assert answer.status == 200
        await session.closed()
        assert session.finish_reason == "Normal termination"


async def test_its_scenario_knows_a_stop_by_its_header(make_world: MakeWorld) -> None:
    """The example for the headers ends by the stop, whatever its body, reads who asked, and else lives on."""
    account = default_account()
    account.add_rule(account.applications[0], "by-header", fenced(read(PAGE), "js", 1), rule_id=2000)
    async with make_world(account=account, config='[rules.by-header]\nid = 2000\nstop = "0"\n') as world:
        await world.started("by-header")
        await world.says(world.ann, 'send 1 {"command": "stop"}', expect="Delivered to #1")
        (session,) = world.platform.sessions.values()
        assert session.running
        await world.says(world.bob, "stop 1", expect="Confirmed: #1")
        assert f"Stopped by {world.bob.id} (bob)" in session.log


async def test_its_scenario_reads_the_data_behind_which_a_tag_may_stand(make_world: MakeWorld) -> None:
    """The example for a rule with `tag` reads the JSON of a start with the tag, without one, and without data."""
    account = default_account()
    for number, name in ((2000, "tagged"), (2001, "plain")):
        account.add_rule(account.applications[0], name, fenced(read(PAGE), "js", 2), rule_id=number)
    config = "[rules.with-tag]\nid = 2000\ntag = true\n"
    started = (('with-tag {"ticket": 12}', "12"), ('plain {"ticket": 13}', "13"), ("with-tag", "unknown"))
    async with make_world(account=account, config=config) as world:
        for typed, _ in started:
            await world.says(world.ann, f"start {typed}", expect="Started")
        sessions = list(world.platform.sessions.values())
        assert sessions[0].custom_data.startswith('{"ticket": 12}#')
        for session, (_, ticket) in zip(sessions, started, strict=True):
            await world.until(lambda: f"Ticket {ticket}" in session.log, "the scenario to log")  # noqa: B023 - at once
            assert session.running
