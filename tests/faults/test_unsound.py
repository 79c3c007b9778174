"""The database is removed, replaced or damaged under a running bot: said at once, and nothing is lost in it.

A file is removed with its name while the bot has it open, and what was done to it shows in its folder; a server refuses
connections, or has other tables than the bot's.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.records import State
from tests.memory_copy import remembered
from tests.postgres.databases import Database

from .conftest import World
from .test_database import ready


def removed(file: Path) -> None:
    """Remove the file, as somebody who tidies up does."""
    file.unlink()


def renamed(file: Path) -> None:
    """Move the file away, and put it nowhere else."""
    file.rename(file.with_name("yesterday.db"))


def restored(file: Path) -> None:
    """Put a copy in its place, as a backup is restored."""
    copy = file.with_name("copy.db")
    shutil.copy(file, copy)
    copy.replace(file)


def emptied(file: Path) -> None:
    """Cut the file to nothing."""
    os.truncate(file, 0)


def overwritten(file: Path) -> None:
    """Write something else over all pages, as a disk that dies does."""
    with file.open("r+b") as pages:  # in place: to write a new file would empty it first
        pages.write(b"\0not a page" * (file.stat().st_size // 11))


def without_its_wal(file: Path) -> None:
    """Remove what was not yet taken into the file."""
    file.with_name(f"{file.name}-wal").unlink()


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (removed, "its file was removed"),
        (renamed, "its file was removed"),
        (restored, "its file was replaced"),
        (emptied, "its file was emptied"),
        (overwritten, "it is damaged"),
        (without_its_wal, "its -wal file was removed"),
    ],
)
async def test_a_spoilt_file_is_said_and_takes_no_start(
    world: World, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None], why: str
) -> None:
    """Not ready, with the reason; one ERROR and no traceback; a start is refused in a sentence, and a stop goes out."""
    await world.started()
    assert (await ready(world))[0] == 200
    spoil(world.folder / "session-bot.db")
    await is_said_and_takes_no_start(world, why)
    said = [each for each in caplog.records if each.name == "storage.sqlite._integrity"]
    assert [each.levelname for each in said] == ["ERROR"]
    assert why in said[0].getMessage()
    assert not [each for each in caplog.records if each.exc_info]


@contextlib.contextmanager
def dropped(database: Database) -> Iterator[None]:
    """Drop the schema, as the restore of a dump begins."""
    with database.connect(admin=True) as admin:
        admin.execute("drop schema public cascade; create schema public")
    yield


@contextlib.contextmanager
def revoked(database: Database) -> Iterator[None]:
    """Revoke the rights of the role of the bot."""
    with database.connect(admin=True) as admin:
        admin.execute("revoke all on all tables in schema public from bot")
    yield


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (Database.refusing, "its server does not answer"),
        (dropped, "its tables are not as the bot made them"),
        (revoked, "its role may not do this"),
    ],
)
async def test_a_spoilt_server_is_said_and_takes_no_start(
    world: World,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Database], contextlib.AbstractContextManager[None]],
    why: str,
) -> None:
    """Not ready, with the reason; an ERROR and no traceback; a start is refused in a sentence, and a stop goes out."""
    await world.started()
    assert (await ready(world))[0] == 200
    assert world.server is not None
    assert world.bot is not None
    await remembered(world.bot._store)
    with spoil(world.server):
        await is_said_and_takes_no_start(world, why)
        await world.stop_bot()
    assert any(each.levelname == "ERROR" for each in caplog.records)
    assert not [each for each in caplog.records if each.exc_info]


async def is_said_and_takes_no_start(world: World, why: str) -> None:
    """Assert that the bot is not ready and says why, refuses a start, and brings a stop."""
    status, text = await ready(world)
    assert status == 503
    assert f"database: {why}" in text
    typed = await world.ann.slash(world.ops, "start obedient")
    assert typed.ack is not None
    for part in (f"cannot be written right now ({why}", "so nothing was done. T"):
        assert part in typed.ack["text"], typed.ack["text"]
    assert (await world.bob.slash(world.ops, "stop 1")).acked
    await world.told(world.bob, "Stop delivered to #1")
    assert len(world.platform.deliveries) == 1
    assert len(world.platform.starts()) == 1
    status, text = await ready(world)
    assert "records wait in memory for the database" in text


@contextlib.contextmanager
def away(world: World) -> Iterator[None]:
    """Remove the database for a time: rename its file, or have its server refuse all connections."""
    if world.server is not None:
        with world.server.refusing():
            yield
        return
    file = world.folder / "session-bot.db"
    aside = file.with_name("aside.db")
    file.rename(aside)
    yield
    aside.rename(file)


AWAY = {"sqlite": "its file was removed", "postgres": "does not answer"}


async def test_what_is_put_back_goes_on(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The same database at its place again takes what waited: the stop that went out meanwhile is recorded."""
    await world.started()
    assert world.bot is not None
    await remembered(world.bot._store)
    with away(world):
        await world.bob.slash(world.ops, "stop 1")
        await world.told(world.bob, "Stop delivered to #1")
    await world.told(world.bob, "Confirmed: #1")
    await world.until(lambda: world.session().state is State.ended, "the end to be recorded")
    assert (await ready(world))[0] == 200
    assert "recording goes on" in caplog.text


async def test_damage_is_noticed_though_nobody_asks(
    world: World, engine: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A bot that has nothing to do looks at its database all the same."""
    with away(world):
        await world.until(lambda: AWAY[engine] in caplog.text, "the log to say so")
