"""A person who waits at a terminal sees progress, and scripts see nothing of it."""

import asyncio
import os
import pty
import sys
from asyncio import create_subprocess_exec, subprocess

from bot.cli.terminal._execution import execute, open_terminal

from .conftest import World
from .test_terminal import WITHOUT_SLACK, as_typed, no, starts, terminal_settings

WAITING = "Waiting for the history to confirm it, up to 60 s. Ctrl-C ends the waiting, not the stop."


async def test_who_waits_for_a_stop_hears_for_how_long(world: World) -> None:
    """A stop that is not confirmed at once says how long that may take, then how much of it has passed."""
    await world.started("stuck")
    await world.stop_bot()
    heard: list[str] = []
    async with open_terminal(terminal_settings(world), world.clock) as context:
        await execute(as_typed("list channel=all"), context, lambda _: None, no, heard.append)
        assert heard == []
        await execute(as_typed("stop 1"), context, lambda _: None, no, heard.append)
    assert heard[0] == WAITING
    assert len(heard) > 2
    assert all(each.startswith("Still waiting, ") and each.endswith(" of up to 60 s.") for each in heard[1:])


async def test_who_waits_hears_that_the_scenario_took_it_up(world: World) -> None:
    """What the scenario says is told with the time that has passed, and is no end."""
    await world.started("stuck")
    await world.stop_bot()
    heard: list[str] = []

    def hear(line: str) -> None:
        heard.append(line)
        with world.database() as db:
            db.execute("update sessions set stop_taken_at = stop_asked_at where id = 1")

    async with open_terminal(terminal_settings(world), world.clock) as context:
        await execute(as_typed("stop 1"), context, lambda _: None, no, hear)
    assert heard[0] == WAITING
    assert all(each.endswith(" of up to 60 s. Its scenario took it up.") for each in heard[1:])


async def test_a_question_stands_where_somebody_reads_and_ctrl_c_is_a_no(world: World) -> None:
    """With standard output in a file the terminal itself asks, and Ctrl-C there stops nothing, which is code 4."""
    await starts(world, 2)
    code, out, shown = await at_a_terminal(world, "stop", "1", "2", press="Type yes: ", keys=b"\x03")
    assert (code, "Nothing was stopped" in out, "Type yes" in out) == (4, True, False)
    assert "Stop 2 sessions? Type yes: " in shown
    assert world.platform.deliveries == []


async def at_a_terminal(world: World, *arguments: str, press: str, keys: bytes) -> tuple[int | None, str, str]:
    """Run `session-bot` at a terminal of its own; when it shows `press`, type `keys`. Standard output is a pipe."""
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SSL_CERT_FILE") if name in os.environ}
    environ = {name: value for name, value in world.environ.items() if name not in WITHOUT_SLACK}
    ours, theirs = pty.openpty()
    process = await create_subprocess_exec(
        sys.executable, "-c", AS_LEADER, *arguments,
        cwd=world.folder, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=inherited | environ,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown, came = b"", asyncio.Event()

    def read() -> None:
        nonlocal shown
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the other end is closed
            asyncio.get_running_loop().remove_reader(ours)
        if press in shown.decode(errors="replace"):
            came.set()

    asyncio.get_running_loop().add_reader(ours, read)
    await asyncio.wait_for(came.wait(), 30)
    os.write(ours, keys)
    out, _ = await process.communicate()
    asyncio.get_running_loop().remove_reader(ours)
    os.close(ours)
    return process.returncode, out.decode(), shown.decode(errors="replace")


AS_LEADER = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from bot.cli import main
main()
"""
