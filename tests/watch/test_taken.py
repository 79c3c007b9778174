"""The scenario's word about a stop: told once, in the stop's reply, and no end."""

from datetime import timedelta
from typing import Any

import pytest

from bot.slack.render import render_mrkdwn
from storage import announced, commands, messages, stops
from storage.command import NewCommand
from storage.records import Session, State
from storage.stop import Arrived
from tests.watch.conftest import MakeWatch
from tests.watch.watch_world import HOME, WatchWorld

PRESETS = {"presets": {"hang up": {"action": "hangup"}}, "runbook": "https://wiki.example/support"}


async def stopped(world: WatchWorld, session: Session, arrived: Arrived = Arrived.yes) -> Session:
    """Deliver a stop with a reply, and return the session as it is then."""
    now = world.clock.now()
    typed = NewCommand(
        key=f"k{session.id}",
        verb="stop",
        actor="U1",
        team="T1",
        channel=HOME,
        via="slash",
        digest="",
        owner="o",
        at=now,
    )

    def job(db: Any) -> Session | None:
        command = commands.admit(db, typed, window=None).command.id
        wanted = stops.take(db, session.id, by="U1", reason=None, command=command, request_id="r", now=now)
        assert wanted is not None
        messages.add_reply(db, session.id, HOME, {"text": "Stop by U1."}, command=command, now=now)
        return stops.record_arrival(db, wanted, arrived, by="U1", event="Delivered.", now=now)

    found = await world.write(job)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("arrived", "word"), [(Arrived.yes, "Delivered"), (Arrived.perhaps, "Perhaps delivered")], ids=["yes", "perhaps"]
)
async def test_a_stop_that_is_not_taken_up_is_told_once(make_watch: MakeWatch, arrived: Arrived, word: str) -> None:
    """Two whole rounds that began after the delivery are enough to say so, with another word to try."""
    world = make_watch(**PRESETS)
    (session,) = await world.add()
    await world.look()
    await world.read_round(heard=[session])
    await stopped(world, session, arrived)
    await world.read_round(heard=[session])
    assert (await world.now(session)).stop == (await stop_now(world, session))
    assert "taken" not in (await world.texts())[0]
    await world.read_round(heard=[session])
    told = await world.now(session)
    assert told.stop is not None
    assert told.stop.untaken_at is not None
    assert told.last_event == f"{word}; the scenario has not taken it up."
    (said,) = await world.texts()
    first, says, do, runbook = render_mrkdwn(said).split("\n")
    assert (first, says) == ("Stop by U1.", f"*{word}; the scenario has not taken it up.*")
    assert do.startswith("What to do: `/session send 1` has the presets hang up; `/session send 1 &lt;json&gt;`")
    assert "Runbook" in runbook
    await world.read_round(heard=[session])
    assert await world.texts() == [said]
    assert (await world.now(session)).state is State.stopping


async def stop_now(world: WatchWorld, session: Session) -> Any:
    """Return the stop of a session, of which nothing was said yet."""
    stop = (await world.now(session)).stop
    assert stop is not None
    assert (stop.untaken_at, stop.taken_at) == (None, None)
    return stop


async def test_a_stop_that_is_taken_up_is_told_with_its_time(make_watch: MakeWatch) -> None:
    """The reply has the moment, once; the session goes on stopping until the history says otherwise."""
    world = make_watch()
    (session,) = await world.add()
    await world.look()
    await stopped(world, session)
    now = world.clock.now()
    await world.write(lambda db: announced.record_taken(db, session.id, "r", by="scenario", event="Taken up.", now=now))
    for _ in range(4):
        await world.read_round(heard=[session])
    (said,) = await world.texts()
    assert render_mrkdwn(said).startswith("Stop by U1.\n*Its scenario took it up, ")
    assert said.count("took it up") == 1
    found = await world.now(session)
    assert found.state is State.stopping
    assert found.stop is not None
    assert found.stop.untaken_at is None
    world.watch = world.new_watch()
    await world.look()
    assert await world.texts() == [said]


@pytest.mark.parametrize("columns", [{"heard_at": None}, {"silent_at": "now"}, {"ending_at": "now"}], ids=str)
async def test_who_says_nothing_is_not_reproached(make_watch: MakeWatch, columns: dict[str, Any]) -> None:
    """Of a session that announces nothing, was silent before, or says that it is ending, nothing is concluded."""
    world = make_watch()
    (session,) = await world.add()
    await world.record(session, **{name: value and world.clock.now() for name, value in columns.items()})
    await stopped(world, session)
    await world.look()
    for _ in range(4):
        await world.read_round()
    found = await world.now(session)
    assert found.stop is not None
    assert found.stop.untaken_at is None


async def test_who_has_been_ending_for_long_is_reproached(make_watch: MakeWatch) -> None:
    """A session that goes on announcing that it is ending, and does not end, has not taken a later stop up."""
    world = make_watch(**PRESETS)
    (session,) = await world.add()
    await world.record(session, ending_at=world.clock.now() - timedelta(minutes=6))
    await world.look()
    await stopped(world, session)
    for _ in range(2):
        await world.read_round(heard=[session])
    found = await world.now(session)
    assert found.stop is not None
    assert found.stop.untaken_at is not None


async def test_rounds_that_nobody_read_tell_nothing(make_watch: MakeWatch) -> None:
    """Time alone, or a single round, does not say that a stop was not taken up."""
    world = make_watch()
    (session,) = await world.add()
    await world.look()
    await stopped(world, session)
    await world.read_round(heard=[session])
    world.clock.let_pass(timedelta(seconds=20))
    await world.look()
    assert await stop_now(world, session)


async def test_an_unconfirmed_stop_has_both_words(make_watch: MakeWatch) -> None:
    """The alarm says what the scenario said, and what the history says."""
    world = make_watch(confirm_seconds=60)
    (session,) = await world.add()
    await world.look()
    await stopped(world, session)
    now = world.clock.now()
    await world.write(lambda db: announced.record_taken(db, session.id, "r", by="scenario", event="Taken up.", now=now))
    for _ in range(8):
        world.clock.let_pass(timedelta(seconds=10))
        await world.look()
    _, alarm = await world.texts()
    words = render_mrkdwn(alarm)
    assert "*Stop not confirmed*" in words
    assert "The history says that it still runs." in words
    assert "Its scenario took it up, " in words
