import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.directory import LookUpQueue, LookUps
from bot.directory._look_ups import MOST
from bot.process import Tasks
from bot.voximplant.errors import ConnectionRefused, RoleMissing, TryLater
from storage import sessions
from storage.connection import Connection
from storage.records import Session, State
from storage.stop import Arrived, Stop
from tests.factories import a_session, a_stop, new_session

from .announced import CHECKS, NOW, SECONDS
from .reading import World, a_world

TAKEN = "1b9e0c1e-0000-4000-8000-000000000001"
ONE = a_session(NOW)
STOP = a_stop(NOW, request_id=TAKEN, arrived=Arrived.yes, delivered_at=NOW)


class Asking:
    """Look-ups beside rounds that have read nothing yet."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tasks = Tasks()
        self.queue = LookUpQueue()
        self.look_ups = LookUps(
            world.services,
            CHECKS,
            world.refusals,
            world.offer,
            queue=self.queue,
            rounds=world.rounds,
            tasks=self.tasks,
        )

    async def record(self, number: int = 7, **values: Any) -> Session:
        """Record a running session that was heard of, with this number of the platform."""

        def job(db: Connection) -> Session:
            added = sessions.add(db, new_session(application_id=3), now=NOW)
            db.execute("update sessions set state = ?, history_id = ? where id = ?", [State.running, number, added.id])
            found = sessions.get(db, added.id)
            assert found is not None
            return found

        return replace(await self.world.store.write(job), **{"heard_at": NOW, **values})

    async def stopped(self, stop: Stop = STOP) -> Session:
        """Record one with a stop that was delivered."""
        session = await self.record(stop=stop)

        def job(db: Connection) -> None:
            db.execute(
                "update sessions set stop_by = ?, stop_request_id = ?, stop_asked_at = ?, stop_delivered_at = ?"
                " where id = ?",
                [stop.by, stop.request_id, NOW.isoformat(), NOW.isoformat(), session.id],
            )

        await self.world.store.write(job)
        return session

    async def asked(self, *wanted: Session) -> int:
        """Look these up until nothing is under way, and return the number of questions."""
        self.world.platform.asked.clear()
        for session in wanted:
            self.queue.look_up(session)
        await self.look_ups.step()
        await self.tasks.idle()
        return len(self.world.platform.asked)


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Asking]:
    """Return look-ups in an account with one application, in which session 7 announces itself."""
    async with a_world(tmp_path) as world:
        world.platform.announce(7)
        yield Asking(world)


async def test_a_refresh_asks_once(asking: Asking) -> None:
    """A session without a stop is asked for once, and its claim goes where those of the rounds go."""
    assert await asking.asked(await asking.record()) == 1
    assert [each.session for each in asking.world.offered] == [7]


async def test_after_a_stop_it_is_asked_until_it_is_taken_up(asking: Asking) -> None:
    """A stop that nobody takes up is asked about six times in half a minute; one that is taken up no more."""
    session = await asking.stopped()
    assert await asking.asked(session) == 6
    assert asking.world.clock.monotonic() == pytest.approx(30)
    asking.world.platform.announce(7, taken=TAKEN)
    assert await asking.asked(session) == 1
    assert asking.world.offered[-1].taken == TAKEN
    asking.world.platform.announce(7, taken="another")
    assert await asking.asked(session) == 6
    asking.world.platform.announce(7, ending=True)
    assert await asking.asked(session) == 1


@pytest.mark.parametrize(
    "change",
    [
        "update sessions set state = 'ended'",
        "update sessions set stop_taken_at = :now",
        "update sessions set stop_given_up_at = :now",
        "update sessions set stop_request_id = 'a later one'",
        "delete from sessions",
    ],
)
async def test_it_ends_when_nobody_waits_any_more(asking: Asking, change: str) -> None:
    """Once the stop is taken up, given up or replaced, or the session has ended, nothing is asked."""
    session = await asking.stopped()
    await asking.world.store.write(lambda db: db.execute(change, {"now": NOW.isoformat()}) and None)
    assert await asking.asked(session) == 0


@pytest.mark.parametrize(
    "values", [{"history_id": None}, {"application_id": None}, {"state": State.ended}, {"heard_at": None}]
)
async def test_of_one_that_announces_nothing_nothing_is_asked(asking: Asking, values: dict[str, Any]) -> None:
    """A session without a number, without an application, that is over or in a silent application costs no call."""
    assert await asking.asked(replace(await asking.record(), **values)) == 0


async def test_a_young_session_is_asked_for_where_others_announce_themselves(asking: Asking) -> None:
    """One that was not heard of yet may announce itself, where its application has announcements at all."""
    await asking.world.round()
    assert await asking.asked(await asking.record(heard_at=None)) == 1


async def test_what_is_gone_or_not_believed_ends_it(asking: Asking) -> None:
    """A row that is gone, or refused, is not asked for again; the refusal is counted."""
    session = await asking.stopped()
    asking.world.platform.announce(7, beat=SECONDS + 3_600)
    assert await asking.asked(session) == 1
    assert asking.world.counted == ["future"]
    asking.world.platform.rows.clear()
    assert await asking.asked(session) == 1
    assert asking.world.offered == []


@pytest.mark.parametrize("problem", [ConnectionRefused("api"), RoleMissing(104, ""), TryLater(340, "", 60)])
async def test_trouble_ends_it_without_a_sound(asking: Asking, problem: Exception) -> None:
    """A look-up that fails raises nowhere: the next round reads the row; a refusal for load slows that down."""
    asking.world.platform.fail = lambda *_: problem  # type: ignore[assignment,return-value]
    session = await asking.stopped()
    assert await asking.asked(session) == 1
    asking.world.platform.fail = lambda *_: None
    assert await asking.asked(replace(session, stop=None)) == 1


async def test_a_bulk_stop_looks_up_some(asking: Asking) -> None:
    """Of thousands of wishes at once a bounded number is kept, without waiting; the next round reads the others."""
    for number in range(10 * MOST):
        asking.queue.look_up(replace(ONE, id=number))
    assert len(await asking.queue.next()) == MOST


async def test_a_further_wish_is_one_more_question(asking: Asking) -> None:
    """A Refresh while a stop is waited for asks at once, and begins no second series."""
    session = await asking.stopped()
    clock = asking.world.clock
    waits: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    async def sleep(seconds: float) -> None:
        passes = asyncio.get_running_loop().create_future()
        waits.put_nowait(passes)
        await passes
        clock.let_pass(timedelta(seconds=seconds))

    clock.sleep = sleep  # type: ignore[method-assign]
    for _ in range(2):
        asking.queue.look_up(session)
        await asking.look_ups.step()
        wait = await waits.get()
    assert len(asking.world.platform.asked) == 1
    assert clock.monotonic() == 0
    asking.world.platform.rows.clear()
    wait.set_result(None)
    await asking.tasks.idle()
    assert len(asking.world.platform.asked) == 2
