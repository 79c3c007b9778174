"""The delivery of responses to one person: ways in their order, responses in theirs, and the log at the end."""

from collections.abc import Awaitable, Callable

import pytest

from bot.ports._response import Response
from bot.process._tasks import Tasks
from bot.slack.api._web import Refused, TryLater
from bot.slack.responses._delivery import Delivery, Way
from tests.manual_clock import ManualClock


class Recorded:
    """A way that fails as it is told to, and records what it takes."""

    def __init__(self, taken: list[str], name: str, *fails: Exception) -> None:
        self.taken = taken
        self.name = name
        self.fails = list(fails)

    def way(self) -> Way:
        """Return it."""
        return Way(name=self.name, call_for=self._call_for)

    def _call_for(self, response: Response) -> Callable[[], Awaitable[None]]:
        async def call() -> None:
            if self.fails:
                raise self.fails.pop(0)
            self.taken.append(f"{response.text} by {self.name}")

        return call


async def delivered(ways: list[Recorded], *texts: str) -> None:
    """Respond with these texts, and wait until nothing is on its way."""
    tasks = Tasks()
    respond = Delivery("U1", lambda: [each.way() for each in ways], tasks, ManualClock())
    for text in texts:
        await respond(Response(text=text))
    await tasks.idle()


async def test_what_one_way_refuses_goes_by_the_next() -> None:
    """Each response begins with the first way, and goes on to the next only when that does not take it."""
    taken: list[str] = []
    ways = [Recorded(taken, "first", Refused("not_in_channel")), Recorded(taken, "second")]
    await delivered(ways, "one", "two")
    assert taken == ["one by second", "two by first"]


async def test_a_response_that_has_to_wait_is_not_overtaken() -> None:
    """A way that passes is tried again before the next way, and before the next response."""
    taken: list[str] = []
    ways = [Recorded(taken, "first", TryLater(1.0, "passing"), TryLater(1.0, "passing")), Recorded(taken, "second")]
    await delivered(ways, "one", "two")
    assert taken == ["one by first", "two by first"]


async def test_a_way_that_is_broken_keeps_no_other_from_being_tried(caplog: pytest.LogCaptureFixture) -> None:
    """An error that nobody foresaw stands in the log, and the response goes on."""
    taken: list[str] = []
    await delivered([Recorded(taken, "first", KeyError("odd")), Recorded(taken, "second")], "one")
    assert taken == ["one by second"]
    assert "KeyError" in caplog.text


async def test_the_last_resort_is_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A response that no way takes is a warning, with nothing of its text, and the next one is tried all the same."""
    taken: list[str] = []
    await delivered([Recorded(taken, "first", Refused("user_not_in_channel"))], "one", "two")
    assert taken == ["two by first"]
    assert "a response to U1 could not be delivered" in caplog.text
    assert "one" not in caplog.text.replace("one by", "")
