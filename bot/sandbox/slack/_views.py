"""Modals and Home tabs: their content, and the limits of a view."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack._blocks import Surface, plain, problems
from bot.sandbox.slack._elements import Filling, state
from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import Button, Json, buttons, with_ids
from bot.sandbox.slack._rendering import Names
from bot.sandbox.slack._rendering import plain as rendered
from bot.sandbox.slack._schema import anything, boolean, one_of, string, table, wrong

LARGEST = 250_000  # documented as 250 kB
_BLOCKS = {"blocks": anything}  # looked at by their own rules
_OPTIONAL = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_MODAL = table(
    {"type": one_of("modal"), "title": plain(24)} | _BLOCKS,
    _OPTIONAL
    | {
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = table({"type": one_of("home")} | _BLOCKS, _OPTIONAL)


@dataclass(eq=False)
class View:
    """A modal or Home tab as it stands now.

    `content` is the app's view (with ids filled in); `errors` are the messages under the fields, by block id;
    `is_open` is true while the person has it on the screen; `filling` is what they chose and typed.
    """

    id: str
    user_id: str
    content: Json
    names: Names = field(repr=False)
    hash: str = field(default_factory=lambda: secrets.token_hex(8))
    errors: dict[str, str] = field(default_factory=dict)
    is_open: bool = True
    filling: Filling = field(default_factory=Filling, repr=False)

    @property
    def title(self) -> str:
        """The title of a modal; empty for a Home tab."""
        return str(self.content.get("title", {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks of the view."""
        blocks: list[Json] = self.content["blocks"]
        return blocks

    def plain(self) -> str:
        """Return the view as a person reads it."""
        return "\n".join(line for line in (self.title, rendered("", self.blocks, self.names)) if line)

    def buttons(self) -> list[Button]:
        """Return the buttons inside, in reading order; Submit and Close are not among them."""
        return list(buttons(self.blocks))

    def state(self) -> Json:
        """Return `state.values` as the view is filled in now."""
        return state(self.blocks, self.filling)

    def show(self, content: Json) -> None:
        """Replace the content and remove the errors under the fields; one with the same ids keeps its value."""
        self.content = {**content, "blocks": with_ids(content["blocks"])}
        self.hash = secrets.token_hex(8)
        self.errors = {}


def check_view(view: Any, surface: Surface) -> None:
    """Check a view against its limits. Raises SlackError `view_too_large` or `invalid_arguments`, as views.* do."""
    if len(json.dumps(view)) > LARGEST:
        refuse("view_too_large")
    if found := list(view_problems(view, surface)):
        refuse("invalid_arguments", *found)


def view_problems(view: Any, surface: Surface, pointer: str = "/view") -> Iterator[str]:
    """Yield one sentence for each limit that this view breaks."""
    yield from (_MODAL if surface is Surface.MODAL else _HOME)(view, pointer)
    if not isinstance(view, dict) or "blocks" not in view:
        return
    yield from problems(view["blocks"], surface, f"{pointer}/blocks")
    blocks = view["blocks"] if isinstance(view["blocks"], list) else []
    if sum(_focused_elements(block) for block in blocks) > 1:
        yield wrong("only one element may have focus_on_load", f"{pointer}/blocks")
    if surface is Surface.MODAL and "submit" not in view and any(_is_input(block) for block in blocks):
        yield wrong("missing required field: submit", pointer)


def _focused_elements(block: Any) -> int:
    """Count the elements of a block that want the cursor first; documented: one in a view."""
    if not isinstance(block, dict):
        return 0
    elements = block.get("elements") if isinstance(block.get("elements"), list) else []
    parts = [block.get("element"), block.get("accessory"), *(elements or [])]
    return sum(bool(part.get("focus_on_load")) for part in parts if isinstance(part, dict))


def _is_input(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "input"
