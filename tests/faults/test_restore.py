"""A backup is made while commands are typed, and restored: the next bot goes on from it, and mixes up no numbers."""

import asyncio
from pathlib import Path

import pytest

from bot.cli._backup import back_up_database
from bot.cli._restore import restore_database
from tests.forked import Forked

from .conftest import MakeWorld, StartProcess


async def test_a_backup_under_load_is_gone_on_from(
    make_world: MakeWorld, start_process: StartProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """What runs in the backup is stopped by its number, and no number that was given since is given again.

    While the bot runs nothing is replaced. The file that was replaced still stops what is only in it.
    """
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        typing = [asyncio.create_task(world.ann.slash(world.ops, f"start obedient {each}")) for each in range(20)]
        typing += [asyncio.create_task(world.bob.slash(world.ops, "status")) for _ in range(20)]
        made = await asyncio.to_thread(back_up_database, world.environ, world.folder, Path("backup.db"))
        assert made == 0
        assert all([(await each).acked for each in typing])
        await world.until(lambda: len(world.platform.starts()) == 21, "all to be started")
        await world.says(world.ann, "start obedient late", expect="Started")
        refused = await asyncio.to_thread(restore_database, world.environ, world.folder, Path("backup.db"))
        assert refused == 2
        assert "in use by the process" in capsys.readouterr().err
        assert await process.terminate() == 0
        assert await asyncio.to_thread(restore_database, world.environ, world.folder, Path("backup.db")) == 0
        said = capsys.readouterr().out
        last = int(said.partition("The next session is #")[2].partition(":")[0]) - 1
        assert last >= 22
        kept = {**world.environ, "SESSION_BOT_DATABASE": said.partition("SESSION_BOT_DATABASE=")[2].split()[0]}
        kept |= {"SESSION_BOT_SECRET_KEY": (world.folder / "session-bot.db.key").read_text().strip()}
        stopping = Forked(["stop", str(last)], environ=kept, cwd=world.folder)
        await world.until(lambda: len(world.platform.deliveries) == 1, "the stop to be delivered")
        await asyncio.to_thread(stopping.kill)
        await world.start_bot()
        await world.says(world.ann, f"stop {last}", expect="No session")
        await world.says(world.ann, "stop 1", expect="#1")
        await world.shows("ended")
        await world.says(world.ann, "start obedient anew", expect="Started")
        await world.until(lambda: len(world.platform.starts()) == 23, "the new start, and none again")
        assert world.session(last + 1).custom_data == "anew"
