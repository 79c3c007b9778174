"""The stops that a source itself suggests: what its code compares a request with, or looks for in one.

Each is tried on a session of its own, so a wrong suggestion costs a moment and says nothing.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final
from urllib.parse import quote

from bot.cli.scenario.check.source._tokens import Kind, Token, tokens
from bot.cli.scenario.sessions import Request
from bot.config import DEFAULT_STOP

MOST: Final = 60
"""So many suggestions of one source are tried, those that sound like a stop first."""

_STOPLIKE: Final = (
    "stop",
    "hang",
    "end",
    "term",
    "kill",
    "cancel",
    "finish",
    "disconnect",
    "drop",
    "close",
    "exit",
    "bye",
)
_LOOKS_FOR: Final = ("includes", "indexOf", "startsWith", "endsWith", "has", "test")
_EQUALS: Final = ("===", "==", "!==", "!=")
_PATHS: Final = frozenset({"path", "pathname", "url", "query", "search"})
_PARSER: Final = "URLSearchParams"
_EVENTS: Final = "Events"
_LONGEST: Final = 200


def candidates(text: str) -> list[Request]:
    """Return the requests that a source suggests, each once, the likelier ones first."""
    found = list(dict.fromkeys(_requests(tokens(text))))
    return list(islice(sorted(found, key=lambda each: not _is_stoplike(each)), MOST))


def _requests(found: Sequence[Token]) -> Iterator[Request]:
    splits = _splits(found)
    for names, value in _comparisons(found):
        if names and names[0].endswith(_EVENTS):
            continue  # of the platform's events, and none of a request
        if names and names[-1] in _PATHS:
            yield from _of_path(value)
            continue
        keys = [each for each in names[1:] if each != "content"]
        if keys:
            yield Request(body=json.dumps(_nested(keys, value), ensure_ascii=False))
            if len(keys) > 1:
                yield Request(body=json.dumps({keys[-1]: value}, ensure_ascii=False))
        elif names and names[-1] != "content":
            yield Request(body=json.dumps({names[-1]: value}, ensure_ascii=False))
        if names and not splits.isdisjoint("=&"):
            yield from _of_form(names[-1], value, in_query="?" in splits)
        if value is not True:
            yield Request(body=value if isinstance(value, str) else json.dumps(value))


def _splits(found: Sequence[Token]) -> frozenset[str]:
    """Return the signs at which the source takes a text apart, such as those of a form or of a query."""
    if any(each.is_name(_PARSER) for each in found):
        return frozenset("?&=")
    opened = zip(found, found[1:], found[2:], strict=False)
    return frozenset(sign.text for name, bracket, sign in opened if name.is_name("split") and bracket.is_sign("("))


def _of_form(name: str, value: object, *, in_query: bool) -> Iterator[Request]:
    """Yield a pair of a form, as a body and, where the source looks at a query, as one."""
    pair = f"{quote(name)}={quote(value if isinstance(value, str) else json.dumps(value))}"
    yield Request(body=pair)
    if in_query:
        yield from _of_path(f"?{pair}")


def _of_path(value: object) -> Iterator[Request]:
    if not isinstance(value, str) or not value:
        return
    path = value if value[0] in "/?" else f"?{value}" if "=" in value else f"/{value}"
    yield Request(body=DEFAULT_STOP.body.decode(), path=path)
    yield Request(body="", method="GET", path=path)


def _comparisons(found: Sequence[Token]) -> Iterator[tuple[list[str], object]]:
    """Yield the names of a property, such as `data`, `command`, and the value that it is held against."""
    switched: list[str] = []
    for index, token in enumerate(found[:-1]):
        after = _value(found[index + 1])
        if token.is_sign(*_EQUALS) and index:
            yield from _equality(found, index)
        elif token.is_name("switch"):
            switched = _names_after(found, index + 2)
        elif token.is_name("case") and after is not None:
            yield switched, after
        elif token.kind is Kind.word and index and found[index - 1].is_sign(".", "?."):
            yield from _member(found, index)


def _equality(found: Sequence[Token], index: int) -> Iterator[tuple[list[str], object]]:
    """Yield a property and the value that it is compared with, on whichever side that stands."""
    if (value := _value(found[index + 1])) is not None:
        names = _names_before(found, index)
        if not _is_typeof(found, index, names):
            yield names, value
    elif (value := _value(found[index - 1])) is not None:
        yield _names_after(found, index + 1), value


def _member(found: Sequence[Token], index: int) -> Iterator[tuple[list[str], object]]:
    """Yield a text that is looked for in a property, or a property that sounds like a stop: it may be true."""
    token, after = found[index], found[index + 1]
    if token.is_name(*_LOOKS_FOR) and index + 2 < len(found):
        if (value := _value(found[index + 2])) is not None:
            yield _names_before(found, index - 1), value
    elif _sounds_like_stop(token.text) and not after.is_sign("(", ".", "?.", "=", *_EQUALS):
        yield _names_before(found, index + 1), True


def _names_before(found: Sequence[Token], end: int) -> list[str]:
    """Return the names of the property that ends before this place: `data.command`, `data["command"]`."""
    names: list[str] = []
    index = end - 1
    while index >= 0:
        if found[index].kind is Kind.word:
            names.insert(0, found[index].text)
        elif index > 1 and found[index].is_sign("]") and found[index - 1].kind is Kind.string:
            names.insert(0, found[index - 1].text)
            index -= 3
            continue
        else:
            break
        if index == 0 or not found[index - 1].is_sign(".", "?."):
            break
        index -= 2
    return names


def _names_after(found: Sequence[Token], start: int) -> list[str]:
    """Return the names of the property that begins here."""
    names: list[str] = []
    index = start
    while index < len(found):
        if found[index].kind is not Kind.word:
            break
        names.append(found[index].text)
        while index + 3 < len(found) and found[index + 1].is_sign("[") and found[index + 2].kind is Kind.string:
            names.append(found[index + 2].text)
            index += 3
        if index + 1 >= len(found) or not found[index + 1].is_sign(".", "?."):
            break
        index += 2
    return names


def _is_typeof(found: Sequence[Token], end: int, names: Sequence[str]) -> bool:
    before = end - 2 * len(names)
    return before >= 0 and found[before].is_name("typeof")


def _value(token: Token) -> object:
    """Return the value of a string, a number or a truth value; None for anything else."""
    if token.kind is Kind.string:
        return token.text if len(token.text) <= _LONGEST else None
    if token.kind is Kind.number and token.text.isdecimal():
        return int(token.text)
    return True if token.is_name("true") else None


def _nested(keys: Sequence[str], value: object) -> object:
    for key in reversed(keys):
        value = {key: value}
    return value


def _is_stoplike(request: Request) -> bool:
    return _sounds_like_stop(request.body + request.path)


def _sounds_like_stop(text: str) -> bool:
    return any(word in text.casefold() for word in _STOPLIKE)
