"""JSON from people: `understand` typed text, byte for byte if valid, and `mask` it for showing."""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, NoReturn

from bot.process import mask_in_place
from bot.text._json_repair import repair

DEEPEST = 200  # levels: far more than data has, far fewer than Python's recursion limit
_WINDOW = 60  # characters shown of a long line with a mistake
_LONGEST = 1500  # characters of a body that a thread shows (design: 1,500)

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]|NaN|-?Infinity', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_COLON = re.compile(r"\s*:\s*")
_LITERALS = {"true": "true", "false": "false", "null": "null", "none": "null", "nil": "null", "undefined": "null"}
_FOREIGN = re.compile(rf"(?:{'|'.join(_LITERALS)})(?!\w)", re.IGNORECASE)  # as other languages write them
_REASONS = {  # Python's words → ours
    "Expecting value": "a value is needed here",
    "Expecting property name enclosed in double quotes": "a name in double quotes is needed here",
    "Expecting ':' delimiter": "a colon is needed here",
    "Expecting ',' delimiter": "a comma or a closing bracket is needed here",
    "Unterminated string starting at": "the text that starts here has no closing quote",
    "Invalid control character at": r"inside a text, a line break is written \n and a tab \t",
    "Invalid \\escape": r'a backslash takes one of \ " / b f n r t u after it',
    "Invalid \\uXXXX escape": r"\u takes four hexadecimal digits after it",
    "Extra data": "the JSON is over before this",
}


@dataclass(frozen=True)
class Understood:
    """Valid JSON: the bytes to send, and the repairs in words."""

    body: bytes = field(repr=False)
    repaired: bool
    changes: tuple[str, ...]


class BadJson(ValueError):  # noqa: N818 - the word that people and other modules use
    """Text that is not JSON and could not be repaired.

    `line` and `column` count from 1, in the text as typed. `caret` is two lines for a fixed-width font: the
    line with the mistake, shortened, and `^` under the place; it quotes what was typed, session URLs and keys
    left out, so it is for the person who typed it. The exception's own text quotes nothing.
    """

    def __init__(self, text: str, offset: int, reason: str) -> None:
        before = text[:offset]
        self.line = before.count("\n") + 1
        self.column = offset - before.rfind("\n")
        self.reason = reason
        self.caret = _caret(text, offset)
        super().__init__(f"line {self.line}, column {self.column}: {reason}")


def understand(text: str) -> Understood:
    """Return valid JSON, an object or an array, exactly as it is; else repair it. Raises `BadJson`."""
    try:
        _check(text)
    except _Mistake as as_typed:
        repaired = repair(text)
        if not repaired.changes:
            raise BadJson(text, as_typed.offset, as_typed.reason) from None
        try:
            _check(repaired.text)
        except _Mistake as remaining:
            raise BadJson(text, repaired.origin(remaining.offset), remaining.reason) from None
        return Understood(repaired.text.encode(), repaired=True, changes=repaired.changes)
    return Understood(text.encode(), repaired=False, changes=())


def begins_like_json(text: str) -> bool:
    """Return whether a text begins as an object or an array does, so that it is most likely meant as one."""
    return text.lstrip().startswith(("{", "["))


class _Mistake(Exception):  # noqa: N818 - a mistake in a text; it stays in this module
    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


def _check(text: str) -> None:
    """Raise `_Mistake` unless the text is strict JSON. Numbers stay text: any count of digits is JSON."""
    if half := _SURROGATE.search(text):
        raise _Mistake(half.start(), "this is half a character and cannot be sent")
    _check_depth(text)
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        offset = _place(text, error.pos)
        raise _Mistake(offset, _reason(text, offset, error.msg)) from None
    except _NotANumber:
        name = next(token for token in _TOKEN.finditer(text) if token[0].endswith(("NaN", "Infinity")))
        raise _Mistake(name.start(), f"{name[0]} is not JSON: use a number or null") from None
    if not isinstance(value, dict | list):
        raise _Mistake(len(text) - len(text.lstrip()), "an object or an array is needed")


def _check_depth(text: str) -> None:
    """Count brackets as the parser will meet them, so that it never comes near Python's recursion limit."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > DEEPEST:
            raise _Mistake(token.start(), f"this is nested deeper than {DEEPEST} levels")


class _NotANumber(Exception):  # noqa: N818 - NaN or Infinity was read; only `_check` sees this
    pass


def _refuse(_constant: str) -> NoReturn:
    raise _NotANumber


def _place(text: str, offset: int) -> int:
    """Return the place a person would look at for the parser's offset: a comma too many, the end of the text."""
    before = text[:offset].rstrip()
    if text[offset : offset + 1] in {"]", "}"} and before.endswith(","):
        return len(before) - 1  # Python points there itself from 3.13 on
    return min(offset, len(text.rstrip()))


