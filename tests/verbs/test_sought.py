"""find: how a line is read, and in which sessions its words are."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.ports import UsageProblem
from bot.text import plain
from bot.verbs import BY_NAME, Find
from bot.verbs._sought import LONGEST, MOST_WORDS, finder, numbers_to_ask, readings
from storage.searching import Searched

ROW = Searched(
    id=12,
    is_open=True,
    needs_attention=False,
    is_silent=False,
    rule_id=1001,
    rule_name="Support Line",
    alias="support",
    application_id=77,
    application_name="acme.example.voximplant.com",
    history_id=4202753936,
    custom_data='{"caller": "+44 20 7946 0018", "ticket": 345, "name": "M\\u00fcller", "note": "I\u2019m waiting"}',
)
NAMES = {1001: "hotline"}.get


def found(text: str, row: Searched = ROW, called: frozenset[int] = frozenset()) -> bool:
    """Return whether the row fits a reading of this line."""
    return finder(readings(text), lambda rule: NAMES(rule, ""), called)(row) is not None


@pytest.mark.parametrize(
    "text",
    [
        "12", "#12", "h4202753936", "4202753936", "(020) 7946-0018", "7946 0018", "+44 20 7946 0018 support", "0018",
        "ticket 345", "345", "TICKET", "müller", "MÜLLER", "i'm waiting", '"i’m waiting"', "support line", "Line",
        "hotline", "acme", "77", "1001", "345 hotline müller", "the line of müller", '{"ticket": 345}',
        "tel:+44-20-7946-0018", "tel: 020 7946 0018", "rule=support", "Rule: hotline ticket 345", "id=12",
    ],
)  # fmt: skip
def test_a_session_is_found_by_whatever_is_known_of_it(text: str) -> None:
    """By its ids, its number, data, rule, alias and application, in parts, and by several of them together."""
    assert found(text)


@pytest.mark.parametrize(
    "text",
    ["13", "#1001", "h12", "7946 0019", "34", "45", "ticket 346", "line sales", "müllers", "h4202753937", "77 78"],
)
def test_a_session_is_not_found_by_what_it_has_not(text: str) -> None:
    """All words have to fit; a small number is no part of a larger one, and an id names one kind of number."""
    assert not found(text)


def test_words_for_trouble_select_by_attention() -> None:
    """`stuck` selects what needs attention, `silent` what is silent; the reading without them is the last one."""
    stuck, silent = (finder(readings(text), lambda _: "") for text in ("stuck line", "silent"))
    assert [each.words[-1].text for each in readings("stuck line")] == ["line", "line"]
    assert stuck(ROW) == 1
    assert stuck(replace(ROW, needs_attention=True)) == 0
    assert stuck(replace(ROW, custom_data="it is stuck")) == 0
    assert silent(replace(ROW, needs_attention=True)) is None
    assert silent(replace(ROW, is_silent=True)) == 0


def test_a_caller_of_the_history_is_found_by_the_number() -> None:
    """A session in which the history has a call of the number fits, with the other words as well."""
    called = frozenset({4202753936})
    assert found("+33 1 23 45 67 89", called=called)
    assert found("+33 1 23 45 67 89 line", called=called)
    assert not found("+33 1 23 45 67 89 sales", called=called)
    assert not found("+33 1 23 45 67 89", replace(ROW, history_id=1), called=called)
    assert numbers_to_ask(readings("0044 20 7946 0018 line")[0])[:4] == [
        "00442079460018", "+00442079460018", "0442079460018", "+0442079460018",
    ]  # fmt: skip
    assert "442079460018" in numbers_to_ask(readings("0044 20 7946 0018")[0])


@pytest.mark.parametrize("text", ["", "  ", '""'])
def test_nothing_is_looked_for_without_words(text: str) -> None:
    """An empty line is a question, with an example."""
    with pytest.raises(UsageProblem, match="missing"):
        BY_NAME["find"].read(text)


def test_too_many_words_are_refused() -> None:
    """A whole page of words is no search."""
    for text in ("word " * (MOST_WORDS + 1), "1 " * LONGEST):
        with pytest.raises(UsageProblem, match="At most"):
            readings(text)


def test_what_is_kept_of_a_search_has_no_whole_number() -> None:
    """The words of an intent, of which the record has a digest, show of a number only its last digits."""
    find = BY_NAME["find"]
    assert find.read("+44 20 7946 0018 support") == Find("+44 20 7946 0018 support")
    written = plain(" ".join(find.write(Find("+44 20 7946 0018 support"))))
    assert "…0018" in written
    assert "7946" not in written


def test_the_words_of_a_shell_are_the_line() -> None:
    """A word with blanks in it is one thing, as in quotes."""
    assert BY_NAME["find"].of_words(what=["my rule", "12"]) == Find('"my rule" 12')
    assert [each.text for each in readings('"my rule" 12')[0].words] == ["my rule", "12"]


@given(some.one_of(some.text(max_size=80), some.text("0123456789 +-()./h#a\"'{}:,", max_size=80)))
def test_any_line_is_read_or_refused(text: str) -> None:
    """A line is a search or a usage problem; as it is kept, no seven digits of it stand in a row."""
    find = BY_NAME["find"]
    try:
        read = find.read(text)
    except UsageProblem:
        return
    finder(readings(text), lambda _: "")(ROW)
    assert not re.search(r"\d{7}", plain(" ".join(find.write(read))))
