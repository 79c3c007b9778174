"""The page's type-ahead: it knows what the verbs' table knows, and no verb or option can be forgotten."""

import pytest

from bot.cli.demo._commands import OPTION_MEANINGS, command_helps
from bot.ports import Options, Verb
from bot.verbs import VERBS


def test_every_verb_is_suggested_as_help_tells_it() -> None:
    """The catalogue has each verb of the table, in its order, with its usage line and its summary."""
    found = command_helps()
    assert [(each.name, each.usage, each.summary) for each in found] == [
        (verb.name, verb.usage, verb.summary) for verb in VERBS
    ]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_option_that_a_verb_shows_has_its_meaning(verb: Verb) -> None:
    """An option of the usage line is suggested with what it means."""
    (found,) = [each for each in command_helps() if each.name == verb.name]
    options = [each for one in verb.arguments if isinstance(one, Options) for each in one.options]
    assert {f"{each.name}=" for each in options if each.usage} <= {word for word, _ in found.options}
    assert all(meaning for _, meaning in found.options)


def test_no_meaning_outlives_its_option() -> None:
    """The meanings are of options that a usage line has, and of no others."""
    assert set(OPTION_MEANINGS) == {word for each in command_helps() for word, _ in each.options}
