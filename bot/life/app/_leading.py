"""Leading: what one process per database does alone. It watches, makes rounds, and writes to Slack's channels.

begin     what dead owners left half done is taken up, as after a crash; then the loops start, with new parts
lose      the loops are cancelled; what was going out to Slack is brought to its end: another process may lead by now
end       the same, of a process that ends: what is being sent is cancelled
stop      of a process that ends: first the watch, then, when the work is done, what is due is sent
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from bot.life._audit_head import AuditHead
from bot.life._keys import reseal
from bot.life._recovery import has_dead, recover, resume_dead_commands
from bot.life.app._wiring import BotParts, LeadingParts
from bot.life.app._wishes import Wishes
from bot.process import Clock, Tasks, cancel_and_wait, repeat_forever
from storage import Connection
from storage.errors import StorageUnavailable
from storage.membership import Owners

log = logging.getLogger(__name__)

FLUSH_S: Final = 2.0


class Leading:
    """The loops of the leader, and the recovery before them."""

    def __init__(self, parts: BotParts, owners: Owners, clock: Clock, tasks: Tasks) -> None:
        self._parts = parts
        self._owners = owners
        self._clock = clock
        self._tasks = tasks
        self._leading: LeadingParts | None = None
        self._looking: list[asyncio.Task[None]] = []
        self._posting: asyncio.Task[None] | None = None
        self._wishes = Wishes(parts.services)
        self._buried: set[str] = set()
        """The owners after which everything is cleared up."""

    async def begin(self) -> None:
        """Recover what dead owners left half done, and start the loops. Raises StorageError."""
        parts, leading = self._parts, self._parts.make_leading()
        self._leading = leading
        parts.announced.rounds.begin_anew()
        parts.board.send_by(leading.messenger)
        await self._wishes.begin()
        await reseal(parts.services)
        self._buried = await parts.services.store.read(self._dead)
        await recover(parts.services, parts.dispatch, self._tasks, self._owners.is_alive)
        audit_head = AuditHead(parts.services.store, self._clock)
        steps = (leading.watch.step, parts.announced.rounds.step, self._take_over_dead, audit_head.step)
        self._looking = [self._loop(step) for step in steps]
        self._posting = self._loop(leading.messenger.step)

    async def lose(self) -> None:
        """Cancel every loop. What Slack has taken and the next leader does not know of is settled in the background.

        A later `begin` starts with new parts.
        """
        if self._leading is not None:
            self._leading.messenger.cease()
        if (leading := await self._end_loops()) is not None:
            self._tasks.background(leading.messenger.finish())

    async def end(self) -> None:
        """Cancel every loop, and what is being sent."""
        if (leading := await self._end_loops()) is not None:
            await leading.messenger.cancel()

    async def look_at_others(self) -> None:
        """Look at what others have wished for, if this process leads; raises StorageUnavailable."""
        if self._looking:
            await self._wishes.look()

    async def end_looking(self) -> None:
        """Cancel the loops but for the messenger's; what is found over its limit now would be stopped by nobody."""
        looking, self._looking = self._looking, []
        for each in looking:
            each.cancel()
        for each in looking:
            await cancel_and_wait(each)

    async def flush(self) -> None:
        """Send what is due, for a short time, if this process leads; raises StorageError."""
        if self._leading is not None:
            self._leading.messenger.nudge()
            await self._leading.messenger.flush(FLUSH_S)

    async def _end_loops(self) -> LeadingParts | None:
        """Cancel every loop; return the parts that were leading, if any."""
        leading, self._leading = self._leading, None
        self._parts.board.send_by(None)
        await self.end_looking()
        await self._end_posting()
        return leading

    async def _end_posting(self) -> None:
        posting, self._posting = self._posting, None
        if posting is not None:
            await cancel_and_wait(posting)

    def _loop(self, step: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        return asyncio.create_task(repeat_forever(step, self._clock, self._tasks.acks))

    async def _take_over_dead(self) -> None:
        """Wait, then recover what owners left half done that have died since; without the database, the next time."""
        with contextlib.suppress(StorageUnavailable):  # others have said so in the log
            await self._look_for_dead()

    async def _look_for_dead(self) -> None:
        owners, parts = self._owners, self._parts
        await self._clock.sleep(owners.looked_for_every_s)
        owners.renew()
        dead = await parts.services.store.read(self._dead)
        if not dead - self._buried and not await has_dead(parts.services, owners.is_alive):
            return
        await self._clock.sleep(owners.renewed_within_s)  # whose file somebody removed has made it again by then
        if dead - self._buried:
            await recover(parts.services, parts.dispatch, self._tasks, owners.is_alive)
        elif await has_dead(parts.services, owners.is_alive):
            await resume_dead_commands(parts.services, parts.dispatch, self._tasks, owners.is_alive)
        self._buried = dead

    def _dead(self, db: Connection) -> set[str]:
        """Return the owners whose leases have run out."""
        leases = self._owners.leases(db)
        return {each.owner for each in leases if not self._owners.is_alive(db, each.owner)}
