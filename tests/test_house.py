"""The rules of the house that no linter knows. That imports go one way is held by `make imports`."""

import ast
import functools
import getpass
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bot import verbs
from bot.config._settings import Settings
from bot.ports._verb import Verb

ROOT = Path(__file__).parents[1]
FOLDERS = ("bot", "storage", "tests", "docs", "deploy")
OURS = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
OURS += ROOT.glob("*.md")
PYTHON = [path for path in OURS if path.suffix == ".py"]
TEXTS = [path for path in OURS if path.suffix in {".py", ".js", ".md", ".toml", ".yml", ".yaml", ".html", ".css"}]

FIRST_SENTENCE = 120  # characters
NOT_AT_THE_START = {
    *("Give", "Gives", "Hear", "How", "Let", "Lets", "Say", "Says"),
    *("Take", "Takes", "Tell", "Tells", "Want", "What", "Whether", "Who"),
}
NOT_IN_NAMES = {
    *("desk", "fable", "ground", "helper", "house", "manager"),
    *("misshapen", "neighbour", "newcomer", "noted", "util", "whisper"),
}


def named(path: Path) -> str:
    """Name a file as people do."""
    return str(path.relative_to(ROOT))


class Defined(NamedTuple):
    """A module, which has no name, or one of its functions and classes, with its docstring."""

    name: str
    docstring: str | None


@functools.cache
def defined_in(path: Path) -> list[Defined]:
    """Return what a file defines; files are parsed once, which takes seconds in all."""
    of_interest = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, of_interest)]
    return [Defined(getattr(node, "name", ""), ast.get_docstring(node)) for node in found]


def functions_of(path: Path) -> list[Defined]:
    """Return the test functions of a file."""
    return [each for each in defined_in(path) if each.name.startswith("test_")]


NEUTRAL = ("verbs", "stops", "watch", "dispatch", "access", "account", "ports")
"""The wings whose sentences are shown in more than one place."""

MARKUP = re.compile(r"<[@#!]\w|(?<!\w)([*_~`])(?=\S)[^*_~`\n]*\S\1(?!\w)|```")


