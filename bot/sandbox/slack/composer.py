"""What Slack makes of a message that a person writes: escapes, mentions, links, rich text. Pure.

Facts (Slack, section 2): the text of an event is escaped and auto-linked, its blocks hold what was typed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.sandbox.slack.messages import Json

# Slack's linker is not documented. The facts name addresses, e-mail and telephone links; which numbers become
# links, and that bare domains do, is the stricter reading: a bot has more to undo.
_QUOTES = "\"'`\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}“”"
_TOKEN = re.compile(
    r"(?P<mention>@[\w.-]*\w)"
    rf"|(?P<url>https?://[^\s<>{_QUOTES}]*[^\s<>{_QUOTES}.,;:!?)\]}}])"
    r"|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<tel>(?<![\w+])\+\d{8,15}(?!\w))"
    r"|(?P<domain>(?<![\w.@/-])[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev)(?![\w.-]))"
)


@dataclass(frozen=True)
class Composed:
    """A message as an event carries it."""

    text: str
    blocks: list[Json]


def compose(typed: str, ids: Mapping[str, str]) -> Composed:
    """Turn typed text into an event's `text` and `blocks`; `ids` maps names to user ids, for `@name`."""
    texts: list[str] = []
    elements: list[Json] = []
    for index, part in enumerate(typed.split("```")):
        fenced = index % 2 == 1
        inside = part.strip("\n") if fenced else part
        pieces = list(_pieces(inside, ids))
        escaped = "".join(text for text, _ in pieces)
        texts.append(f"```{escaped}```" if fenced else escaped)
        if pieces:
            kind = "rich_text_preformatted" if fenced else "rich_text_section"
            elements.append({"type": kind, "elements": [element for _, element in pieces]})
    return Composed("".join(texts), [{"type": "rich_text", "block_id": "typed", "elements": elements}])


def _pieces(typed: str, ids: Mapping[str, str]) -> Iterator[tuple[str, Json]]:
    """Yield each piece twice: as escaped text and as an element of rich text."""
    end = 0
    for match in _TOKEN.finditer(typed):
        piece = _linked(match, ids)
        if piece is None:
            continue
        if before := typed[end : match.start()]:
            yield _escaped(before), {"type": "text", "text": before}
        yield piece
        end = match.end()
    if rest := typed[end:]:
        yield _escaped(rest), {"type": "text", "text": rest}


def _linked(match: re.Match[str], ids: Mapping[str, str]) -> tuple[str, Json] | None:
    found, shown = match[0], _escaped(match[0])
    match match.lastgroup:
        case "mention":
            user_id = ids.get(found[1:])
            return None if user_id is None else (f"<@{user_id}>", {"type": "user", "user_id": user_id})
        case "url":
            return f"<{shown}>", {"type": "link", "url": found}
        case "email":
            return f"<mailto:{shown}|{shown}>", {"type": "link", "url": f"mailto:{found}", "text": found}
        case "tel":
            return f"<tel:{shown}|{shown}>", {"type": "link", "url": f"tel:{found}", "text": found}
        case _:
            return f"<http://{shown}|{shown}>", {"type": "link", "url": f"http://{found}", "text": found}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
