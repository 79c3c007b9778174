"""The pieces of a bulk stop, and the sentence about it."""

from datetime import UTC, datetime
from typing import Final

from bot.stops._bulk import ASKED_FIRST, _asked, _in_parts, worst_state
from bot.stops._request import StopResult
from storage.command import CommandState
from tests.factories import a_session

NOW: Final = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)


def test_few_are_asked_first_and_then_twice_as_many() -> None:
    """A thousand sessions are recorded in a few commits, the first a small one, and each in one of them."""
    one = a_session(NOW)
    parts = [len(each) for each in _in_parts([one] * (7 * ASKED_FIRST + 1))]
    assert parts == [ASKED_FIRST, 2 * ASKED_FIRST, 4 * ASKED_FIRST, 1]
    assert list(_in_parts([])) == []


def test_how_many_were_asked_is_said() -> None:
    """The answer to a bulk stop counts the sessions that were asked, and those that had ended before."""
    told = [StopResult(text="", state=CommandState.done), StopResult(text="", state=CommandState.refused, refused=True)]
    assert _asked(told, 0) == "1 of 2 sessions were asked to stop."
    assert _asked(told, 1) == "1 of 3 sessions were asked to stop. 1 had ended before."
    assert _asked(told, 2) == "1 of 4 sessions were asked to stop. 2 had ended before and were skipped."


def test_a_stop_of_some_is_not_called_refused() -> None:
    """Refused is a command that did nothing: where one of several sessions was asked, that one's state counts."""
    done, refused, unknown = CommandState.done, CommandState.refused, CommandState.unknown
    assert worst_state([done, refused]) is done
    assert worst_state([refused, unknown, done]) is unknown
    assert worst_state([refused, refused]) is refused
    assert worst_state([]) is done
