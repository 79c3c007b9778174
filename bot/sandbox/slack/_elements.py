"""The interactive elements of blocks, and what a person makes of them. Pure.

Slack calls the values of all elements that keep one `state.values`, by block id and action id. It goes along with
every act in the same message or view; a button and an overflow menu keep none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Element = dict[str, Any]
Place = tuple[str, str]
"""A block id and an action id."""

Given = str | Sequence[str] | None
"""What a person gives an element: a text, an option by value or label, the id of a person or channel, or several
options; None is nothing."""

_VALUE: Final[Mapping[str, tuple[str, str]]] = {
    "plain_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
}
"""The elements that keep a value: its key, and that of the value the app put there."""


@dataclass
class Filling:
    """A person's choices in one message or view.

    `chosen` holds what they gave, as `answer` returns it; `listed` the options that the app listed last for each of
    its external selects, and `offered` all that it ever did, by value: one of them stays chosen when others are listed.
    """

    chosen: dict[Place, Element] = field(default_factory=dict)
    listed: dict[Place, Element] = field(default_factory=dict)
    offered: dict[Place, dict[str, Element]] = field(default_factory=dict)

    def list_options(self, place: Place, listing: Element) -> None:
        """Record the options an app listed, as `options` or in `option_groups`."""
        self.listed[place] = listing
        self.offered.setdefault(place, {}).update({option["value"]: option for option in options_of(listing)})


def elements(blocks: Sequence[Element]) -> Iterator[tuple[str, Element]]:
    """Yield each interactive element with the id of its block, in reading order."""
    for block in blocks:
        inside = block["elements"] if block["type"] == "actions" else [block.get("accessory"), block.get("element")]
        yield from ((block["block_id"], each) for each in inside if each is not None and each["type"] != "image")


def element_at(blocks: Sequence[Element], place: Place) -> Element:
    """Return the element at a place. Raises LookupError when there is none."""
    for block_id, element in elements(blocks):
        if (block_id, element["action_id"]) == place:
            return element
    raise LookupError(f"there is no element {place[1]!r} in a block {place[0]!r}")


def place_of(blocks: Sequence[Element], place: Place) -> Place:
    """Return a place, or the only other one with its action id.

    An app that names no block ids has new ones after each update of a message, while a person still looks at the old.
    """
    there = [(block_id, str(element["action_id"])) for block_id, element in elements(blocks)]
    same = [each for each in there if each[1] == place[1]]
    return same[0] if place not in there and len(same) == 1 else place


def field_of(blocks: Sequence[Element], name: str) -> Place:
    """Return the place of the element with this label, block id or action id. Raises LookupError."""
    for block in blocks:
        for block_id, element in elements([block]):
            if name in (block.get("label", {}).get("text"), block_id, element["action_id"]):
                return block_id, str(element["action_id"])
    raise LookupError(f"no such field: {name!r}")


def state(blocks: Sequence[Element], filling: Filling) -> Element:
    """Return `state.values`: what the person chose, and for the rest what the app put there."""
    values: Element = {}
    for block_id, element in elements(blocks):
        if element["type"] in _VALUE:
            values.setdefault(block_id, {})[element["action_id"]] = _entry(block_id, element, filling)
    return values


def answer(element: Element, place: Place, given: Given, filling: Filling) -> Element:
    """Return what a person makes of an element, as a payload has it: `{"selected_option": …}`.

    Raises LookupError for an option that is not there, and ValueError for several where one is possible.
    """
    kind = element["type"]
    if kind == "button":
        return {}
    key = "selected_option" if kind == "overflow" else _VALUE[kind][0]
    if key == "selected_options":
        names = [given] if isinstance(given, str) else given or []
        return {key: [_option(element, place, name, filling) for name in names]}
    if not isinstance(given, str) and (given is not None or kind == "overflow"):
        raise ValueError(f"{kind} takes one value")
    if key == "selected_option":
        return {key: _option(element, place, given, filling) if given else None}
    return {key: given or None}


def keeps_value(element: Element) -> bool:
    """Return whether an element has an entry in `state.values`."""
    return element["type"] in _VALUE


def options_of(listing: Element) -> list[Element]:
    """Return the options of a select or of a listing, those in groups as well."""
    groups: list[list[Element]] = [group["options"] for group in listing.get("option_groups", ())]
    return [*listing.get("options", ()), *(option for group in groups for option in group)]


def _entry(block_id: str, element: Element, filling: Filling) -> Element:
    key, initial = _VALUE[element["type"]]
    chosen = filling.chosen.get((block_id, element["action_id"]))
    if chosen is None or not _is_possible(element, chosen[key]):
        chosen = {key: element.get(initial) or ([] if key == "selected_options" else None)}
    return {"type": element["type"], **chosen}


def _is_possible(element: Element, chosen: Any) -> bool:
    """Return whether a choice fits the element as it stands now: an app may have replaced its options meanwhile."""
    if "options" not in element and "option_groups" not in element:
        return True
    offered = options_of(element)
    return all(option in offered for option in (chosen if isinstance(chosen, list) else [chosen]) if option)


def _option(element: Element, place: Place, name: str, filling: Filling) -> Element:
    first: Element | None = element.get("initial_option")
    for option in [*options_of(element), *filling.offered.get(place, {}).values(), *([first] if first else [])]:
        if name in (option["value"], option["text"]["text"]):
            return option
    raise LookupError(f"no such choice: {name!r}")
