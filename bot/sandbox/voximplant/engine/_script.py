"""One session's JavaScript: a context of its own, entered one turn at a time.

The limits are best effort, not a security boundary: run only scenarios you would run anyway. Three holes are
known: a single long native call is not interrupted; an object thrown past the shim whose `toString` loops
holds its thread for ever; and an error in a promise that nobody waits for, running out of memory included,
ends that promise and not the session (quickjs does not tell of rejections that nobody handles).
"""

import json
import time
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import quickjs

from bot.sandbox.voximplant.engine import _effects as effects
from bot.sandbox.voximplant.engine._effects import Effect, Failure

MEMORY_BYTES = 16 * 1024 * 1024  # facts: 16 MB of JavaScript memory a session
TURN_SECONDS = 1.0  # facts: a handler has 1 s. quickjs counts the whole process's processor time


class Script:
    """A JavaScript context with the shim in it. May move between threads, never runs on two at once."""

    def __init__(self) -> None:
        self._context = quickjs.Context()
        self._context.set_memory_limit(MEMORY_BYTES)
        self._context.set_time_limit(TURN_SECONDS)
        self._door = self._context.eval(_shim())

    def turn(self, event: Mapping[str, Any]) -> list[Effect]:
        """Run one event, then the promises it settled; return the scenario's effects, in order.

        An error that the scenario did not catch is the effect Failure. Raises UnreadableError when the
        scenario has broken its context.
        """
        try:
            self._door("turn", json.dumps(event))
            self._run_jobs()
        except (quickjs.JSException, TimeoutError, UnicodeDecodeError) as error:
            return [*self._effects(), _failure(error)]
        return self._effects()

    def _run_jobs(self) -> None:
        # Each job is timed by itself, so a chain of short ones that never ends needs a deadline of its own.
        # It counts this thread's time only: a busy machine is not the scenario's fault.
        deadline = time.thread_time() + TURN_SECONDS
        while self._context.execute_pending_job():
            if time.thread_time() > deadline:
                raise TimeoutError

    def _effects(self) -> list[Effect]:
        try:
            text = self._door("effects", "")
        except (quickjs.JSException, UnicodeDecodeError) as error:
            return [_failure(error)]  # no memory is left to tell them, or the scenario makes the telling throw
        return effects.read(text)


def _failure(error: Exception) -> Failure:
    first_line = str(error).partition("\n")[0]
    if isinstance(error, TimeoutError) or "interrupted" in first_line:
        return Failure(f"The handler ran longer than {TURN_SECONDS:g} s and was interrupted")
    return Failure(first_line)


@cache
def _shim() -> str:
    return resources.files(__package__).joinpath("shim.js").read_text(encoding="utf-8")
