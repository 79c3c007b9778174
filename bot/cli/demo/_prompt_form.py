"""The form on the screen of the person at the prompt: drawn when it changes, filled in by lines, submitted."""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from bot.cli.demo._world import World
from bot.sandbox.slack import Person, View

HOW: Final = "field <name> = <value>, then submit; or cancel"

_CHANNELS: Final = "conversations_select"
_SEARCHED: Final = "external_select"
_TYPED: Final = "plain_text_input"
_MARKED: Final = "radio_buttons"


class PromptForm:
    """The topmost form of one person at a time. The result of a line is a sentence, never an exception."""

    def __init__(self, console: Console, world: World) -> None:
        self._console = console
        self._world = world
        self._shown: tuple[object, ...] = ()
        self._values: dict[str, str] = {}
        self._of: str | None = None

    def has_news(self, person: Person) -> bool:
        """Return whether the form has changed since it was last drawn."""
        return _look(person) != self._shown

    def show(self, person: Person) -> None:
        """Draw the form, if it has changed."""
        if not self.has_news(person):
            return
        self._shown = _look(person)
        view = _top(person)
        if view is None:
            self._console.print(Text("The form is closed.\n", style="yellow"))
            return
        lines = [view.title, *view.plain().splitlines()[1:]]
        names = {str(block["block_id"]): _label(block) for block in view.blocks if block["type"] == "input"}
        lines += [f"{names.get(block, block)}: {wrong}" for block, wrong in view.errors.items()]
        if names:
            lines.append(HOW)
        self._console.print(Text("\n".join(f"    {line}" for line in lines) + "\n", style="yellow"), soft_wrap=True)

    async def fill(self, person: Person, words: str) -> str:
        """Fill in `<name> = <value>`: a text is kept for the submission, a choice is matched with the options."""
        view = self._open(person)
        if view is None:
            return "No form is open."
        name, sign, value = (part.strip() for part in words.partition("="))
        element = self._elements(view).get(name.casefold())
        if not sign or element is None:
            there = ", ".join(_names(view)) or "none"
            return f"field takes a name and a value: field <name> = <value>. The fields are: {there}."
        label, about = element
        if about["type"] == _TYPED:
            self._values[label] = value
            return f"{label} is filled in."
        if about["type"] in {_CHANNELS, _MARKED}:
            return self._mark(label, about, value) if about["type"] == _MARKED else self._choose_channel(label, value)
        if about["type"] == _SEARCHED:
            return await self._search(person, view, label, value)
        return await self._choose(person, view, label, value)

    async def submit(self, person: Person) -> str:
        """Submit the form with its values; it shows its own errors."""
        view = self._open(person)
        if view is None:
            return "No form is open."
        try:
            await person.submit(view, self._values)
        except (LookupError, ValueError) as problem:
            return f"Slack does not submit it: {problem.args[0]}."
        return ""

    async def cancel(self, person: Person) -> str:
        """Close the form and send nothing."""
        view = self._open(person)
        if view is None:
            return "No form is open."
        await person.close(view)
        return ""

    def _open(self, person: Person) -> View | None:
        """Return the topmost form; values of another form are dropped."""
        view = _top(person)
        if view is not None and view.id != self._of:
            self._of, self._values = view.id, {}
        return view

    def _elements(self, view: View) -> Mapping[str, tuple[str, dict[str, Any]]]:
        found = {}
        for block in view.blocks:
            element = block.get("element") or block.get("accessory")
            if element is not None and element["type"] != "button":
                found[_label(block).casefold()] = _label(block), element
        return found

    def _choose_channel(self, label: str, value: str) -> str:
        channels = {each.name: each.id for each in self._world.slack.workspace.channels.values() if not each.im}
        name = value.removeprefix("#")
        if name not in channels:
            return f"There is no channel {value}. There are: {', '.join(sorted(channels))}."
        self._values[label] = channels[name]
        return f"{label} is #{name}."

    def _mark(self, label: str, element: Mapping[str, Any], value: str) -> str:
        """Choose one of a few: by its words, or their beginning."""
        options = [str(each["text"]["text"]) for each in element["options"]]
        found = [each for each in options if each.casefold().startswith(value.casefold())]
        if len(found) != 1:
            return f"There is no choice {value}. There are: {'; '.join(options)}."
        (self._values[label],) = found
        return f"{label} is {found[0]}."

    async def _search(self, person: Person, view: View, label: str, value: str) -> str:
        listed = await person.search(view, label, value)
        exact = [each for each in listed if each == value]
        if len(exact or listed) != 1:
            return f"{label} lists: {', '.join(listed)}. Name one." if listed else f"{label} lists nothing for {value}."
        (self._values[label],) = exact or listed
        return f"{label} is {self._values[label]}."

    async def _choose(self, person: Person, view: View, label: str, value: str) -> str:
        try:
            await person.choose(view, label, value)
        except LookupError as problem:
            return f"{problem.args[0]}."
        return f"{label} is {value}."


def _top(person: Person) -> View | None:
    return person.modals[-1] if person.modals else None


def _look(person: Person) -> tuple[object, ...]:
    """Return the visible state of a form; empty without one."""
    view = _top(person)
    return () if view is None else (person.id, view.id, view.hash, tuple(view.errors.items()))


def _names(view: View) -> list[str]:
    return [_label(block) for block in view.blocks if block["type"] == "input" or _is_choice(block)]


def _is_choice(block: Mapping[str, Any]) -> bool:
    return bool((block.get("accessory") or {}).get("type", "button") != "button")


def _label(block: Mapping[str, Any]) -> str:
    """Return the name of a field at the prompt: its label, or the name of a choice beside a text."""
    return str(block["label"]["text"]) if "label" in block else str(block["block_id"])
