"""The process as an operator and a supervisor see it: exit codes, one clear line, signals, a standby, a full disk.

A standby waits for the lock of a file; on a server a second process is a replica (`tests.replicas`).
"""

import asyncio
import json
import os
import re
import resource
import signal
import socket
from pathlib import Path

import aiohttp
import psutil
import pytest
from cryptography.fernet import Fernet

from bot.cli._setup_problems import LOOK
from bot.sandbox.slack import Http, LocalSlack
from bot.sandbox.voximplant import Hang, Slow
from storage.command import CommandState
from storage.records import State
from tests.factories import free_ports
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, Process, StartProcess


async def refused(process: Process) -> str:
    """Wait until a process that cannot run has ended; give its one line, behind which doctor may be named."""
    assert await process.ended() == 2, process.log
    assert "Traceback" not in process.log
    lines = [line for line in process.log.splitlines() if " INFO " not in line and line != LOOK]
    assert len(lines) == 1, process.log
    return lines[0]


async def ready(process: Process) -> tuple[int, str]:
    """Ask a process whether it is ready."""
    found = re.search(r"operations endpoints on (\S+)", await process.logs("operations endpoints"))
    assert found is not None
    async with aiohttp.ClientSession() as client, client.get(f"http://{found[1]}/readyz") as answer:
        return answer.status, await answer.text()


async def until_ready(process: Process) -> None:
    """Wait until a process is ready."""
    async with asyncio.timeout(30):
        while (await ready(process))[0] != 200:  # noqa: ASYNC110 - an endpoint sets no event
            await asyncio.sleep(0.05)


def beside(path: Path) -> list[str]:
    """Name a file, and what lies beside it under its name with something added."""
    return [each.name for each in path.parent.glob(f"{path.name}*")]


async def test_without_settings_it_lists_all_that_is_missing(start_process: StartProcess) -> None:
    """Started with nothing set, it names every variable that is missing, each on a line, and ends with 2."""
    process = await start_process({})
    assert await process.ended() == 2
    assert "Traceback" not in process.log
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "VOXIMPLANT_CREDENTIALS"):
        assert any(name in line for line in process.log.splitlines())


async def test_a_wrong_token_is_one_line(make_world: MakeWorld, start_process: StartProcess) -> None:
    """A wrong bot token and a wrong app token are each one line that names the variable and not the token."""
    async with make_world(start=False) as world:
        wrong = {"SLACK_BOT_TOKEN": "xoxb-1-2-wrong", "SLACK_APP_TOKEN": "xapp-1-A1-2-wrong"}
        for name, token in wrong.items():
            process = await start_process({**world.environ, name: token})
            line = await refused(process)
            assert f"Slack does not accept {name}" in line
            assert token not in process.log


@pytest.mark.sqlite
async def test_what_is_at_hand_and_wrong_is_one_line(
    make_world: MakeWorld, start_process: StartProcess, tmp_path: Path
) -> None:
    """A bad credentials file, a bad key, a port or address that cannot be had: each is one line and ends with 2."""
    (tmp_path / "empty.json").write_text("{}")
    key = tmp_path / "other.db.key"
    key.write_text("no key")
    key.chmod(0o600)
    async with make_world(start=False) as world:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            trouble = [
                ({"VOXIMPLANT_CREDENTIALS": "empty.json"}, "account_id"),
                ({"SESSION_BOT_DATABASE": "other.db"}, "other.db.key holds no Fernet key"),
                ({"SESSION_BOT_OPS_PORT": port}, f"127.0.0.1:{port} is in use"),
                ({"SESSION_BOT_OPS_HOST": "192.0.2.1"}, "192.0.2.1:0 (Cannot assign requested address): check"),
                ({"SESSION_BOT_OPS_HOST": "no.such.host.invalid"}, "check SESSION_BOT_OPS_HOST and"),
                ({"SESSION_BOT_CHANELS": "C1"}, "SESSION_BOT_CHANELS is no setting of this bot's; the nearest"),
            ]
            processes = [
                await start_process({**world.environ, "SESSION_BOT_DATABASE": f"{number}.db", **setting})
                for number, (setting, _) in enumerate(trouble)
            ]
            for process, (setting, words) in zip(processes, trouble, strict=True):
                line = await refused(process)
                assert words in line
                assert "whoever runs this bot" not in line  # it is who reads this
                assert "VOXIMPLANT_CREDENTIALS" in line or "VOXIMPLANT_CREDENTIALS" not in setting


