"""A scenario may loop, hoard and flood: it ends itself and nothing else."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller


async def test_a_handler_that_loops_is_interrupted(caller: Caller) -> None:
    """A turn over its time ends the session; what it logged before is kept, and the sender gets an answer."""
    started = await caller.run(
        'VoxEngine.addEventListener(AppEvents.HttpRequest, () => { Logger.write("before"); for (;;); })'
    )
    assert (await caller.send(started.url, b"{}")).status == 200
    await started.session.closed()
    before, interrupted = started.session.log
    assert before == "before"
    assert interrupted.startswith("The handler ran longer than 1 s and was interrupted\n    at <anonymous> (rule 5:1:")
    assert started.session.finish_reason == "JS session error"


async def test_an_error_about_an_interruption_is_none(caller: Caller) -> None:
    """Only the engine's own interruption counts as one."""
    started = await caller.run("throw new Error('the call was interrupted')")
    await started.session.closed()
    (error,) = started.session.record.errors
    assert error.text == "Error: the call was interrupted"


async def test_promises_without_end_are_interrupted(caller: Caller) -> None:
    """A chain of short promises that never ends is stopped like a loop, though each of them is short."""
    started = await caller.run("const again = () => { Promise.resolve().then(again) }; again();")
    await started.session.closed()
    assert started.session.log == ["The handler ran longer than 1 s and was interrupted"]


async def test_memory_is_limited(caller: Caller) -> None:
    """A scenario that hoards runs out of its own memory and ends."""
    started = await caller.run("const hoard = []; for (;;) hoard.push(new Array(1000).fill(1));")
    await started.session.closed()
    assert started.session.finish_reason == "JS session error"
    assert "out of memory" in started.session.log[0]


async def test_memory_is_limited_in_promises_too(caller: Caller) -> None:
    """An async function that hoards ends the session like any other."""
    started = await caller.run(
        "async function hoard() { await null; const all = []; for (;;) all.push(new Array(1000).fill(1)); } hoard();"
    )
    await started.session.closed()
    assert started.session.finish_reason == "JS session error"
    assert "out of memory" in started.session.log[0]


async def test_a_log_too_big_to_hand_over_ends_the_session(caller: Caller) -> None:
    """When no memory is left even to tell what was done, the session ends instead of the sandbox."""
    started = await caller.run('for (;;) Logger.write("x".repeat(100000));')
    await started.session.closed()
    assert started.session.finish_reason == "JS session error"


async def test_recursion_without_end_is_an_error_like_others(caller: Caller) -> None:
    """A scenario that calls itself for ever gets its stack error and ends."""
    started = await caller.run("const deeper = () => deeper() + 1; deeper();")
    await started.session.closed()
    assert started.session.log[0].startswith("RangeError: Maximum call stack size exceeded")


async def test_two_hundred_sessions_run_side_by_side(caller: Caller) -> None:
    """Many sessions share few threads, each with its own context and its own answers."""
    account = caller.platform.account
    rule = account.add_rule(
        account.applications[0],
        "counting",
        "let n = 0; VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => `${e.content} ${n += 1}`);",
    )
    started = await asyncio.gather(*(caller.start(rule.rule_id) for _ in range(200)))
    for count in (1, 2):
        answers = await asyncio.gather(
            *(caller.send(one.plain_url, str(number).encode()) for number, one in enumerate(started))
        )
        assert [answer.text for answer in answers] == [f"{number} {count}" for number in range(200)]


ONE_LONG_NATIVE_CALL = """
import asyncio
import sys
from asyncio.subprocess import PIPE
from functools import partial
from bot.sandbox.voximplant._options import utc_now
from bot.sandbox.voximplant.engine._pool import Pool
from bot.sandbox.voximplant.engine._script import Script
from bot.sandbox.voximplant.engine._source import Source

async def main():
    source = '("x".repeat(4e6)).indexOf("x".repeat(2e6) + "y")'
    script = Script([Source("long", source)], utc_now)
    try:
        await asyncio.wait_for(Pool().run(partial(script.load, 0)), 0.2)
    except TimeoutError:
        print("it does not come back")

asyncio.run(main())
"""


async def test_a_long_native_call_does_not_keep_the_process_from_ending() -> None:
    """The known hole, a native call that no limit interrupts, costs a thread and not the process's end."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", ONE_LONG_NATIVE_CALL, stdout=PIPE, stderr=PIPE)
    output, errors = await process.communicate()
    assert (output, errors, process.returncode) == (b"it does not come back\n", b"", 0)
