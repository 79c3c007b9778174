"""Neutral text: sentences as plain strings, with tokens for what each place shows in a way of its own. Pure.

    person · call · channel · group     ids, which become names or mentions
    code · block · strong · emphasis    words that stand out
    link · moment                       an address with words for it, a moment in the reader's own zone

Everything that is no token is foreign: it has no effect wherever it is shown, whatever stands in it. So a sentence is
an f-string into which anybody's words may be put as they are.

A token is SOH, its kind with an argument, STX, what it holds, ETX: three control characters that nobody types, that
cannot stand in JSON as it is typed, and that Python and SQL take for letters. Text from outside loses them where it
comes in (`foreign`), once and for all; each token takes them out of its own words as well. What they make up that is
no token of a known kind is shown as the letters that it holds.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from bot.text._cut import beginning, cut

BOT: Final = "bot"
"""The actor of what the bot does by itself."""

SCENARIO: Final = "scenario"
"""The actor of what a session announces of itself."""

TERMINAL: Final = "cli:"
"""Begins the name of an actor who is no person of Slack's but a user of the machine."""

_SOH, _STX, _ETX = "\x01", "\x02", "\x03"
_SUBSTITUTE: Final = str.maketrans(dict.fromkeys((_SOH, _STX, _ETX), "\x1a"))
"""SUB, the character for one that is not taken: JSON that held one of the three is as wrong as it was."""

_DELIMITERS: Final = re.compile(f"([{_SOH}{_STX}{_ETX}])")
_LINE_END: Final = re.compile("\r\n?|[\n\u0085\u2028\u2029]")
_USER_SHOWN: Final = 100
_DEEPEST: Final = 8


class TokenKind(StrEnum):
    """The kind of a token."""

    person = "person"
    call = "call"
    channel = "channel"
    group = "group"
    code = "code"
    block = "block"
    strong = "strong"
    emphasis = "emphasis"
    link = "link"
    moment = "moment"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: a link's `argument` is its address, a moment's its seconds since 1970; `inside` is its text."""

    kind: TokenKind
    argument: str
    inside: "tuple[Piece, ...]"

    @property
    def letters(self) -> str:
        """Return its text, without the tokens in it."""
        return "".join(letters(each) for each in self.inside)


Piece = str | Token
"""Foreign words, or a token."""

_PARTS_OF_A_SENTENCE: Final = frozenset({TokenKind.strong, TokenKind.emphasis, TokenKind.code, TokenKind.block})
"""The kinds of tokens that may be cut; all others are kept whole or dropped."""


def foreign(text: str) -> str:
    """Return text from outside without the characters that delimit tokens: every way in calls this, and only those."""
    if _SOH not in text and _STX not in text and _ETX not in text:  # all but never, and found in no time
        return text
    return text.translate(_SUBSTITUTE)


def foreign_json(value: Any) -> Any:
    """Return a JSON value from outside with every text in it, names included, as `foreign` has it."""
    match value:
        case str():
            return foreign(value)
        case dict():
            return {foreign_json(name): foreign_json(each) for name, each in value.items()}
        case list():
            return [foreign_json(each) for each in value]
    return value


_NOTIFIABLE: Final = re.compile(r"[SUW][A-Z0-9]+")
"""Ids of groups and people in Slack."""

_GROUP: Final = "S"


def person(user: str) -> str:
    """Return the name of a user, or of one of the machine's, who typed at a terminal: `cli:ann` → `ann (terminal)`.

    Without an id it is nobody: what nobody did here names no one.
    """
    return _someone(TokenKind.person, user)


def call(user: str) -> str:
    """Return a user who is to be notified where this is posted; every other `person` is only named. Nobody: nothing."""
    return _someone(TokenKind.call, user) if user else ""


def channel(id_: str) -> str:
    """Return the name of a channel."""
    return _token(TokenKind.channel, foreign(id_))


def group(id_: str) -> str:
    """Return a user group, whose members are notified where this is posted."""
    return _token(TokenKind.group, foreign(id_))


def can_be_notified(id_: str) -> bool:
    """Return whether an id is of a person or a group in Slack; the bot and a user at a terminal are not."""
    return _NOTIFIABLE.fullmatch(id_) is not None


def notified(id_: str) -> str:
    """Return a person or a group who is to be notified where this is posted; a user at a terminal is named."""
    return group(id_) if id_.startswith(_GROUP) else call(id_)


def code(text: str, limit: int | None = None) -> str:
    """Return text that is typed or read to the letter, on one line, in at most `limit` characters."""
    line = _LINE_END.sub(" ", foreign(text))
    return _token(TokenKind.code, line if limit is None else cut(line, limit))


def block(text: str, limit: int | None = None) -> str:
    """Return text that is read to the letter, on lines of its own, in at most `limit` characters."""
    return _token(TokenKind.block, foreign(text) if limit is None else cut(foreign(text), limit))


def strong(text: str) -> str:
    """Return neutral text that is to be seen first."""
    return _token(TokenKind.strong, _whole(text))


def emphasis(text: str) -> str:
    """Return neutral text in another tone than the text around it."""
    return _token(TokenKind.emphasis, _whole(text))


def link(address: str, text: str) -> str:
    """Return words that lead to an address."""
    return _token(f"{TokenKind.link} {foreign(address)}", foreign("".join(map(letters, text_pieces(text)))))


def moment(at: datetime, *, seconds: bool = False) -> str:
    """Return a moment for the reader's own zone, with UTC for where that is not known."""
    clock = "%H:%M:%S" if seconds else "%H:%M"
    return _token(f"{TokenKind.moment} {int(at.timestamp())}", f"{at.astimezone(UTC):%Y-%m-%d {clock}} UTC")


