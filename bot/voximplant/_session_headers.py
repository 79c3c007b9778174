"""The headers by which a scenario knows a request of the bot's; it sees only those that begin with X- (facts)."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from bot.process import scrub

_REASON_SHOWN: Final = 300
_PERSON_SHOWN: Final = 120


def send_headers(request_id: str) -> Mapping[str, str]:
    """Return the headers of a send."""
    return {"X-Session-Bot": "send", "X-Request-Id": request_id}


def stop_headers(request_id: str, by: str, reason: str | None) -> Mapping[str, str]:
    """Return the headers of a stop: all of its attempts have the same.

    Person and reason are percent-encoded UTF-8: no letter of theirs can end a header, or begin another.
    """
    headers = {"X-Session-Bot": "stop", "X-Request-Id": request_id, "X-Session-Bot-By": _encoded(by, _PERSON_SHOWN)}
    if reason:
        headers["X-Session-Bot-Reason"] = _encoded(scrub(reason), _REASON_SHOWN)
    return headers


def _encoded(text: str, limit: int) -> str:
    return quote(text[:limit].encode("utf-8", "replace"), safe="")
