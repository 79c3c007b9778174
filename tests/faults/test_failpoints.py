"""The process is killed at every point that matters, and goes on as another one: restarted, or as its standby.

For each command a table says which points lie on its way. That the others do not is seen, too: the command comes to its
end, and they were not reached. The table of what came of each crash is printed after the tests.

Here the points of every day have one of the successors in turn, and some have a second crash, while the process after
the first recovers. With `--all-crashes`, as in `make soak`, every point of every way has both.
"""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.process import Failpoint
from bot.sandbox._certificates import Certificates
from tests.crash_table import CRASH
from tests.postgres.databases import Database

from .crashing import Successor, crashes
from .ways import WAYS, Way

_RECOVERY: Final = Failpoint.commands_closed

Crash = tuple[Failpoint, Successor, str]
"""A point, what goes on after it, and the point of the second crash, if any."""


@pytest.mark.parametrize("verb", WAYS)
@pytest.mark.timeout(600)
async def test_a_crash_at_any_point(  # noqa: PLR0917 - pytest gives fixtures by name
    verb: str,
    tmp_path: Path,
    certificates: Certificates,
    record_property: Callable[[str, object], None],
    pytestconfig: pytest.Config,
    database: Database | None,
) -> None:
    """Killed anywhere on a command's way, nothing is lost, doubled or leaked, and what comes of it is told."""
    way, named = WAYS[verb], verb if database is None else f"{verb}, server"
    are_all = bool(pytestconfig.getoption("--all-crashes"))
    async with crashes(
        tmp_path / "world",
        certificates,
        account=way.account(),
        environ=way.environ,
        config=way.config,
        server=database,
    ) as on:
        await way.prepare(on, 0)
        reached = await on.trace(lambda: way.act(on, 0))
        assert reached == set(way.points), f"not as the table has it: {sorted(reached ^ set(way.points))}"
        for number, (point, successor, then) in enumerate(_crashes(way, are_all=are_all), 1):
            await way.prepare(on, number)
            order = way.orders.get(point, point)
            by = successor if database is None else Successor.restart
            await on.crash(order, lambda number=number: way.act(on, number), by, then=then)
            name = f"{point}, {then}" if then else str(point)
            record_property(CRASH, [named, name, str(by), way.outcome(on, number, point)])
    others = ", ".join(point for point in Failpoint if point not in reached)
    record_property(CRASH, [named, "not on its way:", "", others])


def _crashes(way: Way, *, are_all: bool) -> Iterator[Crash]:
    """Yield the crashes of a way: each once, with the successors in turn, or all with all."""
    if are_all:
        points, twice = way.crashed_at or way.points, way.crashed_twice_at
        yield from ((point, successor, "") for point, successor in itertools.product(points, Successor))
        yield from ((point, successor, _RECOVERY) for point, successor in itertools.product(twice, Successor))
    else:
        yield from ((point, by, "") for point, by in zip(way.daily, itertools.cycle(Successor), strict=False))
        yield from ((point, Successor.restart, _RECOVERY) for point in way.daily_twice)
