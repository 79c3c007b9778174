"""Replicas as processes of their own, which are killed or stopped: another one leads, and takes up what they began."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

import pytest

from bot.sandbox.slack import Hang
from storage.command import CommandState
from tests.faults.conftest import Process, StartProcess, start_process

from .conftest import MakeReplicas, Replicas

__all__ = ["start_process"]

pytestmark = pytest.mark.postgres


def environ_of(replicas: Replicas) -> Mapping[str, str]:
    """Return the settings of one more replica."""
    return {**replicas.world.environ, "SESSION_BOT_DATABASE": replicas.database.address}


async def leading_process(replicas: Replicas, start: StartProcess) -> Process:
    """Start a process, which leads."""
    process = await start(environ_of(replicas))
    await process.logs("this replica leads now")
    await process.logs("connected to")
    await replicas.world.slack.connected()
    return process


def states(replicas: Replicas, verb: str) -> list[str]:
    """Return the states of the commands of a verb."""
    return [state for state, of in replicas.rows("select state, verb from commands order by id") if of == verb]


async def test_what_a_killed_leader_began_is_taken_up(make_replicas: MakeReplicas, start_process: StartProcess) -> None:
    """A leader is killed while a start waits for its card: another one leads, and says that nothing was started."""
    async with make_replicas(0) as replicas:
        world, process = replicas.world, await leading_process(replicas, start_process)
        world.slack.faults.add("chat.postMessage", Hang())
        await world.ann.slash(world.ops, "start obedient")
        await world.until(lambda: any(each.method == "chat.postMessage" for each in world.slack.calls), "the card")
        await process.kill()
        world.slack.faults.clear()
        await replicas.start()
        await replicas.leader()
        await world.replied("nothing was started")
        assert states(replicas, "start") == [CommandState.failed]
        assert not world.platform.starts()


async def test_a_leader_that_is_stopped_is_followed_by_another(
    make_replicas: MakeReplicas, start_process: StartProcess
) -> None:
    """A leader that says nothing more (SIGSTOP) loses the lead; when it goes on, it knows, and follows."""
    async with make_replicas(0) as replicas:
        world, process = replicas.world, await leading_process(replicas, start_process)
        await replicas.start()
        os.kill(process.process.pid, signal.SIGSTOP)
        try:
            await replicas.leader()
        finally:
            os.kill(process.process.pid, signal.SIGCONT)
        await process.logs("does not lead any more")
        await world.started()
        await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        assert len(world._cards(None)) == 1
        assert len(world.platform.deliveries) == 1
        assert await process.terminate() == 0


async def test_a_start_that_was_settled_meanwhile_is_never_called(
    make_replicas: MakeReplicas, start_process: StartProcess
) -> None:
    """A replica is stopped while its start waits for its card, and taken for dead: afterwards it calls nothing."""
    async with make_replicas(0) as replicas:
        world = replicas.world
        process = await leading_process(replicas, start_process)
        world.slack.faults.add("chat.postMessage", Hang())
        await world.ann.slash(world.ops, "start obedient")
        await world.until(lambda: any(each.method == "chat.postMessage" for each in world.slack.calls), "the card")
        os.kill(process.process.pid, signal.SIGSTOP)
        try:
            world.slack.faults.clear()
            await replicas.start()
            await replicas.leader()
            await world.replied("nothing was started")
        finally:
            os.kill(process.process.pid, signal.SIGCONT)
        await process.logs("does not lead any more")
        assert await process.terminate() == 0
        assert states(replicas, "start") == [CommandState.failed]
        assert not world.platform.starts()


async def test_a_terminal_starts_and_stops_beside_replicas(make_replicas: MakeReplicas) -> None:
    """A command at a terminal holds a lease while it works; what it starts has a card that the leader posts."""
    async with make_replicas(1) as replicas:
        world = replicas.world
        await replicas.leader()
        command = [sys.executable, "-m", "bot", "start", "obedient", "--channel", world.ops.id, "--yes"]
        inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SSL_CERT_FILE") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *command, env={**inherited, **environ_of(replicas)}, cwd=world.folder, stdout=-1, stderr=-1
        )
        said, wrong = await process.communicate()
        assert process.returncode == 0, (said, wrong)
        await world.shows("running")
        assert len(world.platform.starts()) == 1
        owners = replicas.rows("select owner, gone_at is not null from replicas where owner like 'cli-%'")
        assert [gone for _, gone in owners] == [True]