async def test_a_variable_that_may_be_misspelt_is_logged(make_world: MakeWorld, start_process: StartProcess) -> None:
    """A near miss that could be another program's variable keeps nothing from starting, and its value is not shown."""
    async with make_world(start=False) as world:
        process = await start_process({**world.environ, "VOXIMPLANT_PLAIN_HTPP": "never-ever"})
        log = await process.logs("connected to")
        assert "VOXIMPLANT_PLAIN_HTPP is no setting of this bot's and is ignored; VOXIMPLANT_PLAIN_HTTP is one" in log
        assert "never-ever" not in log
        assert await process.terminate() == 0


async def test_it_waits_for_slack_and_connects_then(make_world: MakeWorld, start_process: StartProcess) -> None:
    """While Slack cannot be reached it says so and waits, not ready; when Slack is there it connects."""
    async with make_world(start=False) as world:
        faults = world.slack.faults
        faults.add("auth.test", Http(503), times=2)
        process = await start_process(world.environ)
        await process.logs("waiting for Slack")
        status, text = await ready(process)
        assert status == 503
        assert "waiting for Slack" in text
        await world.slack.connected()
        await world.started()
        assert await process.terminate() == 0


@pytest.mark.sqlite
async def test_a_second_process_stands_by_and_takes_over(make_world: MakeWorld, start_process: StartProcess) -> None:
    """A second process on the same database says that it waits, is not ready, and takes over from the first.

    A key that was changed while it waited is the one it seals with.
    """
    async with make_world(start=False) as world:
        first = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        second = await start_process(world.environ)
        log = await second.logs("standby")
        assert f"process {first.process.pid} runs on this database" in log
        assert (await ready(second))[0] == 503
        key = world.folder / "session-bot.db.key"
        key.write_text(f"{Fernet.generate_key().decode()}\n{key.read_text()}")
        await first.kill()
        assert "sealed again with the first key: 1 stored URL;" in await second.logs("connected to")
        assert (await ready(second))[0] == 200
        await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        assert await second.terminate() == 0


@pytest.mark.sqlite
async def test_a_database_named_by_a_link_is_the_same_database(
    make_world: MakeWorld, start_process: StartProcess, tmp_path: Path
) -> None:
    """Who names the database by a symlink stands by for who names the file, and makes no lock or key of its own."""
    (tmp_path / "link.db").symlink_to("session-bot.db")
    async with make_world(start=False) as world:
        first = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        second = await start_process({**world.environ, "SESSION_BOT_DATABASE": "link.db"})
        assert f"process {first.process.pid} runs on this database" in await second.logs("standby")
        await first.kill()
        await second.logs("connected to")
        await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        assert beside(tmp_path / "link.db") == ["link.db"]


@pytest.mark.sqlite
async def test_nothing_that_is_removed_or_linked_makes_two_bots(
    make_world: MakeWorld, start_process: StartProcess, tmp_path: Path
) -> None:
    """Without the lock file a second bot waits as ever; under a hard link it says what is wrong, and ends."""
    async with make_world(start=False) as world:
        first = await start_process(world.environ)
        await world.slack.connected()
        (tmp_path / "session-bot.db.lock").unlink()
        second = await start_process(world.environ)
        await second.logs("standby: process (its id is not known) runs on this database")
        os.link(tmp_path / "session-bot.db", tmp_path / "linked.db")
        linked = await start_process({**world.environ, "SESSION_BOT_DATABASE": "linked.db"})
        assert await linked.ended() == 2
        assert "linked.db has another name (a hard link)" in linked.log
        await first.kill()
        await second.logs("connected to")
        assert await second.terminate() == 0


