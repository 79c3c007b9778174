"""A world with its page, and a tab of it, over real HTTP and a websocket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.sandbox import Certificates, WorldClock
from bot.sandbox.page import BotControl, Page, PageOptions
from bot.sandbox.slack import LocalSlack, SlackOptions
from bot.sandbox.voximplant import Platform, PlatformOptions

SECONDS = 60
CERTIFICATES = Certificates()

Frame = dict[str, Any]


class WorldTab:
    """A tab of the page: the newest frames of each type and id, and its acts."""

    def __init__(self, page: Page, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._page = page
        self._http = http
        self._socket = socket
        self.frames: dict[tuple[str, object], Frame] = {}
        self.received = 0

    async def post(self, name: str, **body: object) -> tuple[int, Frame]:
        """Do something to the world; return the status and the answer."""
        url, origin = f"{self._page.url}world/{name}", self._page.url.rstrip("/")
        async with self._http.post(url, json=body, headers={"Origin": origin}) as response:
            return response.status, await response.json()

    async def does(self, name: str, **body: object) -> Frame:
        """Do something to the world that is possible; return the answer."""
        status, answer = await self.post(name, **body)
        assert status == 200
        assert answer["ok"], answer
        return answer

    async def refused(self, name: str, **body: object) -> str:
        """Do something to the world that a person may try and that is not possible; return the sentence for them."""
        status, answer = await self.post(name, **body)
        assert (status, answer["ok"]) == (200, False), answer
        return str(answer["problem"])

    async def until(self, type_: str, condition: Callable[[Frame], object], id_: object = "") -> Frame:
        """Read frames until the newest of a type and id fits; return it."""
        async with asyncio.timeout(SECONDS):
            while not ((frame := self.frames.get((type_, id_))) and condition(frame)):
                received = await self._socket.receive_json()
                self.received += 1
                self.frames[received["type"], received.get("id", "")] = received
        return frame


@asynccontextmanager
async def open_tab(
    platform: Platform, slack: LocalSlack, clock: WorldClock | None = None, bot: BotControl | None = None
) -> AsyncIterator[WorldTab]:
    """Open the page of a world, and a tab of it."""
    async with (
        Page(slack, platform, PageOptions(clock=clock, bot=bot)) as page,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{page.url}live", headers={"Origin": page.url.rstrip("/")}, max_msg_size=0) as socket,
    ):
        yield WorldTab(page, http, socket)


@asynccontextmanager
async def a_world(bot: BotControl | None = None) -> AsyncIterator[tuple[WorldTab, Platform, LocalSlack]]:
    """Open a world with the scenarios that ship, and a tab of its page."""
    clock = WorldClock()
    async with (
        Platform(CERTIFICATES, PlatformOptions(clock=clock, time=clock)) as platform,
        LocalSlack(SlackOptions(clock=clock)) as slack,
    ):
        slack.channel("night-shift", members=[slack.person("ann"), slack.person("bob")])
        async with open_tab(platform, slack, clock, bot) as tab:
            yield tab, platform, slack
