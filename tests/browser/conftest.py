"""A person's browser on the demo's page: one world with the real bot for a worker, a new context for each test.

Tests of one worker share the world, so each opens a channel of its own. What a page should never do fails its test
afterwards: an error on its console, a request that failed, a dialog that opened, something the policy blocked.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Request, async_playwright

from bot.cli.demo._bot_process import BotProcess, new_bot
from bot.cli.demo._hotline import add_quick_hotline
from bot.cli.demo._serving import options_of_the_demo, serve
from bot.cli.demo._workplace import furnish, workplace_config
from bot.cli.demo._world import World, open_world
from bot.sandbox.slack import Channel
from bot.sandbox.voximplant import default_account

from .tab import Tab

CHROMIUM: Final = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
_QUIET: Final = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
)  # fmt: skip
PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1280, "height": 800}
PATIENCE_MS: Final = 20_000
BEGIN: Final = time(1, 12, tzinfo=UTC)
"""The time of day at which each world begins: pictures of it look alike."""

BUDGET_S: Final = 60.0
"""The time after which Slack takes as many updates of messages as ever."""

_figures: list[str] = []


@dataclass
class Served:
    """The demo's world, its bot, and the address of its page."""

    world: World
    bot: BotProcess
    url: str
    channels: Iterator[int] = field(default_factory=count)

    def channel(self) -> Channel:
        """Return a channel that no other test has, with ann, bob, gil and the bot."""
        people = [self.world.person(name) for name in ("ann", "bob", "gil")]
        return self.world.slack.channel(f"place-{next(self.channels)}-of-{os.getpid()}", members=people)

    async def settle(self) -> None:
        """End what still runs, and let a minute pass: then the bot's cards have all of Slack's budget again."""
        for each in self.world.platform.started.values():
            if each.session.running:
                each.session.end()
        await self.bot.put_on(BUDGET_S)
        self.world.clock.put_on(BUDGET_S)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served() -> AsyncIterator[Served]:
    """Serve the page as `session-bot demo` does, once for a worker."""
    account = default_account()
    hotline = add_quick_hotline(account)
    async with open_world(account=account) as world:
        now = datetime.now(UTC)
        world.clock.put_on((datetime.combine(now, BEGIN) - now) % timedelta(days=1) / timedelta(seconds=1))
        furnish(world)
        # Here a starter may start anywhere: each test has a channel of its own.
        config = workplace_config(world).replace(f'channels = ["{world.channel.id}"]\n', "")
        bot = new_bot(world, hotline, config)
        async with serve(world, options_of_the_demo(world, bot)) as page, bot.connected():
            yield Served(world, bot, page.url)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start Debian's Chromium, once for a worker."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*_QUIET, *sandbox])
        yield browser
        await browser.close()


OpenTab = Callable[..., Awaitable[Tab]]


@pytest_asyncio.fixture(loop_scope="session")
async def open_tab(served: Served, browser: Browser) -> AsyncIterator[OpenTab]:
    """Return a way to open the page, as a person, in a channel, on a screen."""
    troubles: list[str] = []
    context = None

    async def open_as(person: str = "ann", channel: Channel | str = "night-shift", **screen: Any) -> Tab:
        nonlocal context
        if context is None:
            context = await browser.new_context(
                viewport=screen.pop("viewport", DESKTOP),
                locale="en-GB",
                timezone_id="Europe/Berlin",
                reduced_motion="reduce",
                **screen,
            )
            context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        _watch(page, troubles)
        tab = Tab(page, served.url)
        await tab.opens(person, channel if isinstance(channel, str) else channel.name)
        return tab

    yield open_as
    if context is not None:
        await context.close()
    await served.settle()
    assert not troubles


def _watch(page: Page, troubles: list[str]) -> None:
    """Note everything that a page of ours should never do."""

    def failed(request: Request) -> None:
        if not request.url.startswith("ws:") and request.failure != "net::ERR_ABORTED":
            troubles.append(f"{request.url}: {request.failure}")

    async def dismiss(dialog: Any) -> None:
        troubles.append(f"a dialog opened: {dialog.message}")
        await dialog.dismiss()

    page.on("console", lambda said: troubles.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("requestfailed", failed)
    page.on(
        "response", lambda answer: troubles.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
    )
    page.on("dialog", dismiss)


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Return axe-core, which judges whether everybody can use a page."""
    return Axe()


def figure(line: str) -> None:
    """Note a measured figure, which the end of the run shows; no test depends on it."""
    _figures.append(line)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the figures of a worker to the process that reports."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = _figures


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect the figures of a worker that ends, where there are workers."""
    _figures.extend(getattr(node, "workeroutput", {}).get("figures", []))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show what was measured."""
    if _figures:
        terminalreporter.section("measured in the browser")
        for line in _figures:
            terminalreporter.write_line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option by which the pictures of the docs are written anew."""
    parser.addoption("--pictures", action="store", default=None, help="Write the screenshots into this folder.")


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the folder into which screenshots go: the one that was asked for, or a temporary one."""
    return Path(str(request.config.getoption("--pictures") or tmp_path))
