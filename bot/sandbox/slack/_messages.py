"""Messages and their buttons."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack import _rendering as rendering
from bot.sandbox.slack._elements import Filling, elements, state

Json = dict[str, Any]


@dataclass(frozen=True)
class Confirm:
    """The confirm dialog of a button."""

    title: str
    text: str
    confirm: str
    deny: str


@dataclass(frozen=True)
class Button:
    """A button as a person sees it, with its value."""

    label: str
    action_id: str
    value: str | None
    style: str | None
    confirm: Confirm | None
    block_id: str
    element: Json = field(repr=False)


@dataclass(frozen=True)
class File:
    """A file attached to a message."""

    id: str
    name: str
    title: str
    content: bytes = field(repr=False)


@dataclass(eq=False)
class Message:
    """A message as it stands now: edits change the object (earlier versions are in `LocalSlack.calls`).

    `user` is the author's id and `ephemeral_for` the id of the only person who sees it, if there is one;
    `names` is the workspace's own table of displayed names by id, and `revision` the workspace's at the last change.
    """

    channel_id: str
    ts: str
    user: str
    text: str
    blocks: list[Json]
    names: rendering.Names = field(repr=False)
    thread_ts: str | None = None
    ephemeral_for: str | None = None
    metadata: Json | None = None
    broadcast: bool = False
    edits: int = 0
    edited_ts: str | None = None
    files: list[File] = field(default_factory=list)
    revision: int = 0
    removed: bool = False
    _fillings: dict[str, Filling] = field(default_factory=dict, repr=False)

    def filling(self, user_id: str) -> Filling:
        """Return a person's choices in this message; nobody else sees them."""
        return self._fillings.setdefault(user_id, Filling())

    def state(self, user_id: str) -> Json:
        """Return `state.values` of this message for a person."""
        return state(self.blocks, self.filling(user_id))

    def plain(self) -> str:
        """Return the message as a person reads it: its blocks, or its text where it has none, and files."""
        shown = rendering.plain(self.text, self.blocks, self.names)
        return "\n".join(line for line in (shown, *(f"[file: {file.title}]" for file in self.files)) if line)

    def buttons(self) -> list[Button]:
        """Return the buttons, in reading order."""
        return list(buttons(self.blocks))

    def edit(self, text: str, blocks: list[Json], ts: str) -> None:
        """Replace the content. An edit notifies nobody."""
        self.text, self.blocks = text, blocks
        self.edits += 1
        self.edited_ts = ts


def buttons(blocks: list[Json]) -> Iterator[Button]:
    """Yield the buttons of these blocks, in reading order."""
    for block_id, element in elements(blocks):
        if element["type"] == "button":
            yield _button(element, block_id)


def _button(element: Json, block_id: str) -> Button:
    confirm = element.get("confirm")
    return Button(
        label=element["text"]["text"],
        action_id=element["action_id"],
        value=element.get("value"),
        style=element.get("style"),
        confirm=confirm
        and Confirm(
            title=confirm["title"]["text"],
            text=confirm["text"]["text"],
            confirm=confirm["confirm"]["text"],
            deny=confirm["deny"]["text"],
        ),
        block_id=block_id,
        element=element,
    )


def find_button(blocks: list[Json], label_or_action: str) -> Button:
    """Return the one button with this label or action id.

    Raises LookupError when there is none, or when several would fit: a person would not know which either.
    """
    there = list(buttons(blocks))
    fitting = [button for button in there if label_or_action in (button.label, button.action_id)]
    if len(fitting) != 1:
        shown = ", ".join(f"{button.label} ({button.action_id})" for button in there) or "none"
        raise LookupError(f"{len(fitting)} buttons are called {label_or_action!r}; there are: {shown}")
    return fitting[0]


def with_ids(blocks: list[Json]) -> list[Json]:
    """Return a copy of the blocks with a `block_id` and `action_id` everywhere, as Slack adds them on receipt."""
    return [_with_ids(block) for block in blocks]


def _with_ids(block: Json) -> Json:
    named = {"block_id": _new_id(), **block}
    if block["type"] == "actions":
        named["elements"] = [{"action_id": _new_id(), **element} for element in block["elements"]]
    for place in ("accessory", "element"):
        if place in block:
            named[place] = {"action_id": _new_id(), **block[place]}
    return named


def _new_id() -> str:
    return uuid.uuid4().hex[:5]
