"""A backup is made amid commands and a bulk stop, and restored: the next bot goes on, and mixes up no numbers.

A server is backed up and restored by its own tools.
"""

import asyncio
from pathlib import Path

import pytest

from bot.cli.database._backup import back_up_database
from bot.cli.database._restore import restore_database
from bot.sandbox.voximplant import Hang
from storage.command import Command
from storage.records import State
from tests.forked import Forked

from .conftest import MakeWorld, StartProcess, World

pytestmark = pytest.mark.sqlite


async def test_a_backup_under_load_is_gone_on_from(
    make_world: MakeWorld, start_process: StartProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """What runs in the backup is stopped by its number, and no number that was given since is given again.

    A bulk stop that was on its way is taken up again, with its request ids, and has its outcome. While the bot runs
    nothing is replaced. The file that was replaced still stops what is only in it.
    """
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        await world.started("slow-stop a")
        await world.started("slow-stop b")
        world.platform.faults.session(Hang(), times=2)
        told = await world.says(world.bob, "stop 2 3", expect="Stop 2 sessions?")
        bulk = asyncio.create_task(world.presses(world.bob, told, "Stop 2 sessions", expect="were asked to stop"))
        await world.until(lambda: len(world.platform.deliveries) == 2, "the bulk stop to be on its way")
        typing = [asyncio.create_task(world.ann.slash(world.ops, f"start obedient {each}")) for each in range(8)]
        typing += [asyncio.create_task(world.bob.slash(world.ops, "status")) for _ in range(20)]
        made = await asyncio.to_thread(back_up_database, world.environ, world.folder, Path("backup.db"))
        assert made == 0
        assert all([(await each).acked for each in typing])
        world.platform.faults.release()
        await bulk
        await world.until(lambda: len(world.platform.starts()) == 11, "all to be started")
        await world.says(world.ann, "start obedient late", expect="Started")
        refused = await asyncio.to_thread(restore_database, world.environ, world.folder, Path("backup.db"))
        assert refused == 2
        assert "in use by the process" in capsys.readouterr().err
        assert await process.terminate() == 0
        assert await asyncio.to_thread(restore_database, world.environ, world.folder, Path("backup.db")) == 0
        said = capsys.readouterr().out
        last = int(said.partition("The next session is #")[2].partition(":")[0]) - 1
        assert last >= 12
        kept = {**world.environ, "SESSION_BOT_DATABASE": said.partition("SESSION_BOT_DATABASE=")[2].split()[0]}
        kept |= {"SESSION_BOT_SECRET_KEY": (world.folder / "session-bot.db.key").read_text().strip()}
        stopping = Forked(["stop", str(last)], environ=kept, cwd=world.folder)
        late = max(world.platform.sessions)
        await world.until(lambda: late in {each.history_id for each in world.platform.deliveries}, "the stop to arrive")
        await asyncio.to_thread(stopping.kill)
        await world.start_bot()
        await world.says(world.ann, f"stop {last}", expect="No session")
        await world.says(world.ann, "stop 1", expect="#1")
        for number in (1, 2, 3):
            await world.until(lambda number=number: world.session(number).state is State.ended, f"#{number} to end")
        await world.until(lambda: not open_bulks(world), "the bulk stop to have its outcome")
        stops = {(each.history_id, each.headers["X-Request-Id"]) for each in world.platform.deliveries}
        assert len(stops) == 4  # whatever was sent twice had the same id
        await world.says(world.ann, "start obedient anew", expect="Started")
        await world.until(lambda: len(world.platform.starts()) == 13, "the new start, and none again")
        assert world.session(last + 1).custom_data == "anew"


def open_bulks(world: World) -> list[Command]:
    """Return the confirmed stops that have no outcome yet."""
    return [each for each in world.commands() if each.verb == "stop" and each.confirmed and not each.state.is_final]
