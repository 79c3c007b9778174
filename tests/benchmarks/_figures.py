"""Figures: measured values with their spread, against what must be reached, as tables in Markdown. Pure."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MISSED_MS: Final = 3000.0
"""The value of an ack that did not come: Slack waits no longer."""

_WORDS: Final = {True: "yes", False: "**no**", None: ""}


@dataclass(frozen=True)
class Spread:
    """The values of one measurement, one per round."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        """Return the median."""
        return statistics.median(self.values)

    @property
    def low(self) -> float:
        """Return the smallest value."""
        return min(self.values)

    @property
    def high(self) -> float:
        """Return the largest value."""
        return max(self.values)

    def __str__(self) -> str:
        if len(self.values) == 1 or self.low == self.high:
            return number(self.median)
        return f"{number(self.median)} ({number(self.low)} – {number(self.high)})"


@dataclass(frozen=True)
class Figure:
    """One row: what is measured, what it must reach, whether it does, and the value of each contender, in `unit`.

    `reached` is None where nothing is promised. `note` says where and why we lose, or what the row leaves out.
    """

    what: str
    must: str
    reached: bool | None
    unit: str
    cells: Mapping[str, Spread]
    note: str = ""


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table in Markdown: a row each, a column for each contender that any of them names."""
    names = list(dict.fromkeys(name for figure in figures for name in figure.cells))
    head = ["what", "unit", *names, "must reach", "reached"]
    rows = [
        [each.what, each.unit, *(str(each.cells.get(name, "")) for name in names), each.must, _WORDS[each.reached]]
        for each in figures
    ]
    lines = [_row(head), _row(["---"] * len(head)), *map(_row, rows)]
    notes = [f"* {each.what}: {each.note}" for each in figures if each.note]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def quantile(values: Iterable[float], part: float) -> float:
    """Return the value below which this part of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def ratios(ours: Spread, theirs: Spread) -> Spread:
    """Return the ratio of each round; both were measured in the same rounds."""
    return Spread([mine / other for mine, other in zip(ours.values, theirs.values, strict=True)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(each.replace('|', '&#124;') for each in cells)} |"


def number(value: float) -> str:
    """Return a value with three digits or more."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
