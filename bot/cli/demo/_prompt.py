"""The prompt of the embedded world: typed lines are done as a person in Slack would do them."""

import asyncio
import contextlib
import math
import os
import re
from collections.abc import Awaitable
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.cli._console import typed_lines
from bot.cli.demo._bot_process import CONFIRM_S
from bot.cli.demo._platform_words import PLATFORM_HELP, PLATFORM_WORDS, happen
from bot.cli.demo._prompt_form import PromptForm
from bot.cli.demo._screen import TOGETHER_S, Screen
from bot.cli.demo._world import World
from bot.sandbox.slack import ActResult, Message, View

HELP: Final = f"""\
/session …      type a command, for example: /session help, /session start obedient
@session-bot …  mention the bot; in the thread of #1: #1 @session-bot stop
click <label>   press the newest button of that name, for example: click Stop
                (where there are several: its action, for example: click stop:4)
field <name> = <value>, submit, cancel   fill in the form that a button or a command has opened
home            look at the Home tab; click presses its buttons, too
as <name>       be somebody else, for example: as bob
help            show this
quit            end it all

What happens at the platform without the bot:
{PLATFORM_HELP}"""

_ANSWER_S: Final = 5.0
_QUIET_S: Final = CONFIRM_S + 1.0
_MENTION: Final = re.compile(r"(?:(?P<card>#[0-9]+)\s+)?(?P<text>@session-bot\b.*)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_.-]{0,20}")


