"""No text promises that a stop stops: it asks, and the history says what came of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import texts

ROOT = Path(__file__).parents[1]
SEEN = (
    "docs/how-to/check.md",
    "bot/cli/scenario/check/",
    "storage/scenario_checks.py",
    "storage/sqlite/_scenario_checks.py",
)
"""The pages and modules of the check: an end that they tell of was seen in the simulator, and they say so."""

SHOWN_BY_US = sorted(
    path
    for folder in ("bot", "storage")
    for path in (ROOT / folder).rglob("*.py")
    if "sandbox" not in path.parts and not str(path.relative_to(ROOT)).startswith(SEEN)
)
PROMISE = re.compile(
    r"\b(?:stops|ends|terminates|will (?:stop|end)|(?:is|are|be) stopped by)\s+"
    r"(?:it|them|all|exactly|each|the|a|its|their|these|this|everything|anything)\b"
)
MEANT = (
    "`quit` ends it",
    "quit ends it all",
    "Ctrl-C ends it all",
    "Ctrl-C, where you started it, ends the page",
    "VoxEngine.terminate(); // ends the session and its calls",
    "The platform ends a session",
    "until somebody ends it",
    "until its scenario ends it",
    "the bot ends it",  # the data, with a tag
    "ends a start's data",
    "Ctrl-C ends the waiting",
    "does not catch ends its session",  # an error
    "whether a stop ends",
    "whether its stop ends them, which other word does, what to write into `session-bot.toml`, and what else ends them",
    "which request stops it",
)
"""Ends that are no stop of ours, or no session's, and questions that a check answers."""


def sentences(path: Path) -> Iterator[str]:
    """Yield every text that a module shows to somebody: its docstrings are for those who read the code."""
    tree = ast.parse(path.read_text())
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def promises(text: str) -> list[str]:
    """Return what a text promises of stops."""
    for each in MEANT:
        text = text.replace(each, "")
    return PROMISE.findall(text)


@pytest.mark.parametrize("page", ["CHANGELOG.md", "manifest.yml", *(each for each in texts() if each not in SEEN)])
def test_no_page_promises_an_end(page: str) -> None:
    """What people read before they use the bot says that it asks a session to stop."""
    paragraphs = (" ".join(each.split()) for each in (ROOT / page).read_text().split("\n\n"))
    assert not [each for each in paragraphs if promises(each)]


def test_no_sentence_promises_an_end() -> None:
    """Buttons, help, alarms and logs ask sessions to stop, also just after a stop has failed."""
    found = [(path.name, text) for path in SHOWN_BY_US for text in sentences(path) if promises(text)]
    assert not found


@pytest.mark.parametrize(
    "text",
    ["`/session stop 1` stops it.", "the bot stops the session", "`stop` ends the session", "One press ends them"],
)
def test_a_promise_is_found(text: str) -> None:
    """The search itself finds what must not be said."""
    assert promises(text)
