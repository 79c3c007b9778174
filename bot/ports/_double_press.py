"""The double-press window: one intent, typed twice."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class DoublePress:
    """The time after an outcome in which the same words of one person in one channel are one intent, and its texts.

    `done` completes "Already … #7"; `again` labels the button that runs it all the same. With `by_anyone` the same
    words of several people are one intent, too.
    """

    within: timedelta
    done: str
    again: str
    by_anyone: bool = False
