"""The process is killed in the middle of something; the next one brings it to a truthful end.

The first process is a real one and ends by SIGKILL; the next runs in the test, with its quick clock.
"""

import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.cli.doctor._files import examine_files
from bot.config import load_settings
from bot.dispatch._command_record import written_intent
from bot.sandbox.slack import Hang as SlackHang
from bot.sandbox.voximplant import Error, Hang
from bot.verbs import Stop, TheseSessions
from storage import Connection, commands, messages, sessions, stops
from storage.command import CommandState, NewCommand
from storage.records import State
from storage.stop import Arrived
from tests.factories import new_session
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, Process, StartProcess, World, bury

STOP_1 = written_intent(Stop(TheseSessions.own(1)))

Running = tuple[World, Process]


@pytest.fixture
async def running(make_world: MakeWorld, start_process: StartProcess) -> AsyncIterator[Running]:
    """Return a world whose bot is a process that can be killed; `next_bot` then takes its place."""
    async with make_world(start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        yield world, process


async def next_bot(running: Running) -> World:
    """Kill the process and start the next one in its place."""
    world, process = running
    await process.kill()
    bury(world)
    world.slack.faults.clear()
    await world.start_bot()
    return world


def the(world: World, verb: str) -> commands.Command:
    """Return the only command of this verb."""
    (command,) = [each for each in world.commands() if each.verb == verb]
    return command


async def in_state(world: World, verb: str, state: CommandState) -> None:
    """Wait until the command of this verb has come so far."""
    await world.until(
        lambda: any(each.verb == verb and each.state is state for each in world.commands()), f"{verb} {state}"
    )


async def test_a_start_that_was_not_called_failed(running: Running) -> None:
    """A start that was accepted and never called: nothing was started, and its card, posted now, says so."""
    world, _ = running
    world.slack.faults.add("chat.postMessage", SlackHang())
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: any(each.method == "chat.postMessage" for each in world.slack.calls), "the card")
    await next_bot(running)
    card = await world.shows("not started")
    assert "nothing was started" in card.text
    reply = await world.replied("nothing was started")
    assert f"<@{world.ann.id}>" in reply.text
    assert the(world, "start").state is CommandState.failed
    assert not world.platform.starts()


async def test_an_adoption_that_was_cut_off_is_closed_and_its_url_forgotten(running: Running) -> None:
    """An adoption whose card never stood is none: the record says so, and no URL of it is kept."""
    world, _ = running
    (world.folder / "session-bot.toml").write_text('[[policy.grant]]\nverbs = ["look", "adopt"]\n')
    await next_bot(running)
    world.slack.faults.add("chat.postMessage", SlackHang())
    elsewhere = world.platform._engine.start(world.platform.account.rules[0], "")
    await world.ann.slash(world.ops, f"adopt {elsewhere.access_secure_url}")
    await world.until(lambda: any(each.method == "chat.postMessage" for each in world.slack.calls), "the card")
    await world.stop_bot()
    world.slack.faults.clear()
    await world.start_bot()
    card = await world.shows("not started")
    assert "nothing was adopted" in card.text
    reply = await world.replied("nothing was adopted")
    assert f"<@{world.ann.id}>" in reply.text
    assert the(world, "adopt").state is CommandState.failed
    assert not world.session().has_url


@pytest.mark.engines
async def test_a_start_that_was_called_is_found_and_not_repeated(running: Running) -> None:
    """A start that was on its way is unknown, is found in the history, and is never made a second time."""
    world, _ = running
    world.platform.faults.management("StartScenarios", Hang(applied=True))
    await world.ann.slash(world.ops, "start obedient 12")
    await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
    await next_bot(running)
    await world.shows("uncontrolled")
    assert the(world, "start").state is CommandState.unknown
    assert [line.became for line in world.audit() if line.subject == "session"] == [
        "starting",
        "unknown",
        "uncontrolled",
    ]
    assert len(world.platform.starts()) == 1


