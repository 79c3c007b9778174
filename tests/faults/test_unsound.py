"""The database's file is removed, replaced or damaged under a running bot: said at once, and nothing is lost in it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.records import State

from .conftest import World
from .test_database import ready

pytestmark = pytest.mark.sqlite


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
async def test_a_spoilt_database_is_said_and_takes_no_start(
    world: World, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None], why: str
) -> None:
    """Not ready, with the reason; one ERROR and no traceback; a start is refused in a sentence, and a stop goes out."""
    await world.started()
    assert (await ready(world))[0] == 200
    spoil(world.folder / "session-bot.db")
    status, text = await ready(world)
    assert status == 503
    assert f"database: {why}" in text
    typed = await world.ann.slash(world.ops, "start obedient")
    assert typed.ack is not None
    for part in (f"cannot be written right now ({why}", "so nothing was done. Tell whoever runs this bot."):
        assert part in typed.ack["text"], typed.ack["text"]
    assert (await world.bob.slash(world.ops, "stop 1")).acked
    await world.told(world.bob, "Stop delivered to #1")
    assert len(world.platform.deliveries) == 1
    assert len(world.platform.starts()) == 1
    status, text = await ready(world)
    assert "records wait in memory for the database" in text
    said = [each for each in caplog.records if each.name == "storage.sqlite._integrity"]
    assert [each.levelname for each in said] == ["ERROR"]
    assert why in said[0].getMessage()
    assert not [each for each in caplog.records if each.exc_info]


async def test_what_is_put_back_goes_on(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The same file at its place again takes what waited: the stop that went out meanwhile is recorded."""
    await world.started()
    file = world.folder / "session-bot.db"
    aside = file.with_name("aside.db")
    file.rename(aside)
    await world.bob.slash(world.ops, "stop 1")
    await world.told(world.bob, "Stop delivered to #1")
    aside.rename(file)
    await world.told(world.bob, "Confirmed: #1")
    assert world.session().state is State.ended
    assert (await ready(world))[0] == 200
    assert "recording goes on" in caplog.text


async def test_damage_is_noticed_though_nobody_asks(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A bot that has nothing to do looks at its database all the same."""
    await world.until(lambda: world.bot is not None and (world.folder / "session-bot.db-wal").exists(), "the bot")
    removed(world.folder / "session-bot.db")
    await world.until(lambda: "its file was removed" in caplog.text, "the log to say so")
