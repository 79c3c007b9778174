"""Thousands of open sessions: what is read, written and told is bounded by what is new, not by how many there are."""

from datetime import timedelta
from typing import cast

import pytest

from bot.ports._reply import Reply
from bot.slack.render import render_mrkdwn
from bot.watch._alarms import raise_alarm, write_gathered
from bot.watch._open_sessions import OpenSessions
from bot.watch._pieces import write_in_pieces
from storage import Connection, Job, sessions
from storage.errors import StorageUnavailable
from storage.records import HistorySays, State
from storage.store import Store
from tests.factories import new_database, new_session
from tests.manual_clock import ManualClock
from tests.watch.conftest import MakeWatch

MANY = 300


async def test_only_what_was_written_is_read_again(make_watch: MakeWatch) -> None:
    """The first reading has every open session; the next ones have what changed, what is new, and what is over."""
    world = make_watch()
    found = await world.add(MANY)
    open_ = OpenSessions(world.store)
    assert await open_.read_again() == {each.id for each in found}
    assert await open_.read_again() == set()
    await world.record(found[7], max_s=3)
    now = world.clock.now()
    await world.write(lambda db: sessions.move(db, found[8].id, State.ended, by="history", event="Over.", now=now))
    (new,) = await world.add()
    assert await open_.read_again() == {found[7].id, found[8].id, new.id}
    assert open_.found[found[7].id].max_s == 3
    assert found[8].id not in open_.found


async def test_a_look_in_the_history_asks_about_a_thousand_a_call(make_watch: MakeWatch) -> None:
    """A thousand and one open sessions that are due are two questions."""
    world = make_watch()
    await world.add(1_001)
    await world.look()
    world.clock.let_pass(timedelta(seconds=15))
    world.asked.clear()
    for _ in range(3):
        await world.look()
    assert sorted(map(len, world.asked)) == [1, 1_000]
    assert len({each for some in world.asked for each in some}) == 1_001


async def test_what_was_read_before_an_error_is_not_lost(make_watch: MakeWatch) -> None:
    """A database that fails in the middle of a reading leaves no session unread, and none untold."""
    world = make_watch()
    found = await world.add(MANY)
    store = Failing(world.store)
    open_ = OpenSessions(cast("Store", store))
    for left in (3, 2, 1):
        store.left = left
        with pytest.raises(StorageUnavailable):
            await open_.read_again()
    store.left = 99
    assert await open_.read_again() == {each.id for each in found}
    assert open_.found.keys() == {each.id for each in found}
    await world.write(lambda db: db.execute("update sessions set max_s = 1").rowcount)
    store.left = 1
    with pytest.raises(StorageUnavailable):
        await open_.read_again()
    store.left = 99
    assert await open_.read_again() == {each.id for each in found}


