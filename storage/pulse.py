"""A pulse: something that happens again and again, and wakes those who wait for the next time."""

import asyncio
import contextlib


class Pulse:
    """Beaten in the event loop; each `wait` is for the next beat after it."""

    def __init__(self) -> None:
        self._next: asyncio.Future[None] | None = None

    def beat(self) -> None:
        """Wake everybody who waits."""
        waited, self._next = self._next, None
        if waited is not None and not waited.done():
            waited.set_result(None)

    async def wait(self, at_most_s: float | None = None) -> None:
        """Wait for the next beat, for so many seconds at most."""
        if self._next is None or self._next.done():
            self._next = asyncio.get_running_loop().create_future()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._next), at_most_s)
