import asyncio
import gc
import logging

import pytest

from bot.process._clock import Clock
from bot.process._tasks import Tasks, cancel_and_wait, repeat_forever, wait_or_wake


class QuickClock(Clock):
    """A clock whose waits are over at once."""

    async def sleep(self, seconds: float) -> None:  # noqa: ARG002 - all waits are the same here
        """Yield to other tasks, and go on."""
        await asyncio.sleep(0.01)


async def test_a_task_is_held_on_to() -> None:
    """A task that nobody else knows of is not collected while it waits."""
    done = asyncio.Event()
    waiting = asyncio.Event()

    async def work() -> None:
        await waiting.wait()
        done.set()

    tasks = Tasks()
    tasks.work(work())
    await asyncio.sleep(0)
    gc.collect()
    assert tasks.working == 1
    waiting.set()
    await done.wait()


async def test_draining_lets_work_end() -> None:
    """Work, and work that work began, is finished before `drain` returns."""
    tasks, finished = Tasks(), []

    async def second() -> None:
        await asyncio.sleep(0)
        finished.append("second")

    async def first() -> None:
        await asyncio.sleep(0)
        tasks.work(second())
        finished.append("first")

    tasks.work(first())
    await tasks.drain(60, Clock())
    assert finished == ["first", "second"]


async def test_draining_ends_what_does_not_end() -> None:
    """What is not finished in time is cancelled, and has run its clean-up when `drain` returns."""
    tasks, cleaned = Tasks(), []

    async def stuck() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append("stuck")

    tasks.work(stuck())
    await asyncio.sleep(0)
    await tasks.drain(60, QuickClock())
    assert cleaned == ["stuck"]
    assert tasks.working == 0


async def test_draining_drops_what_is_quiet() -> None:
    """Quiet tasks are not waited for."""
    tasks = Tasks()
    quiet = tasks.background(asyncio.Event().wait())  # type: ignore[arg-type]
    await tasks.drain(60, Clock())
    assert quiet.cancelled()


async def test_one_failure_does_not_keep_the_rest_from_ending() -> None:
    """Work that raises while it is cancelled does not keep other work from being ended."""
    tasks = Tasks()

    async def sore() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            msg = "sore"
            raise ValueError(msg) from None

    failing, other = tasks.work(sore()), tasks.work(asyncio.Event().wait())  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await tasks.drain(60, QuickClock())
    assert isinstance(failing.exception(), ValueError)
    assert other.cancelled()


async def test_somebody_elses_task_counts_as_work_while_it_is_held() -> None:
    """A task that Bolt made is waited for like our own, as long as it says so."""
    tasks, waiting = Tasks(), asyncio.Event()

    async def listener() -> str:
        with tasks.count_as_work():
            await waiting.wait()
        return "acked"

    task = asyncio.create_task(listener())
    await asyncio.sleep(0)
    assert tasks.working == 1
    waiting.set()
    await tasks.drain(60, Clock())
    assert tasks.working == 0
    assert await task == "acked"


async def test_a_loop_goes_on_after_a_bad_step(caplog: pytest.LogCaptureFixture) -> None:
    """A step that goes wrong is in the log, and the next one is taken."""
    steps, went_on = [], asyncio.Event()

    async def step() -> None:
        steps.append(len(steps))
        if len(steps) == 1:
            msg = "first step"
            raise RuntimeError(msg)
        went_on.set()
        await asyncio.Event().wait()

    loop = asyncio.create_task(repeat_forever(step, QuickClock()))
    with caplog.at_level(logging.ERROR):
        await went_on.wait()
    await cancel_and_wait(loop)
    assert loop.cancelled()
    assert "went wrong" in caplog.text
    assert "first step" in caplog.text


async def test_rest_can_be_broken() -> None:
    """A rest ends early when somebody has something to say."""
    awake = asyncio.Event()
    resting = asyncio.create_task(wait_or_wake(Clock(), 3600, awake))
    await asyncio.sleep(0)
    awake.set()
    await resting