async def test_a_start_that_never_arrived_stays_unknown(running: Running) -> None:
    """A start of which the history knows nothing stays unknown: it is not called failed, and not made again."""
    world, _ = running
    world.platform.faults.management("StartScenarios", Hang())
    await world.ann.slash(world.ops, "start obedient")
    await in_state(world, "start", CommandState.calling)
    await world.until(lambda: any(each.method == "StartScenarios" for each in world.platform.requests), "the call")
    await next_bot(running)
    await world.shows("unknown")
    reply = await world.replied("whether it was started is not known")
    assert f"<@{world.ann.id}>" in reply.text
    await world.until(lambda: any(each.method == "GetCallHistory" for each in world.platform.requests), "a search")
    await world.says(world.ann, "status 1", expect="unknown")
    assert len([each for each in world.platform.requests if each.method == "StartScenarios"]) == 1


async def test_a_session_that_was_being_started_again_does_not_start_for_ever(running: Running) -> None:
    """`again` starts a session as `start` does, and cut off it comes to the same truthful end."""
    world, _ = running
    world.platform.faults.management("StartScenarios", Error(147, "No such rule."))
    await world.says(world.ann, "start obedient", expect="#1 obedient was not started")
    world.platform.faults.management("StartScenarios", Hang())
    await world.ann.slash(world.ops, "again 1")
    await in_state(world, "again", CommandState.calling)
    await next_bot(running)
    await world.shows("unknown", 1)
    reply = await world.replied("whether it was started is not known", 1)
    assert f"<@{world.ann.id}>" in reply.text
    assert the(world, "again").state is CommandState.unknown


@pytest.mark.engines
async def test_a_half_done_stop_is_done_again(running: Running) -> None:
    """A stop that may not have arrived goes out again, with the request id of the first, and is confirmed."""
    world, _ = running
    await world.started()
    world.platform.faults.session(Hang())
    await world.bob.slash(world.ops, "stop 1 wrong number")
    await world.until(lambda: world.platform.deliveries, "the stop to be on its way")
    await next_bot(running)
    card = await world.shows("ended")
    assert "Stop asked for by bob" in card.text
    await world.replied("Confirmed: #1")
    first, again = world.platform.deliveries
    assert first.headers["X-Request-Id"] == again.headers["X-Request-Id"]
    assert the(world, "stop").state is CommandState.done


async def test_a_delivered_stop_is_watched_on(running: Running) -> None:
    """A stop that was delivered and not yet confirmed is not sent again; its end is confirmed by the next bot."""
    world, _ = running
    await world.started("slow-stop")
    await world.bob.slash(world.ops, "stop 1")
    await world.until(lambda: (stop := world.session().stop) and stop.delivered_at, "the stop to be delivered")
    await next_bot(running)
    await world.shows("ended")
    await world.replied("Confirmed: #1")
    assert len(world.platform.deliveries) == 1


async def test_a_half_done_send_is_reported_and_not_repeated(running: Running) -> None:
    """A send that was on its way is reported in the thread as perhaps delivered, and never sent again."""
    world, _ = running
    await world.started()
    world.platform.faults.session(Hang())
    await world.ann.slash(world.ops, 'send 1 {"press": 5}')
    await world.until(lambda: world.platform.deliveries, "the send to be on its way")
    await next_bot(running)
    reply = await world.replied("may have been delivered, and is not repeated")
    assert f"<@{world.ann.id}>" in reply.text
    assert the(world, "send").state is CommandState.unknown
    await world.says(world.ann, "stop 1", expect="Confirmed")
    assert [json.loads(each.body) for each in world.platform.deliveries] == [{"press": 5}, {"command": "stop"}]


async def test_a_stop_kept_for_a_lost_answer_is_told(running: Running) -> None:
    """A stop that waited for the URL of a start whose answer was lost: the thread says that it was never sent."""
    world, _ = running
    world.platform.faults.management("StartScenarios", Hang(applied=True))
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
    await world.says(world.bob, "stop 1", expect="Your stop is kept")
    await next_bot(running)
    await world.shows("nobody can stop it from here")
    reply = await world.replied("never sent")
    assert f"<@{world.bob.id}>" in reply.text
    assert not world.platform.deliveries


async def test_what_slack_did_not_get_is_sent(running: Running) -> None:
    """Cards and replies that were wanted and not posted are posted by the next bot, each once."""
    world, _ = running
    await world.started()
    world.slack.faults.add("chat.postMessage", SlackHang())
    world.slack.faults.add("chat.update", SlackHang(), times=5)
    await world.says(world.ann, 'send 1 {"say": "hello"}', expect="Delivered")
    await next_bot(running)
    await world.replied("HTTP 200")
    await world.shows("sent 16 bytes")
    await world.says(world.ann, "stop 1", expect="Confirmed")
    assert len([reply for reply in world.replies() if "hello" in reply.text]) == 1


