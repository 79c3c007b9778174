"""Properties of the intake: whatever is claimed, in whatever order and however often."""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.directory import Claim
from bot.voximplant import SessionUrl
from storage.address import ServerAddress
from storage.records import NEXT, State
from storage.store import Store
from tests.directory.intake_world import IntakeWorld, url_of
from tests.postgres.databases import fresh_database

BEGAN = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
LOST, RUNNING, HELD, OVER, FOREIGN, INVENTED = range(1, 7)
"""An uncontrolled session, one from elsewhere, one that holds its URL, and three whose claims are not believed."""

BELIEVED = {LOST, RUNNING, HELD}

Facts = tuple[int, int, int, int, bool, bool]

claims = st.lists(
    st.tuples(
        st.integers(LOST, INVENTED),
        st.sampled_from([0, 1, 2]),
        st.integers(0, 600),
        st.integers(0, 3),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)
"""The number of a session, its application (0: by the inbox), beat, calls, whether it is ending, whether forged."""


def claimed(world: IntakeWorld, facts: Facts) -> Claim:
    """Return a claim; a forged one names another URL, which the records must never get in the place of the first."""
    session, application, beat, calls, ending, forged = facts
    url = SessionUrl(url_of(session, "F0F0F0F0F0F0F0F0" if forged else "90AB12CD34EF5D84"))
    at = BEGAN + timedelta(seconds=beat)
    return world.claim(session, application_id=application, beat=at, calls=calls, ending=ending, url=url)


@contextlib.contextmanager
def on_a_file() -> Iterator[Path]:
    """Name a file that is not there yet."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "bot.db"


@contextlib.contextmanager
def on_a_server() -> Iterator[ServerAddress]:
    """Lend an empty database on the tests' server."""
    with fresh_database() as lent:
        yield ServerAddress(lent.address)


async def settle_all(facts: list[Facts], new: Callable[[], AbstractContextManager[Path | ServerAddress]]) -> None:
    """Settle claims one by one, and hold the records against what may come of them."""
    with new() as address:
        store = Store(address)
        await store.open()
        world = IntakeWorld(store)
        await world.open()
        await world.started(State.uncontrolled, history_id=LOST)
        await world.started(history_id=HELD, secure_url=world.sealed(HELD))
        for number in (LOST, RUNNING, HELD, OVER, FOREIGN):
            world.runs(number, application_id=3 if number == FOREIGN else 1)
        world.ends(OVER)
        world.clock.let_pass(timedelta(seconds=601))
        before = {each.id: each for each in await world.all()}
        for each in facts:
            await world.settles(claimed(world, each))
            await world.later(2)
            after = {session.id: session for session in await world.all()}
            for known, session in after.items():
                was = before.get(known)
                if was is None:
                    continue
                assert session.state is was.state or session.state in NEXT[was.state]
                assert was.heard_at is None or (session.heard_at is not None and session.heard_at >= was.heard_at)
                assert was.secure_url in {None, session.secure_url}
                assert was.ending_at in {None, session.ending_at}
            before = after
        numbers = [session.history_id for session in before.values()]
        assert len(set(numbers)) == len(numbers)
        without_application = {session for session, application, *_ in facts if application == 0}
        assert set(numbers) <= BELIEVED | ({FOREIGN} & without_application)
        assert {session.state for session in before.values()} <= {State.running, State.uncontrolled}
        assert all(session.heard_at is None or session.heard_at <= world.now for session in before.values())
        await store.close()


@settings(max_examples=25)
@given(facts=claims)
def test_claims_come_in_any_order(facts: list[Facts]) -> None:
    """One session per number, states and beats forward only, no URL replaced, nothing of what is not believed."""
    asyncio.run(settle_all(facts, on_a_file))


@pytest.mark.postgres
@settings(max_examples=5)
@given(facts=claims)
def test_claims_come_in_any_order_on_a_server(facts: list[Facts]) -> None:
    """The same is true of records on a server."""
    asyncio.run(settle_all(facts, on_a_server))
