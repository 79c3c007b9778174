"""The effect of a request on a session: the session with it, held against the same session without."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from bot.cli.scenario.sessions import Broken, Ending, Flaw, Observation

_SAME_END_S: Final = 0.25
"""Two sessions that end within this time ended by the same cause: neither has a request to thank for it."""


class Effect(Enum):
    """The effect of a request, or of two."""

    ends = auto()
    """The session ended by it, as the scenario meant it to."""
    fails = auto()
    """The session ended by an error that the request caused."""
    hangs_up = auto()
    """Its calls were ended, and the session was left to the platform, which ends it later."""
    nothing = auto()
    """The session went on as it does without the request."""
    over = auto()
    """The session was over before the request arrived."""
    unknown = auto()
    """The session could not be watched for long enough, or not run at all."""


CONFIRM_S: Final = 60.0
"""The time that a stop has, as by default in SESSION_BOT_CONFIRM_SECONDS; after less nothing is known of it."""

_BY_ENDING: Final = {Ending.terminated: Effect.ends, Ending.failed: Effect.fails, Ending.simulator: Effect.unknown}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The effect of a request, or of two.

    `seconds` is the time from the first request to the end; `hung_up` of `live` calls the scenario ended itself before.
    `answers` are what the handlers returned to each request that arrived. `flaws` came up from the first request on;
    `heard` says whether a handler was there, None where that is not known.
    """

    effect: Effect
    seconds: float | None = None
    live: int = 0
    hung_up: int = 0
    answers: tuple[str | None, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    heard: bool | None = None
    why: str = ""

    @property
    def ends(self) -> bool:
        """Return whether the request ends the session as it should."""
        return self.effect is Effect.ends


def outcome(seen: Observation | Broken, control: Observation | Broken) -> Outcome:
    """Return the effect of the requests of a session, beside its control."""
    if isinstance(seen, Broken):
        return Outcome(effect=Effect.unknown, why=str(seen.why))
    if isinstance(control, Broken):
        return Outcome(effect=Effect.unknown, why=str(control.why))
    if not seen.deliveries:
        return Outcome(effect=Effect.unknown, why="it used up its processor time before the request")
    asked = seen.deliveries[0].at_s
    live = [call for call in seen.calls if call.placed_s <= asked and (call.ended_s is None or call.ended_s >= asked)]
    ended = [call for call in live if call.hung_up]
    flaws = tuple(each for each in seen.flaws if each.at_s >= asked and not _is_in(each, control.flaws))
    return Outcome(
        effect=_effect(seen, control, all_ended=bool(live) and all(call.ended_s is not None for call in live)),
        seconds=None if seen.ended_s is None else max(seen.ended_s - asked, 0.0),
        live=len(live),
        hung_up=len(ended),
        answers=tuple(each.answer for each in seen.deliveries if each.reached),
        flaws=flaws,
        heard=_heard(seen),
    )


def _effect(seen: Observation, control: Observation, *, all_ended: bool) -> Effect:
    if not seen.deliveries[0].reached:
        return Effect.over
    if seen.ended_s is None or seen.ending is None:
        return Effect.nothing if seen.watched_s >= seen.deliveries[0].at_s + CONFIRM_S else Effect.unknown
    if _ended_alike(seen.ended_s, control):
        return Effect.nothing
    if control.ended_s is None and control.watched_s < seen.ended_s:
        return Effect.unknown  # the control was not watched for as long: it might have ended as well
    if seen.ending is Ending.idle:
        return Effect.hangs_up if all_ended else Effect.nothing
    return _BY_ENDING[seen.ending]


def _ended_alike(ended_s: float, control: Observation) -> bool:
    return control.ended_s is not None and ended_s >= control.ended_s - _SAME_END_S


def _heard(seen: Observation) -> bool | None:
    known = [each.handlers for each in seen.deliveries if each.handlers is not None]
    return any(known) if known else None


def _is_in(flaw: Flaw, others: Sequence[Flaw]) -> bool:
    return any((each.text, each.script, each.line) == (flaw.text, flaw.script, flaw.line) for each in others)
