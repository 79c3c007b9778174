"""The queue of the writer: a burst of what goes first is one commit, and what waits can be withdrawn."""

import asyncio
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import pytest

from storage.engine._job_queue import GATHERED_S, MOST_GATHERED, Gathered, JobQueue, Waiting


class Rounds:
    """An event loop of which each round takes so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._now = 0.0
        self._soon = deque[Callable[[], object]]()

    def time(self) -> float:
        """Return the seconds since it began."""
        return self._now

    def call_soon(self, call: Callable[..., object], *arguments: Any) -> None:
        """Call it in the next round."""
        self._soon.append(lambda: call(*arguments))

    def go_on(self) -> None:
        """Go through a round."""
        self._now += self._seconds
        for _ in range(len(self._soon)):
            self._soon.popleft()()


def handed_over(seconds: float, jobs: int) -> list[int]:
    """Return the sizes of what comes into the queue, where each round brings a job, until there were so many."""
    rounds, queue, sizes = Rounds(seconds), JobQueue(), list[int]()
    gathered, loop = Gathered(queue), cast("AbstractEventLoop", rounds)
    for number in range(jobs + 2):
        if number < jobs:
            gathered.put(Waiting(lambda _: None, loop, cast("Future[None]", None), first=True))
        rounds.go_on()
        if queue.first_waits:
            sizes.append(len(queue.next_batch()))
    return sizes


def test_a_burst_is_one_batch() -> None:
    """Quick rounds that bring one after another wait for all of them, up to a number."""
    assert handed_over(0.0001, 100) == [100]
    assert handed_over(0.0001, MOST_GATHERED + 100) == [MOST_GATHERED, 100]


@pytest.mark.parametrize("seconds", [0.02, 0.3, 2])
def test_slow_rounds_hold_no_job_up(seconds: float) -> None:
    """Where each slow round brings a further one, the first waits no longer than the bound and a round."""
    assert max(handed_over(seconds, 200)) * seconds <= GATHERED_S + 2 * seconds


@pytest.fixture
def jobs() -> list[Waiting[None]]:
    """Return three jobs, of which the last goes first."""
    loop = asyncio.new_event_loop()
    made = [Waiting[None](lambda _: None, loop, loop.create_future(), number == 2) for number in range(3)]
    loop.close()
    return made


def test_only_what_is_not_taken_can_be_withdrawn(jobs: list[Waiting[None]]) -> None:
    """A job that waits is withdrawn for good; one that the thread has taken runs, unless it is put back."""
    queue, (one, other, first) = JobQueue(), jobs
    for each in jobs:
        queue.put([each])
    assert queue.first_waits
    assert queue.withdraw(one)
    assert queue.next_batch() == [first]
    assert not queue.first_waits
    assert queue.next_batch() == [other]
    assert not queue.withdraw(other)
    queue.put_back([other])
    assert queue.withdraw(other)
    queue.close()
    assert queue.next_batch() == []


def test_what_is_put_back_goes_before_what_came_since(jobs: list[Waiting[None]]) -> None:
    """Jobs that were not begun keep their place; a closed queue ends once they are done."""
    queue, (one, other, first) = JobQueue(), jobs
    queue.put([one])
    queue.put([other])
    taken = queue.next_batch()
    queue.put([first])
    queue.put_back(taken)
    queue.close()
    assert [queue.next_batch() for _ in range(3)] == [[first], [one, other], []]
