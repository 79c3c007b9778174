"""A condition variable for the state of a sandbox."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Wakes the tasks that wait for a condition, on every change of the state."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def notify(self) -> None:
        """Wake every waiting task."""
        self._next.set()
        self._next = asyncio.Event()

    @property
    def upcoming(self) -> asyncio.Event:
        """The event that the next change sets. Ask for it before a look at the state, so that no change is missed."""
        return self._next

    async def until(self, condition: Callable[[], T], timeout: float) -> T:  # noqa: ASYNC109 - the caller's words
        """Wait until `condition` returns something truthy, and return that; it is evaluated on every change.

        Raises TimeoutError after `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            # Nothing is awaited between a look and the wait, so that no change falls between them.
            while not (value := condition()):
                await self._next.wait()
        return value
