"""A tab is sent all there is, and then what changes: no more than that, and never more than it takes in."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox import Changes
from bot.sandbox.page._extension import Handler
from bot.sandbox.page._feed import Feed
from bot.sandbox.page._live import Live
from bot.sandbox.page._options import PageOptions
from bot.sandbox.slack import Json, Person

from .conftest import LIMIT_S, Tab, World


async def test_the_first_frames_come_in_their_order(world: World) -> None:
    """A hello, the channels, their messages, the views, the bot: a page can be drawn as they come."""
    async with world.tab(world.ann) as tab:
        kinds = [frame["type"] for frame in tab.frames]
        assert kinds == ["hello", "channels", "messages", "messages", "messages", "views", "bot"]
        assert all(frame["whole"] for frame in tab.frames if frame["type"] == "messages")


async def test_a_long_channel_comes_in_chunks(world: World) -> None:
    """The newest messages come first, in frames of at most 200, and all of them come."""
    for number in range(450):
        world.bob.say(world.shift, f"{number:03}")
    async with world.tab(world.ann) as tab:
        await tab.until(lambda: len(tab.texts(world.shift)) == 450)
        chunks = [each for each in tab.frames if each["type"] == "messages" and each["channel"] == world.shift.id]
        assert [(len(each["messages"]), each["whole"]) for each in chunks] == [(200, True), (200, False), (50, False)]
        assert chunks[0]["messages"][0]["text"] == "449"
        assert tab.texts(world.shift) == [f"{number:03}" for number in range(450)]


async def test_a_change_is_one_small_frame(world: World) -> None:
    """A message that is added, edited or removed costs its own frame, and the others are not sent again."""
    for number in range(300):
        world.bob.say(world.shift, str(number))
    async with world.tab(world.ann) as tab:
        await tab.until(lambda: len(tab.texts(world.shift)) == 300)
        first = world.shift.messages[0]
        del tab.frames[:]
        world.slack.workspace.edit_message(first, "edited", [])
        await tab.until(lambda: tab.texts(world.shift)[0] == "edited")
        assert tab.shown[world.shift.id][first.ts]["edited"] is True
        world.slack.workspace.remove_message(first)
        await tab.until(lambda: tab.texts(world.shift)[0] == "1")
        world.bob.say(world.shift, "more")
        await tab.until(lambda: tab.texts(world.shift)[-1] == "more")
        assert [(len(each["messages"]), each["removed"], each["whole"]) for each in tab.frames] == [
            (1, [], False), (0, [first.ts], False), (1, [], False),
        ]  # fmt: skip


async def test_a_burst_of_edits_is_few_frames(world: World) -> None:
    """A card that is edited a hundred times in a moment is sent a few times, the last time as it is."""
    card = world.slack.workspace.add_message(world.shift, world.slack.bot_user_id, "card")
    async with world.tab(world.ann) as tab:
        del tab.frames[:]
        for number in range(100):
            world.slack.workspace.edit_message(card, f"version {number}", [])
            await asyncio.sleep(0)
        await tab.until(lambda: tab.texts(world.shift) == ["version 99"])
        assert len(tab.frames) <= 10


async def test_what_comes_and_goes_between_two_looks_is_not_shown(world: World) -> None:
    """A message that was removed before it was sent is only named as removed."""
    async with world.tab(world.ann) as tab:
        gone = world.bob.say(world.shift, "gone")
        world.slack.workspace.remove_message(gone)
        world.bob.say(world.shift, "stays")
        await tab.until(lambda: tab.texts(world.shift) == ["stays"])
        assert "gone" not in json.dumps(tab.frames)


async def test_two_tabs_show_the_same(world: World) -> None:
    """Two tabs of one person, and one of another, get a message that is said in one of them."""
    async with world.tab(world.ann) as one, world.tab(world.ann) as two, world.tab(world.bob) as other:
        await world.act(world.ann, "say", channel=world.shift.id, text="hello")
        for tab in (one, two, other):
            await tab.until(lambda tab=tab: tab.texts(world.shift) == ["hello"])


async def test_a_tab_that_comes_again_has_all(world: World) -> None:
    """Messages said while no tab was open are there when one comes back."""
    async with world.tab(world.ann):
        pass
    world.bob.say(world.shift, "meanwhile")
    async with world.tab(world.ann) as tab:
        assert tab.texts(world.shift) == ["meanwhile"]


async def test_a_channel_that_is_archived_says_so(world: World) -> None:
    """The list of channels is sent again when one of them changes."""
    async with world.tab(world.ann) as tab:
        world.slack.archive(world.shift)
        await tab.until(lambda: any(each["archived"] for each in tab.last("channels")["channels"]))
        world.slack.archive(world.shift, archived=False)
        await tab.until(lambda: not any(each["archived"] for each in tab.last("channels")["channels"]))


async def test_new_people_and_groups_get_their_names(world: World) -> None:
    """A person who comes later can be acted as, and is named in messages, as is a group."""
    async with world.tab(world.ann) as tab:
        eve = world.slack.person("eve")
        await tab.until(lambda: tab.last("people"))
        assert tab.last("people")["people"][-1]["name"] == "eve"
        assert tab.last("names")["names"] == {eve.id: "@eve"}
        group = world.slack.usergroup("on-call", [eve])
        world.bob.say(world.shift, "x")
        await tab.until(lambda: tab.last("names")["names"] == {group: "@on-call"})


async def test_the_bot_comes_and_goes(world: World) -> None:
    """A tab says whether a bot is connected, as that changes."""
    async with world.tab(world.ann) as tab:
        assert (tab.last("bot")["connected"], tab.last("bot")["running"]) == (False, None)
        async with world.bot_running():
            await tab.until(lambda: tab.last("bot")["connected"])
        await tab.until(lambda: not tab.last("bot")["connected"])
        assert tab.last("bot")["says"].endswith(".")


@asynccontextmanager
async def impatient(world: World) -> AsyncIterator[tuple[int, asyncio.Queue[str]]]:
    """Serve ann's tabs with little patience; yield the port, and a queue of the peers whose connection has ended."""
    live, ended = Live(world.slack.workspace.changes, patience_s=0.2), asyncio.Queue[str]()

    async def handle(request: web.Request) -> web.StreamResponse:
        name = request.query["name"]
        try:
            return await live.serve(request, Feed(world.ann, world.slack, PageOptions(), [], "1"))
        finally:
            ended.put_nowait(name)

    app = web.Application()
    app.router.add_get("/live", handle)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1], ended
    finally:
        await live.close()
        await runner.cleanup()


