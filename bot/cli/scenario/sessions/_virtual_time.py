"""An event loop whose time is not the clock's: it jumps to the next timer when there is nothing else to do.

A minute of waiting costs nothing, and the same scenario takes the same course at every check, however busy the
machine is.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

_LOOP_S_OWN_FILES: Final = 1  # its self-pipe


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop that begins at 0.0 seconds. `before_waiting` is called whenever all that is due has been done."""

    def __init__(self, before_waiting: Callable[[], None]) -> None:
        self.now = 0.0
        super().__init__(_Jumping(self, before_waiting))

    def time(self) -> float:
        """Return the loop's seconds."""
        return self.now


class _Jumping(selectors.DefaultSelector):
    """A selector that lets time pass instead of waiting. While there are sockets, it waits for them in real time."""

    def __init__(self, loop: VirtualTimeLoop, before_waiting: Callable[[], None]) -> None:
        super().__init__()
        self._loop = loop
        self._before_waiting = before_waiting

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; let the timeout pass where nothing is."""
        ready: list[Any] = super().select(0)
        if ready or timeout == 0:
            return ready
        self._before_waiting()
        files: Mapping[Any, Any] = self.get_map()
        if timeout is not None and len(files) <= _LOOP_S_OWN_FILES:
            self._loop.now += timeout
            return []
        began = time.monotonic()
        ready = super().select(timeout)
        self._loop.now += time.monotonic() - began
        return ready
