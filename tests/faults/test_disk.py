"""A disk that takes seconds for a commit, or no writes at all: each command has its ack, and learns what came of it.

A server's disk is behind its connection: for a bot it is a server that does not answer, or takes no writes.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from storage.command import CommandState

from .conftest import MakeWorld

pytestmark = pytest.mark.sqlite

ENOUGH_S = 30.0


class Disk:
    """A disk that hangs with the next command, and all behind it, until its `writes` are let go on; or is read-only."""

    def __init__(self) -> None:
        self.is_read_only = False
        self.writes = threading.Event()
        self.writes.set()

    def connect(self, *places: Any, **named: Any) -> sqlite3.Connection:
        """Open a connection whose commits wait for the disk, without the interpreter."""
        disk = self

        class Connection(sqlite3.Connection):
            has_command = False

            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                """Run a statement."""
                if sql == "begin immediate":
                    super().execute(f"pragma query_only = {disk.is_read_only:d}")
                self.has_command |= sql.startswith("insert into commands")
                if sql == "commit":
                    if self.has_command:
                        disk.writes.wait(ENOUGH_S)
                    self.has_command = False
                return super().execute(sql, *values)

        return sqlite3_connect(*places, **{"factory": Connection, **named})


sqlite3_connect = sqlite3.connect


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Put the databases of this test on a disk of their own."""
    made = Disk()
    monkeypatch.setattr(sqlite3, "connect", made.connect)
    yield made
    made.writes.set()


async def test_a_disk_that_hangs_is_said_in_time_and_holds_up_no_stop(disk: Disk, make_world: MakeWorld) -> None:
    """What the disk has begun with is acked in time and done later; what waits behind it is refused; a stop goes."""
    async with make_world(ack_seconds=3) as world:
        await world.started()
        disk.writes.clear()
        waits = await world.bob.slash(world.ops, "start obedient two")
        assert waits.ack is not None
        assert "not recorded yet" in waits.ack["text"]
        began = time.monotonic()
        refused = await world.ann.slash(world.ops, "start obedient three")
        assert refused.ack is not None
        assert "its disk takes seconds for a write), so nothing was done. Try again soon." in refused.ack["text"]
        stopped = await world.ann.slash(world.ops, "stop 1")
        assert stopped.ack is not None
        assert "recorded later" in stopped.ack["text"]
        await world.until(lambda: world.platform.deliveries, "the stop to go out")
        assert time.monotonic() - began < ENOUGH_S / 2
        assert len(world.platform.starts()) == 1
        disk.writes.set()
        await world.told(world.bob, "Started #2")
        await world.told(world.ann, "Confirmed: #1")
        await world.until(lambda: len(world.commands()) == 4, "the refusal and the stop to be recorded")
        states = {(each.verb, each.state) for each in world.commands()}
        assert states == {("start", CommandState.done), ("start", CommandState.refused), ("stop", CommandState.done)}
        assert len(world.platform.starts()) == 2


async def test_a_disk_that_becomes_read_only_holds_up_no_stop(disk: Disk, make_world: MakeWorld) -> None:
    """On a disk that was mounted anew after an error nothing is started, and a stop goes out; both are recorded."""
    async with make_world() as world:
        await world.started()
        disk.is_read_only = True
        refused = await world.ann.slash(world.ops, "start obedient two")
        assert refused.ack is not None
        assert "(attempt to write a readonly database), so nothing was done." in refused.ack["text"]
        stopped = await world.ann.slash(world.ops, "stop 1")
        assert stopped.ack is not None
        assert "recorded later" in stopped.ack["text"]
        await world.until(lambda: world.platform.deliveries, "the stop to go out")
        disk.is_read_only = False
        await world.told(world.ann, "Confirmed: #1")
        await world.until(lambda: len(world.commands()) == 3, "the refusal and the stop to be recorded")
        assert sorted((each.verb, each.state) for each in world.commands()) == [
            ("start", CommandState.done),
            ("start", CommandState.refused),
            ("stop", CommandState.done),
        ]