async def test_a_tab_that_takes_nothing_in_is_dropped(world: World) -> None:
    """It holds up no other tab, and is cut off with most of it unsent; a new connection has all."""
    many, size = 200, 39_000
    async with impatient(world) as (port, ended):
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(slow, ("127.0.0.1", port))
            upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: {'A' * 22}==\r\n"
            request = f"GET /live?name=slow HTTP/1.1\r\nHost: x\r\n{upgrade}Sec-WebSocket-Version: 13\r\n\r\n"
            await loop.sock_sendall(slow, request.encode())
            assert b"101" in await loop.sock_recv(slow, 100)
            for _ in range(many):
                world.slack.workspace.add_message(world.shift, world.ann.id, "x" * size)
            async with world.http.ws_connect(f"http://127.0.0.1:{port}/live?name=quick") as quick:
                tab = Tab(quick)
                await tab.until(lambda: len(tab.texts(world.shift)) == many)
                async with asyncio.timeout(LIMIT_S):
                    assert await ended.get() == "slow"
                world.bob.say(world.shift, "the end")
                await tab.until(lambda: tab.texts(world.shift)[-1] == "the end")
            read = 0
            with contextlib.suppress(ConnectionResetError):
                while chunk := await asyncio.wait_for(loop.sock_recv(slow, 2**20), LIMIT_S):
                    read += len(chunk)
            assert read < many * size


async def test_a_page_that_ends_closes_its_tabs(world: World) -> None:
    """A page that is closed says so to its tabs at once, and waits for none."""
    async with world.tab(world.ann) as tab:
        await world.page.__aexit__(None, None, None)
        while (message := await tab.socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.data == aiohttp.WSCloseCode.GOING_AWAY


async def test_a_change_is_seen_that_came_while_frames_were_sent(world: World) -> None:
    """No change is lost between the last frame and the wait for the next change."""
    changes = Changes()
    before = changes.upcoming
    changes.notify()
    assert before.is_set()
    assert not changes.upcoming.is_set()
    async with world.tab(world.ann) as tab:
        for number in range(20):
            world.bob.say(world.shift, str(number))
            await tab.until(lambda number=number: tab.texts(world.shift)[-1:] == [str(number)])


class Failing:
    """A part of the page whose frames cannot be made."""

    changes = Changes()

    def routes(self) -> dict[str, Handler]:
        """Return no handlers."""
        return {}

    def frames(self, _viewer: Person) -> list[Json]:
        """Fail."""
        raise RuntimeError

    async def run(self) -> None:
        """Do nothing."""


async def test_a_part_that_fails_costs_only_its_own_frames(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The tab shows all the rest, and the log has the error once."""
    feed = Feed(world.ann, world.slack, PageOptions(), [Failing()], "1")
    assert [frame["type"] for frame in feed.news()][-1] == "bot"
    world.bob.say(world.shift, "more")
    assert [frame["type"] for frame in feed.news()] == ["messages"]
    assert [record.message for record in caplog.records] == ["A part of the page shows nothing"]
