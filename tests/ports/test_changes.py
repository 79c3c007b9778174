"""Tasks that wait for a change of a session leave nothing behind."""

import asyncio
from dataclasses import replace

import pytest

from bot.ports import Changes
from bot.process._clock import Clock
from storage.records import Session
from tests.factories import a_session

SESSION = a_session(Clock().now())


async def test_who_waits_no_more_is_not_waited_for() -> None:
    """A task that was cancelled, and one whose session was so already, leave no session as awaited."""
    changes, reading = Changes(), asyncio.Event()

    async def read() -> Session | None:
        reading.set()
        return SESSION

    assert await changes.until(SESSION.id, lambda _: True, read) is SESSION
    assert not changes.awaited
    reading.clear()
    waiting = asyncio.create_task(changes.until(SESSION.id, lambda _: False, read))
    await reading.wait()
    assert changes.awaited == {SESSION.id}
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not changes.awaited


async def test_a_change_that_does_not_fit_is_waited_on() -> None:
    """A published session that does not fulfil the condition ends no waiting; one that does ends it for all."""
    changes = Changes()

    async def unread() -> Session | None:
        return None

    waiting = [asyncio.create_task(changes.until(SESSION.id, lambda each: each.version > 1, unread)) for _ in range(2)]
    await asyncio.sleep(0)
    changes.publish(SESSION)
    assert changes.awaited == {SESSION.id}
    changes.publish(replace(SESSION, version=2))
    assert [each.version for each in await asyncio.gather(*waiting)] == [2, 2]
    assert not changes.awaited


def test_it_is_calm_once_every_bulk_is_out() -> None:
    """Two bulks at once are calm only after both, also when one of them ends by an error."""
    changes = Changes()
    assert changes.calm.is_set()
    with changes.bulk():
        with pytest.raises(TimeoutError), changes.bulk():
            raise TimeoutError
        assert not changes.calm.is_set()
    assert changes.calm.is_set()
