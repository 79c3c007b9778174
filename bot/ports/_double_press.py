"""One intent, typed twice: how soon, and what is said then."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class DoublePress:
    """How long after an outcome the same words of one person in one channel are one intent, and how to say so.

    `done` completes "Already … #7"; `again` labels the button that means it all the same. With `by_anyone` the same
    words of several people are one intent, too.
    """

    within: timedelta
    done: str
    again: str
    by_anyone: bool = False