async def test_open_sessions_are_watched_on(running: Running) -> None:
    """A session that ended while no bot ran is noticed by the next one."""
    world, process = running
    await world.started()
    await process.kill()
    (session,) = world.platform.sessions.values()
    await session.deliver({"method": "POST", "path": "/", "content": '{"command": "stop"}', "headers": []})
    await world.start_bot()
    await world.shows("ended by itself")


async def test_a_key_is_known_after_a_restart(running: Running) -> None:
    """A command that Slack delivers again to the next bot does nothing."""
    world, _ = running
    typed = await world.ann.slash(world.ops, "start obedient")
    await world.shows("running")
    await next_bot(running)
    again = await world.ann.redeliver(typed)
    assert again.acked
    assert again.ack is None
    await world.says(world.ann, "list", expect="#1")
    assert len(world.platform.starts()) == 1
    assert [command.verb for command in world.commands()] == ["start", "list"]


@contextlib.contextmanager
def left_behind(world: World) -> Iterator[Connection]:
    """Write what an earlier process could have left in the database."""
    with world.database() as connection:
        yield connection


async def test_a_kept_stop_whose_url_arrived_is_brought(world: World) -> None:
    """A stop whose command is done, and whose delivery was cut off before it began, is brought by the next bot."""
    await world.started()
    await world.stop_bot()
    now = datetime.now(UTC)
    with left_behind(world) as db:
        stop = commands.admit(db, _command("stop", world, intent=STOP_1), window=None).command
        commands.set_session(db, stop.id, 1)
        commands.finish(db, stop.id, CommandState.done, "Your stop is kept.", now=now)
        stops.take(db, 1, by=world.bob.id, reason=None, command=stop.id, request_id="kept", now=now)
    await world.start_bot()
    await world.shows("ended")
    assert [each.headers["X-Request-Id"] for each in world.platform.deliveries] == ["kept"]


async def test_a_stop_that_is_taken_up_is_no_longer_the_deads(world: World) -> None:
    """A stop that hangs when it is done again is this process's own: nobody takes it up a second time meanwhile."""
    await world.started()
    await world.stop_bot()
    world.platform.faults.session(Hang())
    with left_behind(world) as db:
        new = _command("stop", world, intent=STOP_1)
        stop = commands.admit(db, new, window=None).command
        commands.mark_calling(db, stop.id, now=new.at)
        commands.set_session(db, stop.id, 1)
        stops.take(db, 1, by=world.bob.id, reason=None, command=stop.id, request_id="taken-up", now=new.at)
    await world.start_bot()
    await world.until(lambda: len(world.platform.deliveries) == 1, "the stop to be on its way")
    assert not the(world, "stop").state.is_final
    assert the(world, "stop").owner != new.owner
    with world.database() as db:
        assert world.owners().is_alive(db, the(world, "stop").owner)
    world.platform.faults.release()
    await world.shows("ended")


async def test_a_stop_of_long_ago_is_not_called_unconfirmed_first(world: World) -> None:
    """A stop that is taken up again after hours has its full time to be confirmed: nobody is alarmed before."""
    await world.started()
    await world.stop_bot()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with left_behind(world) as db:
        stop = commands.admit(db, _command("stop", world, intent=STOP_1), window=None).command
        commands.mark_calling(db, stop.id, now=long_ago)
        commands.set_session(db, stop.id, 1)
        stops.take(db, 1, by=world.bob.id, reason=None, command=stop.id, request_id="old", now=long_ago)
    await world.start_bot()
    await world.replied("Confirmed: #1")
    assert not any("not confirmed" in reply.text for reply in world.replies())


