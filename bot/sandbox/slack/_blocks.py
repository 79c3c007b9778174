"""Block Kit's limits (facts: Slack, section 2), as a table. Pure.

Only what is written here exists: a block, an element or a key that is missing is refused. Slack knows more of
them (tables, files, video, …); refused_tokens those is the stricter reading, and a row more makes them known.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._schema import (
    Rule,
    address,
    all_of,
    anything,
    boolean,
    by_type,
    integer,
    items,
    one_of,
    string,
    table,
    wrong,
)


class Surface(Enum):
    """A place where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


def check_blocks(blocks: Any, surface: Surface) -> None:
    """Check blocks against the limits of a surface.

    Raises SlackError `invalid_blocks`, with every problem in `response_metadata.messages`.
    """
    if found := list(problems(blocks, surface)):
        refuse("invalid_blocks", *found)


def problems(blocks: Any, surface: Surface, pointer: str = "/blocks") -> Iterator[str]:
    """Yield one sentence for each limit that these blocks break."""
    yield from _ON_SURFACE[surface](blocks, pointer)
    if isinstance(blocks, list):
        yield from _repeated_ids(blocks, pointer)


def _repeated_ids(blocks: list[Any], pointer: str) -> Iterator[str]:
    """Yield block ids that are used twice in a message, and action ids used twice in a block."""
    block_ids: set[str] = set()
    for index, block in enumerate(block for block in blocks if isinstance(block, dict)):
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in block_ids:
                yield wrong(f"`block_id` {block_id!r} already exists", f"{pointer}/{index}/block_id")
            block_ids.add(block_id)
        action_ids: set[str] = set()
        elements = block.get("elements")
        for element in elements if isinstance(elements, list) else []:
            action_id = element.get("action_id") if isinstance(element, dict) else None
            if isinstance(action_id, str):
                if action_id in action_ids:
                    yield wrong(f"`action_id` {action_id!r} already exists", f"{pointer}/{index}/elements")
                action_ids.add(action_id)


def plain(most: int) -> Rule:
    """Allow a plain_text object of at most this many characters."""
    return table({"type": one_of("plain_text"), "text": string(most)}, {"emoji": boolean})


def text(most: int) -> Rule:
    """Allow a text object, plain or mrkdwn, of at most this many characters."""
    mrkdwn = table({"type": one_of("mrkdwn"), "text": string(most)}, {"verbatim": boolean})
    return by_type({"plain_text": plain(most), "mrkdwn": mrkdwn}, "text object")


TYPE: dict[str, Rule] = {"type": anything}  # by_type has looked at it already
ACTION: dict[str, Rule] = {"action_id": string(255), "focus_on_load": boolean}

