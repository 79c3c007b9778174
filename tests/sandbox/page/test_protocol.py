"""The frames and acts of the page, held against the one place that tells them: the docstring of its package."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bot.sandbox import page

SOURCES = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(page.__path__[0]).glob("_*.py")]


def _pairs() -> Iterator[tuple[str, str]]:
    """Yield each text that is the value of a key of a dictionary, with that key."""
    for node in (node for source in SOURCES for node in ast.walk(source) if isinstance(node, ast.Dict)):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield str(key.value), value.value


def _routes() -> Iterator[str]:
    """Yield the name of each act."""
    for node in (node for source in SOURCES for node in ast.walk(source)):
        if isinstance(node, ast.FunctionDef) and node.name == "routes":
            dicts = [each for each in ast.walk(node) if isinstance(each, ast.Dict)]
            yield from (key.value for each in dicts for key in each.keys if isinstance(key, ast.Constant))


def test_every_frame_and_act_is_told_in_one_place() -> None:
    """The types of frames and the names of acts that are told are those that are there."""
    told = re.findall(r"^    ((?:[a-z]+, )?[a-z]+)  +\S", page.__doc__ or "", re.MULTILINE)
    frames = {value for key, value in _pairs() if key == "type"}
    assert len(frames) > 10
    assert {name for names in told for name in names.split(", ")} == frames | set(_routes())
