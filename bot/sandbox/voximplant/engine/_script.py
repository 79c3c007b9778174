"""One session's JavaScript: a context of its own, entered one turn at a time.

The limits are best effort, not a security boundary: run only scenarios you would run anyway. Two holes are known: a
single long native call is not interrupted; and an object thrown at the top of a scenario whose `toString` loops holds
its thread for ever, and with it the process.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import quickjs

from bot.sandbox.voximplant.engine import _effects as effects
from bot.sandbox.voximplant.engine._effects import Effect, Failure, Note
from bot.sandbox.voximplant.engine._rejections import track_rejections
from bot.sandbox.voximplant.engine._shim import shim
from bot.sandbox.voximplant.engine._source import Source, SourceMap, split_stack

MEMORY_BYTES = 16 * 1024 * 1024  # facts: 16 MB of JavaScript memory a session
TURN_SECONDS = 1.0  # facts: a handler has 1 s. quickjs counts the whole process's processor time

_NOT_SHOWN = "(Failed obtaining"  # the binding's text for a thrown value that JavaScript cannot make a text of


class Script:
    """A JavaScript context with the shim in it. May move between threads, never runs on two at once."""

    def __init__(self, sources: Sequence[Source], clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._is_endless = False  # promises settle one another without end: no further job is run
        self._sources = SourceMap(sources)
        self._context = quickjs.Context()
        self._door = self._context.eval(shim())
        self._tracker = self._door("tracker", "")
        if not track_rejections(self._context, self._tracker):
            self._door("untracked", "")
        self._context.set_memory_limit(MEMORY_BYTES + self._context.memory()["malloc_size"])
        self._context.set_time_limit(TURN_SECONDS)

    def load(self, number: int) -> list[Effect]:
        """Evaluate a scenario, by its place in the order from 0; return its effects as `turn` does.

        As a script of its own: what it declares at its top is visible to the scenarios after it (facts: one scope).
        """
        effects = self._run(lambda: self._context.eval(self._sources.script(number)))
        return [self._placed(number, effect) for effect in effects]

    def _placed(self, number: int, effect: Effect) -> Effect:
        if isinstance(effect, Failure) and (problem := self._sources.unnamed(number, effect.text)) is not None:
            text, stack = problem
            return replace(effect, text=text, stack=stack)
        return effect

    def turn(self, event: Mapping[str, Any]) -> list[Effect]:
        """Run one event, then the promises it settled; return the scenario's effects, in order.

        An error that the scenario did not catch is the effect Failure. Raises UnreadableError when the
        scenario has broken its context.
        """
        return self._run(lambda: self._door("turn", json.dumps(event)))

    def throw(self, text: str) -> list[Effect]:
        """Throw an error in the scenario's scope, where nothing catches it; return its effects as `turn` does."""
        return self._run(lambda: self._context.eval(f"throw new Error({json.dumps(text)})"))

    def _run(self, act: Callable[[], object]) -> list[Effect]:
        try:
            self._door("clock", str(self._clock().timestamp() * 1000))
            act()
            self._run_jobs()
        except (quickjs.JSException, TimeoutError, UnicodeError, ValueError) as error:
            return _explained([*self._effects(), _failure(error)])
        return _explained(self._effects())

    def _run_jobs(self) -> None:
        # Each job is timed by itself, so a chain of short ones that never ends needs a deadline of its own.
        # It counts this thread's time only: a busy machine is not the scenario's fault.
        deadline = time.thread_time() + TURN_SECONDS
        while not self._is_endless and self._context.execute_pending_job():
            if time.thread_time() > deadline:
                self._is_endless = True
                raise TimeoutError

    def _effects(self) -> list[Effect]:
        try:
            text = self._door("effects", "")
        except (quickjs.JSException, UnicodeDecodeError) as error:
            return [_failure(error)]  # no memory is left to tell them, or the scenario makes the telling throw
        return effects.read(text)


def _explained(told: Sequence[Effect]) -> list[Effect]:
    """Return a turn's effects; a TypeError names the unknown name that it is about, most likely the last one read."""
    explained: list[Effect] = []
    unknown: str | None = None
    for effect in told:
        if isinstance(effect, Note) and not effect.is_known:
            unknown = effect.name
        if isinstance(effect, Failure) and unknown is not None and effect.text.startswith("TypeError"):
            explained.append(replace(effect, text=f"{effect.text} (no such name in the typings: {unknown})"))
        else:
            explained.append(effect)
    return explained


def _failure(error: Exception) -> Failure:
    text, stack = split_stack(str(error))
    if isinstance(error, TimeoutError) or text.startswith("InternalError: interrupted"):
        return Failure(
            f"The handler ran longer than {TURN_SECONDS:g} s and was interrupted", stack, is_interrupted=True
        )
    if text.startswith(_NOT_SHOWN):
        return Failure("Uncaught value that cannot be shown", "")
    if text.strip() == "null":
        return Failure("Uncaught null (so it also looks when no memory is left to say: out of memory)", "")
    if text.endswith("\nundefined"):  # the stack of a thrown value that is no error
        return Failure(f"Uncaught {text.removesuffix('undefined').rstrip()}", "")
    return Failure(text.rstrip(), stack)
