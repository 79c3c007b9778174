"""The rounds in which announcements are read, as far as this process saw them end: what nobody read is no silence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.process import Clock

TAKEN_IN_S: Final = 3.0
"""The time for which what a round has read may be on its way into the records."""

_KEPT: Final = 8


@dataclass(frozen=True)
class _Round:
    """One whole round: when it began, and when it was first known to be over; in monotonic seconds."""

    stored: datetime
    began: float
    seen: float


class SeenRounds:
    """The last whole rounds of each application."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of: dict[int, list[_Round]] = {}
        self._judged: dict[int, datetime] = {}

    def note(self, read_at: Mapping[int, datetime]) -> None:
        """Note when the last whole round of each application began."""
        for application, stored in read_at.items():
            rounds = self._of.setdefault(application, [])
            if not rounds or rounds[-1].stored != stored:
                rounds.append(_Round(stored, self._clock.at(stored), self._clock.monotonic()))
                del rounds[:-_KEPT]
        for application in self._of.keys() - read_at.keys():
            del self._of[application]

    def newly_settled(self) -> frozenset[int]:
        """Return the applications of which a round was recorded whole since the last call."""
        settled = {each: rounds[-1].stored for each in self._of if (rounds := self._settled(each))}
        new = frozenset(each for each, stored in settled.items() if self._judged.get(each) != stored)
        self._judged = settled
        return new

    def read_until(self, application: int | None) -> float:
        """Return when the last round of an application began that is recorded, in monotonic seconds: -inf, never."""
        rounds = self._settled(application)
        return rounds[-1].began if rounds else -math.inf

    def two_since(self, application: int | None, moment: float) -> bool:
        """Return whether two whole rounds of an application began after that moment, and are recorded."""
        return sum(each.began > moment for each in self._settled(application)) > 1

    def next_in(self) -> float:
        """Return the seconds until a round that is known to be over is recorded; inf without one."""
        now, ends = self._clock.monotonic(), (rounds[-1].seen for rounds in self._of.values() if rounds)
        left = [seen + TAKEN_IN_S - now for seen in ends if seen + TAKEN_IN_S > now]
        return min(left, default=math.inf)

    @property
    def are_read(self) -> bool:
        """Return whether announcements of any application were ever read."""
        return bool(self._of)

    def _settled(self, application: int | None) -> list[_Round]:
        """Return the rounds whose claims are recorded by now."""
        if application is None:
            return []
        known, now = self._of.get(application, []), self._clock.monotonic()
        return [each for each in known if each.seen + TAKEN_IN_S <= now]
