"""The URLs of sessions, which are secrets and reach no page: a placeholder stands for each.

Typed with the platform's id of a session behind it, as in `adopt PLACEHOLDER h4202753936`, it sends the URL itself, as
if that had been pasted from the client that started the session.
"""

import re
from typing import Final

from bot.sandbox.voximplant import Platform

PLACEHOLDER: Final = "‹session URL›"  # noqa: RUF001 - nothing that a scenario would write

_SLASH = r"(?:\\*/|%2F)"
_URL = re.compile(
    rf"(?:https?(?::|%3A){_SLASH}{_SLASH}(?:[^\s\"'<>\\/%]|%3A)*)?{_SLASH}(?:request|logs){_SLASH}"
    rf"[0-9A-Fa-f]{{16,32}}(?:[\w.]*{_SLASH}[0-9A-Fa-f]{{16}})?",
    re.IGNORECASE,
)
_MEANT: Final = re.compile(rf"{PLACEHOLDER}(?=\s+h?(?P<id>[0-9]{{1,18}})\b)")


def without_session_urls(text: str) -> str:
    """Return the text with the placeholder in place of each URL, however it is escaped."""
    return _URL.sub(PLACEHOLDER, text)


def with_session_urls(typed: str, platform: Platform) -> str:
    """Return the text with the secure URL of the session that is meant in place of each placeholder."""

    def url(meant: re.Match[str]) -> str:
        running = platform.started.get(int(meant["id"]))
        return meant[0] if running is None else running.access_secure_url

    return _MEANT.sub(url, typed)
