"""The report of one check: the verdict with everything a person, a script or the database is told about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.cli.scenario.check._advice import advice
from bot.cli.scenario.check._judgement import Judgement, Results
from bot.cli.scenario.check._plan import HTTP_REQUEST, Key, Question, Subject, Variant
from bot.cli.scenario.check.source import Look, SafetyTimer, Spot
from bot.cli.scenario.sessions import Absent, Broken, Flaw, Observation, Registered, Request
from storage.scenario_checks import Verdict

_NEAR_LINES: Final = 5
"""A registration over several lines: the event's name may stand below the line that the run names."""


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A handler for requests, set `registered_s` after the start, None if never; `in_source` if the scan found it.

    `times` counts the handlers that its line registered: more than one in a loop, say.
    """

    spot: Spot
    in_source: bool
    registered_s: float | None
    only_inbound: bool = False
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class SourceProblem:
    """A source that cannot be run. `excerpt` is its line with a caret below, where the place is known."""

    script: str
    line: int | None
    column: int | None
    message: str
    excerpt: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The result of a check.

    `why` is the verdict's reason without anything of the source, `detail` the same with the error's own text.
    `advice` are sentences: what to know beside the verdict, and what to do.
    """

    subject: Subject
    verdict: Verdict
    why: str
    detail: str
    problem: SourceProblem | None = None
    judgement: Judgement | None = None
    looks: tuple[Look, ...] = ()
    listeners: tuple[Listener, ...] = ()
    safety_timers: tuple[SafetyTimer, ...] = ()
    absent: tuple[Absent, ...] = ()
    unanswered: tuple[str, ...] = ()
    rejections: tuple[Flaw, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Return whether a stop ends these scenarios, as they stand."""
        if self.verdict is Verdict.stops_with_kit:
            return self.subject.has_kit
        return self.verdict is Verdict.stops

    @property
    def works(self) -> Request | None:
        """Return the request to write into the settings, where the rule's own stop does not end it and this does."""
        if self.judgement is None or self.verdict is not Verdict.stops_otherwise:
            return None
        return self.judgement.works

    @property
    def kit_helps(self) -> bool:
        """Return whether the kit would end what does not end as it stands."""
        helps = self.judgement is not None and self.judgement.with_kit is Verdict.stops_with_kit
        return helps and not self.is_good


def report(subject: Subject, results: Results, looks: Sequence[Look], judged: Judgement) -> Report:
    """Return the report of a check that was run."""
    main = [each for key, each in results.items() if isinstance(each, Observation) and key.inbound is judged.inbound]
    absent = _distinct([each for one in main for each in one.absent])
    rejections = [each for one in main for each in one.flaws if each.is_rejection]
    return Report(
        subject=subject,
        verdict=judged.verdict,
        why=judged.why,
        detail=judged.detail,
        judgement=judged,
        looks=tuple(looks),
        listeners=tuple(_listeners(subject, results, looks)),
        safety_timers=tuple(timer for look in looks for timer in look.safety_timers),
        absent=absent,
        unanswered=tuple(dict.fromkeys(each.address for one in main for each in one.unanswered)),
        rejections=tuple({(each.text, each.script, each.line): each for each in rejections}.values()),
        advice=tuple(advice(subject, looks, judged)),
    )


def _distinct(absent: Sequence[Absent]) -> tuple[Absent, ...]:
    """Return each name once at each place, in the order of first use."""
    return tuple({(each.name, each.script, each.line): each for each in absent}.values())


def _listeners(subject: Subject, results: Results, looks: Sequence[Look]) -> list[Listener]:
    """Return each handler for requests of the customer's own scenarios: of the scan, of the runs, or of both."""
    kits = {each.name: each.kit_lines for each in subject.scripts}
    alone, called = (
        _registered(results.get(Key(Variant.as_is, inbound, Question.alone)), kits) for inbound in (False, True)
    )
    spots = [spot for look in looks for spot in look.listens]
    found: list[Listener] = []
    places: dict[tuple[str, int | None], int] = {}
    for each in alone or called:
        near = next((spot for spot in spots if _is_near(spot, each)), None)
        known = places.get((each.script, each.line))
        if near is None and known is not None:
            found[known] = replace(found[known], times=found[known].times + 1)
            continue
        if near is not None:
            spots.remove(near)
        places[each.script, each.line] = len(found)
        found.append(
            Listener(
                spot=near or Spot(each.script, each.line or 0),
                in_source=near is not None,
                registered_s=each.at_s,
                only_inbound=not alone,
            )
        )
    return found + [Listener(spot=spot, in_source=True, registered_s=None) for spot in spots]


def _registered(alone: Observation | Broken | None, kits: Mapping[str, int]) -> list[Registered]:
    """Return the handlers for requests that are not the kit's."""
    if not isinstance(alone, Observation):
        return []
    found = [each for each in alone.registered if each.event == HTTP_REQUEST]
    return [each for each in found if (each.line or 0) > kits.get(each.script, 0) or not kits.get(each.script)]


def _is_near(spot: Spot, each: Registered) -> bool:
    return spot.source == each.script and each.line is not None and abs(spot.line - each.line) <= _NEAR_LINES
