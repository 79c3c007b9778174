"""Silence: judged by what was read, marked once, told where the rule wants it, and called off."""

from datetime import timedelta
from typing import Any

import pytest

from bot.slack.render import render_mrkdwn
from storage import announced, sessions, stops
from storage.records import Session, State
from storage.stop import Arrived
from tests.watch.conftest import MakeWatch
from tests.watch.watch_world import WatchWorld

NOTIFY = {"silent": "5m", "notify": ["U0123ABCD"], "runbook": "https://wiki.example/support"}


async def rounds(world: WatchWorld, count: int, *, heard: list[Session] | None = None) -> None:
    """Read so many whole rounds, in which these sessions were heard of."""
    for _ in range(count):
        await world.read_round(heard=heard or [])


async def test_a_session_is_silent_when_what_was_read_says_so(make_watch: MakeWatch) -> None:
    """After five minutes of rounds without a beat it is marked, with an event, and nobody is called."""
    world = make_watch()
    quiet, loud = await world.add(2)
    await world.look()
    await rounds(world, 8, heard=[loud])
    assert (await world.now(quiet)).silent_at is None
    await rounds(world, 2, heard=[loud])
    marked = await world.now(quiet)
    assert marked.silent_at is not None
    assert marked.last_event.startswith("The history says that it runs, and it has not been heard of for 5 min")
    assert (await world.now(loud)).silent_at is None
    version = marked.version
    await rounds(world, 3, heard=[loud])
    assert (await world.now(quiet)).version == version
    assert not await world.said()


async def test_what_nobody_read_is_no_silence(make_watch: MakeWatch) -> None:
    """While the rounds fail, or for an application that is never read, no time makes a session silent."""
    world = make_watch()
    (quiet,) = await world.add()
    (other,) = await world.add(application_id=8)
    await rounds(world, 1, heard=[quiet])
    world.clock.let_pass(timedelta(hours=1))
    await world.look()
    assert (await world.now(quiet)).silent_at is None
    await rounds(world, 20, heard=[quiet])
    assert (await world.now(other)).silent_at is None


async def test_the_rule_says_whom_a_silence_calls(make_watch: MakeWatch) -> None:
    """With `silent` the people of `notify` learn what is known and what to do; heard of again, it is called off."""
    world = make_watch(**NOTIFY)
    (quiet,) = await world.add(calls=2)
    await world.look()
    await rounds(world, 10)
    (said,) = await world.texts()
    fact, ways = render_mrkdwn(said).split("\n")
    assert fact.startswith(
        "*Silent*: #1 obedient. The history says that it runs, and it has not been heard of for 5 min"
    )
    assert "with 2 live calls" in fact
    assert fact.endswith("<@U0123ABCD>")
    assert "`/session stop 1` asks it to stop." in ways
    assert "Runbook" in ways
    await world.record(quiet, heard_at=world.clock.now())
    now = world.clock.now()
    await world.write(lambda db: announced.record_heard_again(db, quiet.id, by="scenario", event="Heard.", now=now))
    await world.look()
    (said,) = await world.texts()
    assert render_mrkdwn(said).endswith("*#1 obedient is heard of again.*")
    await world.look()
    assert await world.texts() == [said]


async def test_an_end_calls_a_silence_off(make_watch: MakeWatch) -> None:
    """A silent session that the history calls ended calls for nobody any more."""
    world = make_watch(**NOTIFY)
    (quiet,) = await world.add()
    await world.look()
    await rounds(world, 10)
    world.finish_reasons[quiet.history_id or 0] = "Normal termination"
    for _ in range(3):
        world.clock.let_pass(timedelta(seconds=20))
        await world.look()
    assert (await world.now(quiet)).state.is_final
    (said,) = await world.texts()
    assert render_mrkdwn(said).endswith("*#1 obedient ended (Normal termination).*")


@pytest.mark.parametrize(
    "columns",
    [{"ending_at": "now"}, {"heard_at": None}, {"state": State.abandoned}],
    ids=["says that it is ending", "never announced itself", "closed"],
)
async def test_some_sessions_fall_silent_rightly(make_watch: MakeWatch, columns: dict[str, Any]) -> None:
    """What is ending, never said anything, or has a closed record, is not called silent."""
    world = make_watch(**NOTIFY)
    (quiet,) = await world.add()

    async def record() -> None:
        now = world.clock.now()
        await world.record(quiet, **{name: now if value == "now" else value for name, value in columns.items()})

    await record()
    await world.look()
    for _ in range(12):
        await world.read_round()
        await record()
    assert (await world.now(quiet)).silent_at is None