@pytest.mark.sqlite
@pytest.mark.parametrize("gone", [signal.SIGKILL, signal.SIGTERM])
async def test_a_standby_with_the_same_settings_takes_everything_over(
    make_world: MakeWorld, start_process: StartProcess, gone: signal.Signals
) -> None:
    """The same command twice is a pair: the ops port too goes over, nothing is lost, and nothing is done twice."""
    port = str(free_ports(1))
    async with make_world(start=False) as world:
        world.environ["SESSION_BOT_OPS_PORT"] = port
        first = await start_process(world.environ)
        await world.slack.connected()
        await world.started("stuck")
        await world.says(world.ann, "start obedient", expect="Started #2")
        second = await start_process(world.environ)
        await second.logs(f"standby: the operations port 127.0.0.1:{port} is in use")
        await second.logs("waiting to take over")
        first.process.send_signal(gone)
        await first.ended()
        await second.logs("connected to")
        assert (await ready(second))[0] == 200
        await world.says(world.bob, "stop 2", expect="Confirmed: #2")
        await world.says(world.bob, "list", expect="1 session is open")
        assert len(world.platform.starts()) == 2
        assert len(world.platform.deliveries) == 1
        assert await second.terminate() == 0


@pytest.mark.sqlite
async def test_a_standby_whose_operations_port_is_taken_serves_all_the_same(
    make_world: MakeWorld, start_process: StartProcess
) -> None:
    """A third program on a standby's operations port keeps nobody from serving; when it goes, the port is taken."""
    async with make_world(start=False) as world:
        first = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            second = await start_process({**world.environ, "SESSION_BOT_OPS_PORT": port})
            await second.logs("waiting to take over")
            assert f"standby: the operations port 127.0.0.1:{port} is in use" in second.log
            await first.kill()
            await second.logs("connected to")
            assert f"ERROR bot.life.app._ports: The operations port 127.0.0.1:{port} is in use" in second.log
            await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        assert (await ready(second))[0] == 200
        assert second.log.count("ERROR") == 1
        assert await second.terminate() == 0


@pytest.mark.sqlite
async def test_a_standby_whose_inbox_is_taken_serves_all_the_same(
    make_world: MakeWorld, start_process: StartProcess
) -> None:
    """A standby leaves the inbox to the active process; at the take-over nothing waits for its port, which it gets."""
    port = free_ports(1)
    inbox = {"SESSION_BOT_INBOX_PORT": str(port), "SESSION_BOT_ANNOUNCE_SECRET": "agreed"}
    async with make_world(start=False) as world:
        first = await start_process(world.environ)
        await world.slack.connected()
        with socket.create_server(("127.0.0.1", port)):
            refused = await start_process({**world.environ, **inbox, "SESSION_BOT_DATABASE": "another.db"})
            assert await refused.ended() == 2
            assert f"The inbox 127.0.0.1:{port} is in use" in refused.log
            second = await start_process({**world.environ, **inbox})
            await second.logs("waiting to take over")
            assert str(port) not in second.log
            await first.kill()
            await second.logs(f"ERROR bot.life.app._ports: The inbox 127.0.0.1:{port} is in use")
            await second.logs("connected to")
            assert (await ready(second))[0] == 200
        await second.logs(f"taking what sessions announce on 127.0.0.1:{port}/announcements")
        assert await second.terminate() == 0


