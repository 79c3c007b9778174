"""What Slack and keyboards did to a typed line, undone: Slack's encoding, and quotes that were bent.

`decode` is for mentions only: a slash command is registered with `should_escape: false` and comes as typed.
JSON has rules of its own and is repaired in `bot.json_text`.
"""

import re
from dataclasses import dataclass

# Slack's entities, and its links: <https://x.y|x.y>, <mailto:a@b|a@b>, <tel:+49…|+49…> (facts: §1).
# <@U1>, <#C1> and <!here> are not links: they name someone, and stay.
_ENCODED = re.compile(r"<(?![@#!])(?P<target>[^<>|\s]+)(?:\|(?P<label>[^<>]*))?>|&(?P<entity>amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}

_SPACE = r"\s\u200b\u2060\ufeff"  # the last three have no width: pasted along unseen, and no `\s` to Python
_GAP = re.compile(rf"[{_SPACE}]*")
_BARE = re.compile(rf"[^{_SPACE}]+")
_KEY = re.compile(r"\w+=")
_DOUBLE_QUOTES = '"“”„‟«»″＂'  # noqa: RUF001 - the bent ones are the point
_SINGLE_QUOTES = "'‘’‚‛"  # noqa: RUF001 - the bent ones are the point
_CLOSING = {quotes: re.compile(rf"[{quotes}](?=[{_SPACE}]|\Z)") for quotes in (_DOUBLE_QUOTES, _SINGLE_QUOTES)}


class UnclosedQuote(ValueError):  # noqa: N818 - it names what is wrong, as its sentence does
    """A quoted word has no end. Its text is one sentence for the person who typed it."""

    def __init__(self, quote: str) -> None:
        super().__init__(f"The quote that starts with {quote} has no end: close it, or leave it out.")


@dataclass(frozen=True)
class Word:
    """One word of a line: `text` without its quotes, `line[start:end]` with them."""

    text: str
    start: int
    end: int
    quoted: bool


def decode(text: str) -> str:
    """Give back what was typed, from the text of a mention: entities and links undone in one pass, once.

    A link becomes its label (what the person saw), or its target if it has none.
    """
    return _ENCODED.sub(_as_typed, text)


def words(line: str) -> list[Word]:
    """Split a line at spaces of any kind. Quotes, straight or curly, keep them in: `"my rule"`, `by=“Al Bo”`.

    A quote opens only where a word, or the value of `key=`, begins, and closes only where the word ends: an
    apostrophe is a letter. Raises `UnclosedQuote` for a double quote that is never closed.
    """
    found: list[Word] = []
    while (word := _word_at(line, found[-1].end if found else 0)) is not None:
        found.append(word)
    return found


def first_word(text: str) -> tuple[str, str]:
    """Split off the first word, unquoted; what follows the space after it stays untouched. Both may be empty.

    Raises `UnclosedQuote` if that first word is a double quote without an end; the rest is not looked at.
    """
    word = _word_at(text, 0)
    if word is None:
        return "", ""
    return word.text, text[_after_gap(text, word.end) :]


def _as_typed(found: re.Match[str]) -> str:
    if found["entity"]:
        return _ENTITIES[found["entity"]]
    return decode(found["label"] or found["target"].removeprefix("mailto:").removeprefix("tel:"))


def _word_at(line: str, position: int) -> Word | None:
    start = _after_gap(line, position)
    bare = _BARE.match(line, start)
    if bare is None:
        return None
    key = _KEY.match(line, start)
    value = key.end() if key else start
    closing = _closing_quote(line, value)
    if closing is not None:
        return Word(line[start:value] + line[value + 1 : closing], start, closing + 1, quoted=True)
    return Word(bare[0], start, bare.end(), quoted=False)


def _closing_quote(line: str, opening: int) -> int | None:
    quote = line[opening : opening + 1]
    for quotes, closing in _CLOSING.items():
        if quote and quote in quotes:
            if found := closing.search(line, opening + 1):
                return found.start()
            if quotes == _DOUBLE_QUOTES:
                raise UnclosedQuote(quote)
    return None


def _after_gap(line: str, position: int) -> int:
    gap = _GAP.match(line, position)
    return gap.end() if gap else position
