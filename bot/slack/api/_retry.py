"""Retry of calls to Slack: the number of attempts, the retried failures, and the pauses."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from bot.process import Clock
from bot.slack.api._web import SlackProblem, TryLater

T = TypeVar("T")

LONGEST_BACKOFF_S: Final = 30.0
"""The longest pause; a longer one is made only where Slack asks for it."""


@dataclass(frozen=True, kw_only=True)
class Retry:
    """A retry policy: `attempts` in all, pauses of `patience_s` seconds in all, and only `after` failures of a kind.

    A pause is as long as the failure asks for, and twice the one before, up to half a minute.
    """

    attempts: float = 3
    patience_s: float = 90.0
    after: type[SlackProblem] = TryLater


A_FEW_TIMES: Final = Retry()
FOR_EVER: Final = Retry(attempts=math.inf, patience_s=math.inf)


async def call_again(
    call: Callable[[], Awaitable[T]],
    retry: Retry,
    clock: Clock,
    waits: Callable[[SlackProblem, float], None] = lambda _problem, _seconds: None,
) -> T:
    """Call until it succeeds; raise its SlackProblem at the end of the policy. `waits` is called with each pause."""
    made, pause, paused = 0, 0.0, 0.0
    while True:
        made += 1
        try:
            return await call()
        except retry.after as problem:
            asked = problem.seconds if isinstance(problem, TryLater) else LONGEST_BACKOFF_S
            pause = max(asked, min(2 * pause, LONGEST_BACKOFF_S))
            paused += pause
            if made >= retry.attempts or paused > retry.patience_s:
                raise
            waits(problem, pause)
        await clock.sleep(pause)
