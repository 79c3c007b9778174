"""The queue of a thread: jobs in two lanes. What is in the first is taken before all that waits in the other."""

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from storage.connection import Job

T = TypeVar("T")

MOST_GATHERED: Final = 500
"""The number of jobs that wait for no further ones: their commit takes about a tenth of a second."""

GATHERED_S: Final = 0.5
"""The time for which the first of them waits at most: a busy loop may bring one more in each of its slow rounds."""


@dataclass(eq=False)
class Waiting(Generic[T]):
    """A job with the future of its result; `first` is its lane. It is taken by the thread, or withdrawn, or waits."""

    job: Job[T]
    loop: asyncio.AbstractEventLoop
    result: "asyncio.Future[T]"
    first: bool = False
    is_taken: bool = False
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Settled:
    """The outcome of a job: its value, or its error."""

    waiting: Waiting[object]
    value: object = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Set the result, in its event loop; who waited may have gone."""
        if self.waiting.result.done():
            return
        if self.error is not None:
            self.waiting.result.set_exception(self.error)
        else:
            self.waiting.result.set_result(self.value)


class JobQueue:
    """Filled by any thread, emptied by one."""

    def __init__(self) -> None:
        self._arrived: queue.SimpleQueue[Sequence[Waiting[object]] | None] = queue.SimpleQueue()
        self._first: deque[Waiting[object]] = deque()
        self._others: deque[Waiting[object]] = deque()
        self._closing = False
        self._taking = threading.Lock()

    def put(self, jobs: Sequence[Waiting[object]]) -> None:
        """Add jobs, of which the thread finds all or none."""
        self._arrived.put(jobs)

    def close(self) -> None:
        """End the thread once what is queued is done."""
        self._arrived.put(None)

    def next_batch(self) -> list[Waiting[object]]:
        """Wait for jobs; return all of the first lane, else all others, and none when the queue is closed and empty."""
        while True:
            if not self._first and not self._others and not self._closing:
                self._sort(self._arrived.get())
            self._sort_arrived()
            lane = self._first or self._others
            if not lane:
                return []
            batch = self._taken(lane)
            lane.clear()
            if batch:
                return batch

    def put_back(self, batch: Iterable[Waiting[object]]) -> None:
        """Put jobs that were taken and not begun back to the head of their lane, in their order."""
        back = list(batch)
        for each in reversed(back):
            (self._first if each.first else self._others).appendleft(each)
        with self._taking:
            for each in back:
                each.is_taken = False

    def withdraw(self, waiting: Waiting[T]) -> bool:
        """Withdraw a job, unless the thread has taken it; return whether it will never run."""
        with self._taking:
            waiting.is_withdrawn = not waiting.is_taken
            return waiting.is_withdrawn

    @property
    def first_waits(self) -> bool:
        """Return whether a job waits in the first lane."""
        self._sort_arrived()
        return bool(self._first)

    def _taken(self, lane: Iterable[Waiting[object]]) -> list[Waiting[object]]:
        """Return the jobs of a lane, which are taken by now, without those that were withdrawn."""
        with self._taking:
            batch = [each for each in lane if not each.is_withdrawn]
            for each in batch:
                each.is_taken = True
        return batch

    def _sort_arrived(self) -> None:
        with contextlib.suppress(queue.Empty):
            while not self._arrived.empty():
                self._sort(self._arrived.get_nowait())

    def _sort(self, arrived: Sequence[Waiting[object]] | None) -> None:
        if arrived is None:
            self._closing = True
            return
        for each in arrived:
            (self._first if each.first else self._others).append(each)


class Gathered:
    """The jobs of one event loop that go first, on their way to the queue together.

    They are handed over in the first round of the loop that brings no other, or after GATHERED_S: one commit is enough
    for a burst, and the thread does not take turns with the loop at the interpreter meanwhile.
    """

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._jobs: list[Waiting[object]] = []
        self._since = 0.0

    def put(self, waiting: Waiting[T]) -> None:
        """Add a job."""
        self._jobs.append(waiting)  # type: ignore[arg-type]
        if len(self._jobs) == 1:
            self._since = waiting.loop.time()
            waiting.loop.call_soon(self._look, waiting.loop, 0)

    def hand_over(self) -> None:
        """Put the jobs into the queue."""
        jobs, self._jobs = self._jobs, []
        self._queue.put(jobs)

    def _look(self, loop: asyncio.AbstractEventLoop, before: int) -> None:
        if before < len(self._jobs) < MOST_GATHERED and loop.time() - self._since < GATHERED_S:
            loop.call_soon(self._look, loop, len(self._jobs))
        else:
            self.hand_over()


def settle_all(settled: Iterable[Settled]) -> None:
    """Settle the outcomes in their event loops, each of which is woken once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Settled]] = {}
    for each in settled:
        by_loop.setdefault(each.waiting.loop, []).append(each)
    for loop, outcomes in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            loop.call_soon_threadsafe(_settle, outcomes)


def _settle(outcomes: Iterable[Settled]) -> None:
    for each in outcomes:
        each.settle()
