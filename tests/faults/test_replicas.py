"""Three replicas on one server, each with a clock of its own, of which one after another comes to harm.

Every envelope comes to two of them at once. `python -m tests.soak` does the same for minutes, at random moments.
"""

import asyncio
from pathlib import Path

import pytest

from bot.process import Failpoint
from tests.soak import _judgement as judge
from tests.soak import _together as together
from tests.soak._harm import Harm
from tests.soak._people import People
from tests.soak._replicas import deliver_twice, three_replicas
from tests.soak._world import soak_world

_PER_SECOND, _STARTS = 6.0, 2.0
_SETTLED_WITHIN_S = 60.0


@pytest.mark.postgres
async def test_they_behave_as_one_whichever_of_them_dies(tmp_path: Path) -> None:
    """Killed at a point, cut off, or with a server that crashed: each intent once, in its order, and told the truth."""
    async with soak_world(tmp_path, sessions=20, bulk=0, seed=3) as world:
        async with three_replicas(world) as three:
            deliver_twice(world.slack)
            people = People(world, 3, starts_a_second=_STARTS, kept_open=2)
            harm = Harm(three, 3)
            harming = asyncio.create_task(_harm(harm))
            await people.type_until(lambda: harming.done() and _have_stopped(people), _PER_SECOND)
            await harming
            await three.mended()
            await three.settled(_SETTLED_WITHIN_S)
            codes = await three.down()
            await three.moved()
        facts = await world.facts()
    verdicts = [
        *judge.records(world, people.acts),
        *judge.intents(world, people.acts, facts),
        *together.once(world, people.acts, facts, deaths=three.deaths),
        *judge.leaks(world, ""),
        judge.tracebacks(world),
    ]
    assert not [each for each in verdicts if each.held is False]
    assert facts["starts"]
    assert facts["stops"]
    assert harm.killed_at == {Failpoint.posted_unmarked: 1}
    assert codes == [0, 0, 0]


async def _harm(harm: Harm) -> None:
    await harm.kill_leader_at(Failpoint.posted_unmarked)
    await harm.crash_server()
    await harm.cut_one()


def _have_stopped(people: People) -> bool:
    return any(each.session is not None and each.result.acked for each in people.acts)
