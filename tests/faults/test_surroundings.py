"""Bad surroundings that only the whole bot meets: missing certificates, and the word to end in a bad hour."""

from pathlib import Path

import pytest

from .conftest import MakeWorld, StartProcess


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
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """A stop whose record waits for a locked database has gone out; told to end, the bot ends, and the log has it."""
    async with make_world() as world:
        await world.started()
        with world.locked():
            await world.says(world.ann, "stop 1", expect="recorded later")
            await world.until(lambda: world.platform.deliveries, "the stop to go out")
            await world.stop_bot()
        assert "not known to be recorded" in caplog.text


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
