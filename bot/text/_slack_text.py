"""Typed lines without the changes of Slack and keyboards: Slack's encoding, and bent quotes.

`decode` is for mentions only: a slash command is registered with `should_escape: false` and comes as typed.
What `bot.slack.render` did for reading, isolates around right-to-left text, is undone as well: it is copied along.
JSON has rules of its own and is repaired in `_json`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Slack's entities, and its links: <https://x.y|x.y>, <mailto:a@b|a@b>, <tel:+49…|+49…> (facts).
# <@U1>, <#C1> and <!here> are not links: they name someone, and stay.
_ENCODED = re.compile(r"<(?![@#!])(?P<target>[^<>|\s]+)(?:\|(?P<label>[^<>]*))?>|&(?P<entity>amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}

_SPACE = r"\s\u200b\u2060\ufeff"  # the last three have no width: pasted along unseen, and no `\s` to Python
_MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # of direction: unseen, too
_GAP = re.compile(rf"[{_SPACE}]*")
_MARKED = re.compile(rf"[{_MARKS}]*")
_EDGE = re.compile(rf"[{_SPACE}{_MARKS}]*")
_BARE = re.compile(rf"[^{_SPACE}]*[^{_SPACE}{_MARKS}]")  # marks inside a word stay, as they are in names
_ISOLATE = re.compile(r"\u2068([^\n\u2066-\u2069]+)\u2069\s*")
_KEY = re.compile(r"\w+=")
_DOUBLE_QUOTES = '"“”„‟«»″＂'  # noqa: RUF001 - the bent ones are the point
_SINGLE_QUOTES = "'‘’‚‛"  # noqa: RUF001 - the bent ones are the point
_CLOSING = {
    quotes: re.compile(rf"[{quotes}](?=[{_MARKS}]*+(?:[{_SPACE}]|\Z))") for quotes in (_DOUBLE_QUOTES, _SINGLE_QUOTES)
}


class UnclosedQuote(ValueError):  # noqa: N818 - it names what is wrong, as its sentence does
    """A quoted word has no end. Its text is one sentence for the person who typed it."""

    def __init__(self, quote: str) -> None:
        super().__init__(f"The quote that starts with {quote} has no end: close it, or leave it out.")


def is_mention(word: str) -> bool:
    """Return whether a word begins as a person's mention does."""
    return word.startswith("<@")


@dataclass(frozen=True)
class Word:
    """One word of a line: `text` without its quotes and the marks at its ends, `line[start:end]` with them."""

    text: str
    start: int
    end: int
    quoted: bool


def decode(text: str) -> str:
    """Return the typed text of a mention: entities and links undone in one pass, once.

    A link becomes its label (what the person saw), or its target if it has none.
    """
    return _ENCODED.sub(_as_typed, text)


def split_words(line: str) -> list[Word]:
    """Split a line at spaces of any kind. Quotes, straight or curly, keep them in: `"my rule"`, `by=“Al Bo”`.

    A quote opens only where a word, or the value of `key=`, begins, and closes only where the word ends: an
    apostrophe is a letter. Marks of direction around a word are no part of it. Raises `UnclosedQuote` for a double
    quote that is never closed.
    """
    return list(each_word(line))


def each_word(line: str) -> Iterator[Word]:
    """Split a line as `split_words` does, one word at a time: `UnclosedQuote` is raised when its turn comes."""
    unclosed: set[str] = set()
    position = 0
    while (word := _word_at(line, position, unclosed)) is not None:
        yield word
        position = word.end


def first_word(text: str) -> tuple[str, str]:
    """Return the first word, unquoted, and the untouched text after its space. Both may be empty.

    Marks of direction alone are nothing that follows.

    Raises `UnclosedQuote` if that first word is a double quote without an end; the rest is not looked at.
    """
    word = _word_at(text, 0, set())
    if word is None:
        return "", ""
    return word.text, after_word(text, word.end)


def after_word(text: str, end: int) -> str:
    """Return the text after the word that ends here, from its first sign on; marks alone are nothing."""
    if _EDGE.fullmatch(text, end):
        return ""
    return text[_after(_GAP, text, _after(_MARKED, text, end)) :]


def without_isolates(text: str) -> str:
    """Return data without the one isolate (U+2068 to U+2069) it was shown in; all other data stays as it is."""
    isolate = _ISOLATE.fullmatch(text)
    return isolate[1] if isolate else text


def _as_typed(found: re.Match[str]) -> str:
    if found["entity"]:
        return _ENTITIES[found["entity"]]
    return decode(found["label"] or found["target"].removeprefix("mailto:").removeprefix("tel:"))


def _word_at(line: str, position: int, unclosed: set[str]) -> Word | None:
    start = _after(_EDGE, line, position)
    bare = _BARE.match(line, start)
    if bare is None:
        return None
    key = _KEY.match(line, start)
    name = line[start : key.end()] if key else ""
    value = _after(_MARKED, line, key.end()) if key else start
    closing = _closing_quote(line, value, unclosed)
    if closing is not None:
        return Word(name + line[value + 1 : closing].strip(_MARKS), start, closing + 1, quoted=True)
    return Word(name + line[value : bare.end()], start, bare.end(), quoted=False)


def _closing_quote(line: str, opening: int, unclosed: set[str]) -> int | None:
    """Return the end of a quote. Quotes without an end are added to `unclosed`: further on they have none either."""
    quote = line[opening : opening + 1]
    for quotes, closing in _CLOSING.items():
        if quote and quote in quotes and quotes not in unclosed:
            if found := closing.search(line, opening + 1):
                return found.start()
            if quotes == _DOUBLE_QUOTES:
                raise UnclosedQuote(quote)
            unclosed.add(quotes)
    return None


def _after(these: re.Pattern[str], line: str, position: int) -> int:
    found = these.match(line, position)
    return found.end() if found else position
