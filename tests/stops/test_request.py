"""The answers to a stop: what was delivered, what is over already, and what cannot be reached."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from bot.ports import Context, WriteBehind
from bot.process import Tasks
from bot.stops._delivery import Delivery
from bot.stops._request import _no_url, _refusal, _result_of, _state_of, ask, ended_words
from bot.text import plain
from bot.voximplant import SessionAnswer
from bot.voximplant.errors import Gone, NotSent, OutcomeUnknown, PlatformError
from storage.command import CommandState
from storage.records import Session, State
from storage.stop import Arrived
from storage.store import Store
from tests.factories import a_session, a_stop
from tests.manual_clock import ManualClock

NOW: Final = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)
ANSWER: Final = SessionAnswer(status=200, body="", elapsed=timedelta(milliseconds=5), plain_http=False)
DELIVERED: Final = {"arrived": Arrived.yes, "delivered_at": NOW}


def session(state: State, stop: dict[str, Any] | None = None, **values: Any) -> Session:
    """Return a session in a state, with the facts of its stop if it has one."""
    asked = None if stop is None else a_stop(NOW, **stop)
    return replace(a_session(NOW), state=state, stop=asked, **values)


@pytest.mark.parametrize(
    ("problem", "doubtful", "says", "state"),
    [
        (None, False, "Stop delivered to #1 obedient. Whether it ended is being checked, for 60 s.", None),
        (OutcomeUnknown(), True, "Stop perhaps delivered to #1 obedient. Whether it ended is", CommandState.unknown),
        (Gone(404), True, "An earlier attempt may have arrived.", CommandState.unknown),
        (Gone(404), False, "Nobody answers at #1 obedient's URL: it has most likely ended", CommandState.failed),
        (NotSent(), False, "The stop did not reach #1 obedient. The request never left", CommandState.failed),
    ],
)
def test_a_result_says_what_was_delivered(
    problem: PlatformError | None, says: str, state: CommandState | None, *, doubtful: bool
) -> None:
    """Delivered, perhaps delivered, nobody there and not sent are four sentences; an answer alone is no doubt."""
    delivery = Delivery(answer=None if problem else ANSWER, problem=problem, attempts=1, doubtful=doubtful)
    assert says in plain(_result_of(session(State.stopping, {}), delivery, "60 s"))
    assert state is None or _state_of(delivery) is state


@pytest.mark.parametrize(
    ("over", "says"),
    [
        (session(State.failed), "#1 obedient never started, so there is nothing to stop."),
        (session(State.ended), "#1 obedient has ended already, by itself. Nothing was sent."),
        (
            session(State.ended, {"arrived": Arrived.nobody}, finish_reason="Normal"),
            "#1 obedient has ended already (Normal), by itself. Nothing was sent.",
        ),
        (
            session(State.ended, DELIVERED, ended_at=NOW),
            "#1 obedient has ended already, 2026-01-31 02:14 UTC, after a stop by @U3. Nothing was sent.",
        ),
        (
            session(State.ended, {**DELIVERED, "arrived": Arrived.perhaps, "reason": "stuck"}),
            "#1 obedient has ended already, after a stop by @U3 that may have arrived: stuck. Nothing was sent.",
        ),
    ],
)
def test_what_is_over_is_not_stopped(over: Session, says: str) -> None:
    """Its cause, its moment and who stopped it are said as far as they are known; a stop that never arrived is none."""
    assert plain(ended_words(over)) == says
    refusal = _refusal(over)
    assert refusal is not None
    assert (refusal.state, refusal.idle, refusal.refused) == (CommandState.done, True, False)


@pytest.mark.parametrize(
    ("state", "number", "says"),
    [
        (State.unknown, 77, "Whether #1 obedient was started is not known"),
        (State.uncontrolled, 77, "support can be asked with it. It ends with its last call"),
        (State.uncontrolled, None, "nobody can stop it from here. It ends with its last call"),
        (State.running, 77, "The bot holds no URL for #1 obedient, so nothing can be sent. Its number at the platform"),
    ],
)
def test_what_cannot_be_reached_is_refused_with_its_reason(state: State, number: int | None, says: str) -> None:
    """Without a URL nothing is sent: why there is none, and what can be done without it."""
    unreachable = session(state, history_id=number)
    assert says in plain(_no_url(unreachable))
    refusal = _refusal(unreachable)
    assert refusal is not None
    assert (refusal.state, refusal.idle, refusal.refused) == (CommandState.refused, False, True)


def test_what_can_be_stopped_is_not_refused() -> None:
    """A session with a URL, and one whose start is not answered yet, take a stop."""
    assert _refusal(session(State.running, secure_url=b"sealed")) is None
    assert _refusal(session(State.starting)) is None


async def test_what_cannot_be_recorded_holds_up_no_stop_beside_one_that_is_refused(
    store: Store, locked: Callable[[], contextlib.AbstractContextManager[None]]
) -> None:
    """While the database is locked, one with an earlier stop is refused, and the other is asked."""
    clock, tasks = ManualClock(), Tasks()
    services = SimpleNamespace(write_behind=WriteBehind(store, clock, tasks), clock=clock)
    request = SimpleNamespace(actor="U3", key="k")
    context = cast("Context", SimpleNamespace(services=services, request=request, command=None))
    over = replace(session(State.ended, DELIVERED), id=1)
    open_ = replace(session(State.running, secure_url=b"sealed"), id=2)
    with locked():
        first, second = await ask((over, open_), None, context)
    assert first.refusal is not None
    assert first.wanted is None
    assert second.wanted is not None
    assert second.wanted.stop is not None
    assert (second.wanted.stop.by, second.resumed) == ("U3", False)
    await tasks.idle()
