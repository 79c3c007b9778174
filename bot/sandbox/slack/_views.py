"""Modals and Home tabs: the limits of a view, and the values a person filled in."""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack._blocks import Surface, plain, problems
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

    `content` is the app's view (with ids filled in); `errors` are the messages under the fields, by block
    id; `is_open` is true while the person has it on the screen; `suggested` holds the options the app listed last
    for its external selects, by action id.
    """

    id: str
    user_id: str
    content: Json
    names: Names = field(repr=False)
    hash: str = field(default_factory=lambda: secrets.token_hex(8))
    errors: dict[str, str] = field(default_factory=dict)
    is_open: bool = True
    suggested: dict[str, list[Json]] = field(default_factory=dict)

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

    def show(self, content: Json) -> None:
        """Replace the content and remove the errors under the fields."""
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


def filled(view: View, values: Mapping[str, str]) -> Json:
    """Fill in the fields of a modal and return `state.values`: `{block_id: {action_id: {type, value}}}`.

    `values` names a field by label, block id or action id; a field left out keeps the value the app put there.
    Raises LookupError for a field that is not there, and ValueError where Slack's own form would not let the
    person submit: a required field left empty, or a text too short or too long.
    """
    state: Json = {}
    left = dict(values)
    for block in filter(_is_input, view.blocks):
        element = block["element"]
        names = (block["label"]["text"], block["block_id"], element["action_id"])
        given = next((left.pop(name) for name in names if name in left), None)
        answer = _answer(element, given, view.suggested.get(element["action_id"], []))
        if not block.get("optional") and not any(answer.values()):
            raise ValueError(f"{names[0]!r} is required: the form does not submit without it")
        state[block["block_id"]] = {element["action_id"]: {"type": element["type"], **answer}}
    if left:
        raise LookupError(f"no such field: {', '.join(left)}")
    return state


def _answer(element: Json, given: str | None, suggested: list[Json]) -> Json:
    """Return the entry of one input element in `state.values`."""
    match element["type"]:
        case "plain_text_input":
            value = element.get("initial_value") if given is None else given
            if value and not element.get("min_length", 0) <= len(value) <= element.get("max_length", 3000):
                raise ValueError(f"{len(value)} characters do not fit {element['action_id']!r}")
            return {"value": value or None}
        case "external_select":
            chosen_one = element.get("initial_option") if given is None else _option({"options": suggested}, given)
            return {"selected_option": chosen_one}
        case "conversations_select":
            return {"selected_conversation": element.get("initial_conversation") if given is None else given}
        case "users_select":
            return {"selected_user": element.get("initial_user") if given is None else given}
        case "checkboxes":
            chosen = element.get("initial_options", []) if given is None else [_option(element, given)]
            return {"selected_options": chosen}
        case _:
            return {"selected_option": element.get("initial_option") if given is None else _option(element, given)}


def field_of(view: View, name: str) -> tuple[str, Json]:
    """Return the block id and element of a choice, found by its label, block id or action id.

    Raises LookupError when there is none.
    """
    for block in view.blocks:
        element = block.get("element") or block.get("accessory") or {}
        if name in (block.get("label", {}).get("text"), block["block_id"], element.get("action_id")):
            return str(block["block_id"]), element
    raise LookupError(f"no such field: {name!r}")


def option_of(element: Json, given: str) -> Json:
    """Return an option, found by its label or value; raises LookupError."""
    return _option(element, given)


def _option(element: Json, given: str) -> Json:
    groups = [group["options"] for group in element.get("option_groups", ())]
    for option in [*element.get("options", ()), *(option for group in groups for option in group)]:
        if given in (option["value"], option["text"]["text"]):
            found: Json = option
            return found
    raise LookupError(f"no such choice: {given!r}")