async def test_a_stop_of_several_is_finished(world: World) -> None:
    """A stop of two sessions that was cut off after the first is finished: each gets one request."""
    await world.started()
    await world.started("slow-stop")
    await world.stop_bot()
    with left_behind(world) as db:
        new = _command("stop", world, intent=written_intent(Stop(TheseSessions.own(1, 2))), confirmed=True)
        stop = commands.admit(db, new, window=None).command
        commands.mark_calling(db, stop.id, now=new.at)
        stops.take(db, 1, by=world.bob.id, reason=None, command=stop.id, request_id="first", now=new.at)
        kept = sessions.get(db, 1)
        assert kept is not None
        stops.record_arrival(db, kept, Arrived.yes, by=world.bob.id, event="Delivered.", now=new.at)
    await world.start_bot()
    await world.until(lambda: the(world, "stop").state.is_final, "the stop to be finished")
    assert [each.history_id for each in world.platform.deliveries] == [world.session(2).history_id]
    assert world.stop_of(2).command == the(world, "stop").id


@pytest.mark.engines
async def test_only_the_dead_are_cleared_up_after(world: World) -> None:
    """A command whose owner still lives is left to it."""
    await world.stop_bot()
    owners = world.owners()
    await owners.hold("cli-1")
    with left_behind(world) as db:
        commands.admit(db, _command("list", world, owner="cli-1"), window=None)
        commands.admit(db, _command("status", world, owner="cli-2"), window=None)
    await world.start_bot()
    assert the(world, "status").state is CommandState.failed
    assert the(world, "list").state is CommandState.accepted
    await owners.release("cli-1")


@pytest.mark.parametrize("actor", ["bot", "cli:ann"])
async def test_a_name_of_the_bots_own_vouches_for_nothing(world: World, actor: str) -> None:
    """A stop that came from Slack is asked about after a restart too, whatever its payload calls its person."""
    await world.started("obedient")
    await world.stop_bot()
    with left_behind(world) as db:
        commands.admit(db, _command("stop", world, actor=actor, intent=STOP_1, owner="run-dead"), window=None)
    await world.start_bot()
    await world.until(lambda: the(world, "stop").state.is_final, "the stop to be taken up")
    assert the(world, "stop").state is CommandState.denied
    assert world.platform.deliveries == []


def _command(verb: str, world: World, **values: object) -> NewCommand:
    """Make a command as an earlier process admitted it."""
    defaults = {
        "actor": world.bob.id,
        "team": world.slack.team_id,
        "channel": world.ops.id,
        "via": "slash",
        "digest": verb,
        "owner": "run-dead",
        "at": datetime.now(UTC),
    }
    return NewCommand(key=f"slash:left-behind-{verb}", verb=verb, **{**defaults, **values})  # type: ignore[arg-type]


async def test_a_new_key_seals_what_the_old_one_sealed(running: Running, start_process: StartProcess) -> None:
    """A new key before the old one, a restart, and the old one can go: log and doctor say when, and when not."""
    world, process = running
    await world.started()
    new, (old,) = Fernet.generate_key().decode(), world.keys()
    place = keep_keys(world, new, old)
    assert f"An older key is still needed for 1 URL of the 1 stored: keep it in {place}" in said_of_the_key(world)
    assert await process.terminate() == 0
    process = await start_process(world.environ)
    log = await process.logs(HEAD_IS_LOGGED)
    assert "sealed again with the first key: 1 stored URL; no stored URL needs an older key any more" in log
    assert "No stored URL needs an older one any more, so that it can be removed" in said_of_the_key(world)
    assert await process.terminate() == 0
    keep_keys(world, new)
    process = await start_process(world.environ)
    assert "older key" not in await process.logs(HEAD_IS_LOGGED)
    await world.slack.connected()
    await world.says(world.bob, "stop 1", expect="Confirmed: #1")
    assert re.search(r"the head of the audit is [0-9a-f]{64} \(line \d+\)", process.log)
    assert not {new, old} & set(re.split(r"[^\w=-]+", log + process.log))


SETTING = "SESSION_BOT_SECRET_KEY"
HEAD_IS_LOGGED = "the head of the audit is"
"""The first that is logged by who leads, after what it does to the URLs."""


def file_of_keys(world: World) -> Path:
    """Return where the bot keeps its keys beside a file of SQLite; on a server they are in a setting."""
    return world.folder / "session-bot.db.key"


def keep_keys(world: World, *keys: str) -> str:
    """Keep these keys; return their place, as the bot names it."""
    if world.server:
        world.environ[SETTING] = ",".join(keys)
        return SETTING
    file_of_keys(world).write_text("\n".join(keys))
    return str(file_of_keys(world))


