"""Write-behind: records kept in memory, in order, while the database cannot be written.

Only for effects that have already happened outside (a stop that went out, a start that was answered), and for
refusals because of the database: those are not done, neither now nor later.
"""

import asyncio
import functools
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from bot.ports._savepoints import SavepointGroup
from bot.process import Clock, Tasks
from storage import Connection, Job
from storage.errors import StorageUnavailable
from storage.records import Session
from storage.store import Store

log = logging.getLogger(__name__)
T = TypeVar("T")

_PAUSE_S: Final = 1.0
_QUIET_S: Final = 0.25
_QUIET_AT_MOST: Final = 6
"""Records wait for each other until none came for so long; at most so many times."""

_A_PIECE: Final = 100
"""Records that are one job of the store: between two jobs it lets admissions go first."""

_Together = tuple[Job[Any], str, "asyncio.Future[Any]"]


@dataclass(frozen=True)
class KnownOfSession:
    """Columns of a session that are valid already while their record waits for the database."""

    session: int
    columns: Mapping[str, Any]


@dataclass(frozen=True)
class _Late:
    job: Job[Any]
    what: str
    recorded: "asyncio.Future[Any]"


class WriteBehind:
    """Writes now, or as soon as the database can be written."""

    def __init__(self, store: Store, clock: Clock, tasks: Tasks) -> None:
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._late: deque[_Late] = deque()
        self._known: list[KnownOfSession] = []
        self._together: list[_Together] = []
        self._moment: asyncio.Future[None] | None = None

    @property
    def size(self) -> int:
        """The number of records that wait for the database."""
        return len(self._late)

    async def write(self, job: Job[T], what: str, *known: KnownOfSession) -> "asyncio.Future[T]":
        """Commit `job`, or keep it; the log has `what` is not on disk yet, and `as_known` applies all that is `known`.

        The future is done when it is on disk: mostly at once. It raises the job's own errors.
        """
        recorded: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._known += known
        recorded.add_done_callback(lambda _: self._forget(known))
        if not self._late:  # else it would overtake what happened before it
            try:
                recorded.set_result(await self._store.write(job))
            except StorageUnavailable as problem:
                log.error("cannot be recorded now: %s (%s)", what, problem)  # noqa: TRY400 - no traceback needed
            except BaseException:  # who recorded it gets the error; nobody else waits for this future
                recorded.cancel()
                raise
            else:
                return recorded
        self._keep(_Late(job, what, recorded))
        return recorded

    async def write_together(self, job: Job[T | None], what: str) -> "asyncio.Future[T | None]":
        """Commit `job` with the others of this moment, or keep it, as `write` does: one of hundreds needs no commit.

        An error of the job is in the log, and undoes only its own changes; the future then has None.
        """
        recorded: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self._together.append((job, what, recorded))
        if self._moment is None:
            self._moment = asyncio.get_running_loop().create_future()
            self._tasks.work(self._end_moment(self._moment))
        await asyncio.shield(self._moment)
        return recorded

    async def _end_moment(self, moment: "asyncio.Future[None]") -> None:
        try:
            await self._quiet()
        finally:  # also of a process that ends: what happened is recorded all the same
            together, self._together, self._moment = self._together, [], None
            try:
                pieces = [together[at : at + _A_PIECE] for at in range(0, len(together), _A_PIECE)]
                await asyncio.gather(*map(self._write_piece, pieces))
            finally:
                moment.set_result(None)

    async def _quiet(self) -> None:
        """Wait until no record came for a while: hundreds come at once, and recording takes time from the rest."""
        for _ in range(_QUIET_AT_MOST):
            known = len(self._together)
            await self._clock.sleep(_QUIET_S)
            if len(self._together) == known:
                return

    async def _write_piece(self, together: "Sequence[_Together]") -> None:
        what = f"{together[0][1]}, and {len(together) - 1} records more"
        recorded = await self.write(lambda db: _each(db, together), what)
        when_recorded(recorded, lambda values: _tell(together, values))

    def keep(self, job: Job[T], what: str) -> "asyncio.Future[T]":
        """Keep `job` until the database can be written, without trying now."""
        recorded: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._keep(_Late(job, what, recorded))
        return recorded

    def as_known(self, session: Session) -> Session:
        """Return the session with the columns that wait for the database."""
        for known in self._known:
            if known.session == session.id:
                session = replace(session, **known.columns)
        return session

    def _forget(self, known: Iterable[KnownOfSession]) -> None:
        for each in known:
            self._known.remove(each)

    def _keep(self, late: _Late) -> None:
        log.warning("kept in memory until it can be recorded: %s", late.what)
        self._late.append(late)
        if len(self._late) == 1:
            self._tasks.work(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            while self._late:
                await self._write_oldest(self._late[0])
        except asyncio.CancelledError:
            for lost in self._late:
                log.critical("at the end of the process, not known to be recorded: %s", lost.what)
            raise

    async def _write_oldest(self, late: _Late) -> None:
        try:
            value = await self._store.write(late.job)
        except StorageUnavailable:
            await self._clock.sleep(_PAUSE_S)
            return
        except Exception as problem:  # the log has it: to keep it would hold up all that happened after it
            log.exception("cannot be recorded at all: %s", late.what)
            if not late.recorded.done():
                late.recorded.set_exception(problem)
        else:
            log.warning("recorded late: %s", late.what)
            if not late.recorded.done():  # who waited for it may have been cancelled
                late.recorded.set_result(value)
        self._late.popleft()


def when_recorded(recorded: "asyncio.Future[T]", tell: Callable[[T], None]) -> None:
    """Call `tell` with the recorded result: at once, or when the database can be written."""

    def told(future: "asyncio.Future[T]") -> None:
        if not future.cancelled() and future.exception() is None:
            tell(future.result())

    if recorded.done():
        told(recorded)
    else:
        recorded.add_done_callback(told)


def _each(db: Connection, together: Sequence[_Together]) -> list[Any]:
    group = SavepointGroup(db, "in a record of many")
    return [group.do(functools.partial(job, db)) for job, _, _ in together]


def _tell(together: Sequence[_Together], values: Sequence[Any]) -> None:
    for (_, _, recorded), value in zip(together, values, strict=True):
        if not recorded.done():
            recorded.set_result(value)
