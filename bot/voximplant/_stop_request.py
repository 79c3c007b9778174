"""A stop as a scenario takes it: the body, its content type, and the place after the session's URL.

A platform cannot end a session, so a stop is whatever the scenario listens to (facts: a word, a form, JSON, a path).
"""

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NoReturn

from bot.text import begins_like_json

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
TEXT: Final = "text/plain; charset=utf-8"

_FORM_FIELDS: Final = re.compile(r"[\w.~%+\[\]-]+=[\w.~%+*-]*(?:&[\w.~%+\[\]-]+=[\w.~%+*-]*)*", re.ASCII)
_LONGEST_PATH: Final = 500
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPED_CONTROL: Final = re.compile(r"%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
# The letters of a session's own URL: no parser, ours or a server's, reads them in two ways.
_LETTERS: Final = r"A-Za-z0-9._~!$&()*+,;=:\-"
_PATH: Final = re.compile(rf"(?:/[{_LETTERS}]+)*/?(?:\?(?:[{_LETTERS}/?]|%[0-9A-Fa-f]{{2}})+)?")


class Method(StrEnum):
    """The method of a stop; the platform takes any (facts), and some scenarios look for GET."""

    post = "POST"
    get = "GET"


@dataclass(frozen=True, kw_only=True)
class StopRequest:
    """The request that asks a session to stop.

    `path` is what stands behind the session's own URL: a suffix of its path such as `/stop`, a query such as
    `?action=stop`, or both. Raises ValueError, with the end of a sentence, for a path that could lead elsewhere.
    """

    body: bytes = field(repr=False)
    content_type: str
    path: str = field(default="", repr=False)
    method: Method = Method.post

    def __post_init__(self) -> None:
        if (problem := path_problem(self.path)) is not None:
            raise ValueError(problem)


def path_problem(path: str) -> str | None:
    """Return why a path cannot stand behind a session's URL, as the end of a sentence; None if it can."""
    if path and path[0] not in "/?":
        return "must begin with / for a path or ? for a query"
    if _CONTROL.search(path) or _ESCAPED_CONTROL.search(path):
        return "must hold no line break and no other control character"
    if "//" in path or ".." in path or "." in path.partition("?")[0].split("/"):
        return "must hold no //, no .. and no single . between / signs, which could lead elsewhere"
    if _PATH.fullmatch(path) is None:
        return "may hold letters, digits, / and -._~!$&()*+,;=: and after a ? also %20 and the like"
    return f"must have at most {_LONGEST_PATH} characters" if len(path) > _LONGEST_PATH else None


def content_type_of(text: str) -> str:
    """Return the content type that a body's look suggests: JSON for an object or an array, a form, else plain text.

    A scenario cannot see it (facts: it sees only headers that begin with X-). `0` is JSON too, and meant as text.
    """
    if begins_like_json(text) and is_json(text):
        return JSON
    return FORM if _FORM_FIELDS.fullmatch(text) else TEXT


def is_json(text: str) -> bool:
    """Return whether a text is JSON, of any kind of value."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
