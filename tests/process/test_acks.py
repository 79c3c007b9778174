import asyncio
from typing import Any

import pytest

from bot.process import Acks


async def rounds(count: int = 10) -> None:
    """Wait for some turns of the event loop."""
    for _ in range(count):
        await asyncio.sleep(0)


async def begin(acks: Acks, begun: list[int], number: int) -> None:
    await acks.none_waits()
    begun.append(number)


async def test_work_begins_when_no_request_waits() -> None:
    """Work does not begin while a received request waits for its ack, and begins in its order once none does."""
    acks, begun = Acks(), list[int]()
    acks.received()
    acks.received()
    work = [asyncio.create_task(begin(acks, begun, number)) for number in range(3)]
    await rounds()
    acks.answered()
    await rounds()
    assert begun == []
    acks.answered()
    await asyncio.gather(*work)
    assert begun == [0, 1, 2]


async def test_a_request_goes_before_work_that_waits() -> None:
    """A request that is received while work begins, piece after piece, holds up the pieces that are left."""
    acks, begun = Acks(), list[int]()
    acks.received()
    work = [asyncio.create_task(begin(acks, begun, number)) for number in range(100)]
    await rounds()
    acks.answered()
    await rounds(3)
    acks.received()
    await rounds(200)
    assert 0 < len(begun) < 6
    acks.answered()
    await asyncio.gather(*work)


async def test_requests_without_end_do_not_hold_work_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that has waited as long as Slack waits for an ack begins with the next one, though others wait."""
    acks, begun, loop = Acks(), list[int](), asyncio.get_running_loop()
    now: Any = 0.0
    monkeypatch.setattr(loop, "time", lambda: now)
    acks.received()
    work = asyncio.create_task(begin(acks, begun, 0))
    await rounds()
    acks.received()
    acks.answered()
    await rounds()
    assert begun == []
    now = 3.1
    acks.received()
    acks.answered()
    await rounds()
    assert begun == [0]
    await work


async def test_work_that_was_cancelled_holds_nobody_up() -> None:
    """A cancelled piece of work is passed over."""
    acks, begun = Acks(), list[int]()
    acks.received()
    work = [asyncio.create_task(begin(acks, begun, number)) for number in range(2)]
    await rounds()
    work[0].cancel()
    acks.answered()
    await work[1]
    assert begun == [1]


async def test_what_is_held_up_goes_on_when_none_waits_or_work_begins_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a request holds up is held once for all that wait, and no longer than work is."""
    acks, done, loop = Acks(), list[str](), asyncio.get_running_loop()
    acks.hold_up(lambda: done.append("hold"), lambda: done.append("release"))
    for _ in range(2):
        acks.received()
    acks.answered()
    assert done == ["hold"]
    acks.answered()
    assert done == ["hold", "release"]
    now: Any = 0.0
    monkeypatch.setattr(loop, "time", lambda: now)
    acks.received()
    work = asyncio.create_task(begin(acks, [], 0))
    await rounds()
    assert done[2:] == ["hold"]
    now = 3.1
    acks.received()
    acks.answered()
    monkeypatch.undo()
    await work
    assert done[2:] == ["hold", "release"]
