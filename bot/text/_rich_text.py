"""The typed text of a message, from Slack's rich text. Pure.

The `blocks` of an event hold a message in pieces: words, links, mentions, emoji (facts). Joined again
they are the line as its person typed it, without the escapes and links of the event's `text`, and with the marks of
the styles that Slack made of `*this*`: JSON stays JSON.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.text._emphasis import MARKS, EventText, Run, marked
from bot.text._slack_text import decode

_LONGEST_EMOJI: Final = 12


class _Unreadable(Exception):  # noqa: N818 - what the blocks are then; `typed_text` takes the event's text instead
    """The blocks hold an element that nobody types, or that this version does not know."""


def typed_text(event: Mapping[str, Any]) -> str:
    """Return the typed text of a message event: from its `blocks`, else from its `text`, decoded once."""
    blocks, text = event.get("blocks"), decode(str(event.get("text") or ""))
    if isinstance(blocks, list) and blocks:
        try:
            event_text = EventText(text)
            return _lines(_block(block, event_text) for block in blocks)
        except (_Unreadable, KeyError, TypeError, ValueError, OverflowError, AttributeError, RecursionError):
            pass  # the text says the same, in Slack's encoding
    return text


def _lines(parts: Any) -> str:
    """Return parts on lines of their own; a part that ends its line needs no other end."""
    whole = ""
    for part in parts:
        whole = _with_line(whole, part)
    return whole


def _with_line(whole: str, part: str) -> str:
    return whole + (part if not whole or not part or whole.endswith("\n") else f"\n{part}")


def _block(block: Mapping[str, Any], event_text: EventText) -> str:
    if block["type"] != "rich_text":
        raise _Unreadable
    whole = ""
    for part in block["elements"]:
        if part["type"] == "rich_text_preformatted":
            whole = whole.rstrip(" ")  # the space typed before a fence; its line ends there
        whole = _with_line(whole, _part(part, event_text))
    return whole


def _part(part: Mapping[str, Any], event_text: EventText) -> str:
    """Return a paragraph, a fence, a quote, or the points of a list, one a line."""
    match part["type"]:
        case "rich_text_section" | "rich_text_quote":
            return marked([Run(_piece(piece), _marks(piece)) for piece in part["elements"]], event_text)
        case "rich_text_preformatted":
            return event_text.next_of(["".join(_piece(piece) for piece in part["elements"])])
        case "rich_text_list":
            return _lines(_part(point, event_text) for point in part["elements"])
        case _:
            raise _Unreadable


def _piece(piece: Mapping[str, Any]) -> str:
    read = _PIECES.get(str(piece["type"]))
    if read is None:
        raise _Unreadable
    return read(piece)


def _marks(piece: Mapping[str, Any]) -> frozenset[str]:
    """Return the marks of its styles; others, such as underlined, have none and cannot be typed."""
    style = piece.get("style") or {}
    return frozenset(mark for name, mark in MARKS.items() if style.get(name))


def _link(piece: Mapping[str, Any]) -> str:
    """Return the words of a link; a bare address has none but itself."""
    return str(piece.get("text") or str(piece["url"]).removeprefix("mailto:").removeprefix("tel:"))


def _emoji(piece: Mapping[str, Any]) -> str:
    """Return the sign itself, as on the screen; one of the workspace's own has only its name."""
    signs: Sequence[str] = str(piece.get("unicode") or "").split("-")
    if signs == [""] or len(signs) > _LONGEST_EMOJI:
        return f":{piece['name']}:"
    return "".join(chr(int(sign, 16)) for sign in signs)


_PIECES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "text": lambda piece: str(piece["text"]),
    "link": _link,
    "emoji": _emoji,
    "user": lambda piece: f"<@{piece['user_id']}>",
    "channel": lambda piece: f"<#{piece['channel_id']}>",
    "usergroup": lambda piece: f"<!subteam^{piece['usergroup_id']}>",
    "broadcast": lambda piece: f"<!{piece['range']}>",
    "color": lambda piece: str(piece["value"]),
}
