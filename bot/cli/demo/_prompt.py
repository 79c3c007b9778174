"""The prompt of the embedded world: typed lines are done as a person in Slack would do them.

It does what a terminal can show. Forms, Home and the other channels are for the page.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.cli.demo._bot_process import CONFIRM_S
from bot.cli.demo._platform_words import PLATFORM_HELP, PLATFORM_WORDS, happen
from bot.cli.demo._screen import TOGETHER_S, Screen
from bot.cli.demo._typed_lines import TypedLines
from bot.cli.demo._world import World
from bot.sandbox.slack import ActResult, Message

HELP: Final = f"""\
/session …      type a command, for example: /session help, /session start obedient
@session-bot …  mention the bot; in the thread of #1: #1 @session-bot stop
click <label>   press the newest button of that name, for example: click Stop
                (where there are several: its action, for example: click stop:4)
as <name>       be somebody else, for example: as bob
help            show this
quit            end it all

What happens at the platform without the bot:
{PLATFORM_HELP}"""

_ANSWER_S: Final = 5.0
_QUIET_S: Final = CONFIRM_S + 1.0
_MENTION: Final = re.compile(r"(?:(?P<card>#[0-9]+)\s+)?(?P<text>@session-bot\b.*)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_.-]{0,20}")
_FORM: Final = "A form has opened, which a terminal does not show. The page does."


class Prompt:
    """One person at a time in one channel, with input lines from a file descriptor."""

    def __init__(self, console: Console, world: World, descriptor: int) -> None:
        self._console = console
        self._world = world
        self._lines = TypedLines(console, descriptor)
        self._person = world.person("ann")
        self._screen = Screen(
            console, world.slack, world.channel, viewer=self._person.id, acts=not self._lines.is_terminal
        )
        self._acted = False

    async def run(self) -> bool:
        """Run line after line, and show the results; True when `quit` was typed, False at the end of input."""
        self._be("ann")
        self._say(f"You are ann in #{self._world.channel.name}. Type as you would in Slack.\n\n{HELP}\n")
        with self._lines.reading():
            following = asyncio.create_task(self.follow())
            try:
                while (line := await self._lines.next()) is not None and line != "quit":
                    await self._do(line)
            finally:
                following.cancel()
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
        while True:
            await self._screen.news()
            self._show()

    async def _do(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        match word:
            case "":
                return
            case "help":
                self._say(f"{HELP}\n")
            case "as" if _NAME.fullmatch(name := rest.strip()):
                self._be(name)
                self._say(f"You are {name}.\n")
            case "as":
                self._say("as takes a name in small letters, for example: as bob\n")
            case _ if word in PLATFORM_WORDS:
                self._say(f"{happen(self._world, word, rest)}\n")
            case "click":
                await self._click(rest.strip())
            case "/session":
                await self._acts(self._person.slash(self._world.channel, rest))
            case _ if (mention := _MENTION.fullmatch(line)) is not None:
                await self._mention(mention["card"], mention["text"])
            case _:
                self._say("That is not understood here; help says what is.\n")

    def _be(self, name: str) -> None:
        self._person = self._world.person(name)
        self._screen.viewer = self._person.id
        self._lines.prompt = f"{name}> "

    async def _click(self, label: str) -> None:
        """Press a button; where it has a confirm dialog, the next line is the answer."""
        shown = self._newest_with(label)
        if shown is None:
            self._say(f"There is no button {label!r} to be seen.\n")
            return
        buttons = [each for each in shown.buttons() if label in {each.label, each.action_id}]
        if len(buttons) > 1:
            self._say("There are several; press one of: " + ", ".join(each.action_id for each in buttons) + "\n")
            return
        if (confirm := buttons[0].confirm) is not None:
            with self._lines.above():
                self._screen.dialog(buttons[0].label, confirm)
            self._say(f"yes for [{confirm.confirm}], anything else for [{confirm.deny}]\n")
            if await self._lines.next() not in {"yes", "y"}:
                return
        try:
            await self._acts(self._person.click(shown, buttons[0].action_id))
        except LookupError:  # the message changed while the question was read
            self._say("That button is no longer there.\n")

    async def _mention(self, card: str | None, text: str) -> None:
        """Mention the bot in the channel, or in the thread of a card."""
        cards = [each for each in self._world.channel.messages if each.text.partition(" ")[2].startswith(f"{card} ")]
        if card is not None and not cards:
            self._say(f"There is no card {card} here.\n")
            return
        thread = cards[0] if card is not None else None
        await self._acts(self._person.mention(self._world.channel, text, thread=thread))

    def _newest_with(self, label: str) -> Message | None:
        seen = [each for each in self._world.channel.entries if each.ephemeral_for in {None, self._person.id}]
        newest_first = sorted(seen, key=lambda each: each.ts, reverse=True)
        return next(
            (one for one in newest_first if any(label in {each.label, each.action_id} for each in one.buttons())), None
        )

    def _told(self) -> dict[str, str]:
        return {each.ts: each.text for each in self._person.ephemerals(self._world.channel)}

    async def _acts(self, act: Awaitable[ActResult]) -> None:
        """Act in Slack and wait for its result: the next line of a script may depend on it."""
        before, person = self._told(), self._person
        await act
        self._acted = True
        with contextlib.suppress(TimeoutError):  # the screen shows whatever comes, also later
            await self._world.slack.workspace.changes.until(
                lambda: self._told() != before or bool(person.modals), _ANSWER_S
            )
        await asyncio.sleep(TOGETHER_S)
        self._show()
        for form in person.modals:
            self._say(f"{_FORM}\n")
            await person.close(form)

    def _show(self) -> None:
        if self._screen.has_news():
            with self._lines.above():
                self._screen.show()

    def _say(self, text: str) -> None:
        with self._lines.above():
            self._console.print(Text(text), soft_wrap=True)
