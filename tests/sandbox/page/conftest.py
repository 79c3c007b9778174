import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import pytest

from bot.sandbox import Certificates
from bot.sandbox.page import Page, PageOptions
from bot.sandbox.slack import Channel, LocalSlack, Person
from bot.sandbox.voximplant import Platform

T = TypeVar("T")
LIMIT_S = 20

Frame = dict[str, Any]


@dataclass
class Tab:
    """A tab of one person: the frames it got, and the world as they made it."""

    socket: aiohttp.ClientWebSocketResponse
    frames: list[Frame] = field(default_factory=list)
    shown: dict[str, dict[str, Frame]] = field(default_factory=dict)

    async def next(self) -> Frame:
        """Wait for a frame, draw it, and return it."""
        frame: Frame = await self.socket.receive_json(timeout=LIMIT_S)
        self.frames.append(frame)
        if frame["type"] == "messages":
            messages = self.shown.setdefault(frame["channel"], {})
            if frame["whole"]:
                messages.clear()
            for key in frame["removed"]:
                messages.pop(key, None)
            messages.update({each["key"]: each for each in frame["messages"]})
        return frame

    async def until(self, condition: Callable[[], T]) -> T:
        """Wait for frames until the condition holds; return its value."""
        async with asyncio.timeout(LIMIT_S):
            while not (value := condition()):
                await self.next()
        return value

    def last(self, kind: str) -> Frame:
        """Return the last frame of a type; empty where none came."""
        return next((frame for frame in reversed(self.frames) if frame["type"] == kind), {})

    def texts(self, channel: Channel) -> list[str]:
        """Return the texts of the messages of a channel, by time."""
        return [each["text"] for _, each in sorted(self.shown.get(channel.id, {}).items())]


@dataclass
class Bot:
    """A bot of a few lines: it keeps each payload, and acks it with the answer that stands ready."""

    slack: LocalSlack
    http: aiohttp.ClientSession
    payloads: list[Frame] = field(default_factory=list)
    answer: Frame | None = None

    async def call(self, method: str, **arguments: Any) -> Frame:
        """Call a method of the Web API; it must succeed."""
        headers = {"Authorization": f"Bearer {self.slack.bot_token}"}
        async with self.http.post(f"{self.slack.api_url}{method}", json=arguments, headers=headers) as response:
            answer: Frame = await response.json()
        assert answer["ok"], answer
        return answer

    async def run(self) -> None:
        """Ack payloads until cancelled."""
        headers = {"Authorization": f"Bearer {self.slack.app_token}"}
        async with self.http.post(f"{self.slack.api_url}apps.connections.open", headers=headers) as response:
            url = (await response.json())["url"]
        async with self.http.ws_connect(url) as socket:
            async for message in socket:
                envelope = message.json()
                if "envelope_id" in envelope:
                    self.payloads.append(envelope["payload"])
                    ack = {"payload": self.answer} if self.answer else {}
                    await socket.send_json({"envelope_id": envelope["envelope_id"], **ack})


@dataclass
class World:
    """A page of a world: `ann` and `bob` are members, `gil` is a guest, `sam` from another company."""

    slack: LocalSlack
    page: Page
    http: aiohttp.ClientSession
    bot: Bot
    ann: Person
    bob: Person
    gil: Person
    sam: Person
    shift: Channel
    leads: Channel
    partners: Channel

    @property
    def origin(self) -> str:
        """The origin of the page."""
        return self.page.url.rstrip("/")

    async def post(self, name: str, **body: Any) -> tuple[int, Frame]:
        """Do an act, as a page sends it; return status and answer."""
        return await self.send(f"acts/{name}", json=body, headers={"Origin": self.origin})

    async def send(self, path: str, **request: Any) -> tuple[int, Frame]:
        """Post any request; return status and answer."""
        async with self.http.post(self.page.url + path, **request) as response:
            return response.status, await response.json()

    async def act(self, person: Person, name: str, **body: Any) -> Frame:
        """Do an act that must be possible; return the answer."""
        status, answer = await self.post(name, **{"as": person.id, **body})
        assert (status, answer["ok"]) == (200, True), answer
        return answer

    async def problem(self, person: Person, name: str, **body: Any) -> str:
        """Do an act that is not possible; return the sentence about it."""
        status, answer = await self.post(name, **{"as": person.id, **body})
        assert (status, answer["ok"]) == (200, False), answer
        return str(answer["problem"])

    @contextlib.asynccontextmanager
    async def tab(self, person: Person | None) -> AsyncIterator[Tab]:
        """Open a tab, and wait until it has all there is."""
        query = f"?as={person.id}" if person else ""
        async with self.http.ws_connect(f"{self.page.url}live{query}", headers={"Origin": self.origin}) as socket:
            tab = Tab(socket)
            await tab.until(lambda: tab.last("bot"))
            yield tab

    @contextlib.asynccontextmanager
    async def bot_running(self) -> AsyncIterator[Bot]:
        """Connect the bot."""
        running = asyncio.create_task(self.bot.run())
        await self.slack.connected()
        yield self.bot
        running.cancel()
        await asyncio.wait([running])


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with LocalSlack() as slack, Platform(Certificates()) as platform, aiohttp.ClientSession() as http:
        ann, bob = slack.person("ann"), slack.person("bob")
        gil, sam = slack.person("gil", role="guest"), slack.person("sam", role="stranger")
        shift = slack.channel("night-shift", members=[ann, bob])
        leads = slack.channel("leads", private=True, members=[bob])
        partners = slack.channel("partners", shared=True, members=[ann, sam])
        options = PageOptions(about={"ann": "may start"}, notes=["faster"])
        async with Page(slack, platform, options) as page:
            yield World(slack, page, http, Bot(slack, http), ann, bob, gil, sam, shift, leads, partners)