class Prompt:
    """One person at a time in one channel, with input lines from a file descriptor."""

    def __init__(self, console: Console, world: World, descriptor: int) -> None:
        self._console = console
        self._world = world
        self._lines = typed_lines(descriptor)
        self._is_terminal = os.isatty(descriptor)
        self._person = world.person("ann")
        self._form = PromptForm(console, world)
        self._screen = Screen(console, world.slack, world.channel, viewer=self._person.id, acts=not self._is_terminal)
        self._acted = False

    async def run(self) -> bool:
        """Run line after line, and show the results; True when `quit` was typed, False at the end of input."""
        self._say(f"You are ann in #{self._world.channel.name}. Type as you would in Slack.\n\n{HELP}\n")
        while (line := await self._next_line()) is not None and line != "quit":
            await self._do(line)
        return line is not None

    async def until_quiet(self) -> None:
        """Show further results, until nothing new has come for longer than a stop may last."""
        with contextlib.suppress(TimeoutError):
            while self._acted:
                async with asyncio.timeout(_QUIET_S):
                    await self._screen.news()
                self._show()

    async def follow(self) -> None:
        """Show every new message, until cancelled."""
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
            case _ if word in PLATFORM_WORDS:
                self._say(f"{happen(self._world, word, rest)}\n")
            case "home":
                await self._home()
            case "field" | "submit" | "cancel":
                await self._fill(word, rest.strip())
            case "click":
                await self._click(rest.strip())
            case "/session":
                await self._acts(self._person.slash(self._world.channel, rest))
            case _ if (mention := _MENTION.fullmatch(line)) is not None:
                await self._mention(mention["card"], mention["text"])
            case _:
                self._say("That is not understood here; help says what is.\n")

    def _be(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            self._say("as takes a name in small letters, for example: as bob\n")
            return
        self._person = self._world.person(name)
        self._screen.viewer = self._person.id
        self._say(f"You are {name}.\n")

    async def _click(self, label: str) -> None:
        """Press a button; where it has a confirm dialog, the next line is the answer."""
        shown = self._newest_with(label) or self._home_with(label)
        if shown is None:
            self._say(f"There is no button {label!r} to be seen.\n")
            return
        buttons = [each for each in shown.buttons() if label in {each.label, each.action_id}]
        if len(buttons) > 1:
            self._say("There are several; press one of: " + ", ".join(each.action_id for each in buttons) + "\n")
            return
        if (confirm := buttons[0].confirm) is not None:
            self._screen.dialog(buttons[0].label, confirm)
            self._say(f"yes for [{confirm.confirm}], anything else for [{confirm.deny}]\n")
            if await self._next_line() not in {"yes", "y"}:
                return
        try:
            await self._acts(self._person.click(shown, buttons[0].action_id))
        except LookupError:  # the message changed while the question was read
            self._say("That button is no longer there.\n")
            return
        if isinstance(shown, View):
            self._draw_home()

    async def _mention(self, card: str | None, text: str) -> None:
        """Mention the bot in the channel, or in the thread of a card."""
        thread = None
        if card is not None:
            cards = [
                each for each in self._world.channel.messages if each.text.partition(" ")[2].startswith(f"{card} ")
            ]
            if not cards:
                self._say(f"There is no card {card} here.\n")
                return
            thread = cards[0]
        await self._acts(self._person.mention(self._world.channel, text, thread=thread))

    async def _home(self) -> None:
        """Open the Home tab and wait until it is drawn."""
        before = self._person.home.hash if self._person.home else None
        await self._person.open_home()
        with contextlib.suppress(TimeoutError):
            await self._world.slack.workspace.changes.until(
                lambda: self._person.home is not None and self._person.home.hash != before, _ANSWER_S
            )
        self._draw_home()

    def _draw_home(self) -> None:
        if self._person.home is not None:
            self._say("\n".join(f"    {line}" for line in self._person.home.plain().splitlines()) + "\n")

    def _home_with(self, label: str) -> View | None:
        home = self._person.home
        there = home is not None and any(label in {each.label, each.action_id} for each in home.buttons())
        return home if there else None

    def _newest_with(self, label: str) -> Message | None:
        seen = [each for each in self._world.channel.entries if each.ephemeral_for in {None, self._person.id}]
        newest_first = sorted(seen, key=lambda each: each.ts, reverse=True)
        return next(
            (one for one in newest_first if any(label in {each.label, each.action_id} for each in one.buttons())), None
        )

    def _told(self) -> dict[str, str]:
        return {each.ts: each.text for each in self._person.ephemerals(self._world.channel)}

    async def _acts(self, act: Awaitable[ActResult | str]) -> None:
        """Act in Slack and wait for its result: the next line of a script may depend on it."""
        before, person = self._told(), self._person
        problem = await act
        if isinstance(problem, str) and problem:
            self._say(f"{problem}\n")
            return
        self._acted = True
        with contextlib.suppress(TimeoutError):  # the screen shows whatever comes, also later
            await self._world.slack.workspace.changes.until(
                lambda: self._told() != before or self._form.has_news(person), _ANSWER_S
            )
            async with asyncio.timeout(TOGETHER_S if self._form.has_news(person) else _ANSWER_S):
                await self._screen.news()
        self._show()

    async def _fill(self, word: str, rest: str) -> None:
        """Run a line about the open form, and show the form."""
        if word == "submit":
            await self._acts(self._form.submit(self._person))
            return
        filled_in = word == "field"
        says = await (self._form.fill(self._person, rest) if filled_in else self._form.cancel(self._person))
        if says:
            self._say(f"{says}\n")
        self._show()

    async def _next_line(self) -> str | None:
        """Wait for a line and show new messages meanwhile; None is the end of input."""
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
        news = asyncio.create_task(self._news())
        try:
            await asyncio.wait({typing, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
        if news.done() and not news.cancelled():
            self._show()
            self._ask()

    async def _news(self) -> None:
        """Wait until the channel or the form has something new, and whatever changes together with it."""
        await self._world.slack.until(
            lambda: self._screen.has_news() or self._form.has_news(self._person), "news", math.inf
        )
        await asyncio.sleep(TOGETHER_S)

    def _show(self) -> None:
        if self._is_terminal:
            self._console.print()  # off the line of the prompt
        self._screen.show()
        self._form.show(self._person)

    def _ask(self) -> None:
        if self._is_terminal:
            self._console.print(Text(f"{self._person.name}> "), end="")

    def _say(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)
