"""Who waits for something to happen to a session hears of it here, without asking the database again."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from storage.records import Session


class Changes:
    """Committed changes of sessions, told to whoever waits in this process."""

    def __init__(self) -> None:
        self._waiting: defaultdict[int, list[tuple[Callable[[Session], bool], asyncio.Future[Session]]]]
        self._waiting = defaultdict(list)
        self._wanted: set[int] = set()

    @property
    def awaited(self) -> frozenset[int]:
        """The sessions of which somebody waits to hear."""
        return frozenset(self._waiting)

    def look_at(self, session_id: int) -> None:
        """Want the history asked about this session at the watch's next look."""
        self._wanted.add(session_id)

    def to_look_at(self) -> frozenset[int]:
        """Give the sessions that are wanted looked at, once."""
        wanted, self._wanted = frozenset(self._wanted), set()
        return wanted

    def tell(self, session: Session | None) -> None:
        """Say what a session has become, after its commit; None is the change that did not happen."""
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

        `read` gives what the session is now. It is asked only after the waiting has begun, so that nothing which
        happens in between is missed.
        """
        future: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
        self._waiting[session_id].append((condition, future))
        now = await read()
        if now is not None and condition(now):
            future.cancel()
            return now
        return await future
