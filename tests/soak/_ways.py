"""The ways on which the leader comes to each point, sooner than by what people type.

An act comes to two replicas, and either may do it: it is repeated until it was the leader.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping

from bot.process import Failpoint
from tests.soak._crowd import Crowd
from tests.soak._harm import Harm, Provoke
from tests.soak._people import Act
from tests.soak._platform import HOTLINE
from tests.soak._replicas import Replica
from tests.soak._world import SoakWorld

_SILENT_WITHIN_S = 30.0
_ROUND_S = 6.0
_DEAD_WITHIN_S = 15.0
_AT_ONCE = 4
_LOOK_S = 0.5


class Ways:
    """The acts that set the leader off."""

    def __init__(self, world: SoakWorld, crowd: Crowd, harm: Harm) -> None:
        self._world = world
        self._crowd = crowd
        self._harm = harm

    async def _usual(self, _: Replica) -> None:
        await _done(self._crowd, *[self._crowd.start_and_send] * 2)

    async def _several(self, _: Replica) -> None:
        await _done(self._crowd, *[self._crowd.stop_several] * 2)

    async def _kept(self, _: Replica) -> None:
        await _done(self._crowd, *[self._crowd.keep_a_stop] * _AT_ONCE)

    async def _limited(self, _: Replica) -> None:
        await _done(self._crowd, self._crowd.start_limited)
        await asyncio.sleep(_ROUND_S)

    async def _unconfirmed(self, _: Replica) -> None:
        await _done(self._crowd, self._crowd.stop_stubborn)
        await asyncio.sleep(_ROUND_S)

    async def _closed(self, _: Replica) -> None:
        await _done(self._crowd, self._crowd.close_unconfirmed)
        await asyncio.sleep(_ROUND_S)

    async def _announced(self, _: Replica) -> None:
        await self._world.tell("more", rule=HOTLINE, sessions=1)
        await asyncio.sleep(_ROUND_S)

    async def _silent(self, _: Replica) -> None:
        await self._world.tell("more", rule=HOTLINE, sessions=1)
        await asyncio.sleep(_ROUND_S)
        await self._world.tell("hush", rule=HOTLINE)
        await asyncio.sleep(_SILENT_WITHIN_S)

    async def _reported(self, leader: Replica) -> None:
        await self._world.tell("more", rule=HOTLINE, sessions=1)
        body, at = (await self._world.tell("hush", rule=HOTLINE))["value"], str(int(time.time()))
        secret = self._world.environ["SESSION_BOT_ANNOUNCE_SECRET"].encode()
        proof = hmac.digest(secret, f"{at}.{body}".encode(), "sha256").hex()
        headers = {"X-Session-Bot-Time": at, "X-Session-Bot-Signature": proof}
        inbox = f"http://127.0.0.1:{leader.environ['SESSION_BOT_INBOX_PORT']}/announcements"
        async with self._world.http.post(inbox, data=body, headers=headers):
            await asyncio.sleep(1.0)

    async def _left_behind(self, _: Replica) -> None:
        await self._harm.kill_follower_at(Failpoint.begun)
        await asyncio.sleep(_DEAD_WITHIN_S)

    def by_points(self) -> Mapping[Failpoint, Provoke]:
        """Return what leads the leader to each point."""
        return {
            **dict.fromkeys(Failpoint, self._usual),
            Failpoint.kept_stop_due: self._kept,
            Failpoint.bulk_recorded: self._several,
            Failpoint.bulk_part_told: self._several,
            Failpoint.limit_passed: self._limited,
            Failpoint.silence_marked: self._silent,
            Failpoint.unconfirmed_marked: self._unconfirmed,
            Failpoint.urls_wiped: self._closed,
            Failpoint.announced_taken_up: self._announced,
            Failpoint.report_taken: self._reported,
            Failpoint.commands_closed: self._left_behind,
        }


async def _done(crowd: Crowd, *acts: Callable[[], Awaitable[Act | None]]) -> None:
    """Do acts at once, unless too many are under way; they go on where this is cut off by what they lead to."""
    while crowd.is_crowded:  # noqa: ASYNC110 - a count sets no event
        await asyncio.sleep(_LOOK_S)
    await asyncio.wait([crowd.begin(each) for each in acts])
