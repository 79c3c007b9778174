"""The process of a world: the embedded Slack, the embedded platform, or both; `_worlds` starts and drives it.

    python -m tests.benchmarks._world_process FOLDER slack platform

Each line of its input is an action, each line of its output the result of one.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bot.sandbox._certificates import Certificates
from bot.sandbox.slack import Hang as SlackHang
from bot.sandbox.slack import LocalSlack, Message, SlackOptions
from bot.sandbox.voximplant import Hang, Platform, Slow
from tests.benchmarks._fast_clock import FastClock
from tests.benchmarks._session_hosts import SessionHosts

PEOPLE, ROOMS = 10, 20
ALWAYS = 10**9
OF_THE_START = ("StartScenarios", "GetApplications", "GetRules", "GetCallHistory")

Action = Callable[..., Awaitable[Any]]


class SlackSide:
    """The actions of Slack. Ten people type into twenty rooms, in turn."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._people = [slack.person(f"person{each}") for each in range(PEOPLE)]
        self._rooms = [slack.channel(f"room{each}", members=self._people) for each in range(ROOMS)]
        self.actions: Mapping[str, Action] = {
            "connected": self.connected, "type": self.type, "slack_hangs": self.hangs, "slack_calls": self.calls,
            "press": self.press, "show_cards": self.show_cards, "say": self.say, "answered": self.answered,
            "posts": self.posts, "shown": self.shown, "twice": self.twice, "edited": self.edited,
        }  # fmt: skip

    @property
    def environ(self) -> dict[str, str]:
        """Return the settings with which a program finds it."""
        slack = self._slack
        return {
            "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api_url,
        }  # fmt: skip

    async def connected(self) -> None:
        """Wait until a program is connected."""
        await self._slack.connected()

    async def type(self, texts: list[str], per_second: float | None = None) -> list[float | None]:
        """Type commands; return the milliseconds until each ack, None where it did not come within 3 s."""
        loop = asyncio.get_running_loop()
        began, typing = loop.time(), []
        for number, text in enumerate(texts):
            if per_second:
                await asyncio.sleep(began + number / per_second - loop.time())
            typing.append(asyncio.ensure_future(self._one(number, text)))
        return list(await asyncio.gather(*typing))

    async def hangs(self, method: str, *, hangs: bool = True) -> None:
        """Leave every call of a method without an answer from now on, or no longer."""
        self._slack.faults.stand(method, SlackHang() if hangs else None)

    async def calls(self) -> dict[str, int]:
        """Return the number of calls so far, by method."""
        return Counter(call.method for call in self._slack.calls)

    async def press(self, text: str, label: str) -> float:
        """Type a command, wait for its response, press the button with this label; return the moment of the press."""
        person, room = self._people[0], self._rooms[0]
        before = len(person.ephemerals(room))
        await person.slash(room, text)

        def offered() -> Message | None:
            return next((each for each in person.ephemerals(room)[before:] if label in each.plain()), None)

        shown = await self._slack.until(offered, f"a button {label!r}")
        began = time.monotonic()
        await person.click(shown, label)
        return began

    async def show_cards(self, count: int, rooms: int = 1) -> list[tuple[str, str]]:
        """Post cards as an earlier process of the bot did, into so many rooms; return the room and ts of each."""
        slack, told = self._slack.workspace, []
        for each in range(count):
            room = self._rooms[each % rooms]
            told.append((room.id, slack.add_message(room, slack.bot.id, f"card {each}").ts))
        return told

    async def say(self, text: str, room: int = 0) -> float:
        """Type a command into a room; return the moment before it."""
        began = time.monotonic()
        await self._people[0].slash(self._rooms[room], text)
        return began

    async def answered(self, text: str, room: int, ts: str) -> float:
        """Type a command into a room; return the milliseconds until a further reply stands under the card."""
        place = self._rooms[room]
        card = place.message(ts)
        assert card is not None
        before, began = len(place.thread(card)), time.monotonic()
        typing = asyncio.ensure_future(self._people[0].slash(place, text))
        await self._slack.until(lambda: len(place.thread(card)) > before, "a reply")
        took = (time.monotonic() - began) * 1000
        await typing
        return took

    async def posts(self) -> dict[str, int]:
        """Return the number of posts into channels and into threads."""
        posted = [call.arguments for call in self._slack.calls if call.method == "chat.postMessage"]
        return Counter("thread" if each.get("thread_ts") else "channel" for each in posted)

    async def shown(self, text: str) -> int:
        """Return the number of messages of all rooms with this text in them."""
        return sum(text in each.text for room in self._rooms for each in room.messages)

    async def twice(self, texts: list[str], *, redelivered: bool) -> None:
        """Type each text twice at once, or once with the same envelope delivered again."""
        person = self._people[0]

        async def one(number: int, text: str) -> None:
            room = self._rooms[number % ROOMS]
            if redelivered:
                await person.redeliver(await person.slash(room, text))
            else:
                await asyncio.gather(person.slash(room, text), person.slash(room, text))

        await asyncio.gather(*(one(*each) for each in enumerate(texts)))

    async def edited(self, texts: list[str]) -> None:
        """Mention the bot with each text, and edit each message without changing what it says."""
        for number, text in enumerate(texts):
            room = self._rooms[number % ROOMS]
            await self._people[0].mention(room, text)
            await self._people[0].mention(room, text, edited=True)

    async def _one(self, number: int, text: str) -> float | None:
        person, room = self._people[number % PEOPLE], self._rooms[number % ROOMS]
        typed = await person.slash(room, text)
        return typed.ack_seconds * 1000 if typed.acked else None


