"""The table of what came of each crash, printed after the tests: a line for each command and point."""

from collections.abc import Iterable, Mapping
from typing import Final

import pytest

CRASH: Final = "crash"
"""The property of a test's report under which a row stands: verb, point, successor, outcome."""

_HEADER: Final = (
    "command, the point at which its process was killed (and the next one, as it recovered), what went on: outcome."
    " Each point has one successor in turn; `make soak` has both, all points and all second crashes."
)

Row = tuple[str, str, str, str]


def print_table(terminal: pytest.TerminalReporter) -> None:
    """Print the table below the results, if any test has crashed a process."""
    rows = [
        tuple(value)
        for reports in terminal.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == CRASH and report.when == "call"
    ]
    if rows:
        terminal.section("what came of each crash")
        terminal.write_line(_HEADER)
        for line in lines(rows):
            terminal.write_line(line)


def lines(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the table's lines: one outcome where both successors came to the same, else both."""
    outcomes: dict[tuple[str, str], dict[str, str]] = {}
    for verb, point, successor, outcome in rows:
        outcomes.setdefault((verb, point), {})[successor] = outcome
    return [f"{verb:<12} {point:<30} {_said(each)}" for (verb, point), each in outcomes.items()]


def _said(by_successor: Mapping[str, str]) -> str:
    if len(set(by_successor.values())) < len(by_successor):
        return f"{' = '.join(by_successor)}: {next(iter(by_successor.values()))}"
    return " · ".join(f"{successor}: {outcome}".removeprefix(": ") for successor, outcome in by_successor.items())