def lose_keys(world: World) -> str:
    """Lose all keys; return their place, as the bot names it. Of a file that is gone the doctor says so."""
    if world.server:
        return keep_keys(world, Fernet.generate_key().decode())
    file_of_keys(world).unlink()
    says = f"{file_of_keys(world)} is gone, which is needed for 1 stored URL. Put it back before the next start"
    assert says in said_of_the_key(world)
    return str(file_of_keys(world))


def said_of_the_key(world: World) -> str:
    """Return the doctor's finding about the key."""
    settings = load_settings(world.environ, world.folder)
    (finding,) = [each for each in examine_files(settings) if each.what == "secret key"]
    return finding.says


async def test_a_lost_key_is_said_where_it_matters_and_undone_when_it_is_found(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """Without its key the bot serves all other sessions; log, doctor, card, status and stop say what to do.

    With its URL from elsewhere such a session can be adopted. With the key put back as the line in the log says, it can
    be stopped, and its card says nothing of it.
    """
    async with make_world(config='[[policy.grant]]\nverbs = ["look", "start", "stop", "adopt"]\n') as world:
        await world.started("stuck")
        await world.stop_bot()
        (old,), place = world.keys(), lose_keys(world)
        await world.start_bot()
        (line,) = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
        assert line.startswith(f"1 session cannot be stopped: no key in {place} opens their URLs; ")
        assert f"(#1): nothing can be sent there. Put the old key into {place}, too" in said_of_the_key(world)
        assert "puts the old key back" in (await world.shows("URL cannot be opened")).text
        await world.says(world.bob, "status 1", expect="URL cannot be opened")
        await world.says(world.bob, "stop 1", expect="Ask whoever runs this bot to put the old key back")
        await world.says(world.bob, "start obedient", expect="Started #2")
        url = next(iter(world.platform.started.values())).access_secure_url
        await world.says(world.bob, f"adopt {url}", expect="Adopted #3")
        await world.says(world.bob, "stop 3", expect="Stop delivered to #3")
        await world.stop_bot()
        keep_keys(world, *world.keys(), old)
        await world.start_bot()
        card = await world.shows("The key of the session's URL is there again")
        assert "cannot be opened" not in card.text
        for session in (1, 2):
            await world.says(world.bob, f"stop {session}", expect=f"Stop delivered to #{session}")


async def test_a_stop_that_was_confirmed_meanwhile_raises_no_alarm(make_world: MakeWorld) -> None:
    """After a pause longer than the deadline the history is asked first: what ended meanwhile wakes nobody."""
    clock = QuickClock(times=20)
    async with make_world(clock=clock) as world:
        await world.started("slow-stop")
        await world.ann.slash(world.ops, "stop 1")
        await world.until(lambda: (stop := world.session().stop) and stop.delivered_at, "the stop to be delivered")
        await world.stop_bot()
        (session,) = world.platform.sessions.values()
        await session.closed()
        clock.jump(3600)
        await world.start_bot()
        await world.until(lambda: world.session().state is State.ended, "the end to be settled")
        assert world.stop_of().given_up_at is None
        assert not any("not confirmed" in each.text for each in world.replies())
        await world.says(world.bob, "stop 1", expect="has ended already")


async def test_a_stop_kept_for_a_start_that_a_crash_cut_off_is_answered(make_world: MakeWorld) -> None:
    """When the bot stopped before it called the platform, the person who asked for the stop is told so."""
    async with make_world(start=False) as world:
        await world.start_bot()
        await world.stop_bot()
        now = world.clock.now()
        with left_behind(world) as db:
            start, stop = (
                commands.admit(db, _command(verb, world, actor=world.ann.id, at=now), window=None).command
                for verb in ("start", "stop")
            )
            new = new_session(team=world.slack.team_id, channel=world.ops.id, starter=world.ann.id)
            session = sessions.add(db, new, now=now)
            messages.add_card(db, session.id, world.ops.id, now=now)
            commands.set_session(db, start.id, session.id)
            stops.take(db, session.id, by=world.ann.id, reason=None, command=stop.id, request_id="r", now=now)
            commands.finish(db, stop.id, CommandState.done, "kept", now=now)
        await world.start_bot()
        await world.shows("not started")
        await world.replied("never started")
        assert not world.platform.starts()
