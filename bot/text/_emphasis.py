"""Slack's rendering of `*this*`, `_this_`, `~this~` and `` `this` ``, undone. Pure.

Slack's composer turns typed marks into styles, and its blocks hold the styled words without their marks. `marked`
puts the marks back: they may have been part of JSON. `without_emphasis` removes those around a command that are no
part of it, as in `*stop*`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise, permutations
from typing import Final

MARKS: Final = {"strike": "~", "italic": "_", "bold": "*", "code": "`"}
"""Slack's names of styles, the outermost first where several begin and end together: so its own text has them."""

_CODE: Final = MARKS["code"]
_NONE: Final[frozenset[str]] = frozenset()
_ORDER: Final = "".join(MARKS.values())
_NO_MORE: Final = re.compile(r"[^\S\n]*(?:\n|\Z)")
_PARTS: Final = re.compile(r"(\s*)(.*\S)?(\s*)", re.DOTALL)

# A line that is struck through is not emphasised, it is taken back: `~stop~` is no stop.
_AROUND: Final = "*_`"
_BEFORE_DATA: Final = re.compile(r"[^{\[]*")
_DEEPEST: Final = 8  # marks around a command, the mention's own among them
_AHEAD: Final = 200  # characters: longer than an emoji's name or a mention's label


@dataclass(frozen=True)
class Run:
    """Words of one paragraph, and the marks of their styles."""

    text: str
    marks: frozenset[str] = _NONE


class EventText:
    """The event's text, decoded, with a read position: it has the marks that the blocks leave out.

    It only decides which of several marks that begin together is the outer one, `_*x*_` or `*_x_*`. Where the two
    differ – it has names for emoji where the blocks have signs – the next match further on is used.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next_of(self, candidates: Sequence[str]) -> str:
        """Return the candidate that comes first from here on, and move behind it; the first one if there is none."""
        ahead = [(self._ahead(each), each) for each in candidates if self._ahead(each) >= 0]
        if not ahead:
            return candidates[0]
        at, found = min(ahead)
        self._at = at + len(found)
        return found

    def _ahead(self, words: str) -> int:
        return self._text.find(words, self._at, self._at + _AHEAD + len(words))


def marked(runs: Sequence[Run], event_text: EventText) -> str:
    """Return the text with marks where styles begin and end; styles over several runs have one pair of marks.

    A style's marks never have spaces just inside them, since nobody can type that; backticks can. Code that is all
    there is to the end of its line was put into backticks to hand it over, and comes without them.
    """
    settled = _settled([part for run in _unpacked(runs) for part in _parted(run)])
    line, opened = "", ""
    for place, run in enumerate(settled):
        closing = _closed(opened, run)
        opened = opened[: len(opened) - len(closing)]
        orders = _entering(settled, place, opened)
        written = event_text.next_of([closing + order + run.text for order in orders])
        opened += written[len(closing) : len(written) - len(run.text)]
        line += written
    return line + opened[::-1]


def without_emphasis(command: str) -> str:
    """Return a command without emphasis: around its verb, around its beginning, or around all of it.

    JSON stays as it is: no mark within it is looked at, and none behind it but the very last of the command.
    """
    command = command.strip()
    for _ in range(_DEEPEST):
        closing = _closing(command) if command.startswith(tuple(_AROUND)) else None
        if closing is None:
            break
        command = (command[1:closing] + command[closing + 1 :]).strip()
    return command


def _closing(command: str) -> int | None:
    """Return the place of the mark that closes the first one: before any JSON, or at the very end."""
    mark, data = command[0], _BEFORE_DATA.match(command)
    for place in range(1, data.end() if data else 1):
        before, after = command[place - 1 : place], command[place + 1 : place + 2]
        if command[place] == mark and not after.isalnum() and not before.isspace():
            return place
    return len(command) - 1 if len(command) > 1 and command[-1] == mark else None


def _unpacked(runs: Sequence[Run]) -> list[Run]:
    """Return the runs without the style of code that is the only one of its line and reaches to its end."""
    whole = "".join(run.text for run in runs)
    plain: list[Run] = []
    ends, alone = 0, True
    for is_code, group in groupby(runs, lambda run: _CODE in run.marks):
        together = list(group)
        words = "".join(run.text for run in together)
        ends += len(words)
        if is_code and alone and _NO_MORE.match(whole, ends):
            together = [Run(run.text) for run in together]
        alone = "\n" in words or (alone and not is_code)
        plain += together
    return plain


def _parted(run: Run) -> list[Run]:
    """Return a run in parts: spaces at its ends belong to no word."""
    parts = _PARTS.fullmatch(run.text)
    return [Run(part, run.marks) for part in (parts.groups() if parts else (run.text,)) if part]


def _settled(runs: Sequence[Run]) -> list[Run]:
    """Return the runs with spaces styled only between words of that style."""
    before = [*accumulate(runs, _nearest, initial=Run(""))][1:]
    after = [*accumulate(reversed(runs), _nearest, initial=Run(""))][:0:-1]
    around = zip(runs, before, after, strict=True)
    return [replace(run, marks=run.marks & first.marks & last.marks) for run, first, last in around]


def _nearest(word: Run, run: Run) -> Run:
    return run if _is_word(run) else word


def _is_word(run: Run) -> bool:
    """Return whether it is more than spaces; those in code are code."""
    return _CODE in run.marks or not run.text.isspace()


def _closed(opened: str, run: Run) -> str:
    """Return the marks that close before this run, the innermost first, with those inside one that must close."""
    kept = next((place for place, mark in enumerate(opened) if mark not in run.marks), len(opened))
    return opened[kept:][::-1]


def _entering(runs: Sequence[Run], place: int, opened: str) -> list[str]:
    """Return the marks that open before this run, in each possible order: the longest lasting is outermost."""
    run = runs[place]
    entering = [mark for mark in _ORDER if mark in run.marks and mark not in opened] if _is_word(run) else []
    if len(entering) <= 1:
        return ["".join(entering)]
    lasting = {
        mark: next((each for each in range(place, len(runs)) if mark not in runs[each].marks), len(runs))
        for mark in entering
    }
    orders = ["".join(order) for order in permutations(entering)]
    return [order for order in orders if all(lasting[a] >= lasting[b] for a, b in pairwise(order))]
