"""A company's proxy between the bot and everything outside."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from bot.cli.doctor._doctor import examine
from bot.cli.doctor._findings import Finding, Level
from bot.config._loading import load_settings
from tests.proxy_server import ProxyServer

from .conftest import MakeWorld, World

GRANT = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop", "log"]\n'
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\n\r\n"


@dataclass(frozen=True)
class Behind:
    """A world whose bot knows no way out but a proxy."""

    world: World
    proxy: ProxyServer

    @property
    def slack(self) -> int:
        """The port of the Web API, the websocket and the response URLs."""
        return urlsplit(self.world.slack.api_url).port or 0

    @property
    def platform(self) -> int:
        """The port of the Management API."""
        return urlsplit(self.world.platform.api_url).port or 0

    @property
    def session(self) -> int:
        """The port of the URL of the session that runs."""
        running = next(iter(self.world.platform._engine.started.values()))
        return urlsplit(running.access_secure_url).port or 0


@pytest.fixture
async def behind(make_world: MakeWorld) -> AsyncIterator[Behind]:
    """Return a world with a proxy that wants a password."""
    async with (
        ProxyServer(user="bot", password="let-me-through") as proxy,
        make_world(config=GRANT, environ={"SESSION_BOT_PROXY": proxy.url}) as world,
    ):
        yield Behind(world, proxy)


async def test_everything_goes_through_the_proxy(behind: Behind, caplog: pytest.LogCaptureFixture) -> None:
    """Start, send, log and stop go out by CONNECT to host and port; the proxy is told no URL, the log no password."""
    caplog.set_level(logging.DEBUG)
    world, proxy = behind.world, behind.proxy
    await world.started()
    session = behind.session
    await world.says(world.ann, 'send 1 {"say": "hello"}', expect="Delivered to #1")
    await world.says(world.ann, "log 1", expect="is in its thread")
    await world.presses(world.bob, world.card(), "Stop", expect="Confirmed: #1")
    await world.shows("ended")
    ports = (behind.slack, behind.platform, session)
    assert set(proxy.lines) == {f"CONNECT 127.0.0.1:{port} HTTP/1.1" for port in ports}
    assert not any("/request/" in head or "xoxb" in head for head in proxy.heads)
    assert "let-me-through" not in caplog.text


async def test_a_session_host_that_the_proxy_forbids_is_surely_not_sent(behind: Behind) -> None:
    """The thread says what the proxy answered and that nothing was sent; the next stop, once it may, arrives."""
    world, proxy = behind.world, behind.proxy
    await world.started()
    proxy.answers[behind.session] = FORBIDDEN
    await world.says(world.ann, "stop 1")
    reply = await world.replied("The proxy answered HTTP 403")
    assert "nothing was sent" in reply.text
    assert world.platform.deliveries == []
    proxy.answers.clear()
    await world.says(world.ann, "stop 1", expect="Confirmed: #1")


async def test_a_platform_that_the_proxy_forbids_starts_nothing(behind: Behind) -> None:
    """A start says that surely nothing was done, and why."""
    world, proxy = behind.world, behind.proxy
    await world.says(world.ann, "rules", expect="obedient")
    proxy.answers[behind.platform] = b"HTTP/1.1 407 No\r\n\r\n"
    await world.says(world.ann, "start obedient", expect="The proxy answered HTTP 407: it wants a user and a password")
    await world.shows("not started")
    assert world.platform.starts() == []


async def test_slacks_answers_wait_for_the_proxy(behind: Behind, caplog: pytest.LogCaptureFixture) -> None:
    """What people are told goes through it, too, and what it refused is delivered when it lets it through again."""
    world, proxy = behind.world, behind.proxy
    proxy.answers[behind.slack] = FORBIDDEN
    await world.slack.disconnect()
    await world.until(lambda: "the proxy answered HTTP 403" in caplog.text, "the word of the proxy in the log")
    proxy.answers.clear()
    await world.slack.connected()
    await world.says(world.ann, "list", expect="No session")


async def looked(behind: Behind, **other: str) -> dict[str, Finding]:
    """Run the doctor; return the last it said of each."""
    environ = behind.world.environ | other
    return {
        each.what: each
        for each in await examine(load_settings(environ, behind.world.folder), behind.world.clock, environ)
    }


async def test_the_doctor_goes_through_it_as_well(behind: Behind) -> None:
    """It tells the proxy without its password, looks at everything through it, and says what that refuses."""
    await behind.world.started()
    found = await looked(behind)
    assert found["proxy"].says.startswith("Slack, the platform and session hosts are reached through 127.0.0.1:")
    assert "let-me" not in found["proxy"].says
    assert "reached through the proxy: where it is cannot be seen from here" in found["session host"].says
    assert {found[each].level for each in ("proxy", "socket", "history", "session host")} == {Level.ok}
    await behind.world.stop_bot()  # it asks the history now and then
    asked = len(behind.proxy.heads)
    found = await looked(behind, SESSION_BOT_NO_PROXY="127.0.0.1")
    assert len(behind.proxy.heads) == asked
    assert found["socket"].level is Level.ok
    behind.proxy.answers[behind.slack] = FORBIDDEN
    assert "the proxy answered HTTP 403" in (await looked(behind))["slack"].says


async def test_a_proxy_for_others_is_told_by_name(behind: Behind) -> None:
    """One in the environment that this bot does not use is a warning without its value, until one is set."""
    unset = {"SESSION_BOT_PROXY": ""}
    assert (await looked(behind, **unset))["proxy"].says.startswith("None is set: the bot connects directly")
    for name in ("HTTPS_PROXY", "http_proxy", "ALL_PROXY"):
        found = (await looked(behind, **unset, **{name: "http://u:hush@proxy.example:3128"}))["proxy"]
        assert found.level is Level.warning
        assert found.says.startswith(f"{name} in the environment is not used: the bot connects directly. ")
        assert "hush" not in found.says
        assert (await looked(behind, **{name: "http://u:hush@proxy.example:3128"}))["proxy"].level is Level.ok