class PlatformSide:
    """The actions of the platform."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self._platform = platform
        account = folder / "account.json"
        account.write_text(json.dumps(platform.account.service_account()))
        self.environ = {
            "SSL_CERT_FILE": str(folder / "ca.pem"), "VOXIMPLANT_API_URL": platform.api_url,
            "VOXIMPLANT_CREDENTIALS": str(account), "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
            "SESSION_BOT_OPS_PORT": "0",
        }  # fmt: skip
        self.actions: Mapping[str, Action] = {
            "platform_hangs": self.hangs, "platform_is_slow": self.is_slow, "platform_is_well": self.is_well,
            "platform_calls": self.calls,
        }  # fmt: skip

    async def hangs(self) -> None:
        """Leave every call that a start may make without an answer from now on."""
        for method in OF_THE_START:
            self._platform.faults.management(method, Hang(), times=ALWAYS)

    async def is_slow(self, method: str, seconds: float) -> None:
        """Answer every call of a method late from now on."""
        self._platform.faults.management(method, Slow(seconds), times=ALWAYS)

    async def is_well(self) -> None:
        """Answer every call from now on; those that hang are let go."""
        self._platform.faults.clear()
        self._platform.faults.release()

    async def calls(self) -> dict[str, int]:
        """Return the number of calls so far, by method."""
        return Counter(call.method for call in self._platform.requests)


async def main(folder: Path, sides: list[str]) -> None:
    """Serve until the input ends."""
    async with AsyncExitStack() as exits:
        actions: dict[str, Action] = {}
        environ: dict[str, str] = {}
        if "slack" in sides or "strict slack" in sides:
            strict = SlackOptions(rate_limits=True, clock=FastClock().now)
            slack = SlackSide(
                await exits.enter_async_context(LocalSlack(strict if "strict slack" in sides else SlackOptions()))
            )
            actions |= slack.actions
            environ |= slack.environ
        if "platform" in sides:
            certificates = Certificates()
            certificates.write_ca(folder / "ca.pem")
            platform = PlatformSide(await exits.enter_async_context(Platform(certificates)), folder)
            actions |= platform.actions
            environ |= platform.environ
        if "hosts" in sides:
            hosts = SessionHosts()
            await exits.enter_async_context(await hosts.serve())
            hosts.certificates.write_ca(folder / "ca.pem")
            actions |= hosts.actions
            environ |= hosts.environ(folder)

        async def tell_environ() -> dict[str, str]:
            return environ

        await serve({"environ": tell_environ, **actions})


async def serve(actions: Mapping[str, Action]) -> None:
    """Do the actions of the input, several at once, until it ends."""
    reader = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    begun: set[asyncio.Task[None]] = set()

    async def do(number: int, action: str, given: dict[str, Any]) -> None:
        try:
            told: dict[str, Any] = {"result": await actions[action](**given)}
        except Exception as problem:  # noqa: BLE001 - told to the process that asked
            told = {"error": f"{action}: {type(problem).__name__}: {problem}"}
        print(json.dumps({"number": number, **told}), flush=True)  # noqa: T201 - for the process that asked

    async for line in reader:
        task = asyncio.create_task(do(**json.loads(line)))
        begun.add(task)
        task.add_done_callback(begun.discard)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
