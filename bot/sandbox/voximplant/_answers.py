"""Canned answers: what a scenario's HTTP requests get, because nothing but loopback is ever sent to."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class CannedAnswer:
    """The answer of a back-end that is not there."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_for(url: str, answers: Mapping[str, CannedAnswer]) -> CannedAnswer | None:
    """Return the answer for a URL, the nearest first: for itself, without its query, for a beginning of it.

    A key that ends in `*` is a beginning; of several the longest counts.
    """
    plain = url.partition("#")[0]
    for key in (plain, plain.partition("?")[0]):
        if key in answers:
            return answers[key]
    beginnings = [key for key in answers if key.endswith("*") and plain.startswith(key[:-1])]
    return answers[max(beginnings, key=len)] if beginnings else None
