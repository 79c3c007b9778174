"""Words that people write where an option of a list would stand, and what they plainly mean."""

import re
from typing import Final

from bot.text import is_mention
from bot.verbs._filters import SILENT

TROUBLED: Final = frozenset({
    "stuck", "hanging", "hangs", "hung", "unconfirmed", "attention", "problem", "problems", "trouble", "lost",
    "overdue", "late", "unknown", "broken", "silent",
})  # fmt: skip
_LOOSE: Final[dict[str, str]] = {
    **dict.fromkeys(("open", "running", "active", "live", "now", "current"), "state=open"),
    **dict.fromkeys(("ended", "closed", "over", "finished", "done", "past", "old", "stopped"), "state=ended"),
    **dict.fromkeys(("all", "any", "everything"), "state=any"),
    **dict.fromkeys(("me", "my", "mine"), "by=me"),
    "here": "channel=here",
    "everywhere": "channel=all",
    **dict.fromkeys(("elsewhere", "inbound"), "origin=elsewhere"),
    **dict.fromkeys(("silent", "unheard"), SILENT),
    **dict.fromkeys(("session", "sessions", "the", "please", "ones"), ""),
}
"""Words that people write where an option would stand, and what they plainly mean."""

_NOT_HERE: Final = re.compile(
    r"(?<!\S)not\s+started\s+(?:here|by\s+(?:us|anybody|anyone|a\s+person)|(?:in|from|by)\s+slack)(?!\S)", re.IGNORECASE
)


def as_option(word: str) -> str:
    """Return a loose word as an option; `run` resolves a number or a part of a rule's name."""
    if (option := _LOOSE.get(word.casefold().strip("-–—.,:;!?"))) is not None:
        return option
    return f"by={word}" if is_mention(word) else f"about={word}"


def with_phrases(text: str) -> str:
    """Return the text with `not started here` as an option; quoted words mean themselves."""
    return text if '"' in text else _NOT_HERE.sub("origin=elsewhere", text)
