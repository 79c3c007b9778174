"""Plots of figures as SVG: one bar for each contender, in the colours of neither theme, so that both show it. Pure."""

from collections.abc import Sequence
from html import escape
from typing import Final

from tests.benchmarks._figures import MISSED_MS, Figure

_WIDTH, _NAMES, _BAR, _GAP = 720, 190, 16, 6
_OURS, _OTHERS, _TEXT = "#2f8f6b", "#8a94a6", "#7a8494"
_LETTER: Final = 7


def bars(title: str, figures: Sequence[Figure]) -> str:
    """Return a plot: a group of bars for each figure, each bar the median, each group at its own scale."""
    lines, y = [_words(0, 16, title, size=15)], 40
    for figure in figures:
        lines.append(_words(0, y, f"{figure.what[: _WIDTH // _LETTER]} ({figure.unit})"))
        y += 10
        longest = max((spread.median for spread in figure.cells.values()), default=0) or 1
        for name, spread in figure.cells.items():
            width = (_WIDTH - _NAMES - 120) * spread.median / longest
            missed = figure.unit == "ms" and spread.median >= MISSED_MS
            colour = _OURS if name.startswith("session bot") else _OTHERS
            lines += [
                _words(8, y + 12, name),
                f'<rect x="{_NAMES}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2" fill="{colour}"/>',
                _words(_NAMES + width + 6, y + 12, "missed" if missed else f"{spread.median:,.1f}"),
            ]
            y += _BAR + _GAP
        y += 22
    size = f'width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif">'
    return "\n".join([head, f"<title>{escape(title)}</title>", *lines, "</svg>"]) + "\n"


def _words(x: float, y: float, text: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{_TEXT}">{escape(text)}</text>'
