"""Words of the shell reach the bot's grammar as the words that they were."""

import pytest

from bot.cli.terminal._shell_words import one_word, rule_word, stop_words
from bot.text._slack_text import split_words


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        pytest.param("7", "7", id="bare"),
        pytest.param("rule=night shift", 'rule="night shift"', id="value"),
        pytest.param("3 calls stuck", '"3 calls stuck"', id="blanks"),
        pytest.param('reason="they hang"', 'reason="they hang"', id="quoted already"),
        pytest.param('reason=he said "no" twice', "reason='he said \"no\" twice'", id="quotes inside"),
        pytest.param('rule="odd', 'rule=""odd"', id="odd quote"),
    ],
)
def test_one_word_is_read_as_one(typed: str, written: str) -> None:
    """Quotes are put where a word holds blanks, around the value of an option, and only where they are needed."""
    assert one_word(typed) == written
    assert len(split_words(written)) == 1


@pytest.mark.parametrize("rule", ["Night shift", "a=b c", "it's so", 'the "big" one'])
def test_a_rule_is_one_word_with_its_whole_name(rule: str) -> None:
    """A rule is started by its name, whatever blanks, quotes and signs are in it."""
    assert [each.text for each in split_words(rule_word(rule))] == [rule]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        pytest.param(["7", "3 calls stuck"], '7 "3 calls stuck"', id="a reason that begins with a number"),
        pytest.param(["7,8", "#9", "wrong", "number"], "7,8 #9 wrong number", id="ids and bare words"),
        pytest.param(["7", "3 calls", "stuck now"], '7 "3 calls stuck now"', id="a reason in two parts"),
        pytest.param(["7", 'he said "no" twice'], '7 "he said "no" twice"', id="quotes inside"),
        pytest.param(["all", "reason=3 hang"], 'all reason="3 hang"', id="all"),
        pytest.param(["7 8"], '"7 8"', id="two ids in one word are none"),
    ],
)
def test_a_stop_keeps_ids_and_reason_apart(typed: list[str], line: str) -> None:
    """What the shell kept together is never taken for ids."""
    assert " ".join(stop_words(typed)) == line
