"""Every class of both error trees has words of its own for the person, and the one place that turns it into them."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import verbs
from bot.ports import _errors as errors
from bot.ports._errors import Answerable
from bot.process._redaction import scrub
from bot.stops._reachable import CannotUnseal
from bot.voximplant.errors import Gone, NotSent, OutcomeUnknown, PlatformError, Refused
from storage.command import CommandState

FIELDS = {
    "host": "203.0.113.5",
    "found": ["10.0.0.7"],
    "why": "refused it",
    "reason": "No key opens it.",
    "code": 999,
    "msg": "odd",
    "seconds": 5.0,
    "status": 502,
    "history_id": None,
}


def tree(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


def sentence_of(kind: type[PlatformError]) -> str:
    if kind.__init__ is Exception.__init__:
        return kind().sentence
    return kind(*(FIELDS[name] for name in inspect.signature(kind).parameters if name in FIELDS)).sentence


def test_the_verbs_tree_is_the_one_that_is_drawn() -> None:
    """The drawing at the top of the module names each class of the tree, wherever it is defined, and no other."""
    drawn = {word for line in errors.__doc__.splitlines() if line.startswith("    ") for word in line.split()}
    names = {kind.__name__ for kind in tree(Answerable)}
    assert names <= drawn
    assert {word for word in drawn if word in vars(errors)} == names


@pytest.mark.parametrize("kind", list(tree(Answerable)))
def test_each_answer_says_what_it_is_for_and_ends_its_command(kind: type[Answerable]) -> None:
    """Each class has a docstring of its own and a final state that did nothing: refused, denied or failed."""
    assert "__doc__" in vars(kind)
    assert kind.__doc__
    assert kind.__doc__.rstrip().endswith(".") or "\n" in kind.__doc__
    assert kind.state in {CommandState.refused, CommandState.denied, CommandState.failed}
    assert kind("Nothing was done.").sentence == "Nothing was done."


@pytest.mark.parametrize("kind", list(tree(PlatformError)))
def test_each_error_of_the_platform_has_its_own_sentence(kind: type[PlatformError]) -> None:
    """Each class, those of other modules included, has its own docstring and a whole sentence without a gap."""
    assert kind.__doc__
    assert "text" in vars(kind)
    sentence = sentence_of(kind)
    assert sentence.endswith(".")
    assert "{" not in sentence


def test_no_two_classes_say_the_same() -> None:
    """What a person quotes leads to one class."""
    texts = [kind.text for kind in tree(PlatformError)]
    assert len(set(texts)) == len(texts)
    assert CannotUnseal in tree(PlatformError)


@pytest.mark.parametrize("kind", [kind for kind in tree(PlatformError) if kind is not PlatformError])
def test_each_error_stands_under_one_of_four_outcomes(kind: type[PlatformError]) -> None:
    """Not sent, refused, unknown, gone: the verbs decide by these four, so each class is exactly one of them."""
    assert sum(issubclass(kind, outcome) for outcome in (NotSent, Refused, OutcomeUnknown, Gone)) == 1


@pytest.mark.parametrize("kind", list(tree(PlatformError)))
def test_no_sentence_of_the_platforms_errors_looks_like_a_secret(kind: type[PlatformError]) -> None:
    """What is scrubbed on its way to the person loses no word of ours."""
    assert scrub(sentence_of(kind)) == sentence_of(kind)


@pytest.mark.parametrize("folder", ["verbs", "stops", "ports", "voximplant", "slack"])
def test_no_text_of_the_code_looks_like_a_secret(folder: str) -> None:
    """No sentence for a person in Slack, wherever it is raised, has a part that the scrubbing would take for a URL."""
    said = list(texts_of(folder))
    assert len(said) > 20
    assert [text for text in said if scrub(text) != text] == []


def texts_of(folder: str) -> Iterator[str]:
    """Yield every text of several words in this folder's code, docstrings aside; those with values in pieces."""
    for file in (Path(verbs.__file__).parents[1] / folder).rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
        constants = [node for node in nodes if isinstance(node, ast.Constant) and node not in docstrings]
        yield from (node.value for node in constants if isinstance(node.value, str) and " " in node.value)


def test_the_verbs_are_one_table() -> None:
    """Each verb has a name, a summary and details that are sentences, and a usage that begins with its name."""
    assert len({verb.name for verb in verbs.VERBS}) == len(verbs.VERBS)
    for verb in verbs.VERBS:
        assert verb.usage.split()[0] == verb.name
        assert verb.summary.endswith(".")
        assert verb.details.endswith(".")
        assert verbs.BY_NAME[verb.name] is verb
