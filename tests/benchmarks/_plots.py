"""Plots of figures as SVG: one bar for each contender, in the colours of neither theme, so that both show it. Pure."""

from collections.abc import Sequence
from html import escape
from typing import Final

from tests.benchmarks._figures import MISSED_MS, Figure, number

_WIDTH, _NAMES, _BAR, _GAP = 720, 190, 16, 6
_OURS, _OTHERS, _TEXT = "#2f8f6b", "#8a94a6", "#7a8494"
_LONGEST: Final = _WIDTH - _NAMES - 120
_LETTER: Final = 7


def bars(title: str, figures: Sequence[Figure]) -> str:
    """Return a plot: a group of bars for each figure, each bar the median, each group at its own scale.

    A missed ack has no length: its bar is an outline.
    """
    lines, y = [_words(0, 16, title, size=15)], 40
    for figure in figures:
        lines.append(_words(0, y, f"{figure.what[: _WIDTH // _LETTER]} ({figure.unit})"))
        y += 10
        most = MISSED_MS if figure.unit == "ms" else float("inf")
        longest = max((each.median for each in figure.cells.values() if each.median < most), default=0) or 1
        for name, spread in figure.cells.items():
            missed = spread.median >= most
            width = _LONGEST if missed else _LONGEST * spread.median / longest
            colour = _OURS if name.startswith("session bot") else _OTHERS
            look = f'fill="none" stroke="{colour}" stroke-dasharray="4 3"' if missed else f'fill="{colour}"'
            lines += [
                _words(8, y + 12, name),
                f'<rect x="{_NAMES}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2" {look}/>',
                _words(_NAMES + width + 6, y + 12, "missed" if missed else number(spread.median)),
            ]
            y += _BAR + _GAP
        y += 22
    size = f'width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif">'
    return "\n".join([head, f"<title>{escape(title)}</title>", *lines, "</svg>"]) + "\n"


def _words(x: float, y: float, text: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{_TEXT}">{escape(text)}</text>'
