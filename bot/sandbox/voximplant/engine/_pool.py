"""The thread pool on which scenarios run: few daemon threads, shared by all sessions.

A turn inside one long native call cannot be interrupted. Its thread is then lost to the pool, but
as a daemon it does not keep the process from ending; a worker of an executor would.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

THREADS = 4
_JOIN_SECONDS = 0.2  # an idle thread leaves at once; one in the middle of a turn is left to itself


class Workers(Protocol):
    """Runs the turns of sessions, one function at a time for each of them."""

    async def run(self, function: Callable[[], T]) -> T:
        """Run a function; its value or its exception is this coroutine's."""

    def close(self) -> None:
        """Stop, when all that was asked for has run."""


class Pool:
    """Runs functions on its threads, in the order of their arrival."""

    def __init__(self, threads: int = THREADS) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"voxengine-{number}", daemon=True)
            for number in range(1, threads + 1)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, function: Callable[[], T]) -> T:
        """Run `function` on a thread; its value or its exception is this coroutine's.

        Cancelling stops the waiting, not the function.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(lambda: _settle(loop, future, function))
        return await future

    def close(self) -> None:
        """Stop the threads when the queue has run; nothing may be queued any more."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # or a finished session's JavaScript context would live until the next job comes


def _settle(loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], function: Callable[[], Any]) -> None:
    try:
        value = function()
    except Exception as error:  # noqa: BLE001 - whoever awaits `run` learns of it
        _deliver(loop, future, future.set_exception, error)
    else:
        _deliver(loop, future, future.set_result, value)


def _deliver(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[Any],
    settle: Callable[[Any], None],
    outcome: object,
) -> None:
    def unless_cancelled() -> None:
        if not future.done():
            settle(outcome)

    # The loop is closed when the process ends in the middle of a turn: nobody waits for the outcome any more.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(unless_cancelled)
