"""One session's JavaScript: a context of its own, entered one turn at a time.

The limits are best effort, not a security boundary: run only scenarios you would run anyway. Two holes are
known: a single long native call is not interrupted, and an object thrown past the shim whose `toString` loops
holds its thread for ever.
"""

import json
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import quickjs

MEMORY_BYTES = 16 * 1024 * 1024  # facts: 16 MB of JavaScript memory a session
TURN_SECONDS = 1.0  # facts: a handler has 1 s. quickjs counts the whole process's processor time

Effect = Mapping[str, Any]


class Script:
    """A JavaScript context with the shim in it. May move between threads, never runs on two at once."""

    def __init__(self) -> None:
        self._context = quickjs.Context()
        self._context.set_memory_limit(MEMORY_BYTES)
        self._context.set_time_limit(TURN_SECONDS)
        self._door = self._context.eval(_shim())

    def turn(self, event: Mapping[str, Any]) -> Sequence[Effect]:
        """Let one event happen, then the promises it settled; return what the scenario did, in order.

        An error that the scenario did not catch is the effect `failure`. Shapes: `engine/shim.js`.
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
            effects = json.loads(self._door("effects", ""))
        except (quickjs.JSException, TypeError, ValueError) as error:
            return [_failure(error)]  # no memory is left to tell them, or the scenario broke its own JSON
        return effects if isinstance(effects, list) else [_failure(TypeError("JSON is broken"))]


def _failure(error: Exception) -> Effect:
    first_line = str(error).partition("\n")[0]
    if isinstance(error, TimeoutError) or "interrupted" in first_line:
        return {
            "kind": "failure",
            "text": f"The handler ran longer than {TURN_SECONDS:g} s and was interrupted",
        }
    return {"kind": "failure", "text": first_line}


@cache
def _shim() -> str:
    return resources.files(__package__).joinpath("shim.js").read_text(encoding="utf-8")
