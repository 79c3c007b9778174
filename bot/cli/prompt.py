"""A person at the keyboard, who types what they would type in Slack, into an embedded world."""

import asyncio
import contextlib
import os
import re
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.cli.bot_process import CONFIRM_S
from bot.cli.screen import Screen
from bot.cli.terminal import typed_lines
from bot.cli.world import World
from bot.sandbox.slack import Message

HELP: Final = """\
/session …      type a command, for example: /session help, /session start obedient
click <label>   press the newest button of that name, for example: click Stop
                (where there are several: its action, for example: click stop:4)
as <name>       be somebody else, for example: as bob
help            show this
quit            end it all"""

_ANSWER_S: Final = 5.0
_QUIET_S: Final = CONFIRM_S + 1.0
_NAME: Final = re.compile(r"[a-z][a-z0-9_.-]{0,20}")


class Prompt:
    """One person at a time in one channel; what they type comes from a file descriptor."""

    def __init__(self, console: Console, on: World, descriptor: int) -> None:
        self._console = console
        self._on = on
        self._lines = typed_lines(descriptor)
        self._is_terminal = os.isatty(descriptor)
        self._person = on.person("ann")
        self._screen = Screen(console, on.slack, on.channel, viewer=self._person.id, acts=not self._is_terminal)
        self._acted = False

    async def run(self) -> bool:
        """Take line after line, and show what comes of it; True when `quit` was typed, False at the end of input."""
        self._say(f"You are ann in #{self._on.channel.name}. Type as you would in Slack.\n\n{HELP}\n")
        while (line := await self._next_line()) is not None and line != "quit":
            await self._do(line)
        return line is not None

    async def until_quiet(self) -> None:
        """Show what still comes of what was typed, until nothing new has come for longer than a stop may take."""
        with contextlib.suppress(TimeoutError):
            while self._acted:
                async with asyncio.timeout(_QUIET_S):
                    await self._screen.news()
                self._show()

    async def follow(self) -> None:
        """Show what is new, as it happens, until cancelled."""
        await self._screen.follow()

    async def _do(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        match word:
            case "":
                return
            case "help":
                self._say(f"{HELP}\n")
            case "as":
                self._be(rest.strip())
            case "click":
                await self._click(rest.strip())
            case "/session":
                before = self._told()
                await self._person.slash(self._on.channel, rest)
                await self._answered(before)
            case _:
                self._say("That is not understood here; help says what is.\n")

    def _be(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            self._say("as takes a name in small letters, for example: as bob\n")
            return
        self._person = self._on.person(name)
        self._screen.viewer = self._person.id
        self._say(f"You are {name}.\n")

    async def _click(self, label: str) -> None:
        """Press a button; where it asks first, the next line is the answer."""
        message = self._newest_with(label)
        if message is None:
            self._say(f"There is no button {label!r} to be seen.\n")
            return
        buttons = [each for each in message.buttons() if label in {each.label, each.action_id}]
        if len(buttons) > 1:
            self._say("There are several; press one of: " + ", ".join(each.action_id for each in buttons) + "\n")
            return
        if (confirm := buttons[0].confirm) is not None:
            self._screen.dialog(buttons[0].label, confirm)
            self._say(f"yes for [{confirm.confirm}], anything else for [{confirm.deny}]\n")
            if await self._next_line() not in {"yes", "y"}:
                return
        before = self._told()
        try:
            await self._person.click(message, buttons[0].action_id)
        except LookupError:  # the message changed while the question was read
            self._say("That button is no longer there.\n")
            return
        await self._answered(before)

    def _newest_with(self, label: str) -> Message | None:
        seen = [each for each in self._on.channel.entries if each.ephemeral_for in {None, self._person.id}]
        newest_first = sorted(seen, key=lambda each: each.ts, reverse=True)
        return next(
            (one for one in newest_first if any(label in {each.label, each.action_id} for each in one.buttons())), None
        )

    def _told(self) -> dict[str, str]:
        return {each.ts: each.text for each in self._person.ephemerals(self._on.channel)}

    async def _answered(self, before: dict[str, str]) -> None:
        """Wait until the person was told something: the next line of a script may build on it."""
        self._acted = True
        with contextlib.suppress(TimeoutError):  # the screen shows whatever comes, also later
            async with asyncio.timeout(_ANSWER_S):
                await self._on.slack.workspace.changes.until(lambda: self._told() != before, _ANSWER_S)
                await self._screen.news()
        self._show()

    async def _next_line(self) -> str | None:
        """Wait for a line and show the news meanwhile; None is the end of input."""
        self._ask()
        typing = asyncio.create_task(self._lines.get())
        try:
            while not typing.done():
                await self._show_news_until(typing)
        finally:
            typing.cancel()
        if typing.result() is None:
            self._lines.put_nowait(None)  # the end stays the end, whoever asks next
        return typing.result()

    async def _show_news_until(self, typing: "asyncio.Task[str | None]") -> None:
        news = asyncio.create_task(self._screen.news())
        try:
            await asyncio.wait({typing, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
        if news.done() and not news.cancelled():
            self._show()
            self._ask()

    def _show(self) -> None:
        if self._is_terminal:
            self._console.print()  # off the line of the prompt
        self._screen.show()

    def _ask(self) -> None:
        if self._is_terminal:
            self._console.print(Text(f"{self._person.name}> "), end="")

    def _say(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)
