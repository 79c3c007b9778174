"""The presence of a process on a server: a thread with a connection of its own that beats, and holds the lead.

The lead is an advisory lock of the session of this connection: the server frees it when the connection ends. Of a
leader that is cut off, stopped, or swallowed by the network the server sees no end; so this connection has
`idle_session_timeout`, and a leader that says nothing loses the lock. The arithmetic, in seconds:

    0           the leader sends a ping that is answered
    2           LEADS_S: it does not count as leading any more unless a later ping was answered, whatever hangs
    3           SERVER_S: at the earliest, the server frees the lock, for it counts from its answer, which is later
    3.5         TRY_S: at the latest, a follower has asked for the lock, and has it

A ping is sent every PING_S and cut after ANSWER_S, and the thread that cuts looks every 0.2: a loss is noticed at 0.5 +
1.0 + 0.2 = 1.7 of that count, so that the loops of the leader have ended before another process can lead. A server that
is restarted ends the connection, which is noticed at once.
"""

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg

from storage.address import ServerAddress
from storage.errors import StorageUnavailable
from storage.postgres._deadlines import Deadlines
from storage.postgres._pool import connect
from storage.postgres._replicas import BEAT, CLEAR, DEAD_AFTER_S, GOODBYE, LEAD
from storage.postgres.schema import STEPS

log = logging.getLogger(__name__)

PING_S: Final = 0.5
ANSWER_S: Final = 1.0
LEADS_S: Final = 2.0
SERVER_S: Final = 3
TRY_S: Final = PING_S
BEAT_S: Final = 1.0
HELD_WITHIN_S: Final = 10.0
_GOODBYE_S: Final = 2.0

LEADER_LOCK: Final = 0x53424C44
"""The advisory lock of the leader; such locks are of one database each."""


class Presence:
    """The sign of life of an owner, and its lead where it wants that. `is_leading` is set while it leads."""

    def __init__(
        self,
        address: ServerAddress,
        version: str,
        follow: Callable[[float], None],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._address = address
        self._version = version
        self._follow = follow
        self._wall = wall
        self._owner = ""
        self._wants_lead = False
        self._leads = False
        self._answered_at = 0.0
        self._up_since: float | None = None
        self._beat_at = 0.0
        self._lag_s: float | None = None
        self._lost_at: float | None = None
        self._says_goodbye = False
        self._ended = threading.Event()
        self._held = threading.Event()
        self._gone = threading.Event()
        self._hurry = threading.Event()
        self._deadlines: Deadlines | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turned = asyncio.Event()

    async def hold(self, owner: str) -> None:
        """Begin to beat as this owner; raises StorageUnavailable where the server takes no beat."""
        self._owner, self._loop = owner, asyncio.get_running_loop()
        self._deadlines = Deadlines()
        self._thread = threading.Thread(target=self._work, name="storage-presence", daemon=True)
        self._thread.start()
        if not await asyncio.to_thread(self._held.wait, HELD_WITHIN_S):
            await self.end()
            msg = "the database takes no sign of life of this process"
            raise StorageUnavailable(msg)

    async def say_goodbye(self) -> None:
        """Record that the owner is gone, if the server answers in time; its lead, if it has it, stays its own."""
        self._says_goodbye = True
        self._hurry.set()
        await asyncio.to_thread(self._gone.wait, _GOODBYE_S)
        if not self._wants_lead:
            await self.end()

    async def end(self) -> None:
        """End the connection, and with it the lead."""
        self._ended.set()
        self._hurry.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        self._thread = None
        if self._deadlines is not None:
            self._deadlines.close()
        self._deadlines = None

    def want_lead(self) -> None:
        """Ask for the lead from now on."""
        self._wants_lead = True

    def is_leading(self) -> bool:
        """Return whether this process surely leads at this moment."""
        return self._leads and time.monotonic() - self._answered_at < LEADS_S

    async def until(self, *, leading: bool) -> None:
        """Wait until this process leads, or does not lead."""
        while self.is_leading() is not leading:
            self._turned.clear()
            try:
                await asyncio.wait_for(self._turned.wait(), PING_S)
            except TimeoutError:
                continue

    @property
    def may_judge(self) -> bool:
        """Return whether the server was there for so long that every living owner has beaten since."""
        return self._up_since is not None and time.monotonic() - self._up_since > DEAD_AFTER_S

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                with connect(self._address, "leader", f"idle_session_timeout={SERVER_S}s") as connection:
                    self._stay(connection)
            except psycopg.Error as problem:
                self._note_loss(problem)
            finally:
                self._up_since = None
                self._turn(leads=False)
            if self._says_goodbye:
                return
            self._hurry.wait(TRY_S)

    def _stay(self, connection: psycopg.Connection[Any]) -> None:
        self._run(connection, CLEAR)
        self._beat(connection)
        self._up_since = time.monotonic()
        self._note_return()
        self._held.set()
        while not self._ended.is_set():
            self._hurry.wait(PING_S)
            self._hurry.clear()
            if self._says_goodbye and not self._gone.is_set():
                self._run(connection, GOODBYE, owner=self._owner)
                self._gone.set()
            elif self._wants_lead and not self._leads and not self._says_goodbye:
                self._try_to_lead(connection)
            else:
                self._run(connection, "select 1")
            if time.monotonic() - self._beat_at >= BEAT_S and not self._says_goodbye:
                self._beat(connection)

    def _try_to_lead(self, connection: psycopg.Connection[Any]) -> None:
        row = self._run(connection, "select pg_try_advisory_lock(%(key)s)", key=LEADER_LOCK)
        if row is not None and row[0]:
            self._run(connection, LEAD, owner=self._owner)
            self._turn(leads=True)
            self._beat(connection)

    def _beat(self, connection: psycopg.Connection[Any]) -> None:
        began = self._beat_at = time.monotonic()
        ahead_s, = self._run(
            connection, BEAT, owner=self._owner, name=f"{socket.gethostname()}:{os.getpid()}", version=self._version,
            schema=len(STEPS), leads=int(self._leads), wall=self._wall(), lag=self._lag_s,
        )  # fmt: skip
        self._lag_s = time.monotonic() - began
        self._follow(ahead_s)

    def _run(self, connection: psycopg.Connection[Any], sql: str, **values: object) -> Any:
        """Run a statement; its sending is the moment from which the lead counts, if it is answered."""
        if self._deadlines is None:
            raise AssertionError
        sent = time.monotonic()
        with self._deadlines.within(connection, ANSWER_S):
            done = connection.execute(sql.encode(), values or None)
            row = done.fetchone() if done.description else None
        self._answered_at = sent
        return row

    def _note_loss(self, problem: psycopg.Error) -> None:
        """Log that the connection was lost, once for all attempts until it is back."""
        if self._lost_at is None:
            self._lost_at = time.monotonic()
            log.info("the sign of life was lost: %s", problem.sqlstate or type(problem).__name__)

    def _note_return(self) -> None:
        lost_at, self._lost_at = self._lost_at, None
        if lost_at is not None:
            log.info("the sign of life is back after %.1f s", time.monotonic() - lost_at)

    def _turn(self, *, leads: bool) -> None:
        if self._leads == leads or self._loop is None:
            return
        self._leads = leads
        try:
            self._loop.call_soon_threadsafe(self._turned.set)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            return
