"""Each transaction is run twice, and undone the first time: a job has no effect but in the database, so none is seen.

On a server that is what a conflict does.
"""

import contextlib
from typing import Any

import pytest

from storage.engine import Writer

from .conftest import World


@pytest.fixture(autouse=True)
def run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run and undo what a writer is about to commit, and only then commit it."""
    once = Writer._run_once

    def twice(self: Writer, db: Any, batch: Any) -> Any:
        with contextlib.suppress(Exception):
            db.begin()
            (self._without_savepoints if batch[0].first else self._with_savepoints)(db, batch)
        db.roll_back()
        return once(self, db, batch)

    monkeypatch.setattr(Writer, "_run_once", twice)


async def test_what_is_undone_and_done_again_is_done_once(world: World) -> None:
    """A start, a send, a stop and a double press: one effect each, one row, one reply, and numbers without a gap."""
    await world.started()
    await world.says(world.ann, 'send 1 {"a": 1}', expect="Delivered")
    await world.says(world.bob, "stop 1 it hangs", expect="Confirmed: #1")
    await world.shows("ended")
    await world.started("obedient twice")
    await world.says(world.ann, "start obedient twice", expect="Already started #2")
    assert len(world.platform.starts()) == 2
    assert len(world.platform.deliveries) == 2
    assert [each.state for each in world.commands()] == ["done", "done", "done", "done", "refused"]
    assert len(world.replies()) == 2


async def test_a_bulk_that_is_undone_and_done_again_stops_each_once(world: World) -> None:
    """Its list, its summary and its outcomes are there once."""
    for number in range(3):
        await world.started(f"obedient {number}")
    preview = await world.says(world.ann, "stop all", expect="3 sessions")
    await world.ann.click(preview, next(each.label for each in preview.buttons() if each.label.startswith("Stop")))
    for number in range(3):
        await world.shows("ended", number)
    assert len(world.platform.deliveries) == 3
