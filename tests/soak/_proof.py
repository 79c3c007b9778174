"""The proof of several replicas: thousands of starts and stops on every side while one after another comes to harm."""

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from typing import Final

import aiohttp

from tests.soak import _judgement as judge
from tests.soak import _together as together
from tests.soak._crowd import Crowd
from tests.soak._harm import Harm
from tests.soak._judgement import Verdict
from tests.soak._replicas import deliver_twice, three_replicas
from tests.soak._ways import Ways
from tests.soak._world import SoakWorld, soak_world

STARTS: Final = 1_000
_ANNOUNCED: Final = 200
_CHANNELS: Final = 16
"""Slack tells of fifty channels a minute, and each replica asks of every one."""

_PER_SECOND: Final = 10.0
_STARTS_AND_STOPS_A_SECOND: Final = 5.5
_PAUSE_S: Final = 3.0
"""The mean pause between two harms."""

_UNDER_WAY: Final = 40
"""The number of commands without an outcome beyond which people wait."""

_LOOK_S: Final = 1.0
_AT_MOST_S: Final = 720.0
_SETTLED_WITHIN_S: Final = 90.0


async def replicas(seed: int, wanted: int) -> list[Verdict]:
    """Type until the platform has this many starts and stops and the leader died at every point; judge what came."""
    with tempfile.TemporaryDirectory() as folder:
        async with soak_world(Path(folder), sessions=_ANNOUNCED, bulk=0, seed=seed, channels=_CHANNELS) as world:
            async with three_replicas(world) as three:
                deliver_twice(world.slack)
                crowd = Crowd(
                    world, seed, a_second=_STARTS_AND_STOPS_A_SECOND, environ=three.environ, address=three.address
                )
                harm = Harm(three, seed)
                count = asyncio.create_task(_count_forever(world, crowd, counted := _Counted(wanted)))
                befalling = harm.befall_until(lambda: counted.is_enough, _PAUSE_S, Ways(world, crowd, harm).by_points())
                harming = asyncio.create_task(asyncio.wait_for(befalling, _AT_MOST_S))
                await crowd.type_until(lambda: counted.is_enough and harming.done(), _PER_SECOND)
                with contextlib.suppress(TimeoutError):
                    await harming
                count.cancel()
                await three.mended()
                await three.settled(_SETTLED_WITHIN_S)
                codes = await three.down()
                await three.moved()
            facts = await world.facts()
            acts = [*crowd.acts, *crowd.at_terminal]
            befell = ", ".join(f"{times} {what}" for what, times in harm.befell.most_common())
            sides = ", ".join(f"{times:,} {what}" for what, times in crowd.sides.most_common())
            return [
                Verdict("commands typed", "–", f"{len(acts):,}", None),
                Verdict("on which sides", "–", sides, None),
                Verdict("what befell them", "–", befell, None),
                *together.starts_and_stops(world, acts, facts, wanted=wanted),
                *together.once(world, acts, facts, deaths=three.deaths),
                *judge.acks(crowd.acts, all_acked=False),
                *judge.records(world, crowd.acts),
                *judge.intents(world, acts, facts),
                *judge.leaks(world, ""),
                judge.tracebacks(world),
                Verdict("exit codes after SIGTERM", "0", str(codes), not any(codes)),
                *together.points(harm.killed_at),
            ]


class _Counted:
    """The starts and stops at the platform, and the time until which there may be more."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._over = time.monotonic() + _AT_MOST_S
        self.starts = self.stops = 0

    @property
    def have_started_enough(self) -> bool:
        """Return whether there are enough sessions to be stopped."""
        return self.starts >= self._wanted

    @property
    def is_enough(self) -> bool:
        """Return whether nothing more is to be typed."""
        return (self.have_started_enough and self.stops >= self._wanted) or time.monotonic() > self._over


async def _count_forever(world: SoakWorld, crowd: Crowd, counted: _Counted) -> None:
    """Count at the platform, and tell the people whether to go on."""
    under_way = "select count(*) from commands where state in ('accepted', 'calling')"
    while True:
        await asyncio.sleep(_LOOK_S)
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            facts = await world.facts()
            counted.starts, counted.stops = sum(facts["starts"].values()), len(facts["stops"])
        crowd.have_started_enough = counted.have_started_enough and len(crowd.open) > 0
        found = await crowd.rows(under_way)
        crowd.is_crowded = bool(found) and found[0][0] > _UNDER_WAY
