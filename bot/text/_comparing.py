"""Comparison of names of rules and applications, as people read and say them."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

_ALIKE: Final = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u02bc\u2032`\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
}
"""Signs that a phone, or a web page, puts for those of a keyboard: quotes and dashes."""

_SIGNS: Final = tuple(
    (re.compile(f"[{''.join(chr(each) for each, of in _ALIKE.items() if of == sign)}]"), sign)
    for sign in ("'", '"', "-")
)
"""The same as expressions, which pass over a text without such signs many times faster."""

_VARIANTS: Final = re.compile("[\ufe00-\ufe0f]")


def as_read(name: str) -> str:
    """Return a name as people see it: composed, without invisible characters, with plain spaces."""
    seen = "".join(each for each in _VARIANTS.sub("", name) if unicodedata.category(each) != "Cf")
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", seen)).strip()


def fold_name(name: str) -> str:
    """Return a name as people say it, independent of case, width, quotes and dashes."""
    return as_read(unicodedata.normalize("NFKC", name.translate(_ALIKE)).casefold().translate(_ALIKE))


def fold_data(text: str) -> str:
    """Return a text as `fold_name` does, but with its blanks and invisible characters: fast, for many texts."""
    if text.isascii():
        return text.casefold()
    for alike, sign in _SIGNS:
        text = alike.sub(sign, text)
    return unicodedata.normalize("NFKC", text).casefold()


SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (str, as_read, fold_name)
"""The comparisons of names, from strict to loose: the first that finds one decides."""
