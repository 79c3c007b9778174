"""A typed message as Slack's events carry it: escapes, mentions, links, rich text. Pure.

Facts (Slack, section 2): the text of an event is escaped and auto-linked, its blocks hold what was typed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.sandbox.slack._messages import Json

# Slack's linker is not documented. The facts name addresses, e-mail and telephone links; which numbers become
# links, and that bare domains do, is the stricter reading: a bot has more to undo.
_QUOTES = "\"'`\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}“”"
_TOKEN = re.compile(
    r"(?P<mention>@[\w.-]*\w)"
    rf"|(?P<url>https?://[^\s<>{_QUOTES}]*[^\s<>{_QUOTES}.,;:!?)\]}}])"
    r"|(?P<email>(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<tel>(?<![\w+])\+\d{8,15}(?!\w))"
    r"|(?P<domain>(?<![\w.@/-])[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev)(?![\w.-]))"
)

# Known of styles: their four marks; that a mark within a word (snake_case, 2*3*4) is a letter; that styles nest and
# none crosses a line; that code is the innermost and a link in it stays a link; that the text has the marks and the
# blocks the words alone, with a `style`. Not documented is what may stand beside a mark: taken here is anything but
# a letter, a digit or another mark, so JSON's quotes and addresses meet styles, too. The text keeps marks in the
# order in which they were typed, where Slack may write its own, as `~_*x*_~`.
_STYLES = {"*": "bold", "_": "italic", "~": "strike"}
_STYLED = re.compile(
    r"(?<!`)`(?P<code>[^`\n]+)`(?!`)"
    r"|(?<![\w*~`])(?P<mark>[*_~])(?!\s|(?P=mark))(?P<inside>(?:`[^`\n]+`|[^`\n])*?(?<=\S))(?P=mark)(?![\w*~`])"
)
_OPENING = re.compile(r"(?<!`)`|(?<![\w*~`])[*_~]")

Piece = tuple[str, Json | None]
"""A piece as escaped text and as an element of rich text; a mark is text alone."""


@dataclass(frozen=True)
class Composed:
    """The text and blocks of a message in an event."""

    text: str
    blocks: list[Json]


def compose(typed: str, ids: Mapping[str, str]) -> Composed:
    """Convert typed text into an event's `text` and `blocks`; `ids` maps names to user ids, for `@name`."""
    texts: list[str] = []
    elements: list[Json] = []
    for index, part in enumerate(typed.split("```")):
        fenced = index % 2 == 1
        inside = part.strip("\n") if fenced else part
        pieces = list(_pieces(inside, ids) if fenced else _styled(inside, ids))
        escaped = "".join(text for text, _ in pieces)
        texts.append(f"```{escaped}```" if fenced else escaped)
        if pieces:
            kind = "rich_text_preformatted" if fenced else "rich_text_section"
            elements.append({"type": kind, "elements": [element for _, element in pieces if element]})
    return Composed("".join(texts), [{"type": "rich_text", "block_id": "typed", "elements": elements}])


def _styled(typed: str, ids: Mapping[str, str], *styles: str) -> Iterator[Piece]:
    """Yield the pieces of a paragraph, styled words apart; style marks appear in the text alone."""
    end = 0
    for match in _styled_parts(typed):
        if match["mark"] and _STYLES[match["mark"]] in styles:
            continue
        yield from _in_style(_pieces(typed[end : match.start()], ids), styles)
        if match["code"]:
            inside, mark = _in_style(_pieces(match["code"], {}), (*styles, "code")), "`"
        else:
            mark = match["mark"]
            inside = _styled(match["inside"], ids, *styles, _STYLES[mark])
        yield mark, None
        yield from inside
        yield mark, None
        end = match.end()
    yield from _in_style(_pieces(typed[end:], ids), styles)


def _styled_parts(typed: str) -> Iterator[re.Match[str]]:
    """Yield the styled parts of a paragraph, in a time that grows with its length and not with its square.

    A mark that nothing closes keeps later ones of its kind from being tried: up to the end of the line or, where a
    backtick without a partner may have been in its way, up to the next backtick.
    """
    end, hopeless = 0, dict.fromkeys("`*_~", 0)
    for opening in _OPENING.finditer(typed):
        at, mark = opening.start(), opening[0]
        if at < max(end, hopeless[mark]):
            continue
        if (match := _STYLED.match(typed, at)) is not None:
            end = match.end()
            yield match
        else:
            line = typed[at : typed.find("\n", at) % (len(typed) + 1)]
            is_odd = line.count("`") % 2 == 1
            hopeless[mark] = at + (line.index("`", 1) if is_odd and "`" in line[1:] else len(line))


def _in_style(pieces: Iterator[Piece], styles: Sequence[str]) -> Iterator[Piece]:
    for text, element in pieces:
        yield text, element | {"style": dict.fromkeys(styles, True)} if element and styles else element


def _pieces(typed: str, ids: Mapping[str, str]) -> Iterator[Piece]:
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
