"""Tasks with a strong reference: asyncio keeps only weak ones, and a pending task can be collected."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, Final, TypeVar

from bot.process._acks import Acks
from bot.process._clock import Clock

log = logging.getLogger(__name__)

_PAUSE_S: Final = 1.0

T = TypeVar("T")


class Tasks:
    """The tasks of this process: work, which is finished before it ends, and background tasks, which are cancelled.

    `acks` are what a piece of work waits for before it begins.
    """

    def __init__(self) -> None:
        self.acks = Acks()
        self._work: set[asyncio.Task[Any]] = set()
        self._responses: set[asyncio.Task[None]] = set()
        self._background: set[asyncio.Task[Any]] = set()

    def work(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task that `drain` waits for."""
        return self._held(coroutine, self._work)

    def response(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work that sends a response to a person."""
        task = self.work(coroutine)
        self._responses.add(task)
        task.add_done_callback(self._responses.discard)
        return task

    def background(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task that may be dropped when the process ends."""
        return self._held(coroutine, self._background)

    @contextlib.contextmanager
    def count_as_work(self) -> Iterator[None]:
        """Count the running task, made by other code, as work."""
        task = asyncio.current_task()
        if task is None:
            yield
            return
        self._work.add(task)
        try:
            yield
        finally:
            self._work.discard(task)

    async def idle(self) -> None:
        """Wait until no task runs any more, background ones included."""
        while running := self._work | self._background:
            await asyncio.wait(running)

    @property
    def working(self) -> int:
        """Return the number of running work tasks."""
        return len(self._work)

    @property
    def responding(self) -> int:
        """Return the number of responses that are on their way."""
        return len(self._responses)

    async def drain(self, seconds: float, clock: Clock) -> None:
        """Wait for the work, for this long at most; then cancel the rest and wait until it has ended."""
        await _cancelled(self._background)
        late = asyncio.create_task(clock.sleep(seconds))
        while self._work and not late.done():  # one by one, since what ends may have begun something new
            await asyncio.wait({late, *self._work}, return_when=asyncio.FIRST_COMPLETED)
        late.cancel()
        await _cancelled(self._work)
        await _cancelled(self._background)

    @staticmethod
    def _held(coroutine: Coroutine[Any, Any, T], held: set[asyncio.Task[Any]]) -> asyncio.Task[T]:
        task = asyncio.create_task(coroutine)
        held.add(task)
        task.add_done_callback(held.discard)
        return task


async def repeat_forever(step: Callable[[], Awaitable[None]], clock: Clock, acks: Acks | None = None) -> None:
    """Run a step again and again, each time when no request waits for its ack; an exception is logged."""
    while True:
        if acks is not None:
            await acks.none_waits()
        try:
            await step()
        except Exception:  # the log has it, and the next step does the work again
            log.exception("a step of %s went wrong", getattr(step, "__qualname__", step))
            await clock.sleep(_PAUSE_S)


async def cancel_and_wait(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has ended."""
    await _cancelled({task})


async def wait_or_wake(clock: Clock, seconds: float, awake: asyncio.Event) -> None:
    """Wait this long, or until `awake` is set."""
    woken = asyncio.create_task(awake.wait())
    rested = asyncio.create_task(clock.sleep(seconds))
    try:
        await asyncio.wait({woken, rested}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        woken.cancel()
        rested.cancel()


async def _cancelled(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until all have ended, those included that they started meanwhile."""
    while leftover := {task for task in tasks if not task.done()}:
        for task in leftover:
            task.cancel()
        await asyncio.wait(leftover)
