"""The retry of calls to Slack: which failures are tried again, how often, and after what pauses."""

import pytest

from bot.slack.api._retry import FOR_EVER, Retry, call_again
from bot.slack.api._web import RateLimited, Refused, SlackProblem, TryLater, retry_after
from tests.manual_clock import ManualClock

PASSING = TryLater(1.0, "passing")
LIMITED = RateLimited(20.0, "limited")
REFUSED = Refused("not_in_channel")


async def made(problems: list[SlackProblem], retry: Retry) -> tuple[list[float], str | SlackProblem]:
    """Make a call that fails in these ways before it is done; return the pauses, and what came of it."""
    pauses: list[float] = []
    left = iter(problems)

    async def call() -> str:
        for problem in left:
            raise problem
        return "done"

    try:
        came = await call_again(call, retry, ManualClock(), lambda _problem, pause: pauses.append(pause))
    except SlackProblem as problem:
        return pauses, problem
    return pauses, came


async def test_a_passing_failure_is_tried_again() -> None:
    """The call is made until it is done, as often as the policy says."""
    assert await made([PASSING], Retry()) == ([1.0], "done")
    assert await made([PASSING] * 3, Retry()) == ([1.0, 2.0], PASSING)


async def test_a_pause_is_never_shorter_than_slack_asks_for() -> None:
    """Slack's Retry-After is waited for, whatever the pause before was."""
    assert await made([PASSING, LIMITED], Retry()) == ([1.0, 20.0], "done")


async def test_what_would_be_waited_for_too_long_ends_at_once() -> None:
    """A pause that the policy has no patience for is not begun."""
    assert await made([PASSING, LIMITED], Retry(patience_s=20.5)) == ([1.0], LIMITED)


@pytest.mark.parametrize(
    ("problem", "after"), [(REFUSED, SlackProblem), (PASSING, TryLater), (LIMITED, TryLater), (LIMITED, RateLimited)]
)
async def test_a_failure_of_its_kind_is_tried_again(problem: SlackProblem, after: type[SlackProblem]) -> None:
    """A policy may be for all failures, for those that pass, or for those that surely did nothing."""
    assert (await made([problem], Retry(after=after)))[1] == "done"


@pytest.mark.parametrize(("problem", "after"), [(REFUSED, TryLater), (PASSING, RateLimited)])
async def test_another_failure_is_raised_as_it_comes(problem: SlackProblem, after: type[SlackProblem]) -> None:
    """After another failure the call is not made again."""
    assert await made([problem], Retry(after=after)) == ([], problem)


async def test_pauses_grow_to_half_a_minute_and_no_further() -> None:
    """A call that is made for ever is made twice a minute in the end."""
    pauses, came = await made([PASSING] * 8, FOR_EVER)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert came == "done"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7), ("0", 0.1), ("-3", 0.1), ("1e12", 300), ("9" * 400, 300), ("inf", 300), ("nan", 1), ("soon", 1),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1), ([], 1), (["7"], 7), (None, 1),
    ],
)  # fmt: skip
def test_a_pause_is_a_number_that_ends(said: object, seconds: float) -> None:
    """Whatever stands in Retry-After, the pause is a number, and over in minutes.

    One that is no number would hold up every other pause of the process with it.
    """
    assert retry_after({"retry-after": said}) == seconds
