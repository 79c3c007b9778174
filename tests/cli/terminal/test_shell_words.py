"""Words of the shell are what the arguments of a verb read: what was one word there is one word here."""

from datetime import timedelta

import pytest

from bot.cli.terminal._execution import read_words
from bot.ports._errors import UsageProblem
from bot.ports._grammar import Intent
from bot.ports._ids import SessionRef
from bot.slack.render import render_mrkdwn
from bot.verbs import AllSessions, Close, List, Send, Start, Stop, TheseSessions
from bot.verbs._selection import Ambiguous

SEVEN = SessionRef(7)


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        pytest.param("state=any", {"state": "any"}, id="bare"),
        pytest.param("rule=night shift", {"rule": "night shift"}, id="value"),
        pytest.param('rule="night shift"', {"rule": "night shift"}, id="quoted already"),
        pytest.param('rule=he said "no" twice', {"rule": 'he said "no" twice'}, id="quotes inside"),
        pytest.param('rule="odd', {"rule": '"odd'}, id="odd quote"),
        pytest.param("3 calls stuck", {"about": "3 calls stuck"}, id="blanks"),
    ],
)
def test_one_word_is_read_as_one(typed: str, options: dict[str, str]) -> None:
    """A word is one option with its whole value, whatever blanks and quotes are in that."""
    assert read_words("list", {"options": [typed]}) == List(options)


@pytest.mark.parametrize("rule", ["Night shift", "a=b c", "it's so", 'the "big" one', "--max 30m", "7"])
def test_a_rule_is_one_word_with_its_whole_name(rule: str) -> None:
    """A rule is started by its name, whatever blanks, quotes and signs are in it."""
    assert read_words("start", {"rule": [rule]}) == Start(rule, None)


@pytest.mark.parametrize("data", ['{"a":  "x  y"}', "--max 30m", ' "x" ', "in demo", '"never closed', "a\n b"])
def test_data_is_what_the_shell_gave(data: str) -> None:
    """The data of a start and of a send is untouched, to its ends; a limit beside it is not looked for in it."""
    start = Start("night", data, timedelta(minutes=30))
    assert read_words("start", {"rule": ["night"], "max": ["30m"], "data": [data]}) == start
    assert read_words("send", {"id": ["#7"], "json": [data]}) == Send(SEVEN, data)
    assert read_words("send", {"id": ["#7"], "text": [data]}) == Send(SEVEN, None, data)


@pytest.mark.parametrize(
    ("typed", "which"),
    [
        pytest.param(["7", "3 calls stuck"], TheseSessions((SEVEN,), "3 calls stuck", sure=True), id="number"),
        pytest.param(
            ["7,8", "#9", "wrong", "number"],
            TheseSessions((SEVEN, SessionRef(8), SessionRef(9)), "wrong number"),
            id="ids and bare words",
        ),
        pytest.param(
            ["7", "3 calls", "stuck now"], TheseSessions((SEVEN,), "3 calls stuck now", sure=True), id="in two parts"
        ),
        pytest.param(
            ["7", 'he said "no" twice'], TheseSessions((SEVEN,), 'he said "no" twice', sure=True), id="quotes inside"
        ),
        pytest.param(["7", '"3 hang"'], TheseSessions((SEVEN,), "3 hang", sure=True), id="quoted already"),
        pytest.param(["7", "and", "8"], TheseSessions((SEVEN, SessionRef(8)), None), id="joined"),
        pytest.param(["all", "reason=3 hang"], AllSessions(reason="3 hang"), id="all"),
        pytest.param(["rule=night shift"], AllSessions(rule="night shift"), id="what narrows all down"),
        pytest.param(["7 8"], Ambiguous("7 8", (SEVEN, SessionRef(8))), id="two ids in one word are none"),
    ],
)
def test_a_stop_keeps_ids_and_reason_apart(typed: list[str], which: TheseSessions | AllSessions | Ambiguous) -> None:
    """What the shell kept together is never taken for ids."""
    assert read_words("stop", {"which": typed}) == Stop(which)


def test_a_reason_is_all_that_follows() -> None:
    """The words behind an id are one reason, however many they are."""
    assert read_words("close", {"id": ["h42"], "reason": ["support", "ended it"]}) == Close(
        SessionRef(42, of_platform=True), "support ended it"
    )


@pytest.mark.parametrize(
    ("verb", "words", "says"),
    [
        ("status", {"id": ["7 8"]}, "one session, not several"),
        ("status", {"id": ["7 x"]}, "`7 x` is not a session's id"),
        ("close", {"id": ["x"]}, "`x` is not a session's id"),
        ("send", {"id": [""], "json": ["{}"]}, "The session's id is missing"),
        ("start", {"rule": ["night"], "max": ["soon"]}, "`--max soon` needs a duration"),
        ("list", {"options": ["state=closed"]}, "`state=closed` does not fit"),
        ("stop", {"which": ["all", "x"]}, "After `all` only its options may follow"),
    ],
)
def test_words_that_do_not_fit_are_told_as_in_slack(verb: str, words: dict[str, list[str]], says: str) -> None:
    """The sentence is that of the grammar."""
    problem: Intent | UsageProblem = read_words(verb, words)
    assert isinstance(problem, UsageProblem)
    assert says in render_mrkdwn(problem.sentence)
