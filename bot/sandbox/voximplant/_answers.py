"""Canned answers: what a scenario's HTTP requests get, because nothing but loopback is ever sent to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_LOGIN = re.compile(r"^(\w+://)[^/?#]*@")


@dataclass(frozen=True, kw_only=True)
class CannedAnswer:
    """The answer of a back-end that is not there."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_for(url: str, answers: Mapping[str, CannedAnswer]) -> CannedAnswer | None:
    """Return the answer for a URL, the nearest first: for itself, without its query, for a beginning of it.

    A key that ends in `*` is a beginning; of several the longest counts. The URL's user and password need not be in it.
    """
    plain = url.partition("#")[0]
    shown = _LOGIN.sub(r"\1", plain)
    for key in (plain, shown, plain.partition("?")[0], address_of(url)):
        if key in answers:
            return answers[key]
    beginnings = [
        key for key in answers if key.endswith("*") and any(each.startswith(key[:-1]) for each in (plain, shown))
    ]
    return answers[max(beginnings, key=len)] if beginnings else None


def address_of(url: str) -> str:
    """Return a URL without the parts that are secrets: its user and password, its query and its fragment."""
    return _LOGIN.sub(r"\1", url.partition("#")[0].partition("?")[0])