class Failing:
    """A store that fails after so many readings."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.left = 0

    async def read(self, job: Job[object]) -> object:
        """Read, or fail."""
        if not self.left:
            msg = "busy"
            raise StorageUnavailable(msg)
        self.left -= 1
        return await self._store.read(job)


async def test_one_that_cannot_be_written_holds_up_no_other(make_watch: MakeWatch) -> None:
    """An error that nobody expects undoes what was written of one session, and of no other."""
    world = make_watch()
    found = await world.add(3)

    def write(db: Connection, session_id: int) -> int:
        sessions.record_silently(db, session_id, max_s=7)
        return 1 // (session_id - found[1].id) ** 2 + session_id

    published: list[int] = []
    done = await write_in_pieces(world.store, [each.id for each in found], write, published.append)
    assert len(done) == len(published) == 2
    assert [(await world.now(each)).max_s for each in found] == [7, None, 7]


async def test_all_are_asked_about_and_each_answer_is_kept(make_watch: MakeWatch) -> None:
    """Sessions that run on are recorded as such, with the version that was asked about, and change for nobody."""
    world = make_watch()
    found = await world.add(MANY)
    await world.look()
    world.clock.let_pass(timedelta(seconds=15))
    await world.look()
    for session in (found[0], found[-1]):
        read = await world.now(session)
        assert (read.history_says, read.history_at, read.history_version) == (
            HistorySays.runs,
            world.clock.now(),
            session.version,
        )
        assert read.version == session.version


async def test_thousands_over_their_time_are_a_handful_of_messages(make_watch: MakeWatch) -> None:
    """Sessions without cards that outlast `expect` get five replies and one grouped message, and no other cards."""
    world = make_watch(expect="10m", notify=["U0123ABCD"])
    await world.add(MANY)
    await world.look()
    world.clock.let_pass(timedelta(minutes=11))
    for _ in range(3):
        await world.look()
    assert len(await world.said("reply")) == 5
    assert len(await world.said("card")) == 5
    (group,) = await world.texts("summary")
    head, first, *_ = render_mrkdwn(group).split("\n")
    assert head.startswith(f"*{MANY - 5} more sessions call for somebody*")
    assert first == "• #6 obedient: It lasts longer than the 10 min that are expected. <@U0123ABCD>"
    (message,) = await world.said("summary")
    assert message.wanted < 5


async def test_without_a_starter_or_notify_nobody_is_named(make_watch: MakeWatch) -> None:
    """A notice about a session that nobody started here, of a rule that names nobody, has no empty mention."""
    world = make_watch(expect="10m")
    await world.add()
    await world.look()
    world.clock.let_pass(timedelta(minutes=11))
    await world.look()
    (said,) = await world.texts()
    assert "<@" not in render_mrkdwn(said)
    assert "  " not in said
    assert "\n " not in said


async def test_a_session_of_no_channel_is_stopped_at_its_limit(make_watch: MakeWatch) -> None:
    """`max` holds for it too: its stop is submitted once, and nobody is told, since there is no place to."""
    world = make_watch(max="10m")
    (session,) = await world.add(channel="")
    await world.look()
    world.clock.let_pass(timedelta(minutes=11))
    for _ in range(3):
        await world.look()
        world.clock.let_pass(timedelta(milliseconds=100))
    assert (await world.now(session)).over_max_at is not None
    assert {each.key for each in world.submitted} == {"limit:max:1"}
    assert not await world.said()


async def test_a_stop_that_a_crash_lost_is_asked_for(make_watch: MakeWatch) -> None:
    """A session over its limit of which a crash lost the stop is asked to stop at once, however often it is read."""
    world = make_watch(max="10m")
    world.services.settings.watch_seconds = 0.9  # type: ignore[misc] - a namespace here
    (session,) = await world.add()
    await world.record(session, over_max_at=world.clock.now())
    for _ in range(3):
        await world.look()
        world.clock.let_pass(timedelta(milliseconds=900))
    assert {each.key for each in world.submitted} == {"limit:max:1"}


async def test_an_end_that_nobody_here_knows_of_is_told_where_the_rule_says(make_watch: MakeWatch) -> None:
    """An abnormal end of an inbound call calls the people of `notify`, and without them nobody at all."""
    world = make_watch(notify=["U0123ABCD"])
    told, silent = (await world.add())[0], (await world.add(rule_id=5))[0]
    await world.look()
    for each in (told, silent):
        world.finish_reasons[each.history_id or 0] = "JS session error"
    for _ in range(3):
        world.clock.let_pass(timedelta(seconds=15))
        await world.look()
    assert (await world.now(told)).state is State.ended
    assert (await world.now(silent)).state is State.ended
    (said,) = await world.texts()
    assert render_mrkdwn(said).endswith("ended after 30 s without being asked to: JS session error. <@U0123ABCD>")


class Counting:
    """A connection that counts the statements of a job."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self.statements = 0

    def execute(self, *args: object) -> object:
        """Run a statement."""
        self.statements += 1
        return self._db.execute(*args)  # type: ignore[arg-type]

    def query(self, *args: object) -> object:
        """Run a query."""
        self.statements += 1
        return self._db.query(*args)  # type: ignore[arg-type]


def alarms_in_one_job(count: int) -> tuple[int, int]:
    """Return the statements of a job that raises so many alarms, and the messages that come of it."""
    db = new_database()
    now = ManualClock().now()
    made = [sessions.add(db, new_session(), now=now) for _ in range(count)]
    counting = Counting(db)
    for each in made:
        raise_alarm(counting, each, Reply(text="It calls."), f"{each.name}: it calls.", now=now)  # type: ignore[arg-type]
    write_gathered(counting)  # type: ignore[arg-type]
    return counting.statements, db.execute("select count(*) from messages").fetchone()[0]


def test_alarms_cost_what_they_are() -> None:
    """Two thousand alarms in one job make as many messages as two hundred, and ten times the statements."""
    few, messages_of_few = alarms_in_one_job(200)
    many, messages_of_many = alarms_in_one_job(2_000)
    assert messages_of_many == messages_of_few == 5 + 5 + 1
    assert many < 10.5 * few
    assert many < 2_000 * 8


async def test_the_claim_of_an_old_start_stops_nothing(make_watch: MakeWatch) -> None:
    """A session that says to have begun long ago, where the history has no start of it, is not over its limit."""
    world = make_watch(max="10m")
    world.clock.let_pass(timedelta(hours=5))
    (session,) = await world.add()
    await world.record(session, started_at=world.clock.now() - timedelta(hours=4))
    for _ in range(3):
        await world.look()
        world.clock.let_pass(timedelta(minutes=2))
    assert not world.submitted
