"""Acks first: work begins, one piece after another, while no received request waits for its ack."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

LONGEST_S: Final = 3.0
"""The time for which Slack waits for an ack: work that has waited as long begins with the next ack."""


class Acks:
    """The requests that were received and are not acked, and the work that waits for them.

    A waiting piece begins as soon as none waits, and the next one after a round of the event loop, in which new
    requests are received. Requests that come faster than they are acked hold work up for no longer than LONGEST_S.
    """

    def __init__(self) -> None:
        self._waiting = 0
        self._work: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._is_due = False
        self._hold: Callable[[], None] = _nothing
        self._release: Callable[[], None] = _nothing

    def hold_up(self, hold: Callable[[], None], release: Callable[[], None]) -> None:
        """Call `hold` when a request is received and none waits, and `release` when none waits or work begins anyway.

        For what is no piece of work: Python's search for garbage takes a tenth of a second where much is under way.
        """
        self._hold, self._release = hold, release

    @property
    def waiting(self) -> int:
        """Return the number of requests that wait for their ack."""
        return self._waiting

    def received(self) -> None:
        """Count a request, from when it is received."""
        self._waiting += 1
        if self._waiting == 1:
            self._hold()

    def answered(self) -> None:
        """Count a request no more: it is acked, or never will be."""
        self._waiting -= 1
        if not self._waiting:
            self._release()
        self._look()

    async def none_waits(self) -> None:
        """Wait for the turn of a piece of work."""
        if not self._waiting and not self._work:
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._work.append((loop.time(), turn))
        self._look()
        await turn

    def _look(self) -> None:
        """Begin the next piece in the next round of the event loop, if it may begin."""
        if self._work and not self._is_due and self._may_begin():
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._begin_one)

    def _begin_one(self) -> None:
        self._is_due = False
        if self._work and self._may_begin():  # else a request was received in this round
            self._release()
            _, turn = self._work.popleft()
            if not turn.done():  # who waited may have been cancelled
                turn.set_result(None)
        self._look()

    def _may_begin(self) -> bool:
        since, _ = self._work[0]
        return not self._waiting or asyncio.get_running_loop().time() - since > LONGEST_S


def _nothing() -> None:
    """Do nothing."""