def sentences(path: Path) -> Iterator[str]:
    """Yield the texts of a module, each value in one as an `x`: no docstring, and no pattern that is looked for."""
    tree = ast.parse(path.read_text())
    aside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "re":
            aside |= {id(each) for argument in node.args for each in ast.walk(argument)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in aside:
            parts = [each.value if isinstance(each, ast.Constant) else "x" for each in node.values]
            aside |= {id(each) for each in node.values}
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in aside:
            yield node.value


@pytest.mark.parametrize("wing", NEUTRAL)
def test_sentences_hold_no_markup(wing: str) -> None:
    """What stands out, leads away or names somebody is a token: Slack's markup is written in `bot.slack` alone."""
    for path in (ROOT / "bot" / wing).rglob("*.py"):
        for text in sentences(path):
            assert not MARKUP.search(text), f"{named(path)}: {text!r}"


@pytest.mark.parametrize("text", ["<@U1>", "in <#x>", "*Over*: x", "_x_", "type `x`", "```\nx\n```", "<!subteam^x>"])
def test_markup_is_found(text: str) -> None:
    """The search itself finds what must not be written."""
    assert MARKUP.search(text)


def docstrings_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each docstring of a file with the name that it describes; of a test file only those of its helpers."""
    of_tests = path.name.startswith("test_")
    for name, docstring in defined_in(path):
        if docstring and not name.startswith("test_") and (name or not of_tests):
            yield name or "the module", docstring


def names_of(path: Path) -> Iterator[str]:
    """Yield the names that a file defines: its own, and those of its classes, functions and parameters."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


def test_every_docstring_is_a_plain_sentence() -> None:
    """A docstring begins with what is returned, raised, recorded or made, and its first sentence is short."""
    for path in PYTHON:
        for name, docstring in docstrings_of(path):
            where = f"{named(path)}: {name}"
            sentence = re.split(r"(?<=[.:])\s", docstring.split("\n\n")[0])[0]
            assert sentence.split()[0] not in NOT_AT_THE_START, f"{where} begins with {sentence.split()[0]}"
            assert len(sentence) <= FIRST_SENTENCE, f"{where}: {len(sentence)} characters"
            assert not re.search(r"(?i)\bwhoever\b|\bwhat\b[^.]*\bis what\b", docstring), where


def test_no_name_tells_a_fable() -> None:
    """Names are the field's words, and say what a thing is or does."""
    for path in PYTHON:
        if "tests" not in path.relative_to(ROOT).parts:
            for name in names_of(path):
                words = set(re.split(r"_|(?<=[a-z])(?=[A-Z])", name.strip("_")))
                assert not {word.lower().removesuffix("s") for word in words} & NOT_IN_NAMES, f"{named(path)}: {name}"


def test_every_test_states_its_rule() -> None:
    """Each test has a docstring: one sentence that says what it proves."""
    for path in PYTHON:
        if path.name.startswith("test_"):
            for test in functions_of(path):
                assert (test.docstring or "").endswith("."), f"{named(path)}: {test.name} does not state its rule"


def test_no_test_has_two_bodies() -> None:
    """No test is hidden by another one of the same name in its file."""
    for path in PYTHON:
        names = [test.name for test in functions_of(path)]
        assert len(names) == len(set(names)), named(path)


def test_every_exception_from_a_rule_has_its_reason() -> None:
    """A `noqa` or `type: ignore` names its rule; a `noqa` says after it why."""
    bare = re.compile(r"#\s*(?:noqa(?!: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)* - \S)|type:\s*ignore(?!\[))")
    for path in PYTHON:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert not bare.search(line), f"{named(path)}:{number}"


def test_nothing_is_left_to_do() -> None:
    """There is no stub, no skipped test and no note to do something later."""
    unfinished = re.compile(
        r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b|pytest\.(?:mark\.)?(?:skip|xfail)|time\.sleep\("
    )
    for path in TEXTS:
        if path == Path(__file__):
            continue
        found = unfinished.search(path.read_text())
        assert found is None, f"{named(path)}: {found and found[0]}"


def test_no_file_knows_this_machine() -> None:
    """No file holds a path of the machine it was written on, or who was logged in there."""
    places = {str(ROOT), str(Path.home())} - {"/", "/root"}
    for path in TEXTS:
        text = path.read_text()
        assert not any(place in text for place in places), named(path)
        assert not re.search(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work)/", text), named(path)
        assert f"/{getpass.getuser()}/" not in text, named(path)


def test_every_verb_is_listed() -> None:
    """Every module of `bot.verbs` that makes a verb has it in the list, and no two have the same name."""
    made = [
        value
        for module in pkgutil.iter_modules(verbs.__path__)
        if module.name != "_table"
        for value in vars(importlib.import_module(f"bot.verbs.{module.name}")).values()
        if isinstance(value, Verb)
    ]
    assert sorted(verb.name for verb in made) == sorted(verb.name for verb in verbs.VERBS)
    assert len({verb.name for verb in verbs.VERBS}) == len(verbs.VERBS)


def test_every_setting_is_documented() -> None:
    """Every environment variable has its description, which start-up problems quote."""
    for name, field in Settings.model_fields.items():
        if field.validation_alias:
            assert field.description, name


def test_a_module_is_not_two() -> None:
    """About 300 lines is where a module asks to be two."""
    for path in PYTHON:
        if "tests" not in path.parts:
            assert len(path.read_text().splitlines()) <= 315, named(path)


def test_one_place_posts() -> None:
    """Whatever is said to Slack goes through the one place that keeps links from being fetched."""
    asks = {
        named(path)
        for path in PYTHON
        if named(path).startswith("bot/slack/") and '"chat.postMessage"' in path.read_text()
    }
    assert asks == {"bot/slack/api/_web.py"}