@pytest.mark.sqlite
async def test_a_standby_whose_slack_port_is_taken_waits_for_it(
    make_world: MakeWorld, start_process: StartProcess
) -> None:
    """In HTTP mode a standby that takes over while its port is in use is not ready, stays, and serves when it can."""
    async with make_world(start=False) as world:
        first = await start_process(world.environ)
        await world.slack.connected()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            http = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": world.slack.signing_secret}
            second = await start_process({**world.environ, **http, "SESSION_BOT_PORT": str(port)})
            await second.logs("waiting to take over")
            await first.kill()
            await second.logs(f"The port for Slack's requests 127.0.0.1:{port} is in use")
            assert await ready(second) == (503, "slack: taking over\ndatabase: taking over\nbacklog: ok\n")
        await second.logs("connected to")
        await world.slack.send_to(f"http://127.0.0.1:{port}/slack/events")
        await world.says(world.ann, "list", expect="No session is open")
        assert second.log.count("ERROR") == 1
        assert await second.terminate() == 0


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_running_work_end(
    make_world: MakeWorld, start_process: StartProcess, told: signal.Signals
) -> None:
    """Told to end, it finishes and shows what is under way, takes no new command, and ends with 0."""
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        world.platform.faults.session(Slow(0.7))
        await world.ann.slash(world.ops, 'send 1 {"press": 5}')
        await world.until(lambda: world.platform.deliveries, "the send to be on its way")
        process.process.send_signal(told)
        await process.logs("stopping")
        await world.told(world.ann, "Delivered to #1")
        assert await process.ended() == 0
        assert "Traceback" not in process.log
        await world.replied("HTTP 200")
        assert [command.state for command in world.commands()] == [CommandState.done] * 2


async def test_a_start_that_is_cut_off_is_unknown(make_world: MakeWorld) -> None:
    """A start that does not end while the bot drains is unknown when it is gone, on the card as well."""
    async with make_world(clock=QuickClock(times=5)) as world:
        world.platform.faults.management("StartScenarios", Hang(applied=True))
        await world.ann.slash(world.ops, "start obedient")
        await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
        await world.stop_bot()
        assert world.session().state is State.unknown
        assert world.commands()[0].state is CommandState.unknown
        await world.shows("unknown")
        await world.start_bot()
        await world.shows("uncontrolled")
        assert len(world.platform.starts()) == 1


@pytest.mark.sqlite
async def test_a_signal_while_it_starts_ends_it(make_world: MakeWorld, start_process: StartProcess) -> None:
    """Told to end while it waits, for Slack or as standby, it ends at once with 0 and without a traceback."""
    async with make_world(start=False) as world:
        first = await start_process(world.environ)
        await world.slack.connected()
        standby = await start_process(world.environ)
        await standby.logs("standby")
        async with LocalSlack() as away:
            away.faults.add("auth.test", Http(503), times=100)
            tokens = {"SLACK_BOT_TOKEN": away.bot_token, "SLACK_APP_TOKEN": away.app_token}
            lonely = {"SLACK_API_URL": away.api_url, "SESSION_BOT_DATABASE": "lonely.db"}
            waiting = await start_process({**world.environ, **tokens, **lonely})
            await waiting.logs("waiting for Slack")
            for process in (waiting, standby, first):
                assert await process.terminate() == 0
                assert "Traceback" not in process.log


@pytest.mark.sqlite
async def test_a_disk_that_fails_loses_nothing(make_world: MakeWorld, start_process: StartProcess) -> None:
    """While writes to the disk fail nothing is started, a stop goes out, and what happened is recorded afterwards."""
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        await world.started()
        pid, unlimited = process.process.pid, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        typed = await world.ann.slash(world.ops, "start obedient 2")
        assert typed.ack is not None
        assert "nothing was done" in typed.ack["text"]
        assert (await ready(process))[0] == 503
        typed = await world.bob.slash(world.ops, "stop 1")
        assert typed.ack is not None
        assert "is being tried all the same" in typed.ack["text"]
        await world.told(world.bob, "Stop delivered to #1")
        assert json.loads(world.platform.deliveries[-1].body) == {"command": "stop"}
        resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
        await world.until(lambda: (stop := world.session().stop) and stop.delivered_at, "the stop to be recorded")
        await until_ready(process)  # what waited with it for room is recorded by then, too
        assert len(world.platform.starts()) == 1
        kept = [(command.verb, command.state) for command in world.commands()]
        assert kept == [("start", "done"), ("start", "refused"), ("stop", "done")]


async def test_an_idle_process_is_small(make_world: MakeWorld, start_process: StartProcess) -> None:
    """A connected process that does nothing holds less than 100 MB."""
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        await process.logs("connected to")
        assert psutil.Process(process.process.pid).memory_info().rss < 100 * 2**20
