"""Changes of sessions, as events for waiting tasks, without a question to the database."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator

from storage.records import Session


class Changes:
    """Committed changes of sessions, published to the waiting tasks of this process."""

    def __init__(self) -> None:
        self._waiting: defaultdict[int, list[tuple[Callable[[Session], bool], asyncio.Future[Session]]]]
        self._waiting = defaultdict(list)
        self._wanted: set[int] = set()
        self._bulks = 0
        self.calm = asyncio.Event()
        """Set while no bulk is going out: what reads every change waits for it, for a while."""
        self.calm.set()

    @contextlib.contextmanager
    def bulk(self) -> Iterator[None]:
        """Record that hundreds of sessions are being changed inside."""
        self._bulks += 1
        self.calm.clear()
        try:
            yield
        finally:
            self._bulks -= 1
            if not self._bulks:
                self.calm.set()

    @property
    def awaited(self) -> frozenset[int]:
        """The sessions with waiting tasks."""
        return frozenset(self._waiting)

    def look_at(self, session_id: int) -> None:
        """Request a look-up of this session at the watch's next look."""
        self._wanted.add(session_id)

    def to_look_at(self) -> frozenset[int]:
        """Return the sessions with a requested look-up, once."""
        wanted, self._wanted = frozenset(self._wanted), set()
        return wanted

    def publish(self, session: Session | None) -> None:
        """Publish a session after its commit; None, a change that did not happen, is ignored."""
        if session is None:
            return
        for condition, future in self._waiting.pop(session.id, []):
            if future.done():
                continue
            if condition(session):
                future.set_result(session)
            else:
                self._waiting[session.id].append((condition, future))

    async def until(
        self, session_id: int, condition: Callable[[Session], bool], read: Callable[[], Awaitable[Session | None]]
    ) -> Session:
        """Wait until a session fulfils the condition.

        `read` returns the session as it is now. It is called only after the waiting has begun, so that no change
        in between is missed.
        """
        future: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
        self._waiting[session_id].append((condition, future))
        try:
            now = await read()
            return now if now is not None and condition(now) else await future
        finally:  # a session that is over is published no more: nothing else would end the waiting
            self._end(session_id, future)

    def _end(self, session_id: int, future: asyncio.Future[Session]) -> None:
        left = [each for each in self._waiting.pop(session_id, []) if each[1] is not future]
        if left:
            self._waiting[session_id] = left
