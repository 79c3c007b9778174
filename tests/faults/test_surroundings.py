"""Bad surroundings that only a whole process meets: a cut connection, missing certificates, signals in a bad hour."""

from pathlib import Path

from storage.command import CommandState

from .conftest import MakeWorld, StartProcess, locked


async def test_a_socket_that_is_cut_loses_no_command(make_world: MakeWorld, start_process: StartProcess) -> None:
    """After a cut of Slack's connection the process is back, and what is typed then is done once."""
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        assert world.slack.cut() == 1
        await world.slack.disconnected()
        await world.slack.connected()
        await world.says(world.ann, "start obedient", expect="Started")
        assert len(world.platform.starts()) == 1
        assert {each.state for each in world.commands()} == {CommandState.done}
        assert await process.terminate() == 0


async def test_a_certificate_file_that_is_not_there_is_one_line(
    make_world: MakeWorld, start_process: StartProcess, tmp_path: Path
) -> None:
    """With an SSL_CERT_FILE that names nothing the process does not start, and says so without a traceback."""
    async with make_world(start=False) as world:
        process = await start_process({**world.environ, "SSL_CERT_FILE": str(tmp_path / "none.pem")})
        assert await process.ended() == 2
        assert "SSL_CERT_FILE" in process.log
        assert "Traceback" not in process.log


async def test_a_signal_ends_it_while_the_database_is_locked(
    make_world: MakeWorld, start_process: StartProcess
) -> None:
    """A stop whose record waits for a locked database has gone out; SIGTERM ends the process, and the log has it."""
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        with locked(world):
            await world.says(world.ann, "stop 1", expect="recorded later")
            await world.until(lambda: world.platform.deliveries, "the stop to go out")
            assert await process.terminate() == 0
        assert "not known to be recorded" in process.log
        assert "Traceback" not in process.log


async def test_a_signal_ends_it_while_slack_is_down(make_world: MakeWorld, start_process: StartProcess) -> None:
    """With Slack away the process ends by SIGTERM as ever, and the next one goes on with what it left."""
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        world.slack.set_down(is_down=True)
        assert await process.terminate() == 0
        assert "Traceback" not in process.log
        world.slack.set_down(is_down=False)
        await start_process(world.environ)
        await world.slack.connected()
        await world.says(world.ann, "stop 1", expect="Confirmed: #1")
