"""A connection of its own that hears what others commit, and knows whether the server answers.

The server tells each commit (see `storage.postgres._triggers`); after a second without one it is asked for a sign of
life, so that a dead one is known within two seconds, also when nobody asks for anything. A thread that finds it dead
first says so here: from then on nobody waits for it, until this connection has an answer again.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg

from storage.postgres._deadlines import Deadlines, cut
from storage.postgres._triggers import CHANNEL

log = logging.getLogger(__name__)

_PAUSE_S: Final = 0.3
_PING_S: Final = 1.0
_ANSWER_S: Final = 1.0
_BRIDGED_S: Final = 1.0


class Listener:
    """A thread with the connection that listens.

    `connect` opens one, `told` is called in this thread after each commit of another process, and once a second.
    """

    def __init__(
        self, connect: Callable[[], psycopg.Connection[Any]], deadlines: Deadlines, replica: str, label: str
    ) -> None:
        self.told: Callable[[], None] = lambda: None
        self.others = 0
        """The number of commits of other processes that were told of."""
        self.all = 0
        """The number of all commits that were told of."""
        self._connect = connect
        self._deadlines = deadlines
        self._replica = replica
        self._label = label
        self._connection: psycopg.Connection[Any] | None = None
        self._up = threading.Event()
        self._down_at = 0.0
        self._ended = threading.Event()
        self._was_said = False
        self._thread = threading.Thread(target=self._work, name="storage-listener", daemon=True)
        self._thread.start()

    @property
    def is_up(self) -> bool:
        """Return whether the server answered last."""
        return self._up.is_set()

    def is_up_soon(self) -> bool:
        """Return whether the server answers, or does again within a second of its silence: that much is waited for."""
        return self._up.wait(max(0.0, self._down_at + _BRIDGED_S - time.monotonic()))

    def wait_up(self, seconds: float) -> bool:
        """Wait until the server answers; return False where it does not, within so many seconds."""
        return self._up.wait(seconds)

    def suspect(self) -> None:
        """Record that a connection was lost: the server counts as away until this one has an answer."""
        self._mark_down()
        connection = self._connection
        if connection is not None:
            cut(connection)

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self.suspect()
        self._thread.join()

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                with self._connect() as connection:
                    self._connection = connection
                    self._listen(connection)
            except psycopg.Error as problem:
                self._say_away(problem)
            finally:
                self._connection = None
                self._mark_down()
            self._ended.wait(_PAUSE_S)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        with self._deadlines.within(connection, _ANSWER_S):
            connection.execute(f"listen {CHANNEL}")
        self._up.set()
        self._say_back()
        self._count(self._replica)  # what was told while nobody listened
        self.others += 1
        self.told()
        while not self._ended.is_set():
            heard = list(connection.notifies(timeout=_PING_S, stop_after=1))
            for each in heard:
                self._count(each.payload)
            if not heard:
                with self._deadlines.within(connection, _ANSWER_S):
                    connection.execute("select 1")
            self.told()

    def _mark_down(self) -> None:
        if self._up.is_set():
            self._down_at = time.monotonic()
            self._up.clear()

    def _count(self, replica: str) -> None:
        self.all += 1
        self.others += replica != self._replica

    def _say_away(self, problem: psycopg.Error) -> None:
        if not self._was_said and not self._ended.is_set():
            self._was_said = True
            log.error(
                "the database %s does not answer (%s): starts are refused, stops go out", self._label,
                problem.sqlstate or type(problem).__name__,
            )  # fmt: skip

    def _say_back(self) -> None:
        if self._was_said:
            self._was_said = False
            log.warning("the database %s answers again: recording goes on", self._label)
