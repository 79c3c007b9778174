"""The drill as a state machine: what is seen of its lines makes its phase, its verdicts and its clock. Pure.

The clock runs from the alarm, when all lines were opened, to the last verdict. A line's verdict is that the platform
has ended its session, or that the bot has told in Slack that its stop is not confirmed; told once, it stays told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Phase(StrEnum):
    """The phase of a drill."""

    STARTING = "starting"
    ALARM = "alarm"
    OVER = "over"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def goes_on(self) -> bool:
        """Return whether something is still waited for."""
        return self in {Phase.STARTING, Phase.ALARM}


class Verdict(StrEnum):
    """The verdict on one line."""

    OPEN = "open"
    ENDED = "ended"
    NOT_CONFIRMED = "not confirmed"


@dataclass(frozen=True, kw_only=True)
class Sight:
    """The look of one session at a moment.

    `asked`: a stop has reached its URL; `told`: Slack says that its stop is not confirmed; `by_console`: it was
    ended from outside.
    """

    runs: bool
    asked: bool = False
    told: bool = False
    by_console: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the drill. Times are seconds of any one clock; None: it did not happen yet."""

    history_id: int | None = None
    elsewhere: bool = False
    reacts: bool = True
    asked_at: float | None = None
    told_at: float | None = None
    ended_at: float | None = None
    by_console: bool = False

    @property
    def verdict(self) -> Verdict:
        """The verdict so far; an end that comes after all is one."""
        if self.ended_at is not None:
            return Verdict.ENDED
        return Verdict.OPEN if self.told_at is None else Verdict.NOT_CONFIRMED

    @property
    def judged_at(self) -> float | None:
        """The time of its first verdict."""
        times = [at for at in (self.told_at, self.ended_at) if at is not None]
        return min(times, default=None)


@dataclass(frozen=True, kw_only=True)
class Drill:
    """A drill as it stands. `why` is the reason of one that failed."""

    number: int
    lines: Sequence[Line]
    phase: Phase = Phase.STARTING
    alarm_at: float | None = None
    over_at: float | None = None
    why: str = ""

    def found(self, ids: Mapping[int, int]) -> "Drill":
        """Return the drill with the sessions of its lines, by the lines' places."""
        lines = [replace(line, history_id=ids.get(place, line.history_id)) for place, line in enumerate(self.lines)]
        return replace(self, lines=lines)

    def seen(self, at: float, sights: Mapping[int, Sight]) -> "Drill":
        """Return the drill after a look at its sessions, by their ids."""
        if not self.phase.goes_on:
            return self
        drill = replace(self, lines=[_seen(line, at, sights) for line in self.lines])
        if drill.phase is Phase.STARTING and all(line.history_id in sights for line in drill.lines):
            drill = replace(drill, phase=Phase.ALARM, alarm_at=at)
        judged = [line.judged_at for line in drill.lines if line.judged_at is not None]
        if drill.alarm_at is not None and len(judged) == len(drill.lines):
            return replace(drill, phase=Phase.OVER, over_at=max(drill.alarm_at, *judged))
        return drill

    def stopped(self, at: float) -> "Drill":
        """Return the drill stopped by a person."""
        return replace(self, phase=Phase.STOPPED, over_at=at) if self.phase.goes_on else self

    def failed(self, at: float, why: str) -> "Drill":
        """Return the drill that could not begin."""
        return replace(self, phase=Phase.FAILED, over_at=at, why=why) if self.phase is Phase.STARTING else self

    @property
    def took_seconds(self) -> float | None:
        """The time from the alarm to the last verdict, or to where it was stopped."""
        return None if self.alarm_at is None or self.over_at is None else self.over_at - self.alarm_at

    def with_verdict(self, verdict: Verdict) -> list[Line]:
        """Return the lines that have a verdict."""
        return [line for line in self.lines if line.verdict is verdict]


def _seen(line: Line, at: float, sights: Mapping[int, Sight]) -> Line:
    sight = None if line.history_id is None else sights.get(line.history_id)
    if sight is None:
        return line
    return replace(
        line,
        asked_at=at if line.asked_at is None and sight.asked else line.asked_at,
        told_at=at if line.told_at is None and sight.told else line.told_at,
        ended_at=at if line.ended_at is None and not sight.runs else line.ended_at,
        by_console=line.by_console or (sight.by_console and not sight.runs),
    )