async def test_what_says_that_it_ends_and_does_not_is_silent(make_watch: MakeWatch) -> None:
    """A session that said that it is ending, and hangs or lied, is called silent like any other, a little later."""
    world = make_watch(**NOTIFY)
    (quiet,) = await world.add()
    await world.record(quiet, ending_at=world.clock.now())
    await world.look()
    await rounds(world, 8)
    assert (await world.now(quiet)).silent_at is None
    await rounds(world, 2)
    assert (await world.now(quiet)).silent_at is not None


async def test_a_stop_under_way_makes_no_silence(make_watch: MakeWatch) -> None:
    """A session that is being stopped need not be heard of: what becomes of the stop is told anyway."""
    world = make_watch(**NOTIFY)
    (quiet,) = await world.add()
    await world.look()
    await rounds(world, 8)
    now = world.clock.now()

    await world.write(lambda db: stops.take(db, quiet.id, by="U1", reason=None, command=None, request_id="r", now=now))
    await rounds(world, 2)
    assert (await world.now(quiet)).silent_at is None


async def test_after_a_start_only_what_was_read_since_tells(make_watch: MakeWatch) -> None:
    """A bot that was down for an hour calls nobody silent at its first rounds: those who live are heard of by then."""
    world = make_watch(**NOTIFY)
    alive, dead = await world.add(2)
    world.clock.let_pass(timedelta(hours=1))
    world.watch = world.new_watch()
    await world.look()
    await rounds(world, 1)
    assert [(await world.now(each)).silent_at for each in (alive, dead)] == [None, None]
    await rounds(world, 4, heard=[alive])
    assert (await world.now(alive)).silent_at is None
    assert (await world.now(dead)).silent_at is not None


@pytest.mark.parametrize("hours", [-2, 2])
async def test_a_clock_that_is_set_calls_nobody(make_watch: MakeWatch, hours: int) -> None:
    """A wall clock that jumps makes nobody silent who is heard of as often as before."""
    world = make_watch(**NOTIFY)
    (alive,) = await world.add()
    await world.look()
    await rounds(world, 3, heard=[alive])
    world.clock.set(timedelta(hours=hours))
    await rounds(world, 1)
    await rounds(world, 6, heard=[alive])
    assert (await world.now(alive)).silent_at is None
    assert not await world.said()


async def test_thousands_that_fall_silent_are_a_few_messages(make_watch: MakeWatch) -> None:
    """When a whole application falls silent, five are told one by one and the others in one message."""
    world = make_watch(**NOTIFY)
    await world.add(300)
    await world.look()
    await rounds(world, 10)
    replies, (group,) = await world.texts(), await world.texts("summary")
    assert len(replies) == 5
    head, *lines = render_mrkdwn(group).split("\n")
    assert head.startswith("*295 more sessions call for somebody*")
    assert (len(lines), lines[-1]) == (21, "… and 275 more; `list` shows the open ones.")


async def test_without_a_channel_nobody_is_told(make_watch: MakeWatch, caplog: pytest.LogCaptureFixture) -> None:
    """A session of no channel is marked, and the log has it once, without a caller's number in its data."""
    world = make_watch(**NOTIFY)
    (quiet,) = await world.add(channel="")
    await world.record(quiet, custom_data="+15550142 called")
    await world.look()
    await rounds(world, 12)
    assert (await world.now(quiet)).silent_at is not None
    assert not await world.said()
    (line,) = [each.message for each in caplog.records if "told to nobody" in each.message]
    assert "#1 obedient: The history says that it runs" in line
    assert "15550142" not in line


async def test_a_stop_given_up_may_be_followed_by_silence(make_watch: MakeWatch) -> None:
    """When nothing is waited for any more, silence is news again."""
    world = make_watch(**NOTIFY)
    (quiet,) = await world.add()
    now = world.clock.now()
    given = {"stop_by": "U1", "stop_request_id": "r", "stop_asked_at": now, "stop_arrived": Arrived.yes}
    await world.write(
        lambda db: sessions.record_facts(db, quiet.id, **given, stop_delivered_at=now, stop_given_up_at=now)
    )
    await world.look()
    await rounds(world, 12)
    assert (await world.now(quiet)).silent_at is not None