def text_pieces(text: str) -> tuple[Piece, ...]:
    """Return the tokens of a text and the words between them, in their order."""
    if _SOH not in text and _STX not in text and _ETX not in text:
        return (text,) if text else ()
    parts = _DELIMITERS.split(text)
    open_: list[tuple[TokenKind, str, int]] = []
    found: list[Piece] = []
    at = 0
    while at < len(parts):
        part = parts[at]
        heading = _heading(parts, at) if part == _SOH and len(open_) < _DEEPEST else None
        if heading is not None:
            open_.append((*heading, len(found)))
            at += 3
            continue
        if part == _ETX and open_:
            kind, argument, begun = open_.pop()
            found[begun:] = [Token(kind, argument, tuple(found[begun:]))]
        elif part and part not in {_SOH, _STX, _ETX}:
            found.append(part)
        at += 1
    return tuple(found)


def letters(piece: Piece) -> str:
    """Return the words of a piece, without the tokens in it."""
    return piece if isinstance(piece, str) else piece.letters


def written(of: Sequence[Piece]) -> str:
    """Return the text that these are the pieces of."""
    return "".join(each if isinstance(each, str) else _token(_headed(each), written(each.inside)) for each in of)


def shortened(text: str, limit: int) -> str:
    """Return at most `limit` characters of a neutral text, the last one `…` if any are lost; no token is broken."""
    whole = text_pieces(text)
    if sum(len(letters(each)) for each in whole) <= limit:
        return text
    return written(_kept(whole, limit - 1)[0]) if limit > 0 else ""


def flat(text: str) -> str:
    """Return a neutral text with its names and moments alone: nothing in it stands out, and nothing leads away."""
    return written([*_flat(text_pieces(text))])


def first_line(text: str) -> tuple[str, str]:
    """Split a neutral text behind its first line; a line's end within a token is none."""
    whole = text_pieces(text)
    for place, piece in enumerate(whole):
        if isinstance(piece, str) and "\n" in piece:
            before, _, after = piece.partition("\n")
            return written([*whole[:place], before]), written([after, *whole[place + 1 :]])
    return text, ""


def calls(text: str) -> list[Token]:
    """Return the people and groups whom a text notifies, in their order."""
    return [each for each in _all(text_pieces(text)) if each.kind in {TokenKind.call, TokenKind.group}]


def _someone(kind: TokenKind, user: str) -> str:
    if user in {BOT, SCENARIO}:
        return f"the {user}"
    if not user:
        return "nobody"
    name = foreign(user.removeprefix(TERMINAL))
    return f"{cut(name, _USER_SHOWN)} (terminal)" if user.startswith(TERMINAL) else _token(kind, name)


def _token(heading: str, inside: str) -> str:
    return f"{_SOH}{heading}{_STX}{inside}{_ETX}"


def _headed(token: Token) -> str:
    return f"{token.kind} {token.argument}" if token.argument else token.kind


def _whole(text: str) -> str:
    """Return a text with its whole tokens, and without what else could open or close one."""
    return written(text_pieces(text))


def _heading(parts: Sequence[str], at: int) -> tuple[TokenKind, str] | None:
    """Read the heading of the token that begins here, if one does."""
    if parts[at + 2 : at + 3] != [_STX]:
        return None
    kind, _, argument = parts[at + 1].partition(" ")
    return (TokenKind(kind), argument) if kind in TokenKind.__members__ else None


def _kept(of: Sequence[Piece], room: int) -> tuple[list[Piece], bool]:
    """Keep what there is room for, and `…` behind it; whether anything was lost."""
    kept: list[Piece] = []
    for piece in of:
        long = len(letters(piece))
        if long <= room:
            kept.append(piece)
            room -= long
            continue
        if isinstance(piece, str):
            return [*kept, f"{beginning(piece, room)}…"], True
        if piece.kind in _PARTS_OF_A_SENTENCE and room > 0:
            inside, _ = _kept(piece.inside, room)
            return [*kept, Token(piece.kind, piece.argument, tuple(inside))], True
        return [*kept, "…"], True
    return kept, False


def _flat(of: Sequence[Piece]) -> Iterator[Piece]:
    for piece in of:
        if isinstance(piece, Token) and piece.kind in _PARTS_OF_A_SENTENCE | {TokenKind.link}:
            yield from _flat(piece.inside)
        else:
            yield piece


def _all(of: Sequence[Piece]) -> Iterator[Token]:
    for piece in of:
        if isinstance(piece, Token):
            yield piece
            yield from _all(piece.inside)
