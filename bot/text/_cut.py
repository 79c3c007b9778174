"""Text, cut where a reader sees whole characters."""

import unicodedata

_JOINER = "\u200d"


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters, the last one `…` if any are lost; no emoji or accent is cut in two."""
    return text if len(text) <= limit else beginning(text, max(limit - 1, 0)) + "…"[:limit]


def beginning(text: str, end: int) -> str:
    """Return the first `end` characters, or a few less where the last one would be cut in two."""
    while 0 < end < len(text) and _belong_together(text[end - 1], text[end]):
        end -= 1
    return text[:end]


def _belong_together(left: str, right: str) -> bool:
    extends = unicodedata.combining(right) or unicodedata.category(right) in {"Mn", "Me", "Mc"}
    skin_tone = "\U0001f3fb" <= right <= "\U0001f3ff"
    return bool(extends) or skin_tone or _JOINER in {left, right}