CONFIRM = table(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = table({"text": text(75), "value": string(150)}, {"description": text(75)})
OPTION_GROUP = table({"label": plain(75), "options": items(OPTION, 100)})
IMAGE = table(TYPE | {"image_url": string(3000), "alt_text": string(2000)})

BUTTON = table(
    TYPE | {"text": plain(75)},
    {
        "action_id": string(255),
        "value": string(2000),
        "url": address(3000),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)


def _select_options(value: Any, pointer: str) -> Iterator[str]:
    """Yield a problem for a select with two lists, or with a first choice outside its options; words are ours."""
    if not isinstance(value, dict):
        return
    if "options" in value and "option_groups" in value:
        yield wrong("only one of options and option_groups is allowed", pointer)
    groups = value.get("option_groups")
    listed = [group.get("options") for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    offered = [option for options in (value.get("options"), *listed) if isinstance(options, list) for option in options]
    first = value.get("initial_option")
    for choice in value.get("initial_options") or ([] if first is None else [first]):
        if choice not in offered:
            yield wrong("must be one of the options", f"{pointer}/initial_option")


STATIC_SELECT = all_of(
    table(
        TYPE,
        ACTION
        | {
            "placeholder": plain(150),
            "options": items(OPTION, 100),
            "option_groups": items(OPTION_GROUP, 100),
            "initial_option": OPTION,
            "confirm": CONFIRM,
        },
        any_of=("options", "option_groups"),
    ),
    _select_options,
)
EXTERNAL_SELECT = table(
    TYPE,
    ACTION
    | {"placeholder": plain(150), "initial_option": OPTION, "min_query_length": integer(0, 3000), "confirm": CONFIRM},
)
CONVERSATIONS_SELECT = table(
    TYPE,
    ACTION
    | {
        "placeholder": plain(150),
        "initial_conversation": string(255),
        "default_to_current_conversation": boolean,
        "filter": table(
            {}, {"include": items(one_of("im", "mpim", "private", "public"), 4), "exclude_bot_users": boolean}
        ),
        "confirm": CONFIRM,
    },
)
USERS_SELECT = table(TYPE, ACTION | {"placeholder": plain(150), "initial_user": string(255), "confirm": CONFIRM})
RADIO_BUTTONS = all_of(
    table(TYPE | {"options": items(OPTION, 10)}, ACTION | {"initial_option": OPTION, "confirm": CONFIRM}),
    _select_options,
)
CHECKBOXES = all_of(
    table(TYPE | {"options": items(OPTION, 10)}, ACTION | {"initial_options": items(OPTION, 10), "confirm": CONFIRM}),
    _select_options,
)
OVERFLOW = table(TYPE | {"options": items(OPTION, 5)}, {"action_id": string(255), "confirm": CONFIRM})
PLAIN_TEXT_INPUT = table(
    TYPE,
    ACTION
    | {
        "placeholder": plain(150),
        "initial_value": string(3000, least=0),
        "multiline": boolean,
        "min_length": integer(0, 3000),
        "max_length": integer(1, 3000),
        "dispatch_action_config": anything,
    },
)

INTERACTIVE: dict[str, Rule] = {
    "button": BUTTON,
    "static_select": STATIC_SELECT,
    "external_select": EXTERNAL_SELECT,
    "conversations_select": CONVERSATIONS_SELECT,
    "users_select": USERS_SELECT,
    "radio_buttons": RADIO_BUTTONS,
    "checkboxes": CHECKBOXES,
    "overflow": OVERFLOW,
}
INPUTS: dict[str, Rule] = {
    "plain_text_input": PLAIN_TEXT_INPUT,
    "static_select": STATIC_SELECT,
    "external_select": EXTERNAL_SELECT,
    "conversations_select": CONVERSATIONS_SELECT,
    "users_select": USERS_SELECT,
    "radio_buttons": RADIO_BUTTONS,
    "checkboxes": CHECKBOXES,
}
BLOCK_ID: dict[str, Rule] = {"block_id": string(255)}
RICH_PARTS = items(
    by_type(
        {
            "text": table(TYPE | {"text": string(3000)}, {"style": anything}),
            "link": table(TYPE | {"url": string(3000)}, {"text": string(3000), "style": anything}),
            "user": table(TYPE | {"user_id": string(255)}, {"style": anything}),
        },
        "part of rich text",
    ),
    most=1000,
    least=0,
)
RICH_TEXT: dict[str, Rule] = {
    "rich_text_section": table(TYPE | {"elements": RICH_PARTS}),
    "rich_text_preformatted": table(TYPE | {"elements": RICH_PARTS}, {"border": anything}),
}

BLOCKS: dict[str, Rule] = {
    "section": table(
        TYPE,
        BLOCK_ID
        | {
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": by_type(INTERACTIVE | {"image": IMAGE}, "accessory"),
            "expand": boolean,
        },
        any_of=("text", "fields"),
    ),
    "header": table(TYPE | {"text": plain(150)}, BLOCK_ID),
    "divider": table(TYPE, BLOCK_ID),
    "context": table(
        TYPE
        | {
            "elements": items(
                # Slack documents no limit for one text of a context block: that of a section is taken.
                by_type({"plain_text": plain(3000), "mrkdwn": text(3000), "image": IMAGE}, "element"),
                10,
            )
        },
        BLOCK_ID,
    ),
    "actions": table(TYPE | {"elements": items(by_type(INTERACTIVE, "element"), 25)}, BLOCK_ID),
    "image": table(TYPE | {"image_url": string(3000), "alt_text": string(2000)}, BLOCK_ID | {"title": plain(2000)}),
    "rich_text": table(TYPE | {"elements": items(by_type(RICH_TEXT, "rich text"), 100, least=0)}, BLOCK_ID),
}
INPUT = table(
    TYPE | {"label": plain(2000), "element": by_type(INPUTS, "input element")},
    BLOCK_ID | {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
)

_MODAL = items(by_type(BLOCKS | {"input": INPUT}, "block"), most=100, least=0)
_ON_SURFACE: dict[Surface, Rule] = {
    # Slack takes input blocks in messages too; what they do there is little known, so they are refused.
    Surface.MESSAGE: items(by_type(BLOCKS, "block"), most=50, least=0),
    Surface.MODAL: _MODAL,
    Surface.HOME: _MODAL,
}