def _reason(text: str, offset: int, message: str) -> str:
    here = text[offset:].strip()
    if not text.strip():
        return "there is no JSON here"
    if not here:
        return "the JSON is not complete: something is missing at its end"
    if here[0] in "'‘’":  # noqa: RUF001 - what phones make of a straight one
        return "a text needs double quotes"
    if re.match(r",\s*[\]}]", here):
        return "this comma is one too many"
    if (word := _FOREIGN.match(here)) and word[0] not in _LITERALS.values():
        return f"JSON writes {_LITERALS[word[0].casefold()]} here, not {word[0]}"
    return _REASONS.get(message, f"this is not JSON ({message})")


def _caret(text: str, offset: int) -> str:
    text = mask_in_place(text)  # before it is cut: the end of a session's URL has no shape of its own
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    end = len(text) if end == -1 else end
    left = max(start, offset - _WINDOW // 2)
    right = min(end, left + _WINDOW)
    before = "…" * (left > start) + _visible(text[left:offset])
    after = _visible(text[offset:right]) + "…" * (right < end)
    return f"{before}{after}\n{' ' * _width(before)}^"


def _visible(text: str) -> str:
    """Return the text with one known shape per character: spaces of any kind a space, an invisible one a dot."""
    return "".join(" " if c.isspace() else c if c.isprintable() else "·" for c in text)


def _width(text: str) -> int:
    """Return the width in columns of a fixed-width font: wide letters are two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


# Which names hide their values: a short term where it ends the name or a word of it (`pin`, `userPin`,
# `smartcard`), a long one anywhere (`mysecret2`). A short term that begins a longer word (`keyboard`) does not
# count. So `monkey` is hidden in vain: its sender still knows it, while what was once shown stays shown.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SHORT_TERM = re.compile(r".*(?:pass|pwd|pin|key|auth|card|cvv|cvc|otp)s?|passwd|passcode|passphrase")
_LONG_TERM = re.compile(r"secret|token|passw|passphrase|passcode|apikey|pincode|cardn|cvv|authori[sz]|authenti")
_LOOSE_NAME = re.compile(r"""(?<![\w.-])([\w.-]++)\\*+["']?\s*+[:=]\s*+""")
_QUOTES = "\\\"'"
_LOOSE_VALUE = re.compile(r"""[\[{].*|\\*"(?:[^"\\]|\\[^"])*+(?:\\?"|\Z)|'[^']*+'?|[^\s,;&}\]]+""", re.DOTALL)


def mask(body: bytes | str) -> str:
    """Return a body for a thread: `•••` for values under telling names, at any depth; 1,500 characters at most.

    All else stays as it was written. In a body that is not JSON, what follows `name:` or `name=` is hidden.
    """
    return cut_json(mask_all(body))


def mask_all(body: bytes | str) -> str:
    """Return all of a body, with its telling values hidden as `mask` does."""
    return _masked(body, [])


def hidden_values(body: bytes | str) -> list[Any]:
    """Return the values that `mask` hides in a body: as JSON has them, numbers as texts; else as they are written."""
    hidden: list[Any] = []
    _masked(body, hidden)
    return hidden


def _masked(body: bytes | str, hidden: list[Any]) -> str:
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    try:
        _check(text)
    except _Mistake:
        return _without_loose_values(text, hidden)
    return _without_telling_values(text, hidden)


def cut_json(text: str) -> str:
    """Return the first 1,500 characters, and how many more there are."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… ({len(text) - _LONGEST:,} more characters)"


def _without_telling_values(text: str, hidden: list[Any]) -> str:
    value = json.JSONDecoder(parse_int=str, parse_float=str)
    parts: list[str] = []
    kept = at = 0
    while name := _TEXT.search(text, at):
        at = name.end()
        colon = _COLON.match(text, at)
        if colon and is_telling(json.loads(name[0])):
            told, at = value.raw_decode(text, colon.end())
            hidden.append(told)
            parts += [text[kept : colon.end()], '"•••"']
            kept = at
        elif (inside := _json_inside(name[0], hidden)) is not None:
            parts += [text[kept : name.start()], json.dumps(inside, ensure_ascii=False)]
            kept = at
    return "".join(parts) + text[kept:]


def _json_inside(quoted: str, hidden: list[Any]) -> str | None:
    """Return the JSON that a text in JSON holds, masked; None when it holds none, or nothing to be masked."""
    inside = json.loads(quoted)
    if not begins_like_json(inside):
        return None
    try:
        _check(inside)
    except _Mistake:
        return None
    masked = _without_telling_values(inside, hidden)
    return None if masked == inside else masked


def _without_loose_values(text: str, hidden: list[Any]) -> str:
    parts: list[str] = []
    kept = at = 0
    while name := _LOOSE_NAME.search(text, at):
        at = name.end()
        if is_telling(name[1]) and (value := _LOOSE_VALUE.match(text, at)):
            hidden.append(value[0].strip(_QUOTES))
            parts += [text[kept:at], "•••"]
            kept = at = value.end()
    return "".join(parts) + text[kept:]


def is_telling(name: str) -> bool:
    """Return whether values under this name are masked."""
    name = unicodedata.normalize("NFKC", name)
    whole = name.casefold()
    words = [whole, *(word.casefold() for word in _WORD.findall(name))]
    return bool(_LONG_TERM.search(whole)) or any(_SHORT_TERM.fullmatch(word) for word in words)
