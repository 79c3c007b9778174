"""Neutral text → Slack's mrkdwn: the one place where what others wrote is escaped. Pure.

Slack knows three escapes (`&amp; &lt; &gt;`) and none for its formatting marks. So a mark that could begin or end
formatting (`*`, `_`, `~`, a backtick) is shown as a sign that looks like it. Marks between two letters (`my_rule`,
`2*3`) do nothing in Slack and stay, but for backticks; in code and blocks only those change.

Right-to-left words stay readable, but in an isolate (U+2068 to U+2069): nobody's name may reorder the words of a stop.
What is copied from here and typed again comes with its isolate, which `bot.slack_text` takes off.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from bot.text import Piece, Token, TokenKind, cut, shortened, text_pieces, visible

NameOf = Callable[[str], str | None]
"""Returns the name of a person, None where it is not known."""

NAME_SHOWN: Final = 40
"""Slack takes a name of up to 80 characters; what a painted message has room for is less."""

CODE_SHOWN: Final = 2_000
"""Inline code is never longer: it stands whole in one section."""

_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_GRAVE: Final = "\u02cb"  # looks like a backtick and means nothing to Slack
_INERT: Final = _ENTITIES | str.maketrans({"`": _GRAVE})
_LOOKALIKES: Final = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c"})
_EDGE_MARK: Final = re.compile(r"(?<![*_~])(?:(?<![^\W_])[*_~]++|[*_~]++(?![^\W_]))")
_FENCE: Final = re.compile(r"`(?=`)")
_ZERO_WIDTH_SPACE: Final = "\u200b"
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_PERHAPS_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_MENTIONS: Final = {
    TokenKind.person: "<@{}>",
    TokenKind.call: "<@{}>",
    TokenKind.channel: "<#{}>",
    TokenKind.group: "<!subteam^{}>",
}
_ID: Final = re.compile(r"[A-Z0-9]{1,40}")
_SECONDS: Final = re.compile(r"-?[0-9]{1,12}")
_CLOCK_WITH_SECONDS: Final = re.compile(r"\d\d:\d\d:\d\d")
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)


def nobody(_id: str) -> None:
    """Return no name: people stay mentions."""


def render_mrkdwn(text: str, limit: int | None = None, *, name_of: NameOf = nobody) -> str:
    """Return neutral text as mrkdwn, in at most `limit` characters; people whose name is known are not mentioned."""
    return _shown(text, limit, partial(_formatted, name_of=name_of))


def render_fallback(text: str, limit: int | None = None, *, name_of: NameOf = nobody) -> str:
    """Return neutral text for `text` beside blocks: Slack reads it as mrkdwn, and people without their formatting."""
    return _shown(text, limit, partial(_bare, name_of=name_of))


def fit_mrkdwn(text: str, limit: int) -> str:
    """Return neutral text, shortened until its mrkdwn has at most `limit` characters."""
    return _fitting(text, limit, render_mrkdwn, shortened)


def _shown(text: str, limit: int | None, show: Callable[[Sequence[Piece]], str]) -> str:
    def whole(text: str) -> str:
        return show(text_pieces(text))

    return whole(text if limit is None else _fitting(text, limit, whole, shortened))


def _fitting(text: str, limit: int, show: Callable[[str], str], shorten: Callable[[str, int], str]) -> str:
    """Return the text shortened until its rendering fits: markup is never cut, only the words in it."""
    if len(show(text)) <= limit:
        return text
    fits, too_long, keep = 0, limit + 1, limit
    while too_long - fits > 1:
        long = len(show(shorten(text, keep)))
        if long <= limit:
            fits = keep
        else:
            too_long = keep
        near = keep * limit // max(long, 1)  # most texts grow evenly
        keep = near if fits < near < too_long else (fits + too_long) // 2
    return shorten(text, fits)


def _formatted(of: Sequence[Piece], name_of: NameOf) -> str:
    return "".join(_with_format(each, name_of) for each in of)


def _with_format(piece: Piece, name_of: NameOf) -> str:
    if isinstance(piece, Token):
        match piece.kind:
            case TokenKind.code:
                return _code(piece.letters)
            case TokenKind.block:
                return _block(piece.letters)
            case TokenKind.strong:
                return _marked("*", _formatted(piece.inside, name_of))
            case TokenKind.emphasis:
                return _marked("_", _formatted(piece.inside, name_of))
            case TokenKind.link if _ADDRESS.match(piece.argument):
                return f"<{_address(piece.argument)}|{_label(piece.letters)}>"
    return _without_format(piece, name_of)


def _bare(of: Sequence[Piece], name_of: NameOf) -> str:
    return "".join(_without_format(each, name_of) for each in of)


def _without_format(piece: Piece, name_of: NameOf) -> str:
    if isinstance(piece, str):
        return _inert(piece)
    held = piece.letters
    if piece.kind is TokenKind.person and (name := name_of(held)) is not None:
        return _inert(_fitting(name, NAME_SHOWN, _inert, cut))
    if piece.kind in _MENTIONS and _ID.fullmatch(held):
        return _MENTIONS[piece.kind].format(held)
    if piece.kind is TokenKind.moment and _SECONDS.fullmatch(piece.argument):
        clock = "time_secs" if _CLOCK_WITH_SECONDS.search(held) else "time"
        return f"<!date^{piece.argument}^{{date_short_pretty}} {{{clock}}}|{_label(held)}>"
    return _bare(piece.inside, name_of)


def _marked(mark: str, shown: str) -> str:
    return f"{mark}{shown}{mark}" if shown.strip() else shown


def _address(address: str) -> str:
    """Return an address in which what would end the link early is percent-encoded."""
    return quote(address, safe=":/?#[]@!$&()*+,;=%~").translate(_ENTITIES)


def _label(text: str) -> str:
    return _inert(" ".join(visible(text).split("\n"))).replace("|", "¦")


def _code(text: str) -> str:
    return _inline_code(_fitting(text, CODE_SHOWN, _inline_code, cut))


def _inline_code(text: str) -> str:
    inner = " ".join(visible(text).split("\n")).replace("`", _GRAVE)
    return f"`{_isolated_lines(inner.translate(_ENTITIES)) or ' '}`"


def _block(text: str) -> str:
    inner = _FENCE.sub(f"`{_ZERO_WIDTH_SPACE}", visible(text))
    return f"```\n{_isolated_lines(inner.translate(_ENTITIES))}\n```"


def _inert(text: str) -> str:
    """Return words as mrkdwn in which nothing has an effect."""
    shown = "\n".join(map(_isolated, visible(text).split("\n")))
    return _EDGE_MARK.sub(lambda found: found[0].translate(_LOOKALIKES), shown).translate(_INERT)


def _isolated_lines(text: str) -> str:
    """Isolate each line with right-to-left letters; an isolate ends with its line (Unicode's UAX 9)."""
    return "\n".join(
        f"{_ISOLATE}{line}{_END_ISOLATE}" if _has_right_to_left(line) else line for line in text.split("\n")
    )


def _isolated(line: str) -> str:
    """Isolate the right-to-left words alone: between them may stand what has no direction, and no word of ours."""
    if not _PERHAPS_RIGHT_TO_LEFT.search(line):
        return line
    parts: list[str] = []
    begun, end, at = -1, 0, 0
    for place, letter in enumerate(line):
        direction = unicodedata.bidirectional(letter)
        if direction in _RIGHT_TO_LEFT:
            begun, end = (place if begun < 0 else begun), place + 1
        elif direction == "L" and begun >= 0:
            parts += [line[at:begun], _ISOLATE, line[begun:end], _END_ISOLATE]
            begun, at = -1, end
    if begun >= 0:
        parts += [line[at:begun], _ISOLATE, line[begun:end], _END_ISOLATE]
        at = end
    return "".join([*parts, line[at:]])


def _has_right_to_left(line: str) -> bool:
    perhaps = _PERHAPS_RIGHT_TO_LEFT.findall(line)
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in perhaps)
