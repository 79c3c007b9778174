"""A channel on a terminal: its new messages, as people in Slack would read them.

An edited message is printed again in its newest form, as a terminal cannot change its printed lines.
"""

import asyncio
import math
import re
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.sandbox.slack import Channel, Confirm, Entry, LocalSlack, readable, transcript

TOGETHER_S: Final = 0.25
"""Changes within this time are printed together: a card that is updated twice at once is printed once."""

_INDENT: Final = 4
_WRAPPING: Final = Console(highlight=False)  # wrapping a text needs a console, and nothing of it
_MARKED: Final = re.compile(
    r"```\n?(?P<fence>.*?)\n?```|`(?P<code>[^`\n]+)`|(?<!\w)\*(?P<bold>\S(?:[^*\n]*\S)?)\*(?!\w)", re.DOTALL
)


class Screen:
    """Prints the messages one person sees in a channel; with `viewer` None, those of everybody together.

    `acts` is false where the terminal has shown people's own commands and clicks already.
    """

    def __init__(
        self, console: Console, slack: LocalSlack, channel: Channel, *, viewer: str | None = None, acts: bool = True
    ) -> None:
        self._console = console
        self._slack = slack
        self._channel = channel
        self._acts = acts
        self._shown: dict[str, Entry] = {}
        self.viewer = viewer

    async def news(self) -> None:
        """Wait until there is an unprinted message, and whatever changes together with it."""
        await self._slack.until(self.has_news, "news", math.inf)
        await asyncio.sleep(TOGETHER_S)

    def has_news(self) -> bool:
        """Return whether there is an unprinted message."""
        return any(self._is_new(entry) for entry in self._entries())

    async def follow(self) -> None:
        """Print every new message, until cancelled."""
        while True:
            await self.news()
            self.show()

    def show(self) -> None:
        """Print the new messages: people's acts, then the results, replies under their cards."""
        entries = self._entries()
        for entry in entries:
            if entry.act and self._is_new(entry):
                self._print(entry, [Text(f"{entry.author}> {entry.text}", style="bold cyan")])
        card: Entry | None = None  # of the thread that follows, unless it was just printed
        for entry in entries:
            if entry.act:
                continue
            if not self._is_new(entry):
                card = card if entry.depth else entry
                continue
            if entry.depth and card is not None:
                self._lines([Text(f"  in the thread of {_first_line(card)}", style="dim")])
            card = None
            head = Text.assemble((entry.author, "bold"), (_notes(entry), "dim"))
            self._print(entry, [head, *_indented(_body(entry), 2, self._width(entry))])

    def note(self, text: str) -> None:
        """Print what happens outside of Slack."""
        self._lines([*_indented(Text(text, style="cyan"), _INDENT, self._console.width), Text()])

    def dialog(self, label: str, confirm: Confirm) -> None:
        """Print the confirm dialog of a button."""
        answers = f"[{confirm.confirm}] [{confirm.deny}]"
        question = readable(confirm.text, self._slack.workspace.names)
        asked = Text(f"[{label}] asks: {confirm.title}\n{question}\n{answers}", style="yellow")
        self._lines([*_indented(asked, _INDENT, self._console.width), Text()])

    def _entries(self) -> list[Entry]:
        entries = transcript(self._channel, self._slack.workspace.names, self.viewer)
        return [entry for entry in entries if self._acts or not entry.act]

    def _is_new(self, entry: Entry) -> bool:
        return self._shown.get(entry.ts) != entry

    def _print(self, entry: Entry, lines: list[Text]) -> None:
        margin = Text(" " * _INDENT * entry.depth)
        self._lines([*(margin + line for line in lines), Text()])
        self._shown[entry.ts] = entry

    def _lines(self, lines: list[Text]) -> None:
        self._console.print(Text("\n").join(lines), soft_wrap=True)

    def _width(self, entry: Entry) -> int:
        return self._console.width - _INDENT * entry.depth


def _notes(entry: Entry) -> str:
    notes = [
        f"only visible to {entry.only_visible_to}" if entry.only_visible_to else "",
        "also shown in the channel" if entry.broadcast else "",
        "edited" if entry.edited else "",
    ]
    return "".join(f" · {note}" for note in notes if note)


def _body(entry: Entry) -> Text:
    text = Text.assemble(*_styled(entry.text))
    for label in entry.buttons:
        text.highlight_regex(rf"\[{re.escape(label)}\]", "black on white")
    return text


def _indented(text: Text, left: int, width: int) -> list[Text]:
    wrapped = text.wrap(_WRAPPING, max(width - left, _INDENT))
    return [Text(" " * left) + line for line in wrapped]


def _styled(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text with a terminal's styles in place of Slack's marks."""
    end = 0
    for marked in _MARKED.finditer(text):
        yield text[end : marked.start()], ""
        end = marked.end()
        if marked["fence"] is not None:
            yield "\n".join(f"│ {line}" for line in marked["fence"].split("\n")), "cyan"
        elif marked["code"] is not None:
            yield marked["code"], "cyan"
        else:
            yield marked["bold"], "bold"
    yield text[end:], ""


def _first_line(entry: Entry) -> str:
    return "".join(part for part, _ in _styled(entry.text.split("\n")[0]))
