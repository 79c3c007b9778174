"""When the history is asked about a session: the schedule after a stop, and the steady look otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.ports._verb import Services
from bot.process._clock import RemoteClock
from bot.watch._ages import Ages
from bot.watch._questions import LOOK_UP_SCHEDULE_S, Questions
from storage.records import Session, State
from storage.stop import Arrived
from tests.factories import a_session, a_stop
from tests.manual_clock import ManualClock

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
EVERY_S = 15


@pytest.fixture
def session() -> Session:
    """Return a session that runs since NOW."""
    return replace(a_session(NOW, starter="U2"), state=State.running, history_id=42, called_at=NOW)


def the_questions(clock: ManualClock) -> Questions:
    """Make the questions of a watch that has asked nothing yet; its clock begins at NOW, with 0 seconds."""
    management = SimpleNamespace(clock=RemoteClock(clock, "the platform's"))
    settings = SimpleNamespace(watch_seconds=EVERY_S, confirm_seconds=60)
    services = SimpleNamespace(settings=settings, clock=clock, management=management)
    ages = Ages(clock, management.clock)
    return Questions(cast("Services", services), ages, lambda _: None)


def asked_at(session: Session, count: int) -> list[float]:
    """Return the first moments at which a session is asked about, in seconds from NOW."""
    questions = the_questions(ManualClock())
    moments = []
    for _ in range(count):
        moments.append(questions.due_at(session))
        questions._asked[session.id] = moments[-1]
    return moments


def test_a_running_session_is_looked_at_steadily(session: Session) -> None:
    """Without a stop the interval of the settings holds."""
    assert asked_at(session, 3) == [EVERY_S, 2 * EVERY_S, 3 * EVERY_S]


@pytest.mark.parametrize(
    "changes",
    [
        {"stop": a_stop(NOW - timedelta(seconds=9), arrived=Arrived.yes, delivered_at=NOW)},
        {"stop": a_stop(NOW)},
        {"state": State.unknown, "history_id": None},
        {"end_seen_at": NOW, "stop": a_stop(NOW - timedelta(hours=1))},
    ],
    ids=["delivered", "asked", "unknown", "end seen"],
)
def test_what_is_waited_for_is_asked_soon_and_then_less_often(session: Session, changes: dict[str, Any]) -> None:
    """After a stop, an unknown start or a first reading of an end, the schedule holds, then the interval."""
    moments = asked_at(replace(session, **changes), len(LOOK_UP_SCHEDULE_S) + 2)
    assert moments[: len(LOOK_UP_SCHEDULE_S)] == [1, 2, 4, 8, 15, 30]
    assert moments[len(LOOK_UP_SCHEDULE_S) :] == [30 + EVERY_S, 30 + 2 * EVERY_S]


def test_what_is_not_found_for_hours_is_asked_for_less_often(session: Session) -> None:
    """An unknown start is looked for as long as it is open, at intervals that grow with its age."""
    moments = asked_at(replace(session, state=State.unknown, history_id=None), 60)
    gaps = [later - earlier for earlier, later in pairwise(moments)][len(LOOK_UP_SCHEDULE_S) :]
    assert gaps == sorted(gaps)
    assert gaps[0] == EVERY_S
    assert gaps[-1] == pytest.approx(moments[-2] / 10)


def test_after_a_restart_a_stop_that_is_waited_for_is_asked_about_at_once(session: Session) -> None:
    """A process that has asked nothing yet does not wait for the rest of the schedule."""
    stopped = replace(session, stop=a_stop(NOW - timedelta(seconds=20), arrived=Arrived.yes))
    assert asked_at(stopped, 1)[0] < 0
