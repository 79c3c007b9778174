"""More strangers at the doors than a process has descriptors for."""

import contextlib
import resource
import socket
from collections.abc import Iterator

import aiohttp
import pytest

from bot.process._file_descriptors import TOO_FEW, raise_descriptor_limit

from .conftest import MakeWorld, StartProcess

CROWD = 1_000


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Allow this process to hold the crowd's ends."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    raise_descriptor_limit()
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def crowd(held: contextlib.ExitStack, port: int) -> None:
    """Open connections that say nothing."""
    for _ in range(CROWD):
        held.enter_context(socket.create_connection(("127.0.0.1", port)))


@pytest.mark.usefixtures("many_descriptors")
async def test_idle_connections_hold_up_no_stop(make_world: MakeWorld, start_process: StartProcess) -> None:
    """With a thousand of them on each port and 1,024 descriptors, it is ready, starts and stops, and logs little."""
    async with make_world(start=False) as world:
        http = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": world.slack.signing_secret, "SESSION_BOT_PORT": "0"}
        process = await start_process({**world.environ, **http})
        resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE, (TOO_FEW, TOO_FEW))
        log = await process.logs("connected to")
        ops, slack = (
            int(log.partition(f"{words} on 127.0.0.1:")[2].split()[0].split("/")[0])
            for words in ("operations endpoints", "taking Slack's requests")
        )
        await world.slack.send_to(f"http://127.0.0.1:{slack}/slack/events")
        with contextlib.ExitStack() as held:
            crowd(held, ops)
            crowd(held, slack)
            async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{ops}/readyz") as ready:
                assert ready.status == 200
            await world.started()
            await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        assert process.log.count("as many as it may") == 2
        assert len(process.log) < 10_000
        assert await process.terminate() == 0


async def test_without_a_descriptor_left_nothing_is_half_done(
    make_world: MakeWorld, start_process: StartProcess
) -> None:
    """With every descriptor in use a start and a stop say that nothing was done; with some free again a stop works."""
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        before = resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE, (3, before[1]))
        await world.says(world.ann, "start obedient two", expect="so this was not done. Try again soon.")
        await world.says(world.bob, "stop 1", expect="so nothing was sent and nothing was done.")
        assert (len(world.platform.starts()), len(world.platform.deliveries)) == (1, 0)
        resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE, before)
        await world.says(world.bob, "stop 1", expect="Confirmed: #1")
        assert "Traceback" not in process.log
