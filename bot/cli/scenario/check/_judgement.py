"""The verdict on a rule's scenarios, from what their sessions did. Pure: the same observations, the same verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from bot.cli.scenario.check._outcome import Effect, Outcome, outcome
from bot.cli.scenario.check._plan import ELSE, Key, Question, Subject, Variant
from bot.cli.scenario.check._words import GAVE_UP, flaw_words, sent_words, when_words
from bot.cli.scenario.sessions import Absent, Breakage, Broken, Ending, Flaw, Observation, Request
from storage.scenario_checks import Verdict

Results: TypeAlias = Mapping[Key, Observation | Broken]

_CONTROL: Final = {Question.ringing: Question.alone_ringing}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One request, and its outcome in each variant that it was tried in."""

    question: Question
    request: Request | None
    outcomes: Mapping[Variant, Outcome]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The verdict, and what it rests on.

    `why` is the reason without anything of the source in it, `detail` is what the source's own error says. `works` is
    another request that ends the session. `with_kit` is the verdict with the kit in front, None where that was not
    tried; `kit_breaks` is the error that ends it, without any request, only with the kit in front. `inbound` says
    whether the sessions were those of a call that comes in; `elsewhere` is the stop's outcome in the other situation.
    """

    verdict: Verdict
    why: str
    detail: str
    works: Request | None
    with_kit: Verdict | None
    inbound: bool
    rows: tuple[Row, ...]
    alone: Observation | Broken | None
    elsewhere: Outcome | None
    on_the_way: tuple[Absent, ...] = ()
    kit_breaks: Flaw | None = None

    def of(self, question: Question, variant: Variant = Variant.as_is) -> Outcome | None:
        """Return the outcome of the first request of this kind, or None where it was not tried."""
        return next((each.outcomes.get(variant) for each in self.rows if each.question is question), None)


def judge(subject: Subject, results: Results, *, inbound: bool) -> Judgement:
    """Return the verdict on these scenarios in this situation."""
    rows = tuple(_rows(results, inbound=inbound))
    alone = results.get(Key(Variant.as_is, inbound, Question.alone))
    stop = Key(Variant.as_is, not inbound, Question.stop)
    judged = Judgement(
        verdict=Verdict.cannot_tell,
        why="",
        detail="",
        works=next(filter(None, map(_other_word, rows)), None),
        with_kit=None,
        inbound=inbound,
        rows=rows,
        alone=alone,
        elsewhere=_outcome(results, stop) if stop in results else None,
        on_the_way=_on_the_way(results, inbound=inbound),
        kit_breaks=_kit_breaks(alone, results.get(Key(Variant.with_kit, inbound, Question.alone))),
    )
    verdict, why, detail = _verdict(subject, judged)
    return replace(judged, verdict=verdict, why=why, detail=detail, with_kit=_with_kit(judged))


def waits_for_a_call(results: Results) -> bool:
    """Return whether the scenarios do their work for a call that comes in: started by the bot, they have none."""
    alone = results.get(Key(Variant.as_is, False, Question.alone))
    called = results.get(Key(Variant.as_is, True, Question.alone))
    if not isinstance(alone, Observation) or not isinstance(called, Observation):
        return False
    listens = any(each.event == "Application.CallAlerting" for each in called.registered)
    return listens and not alone.calls


def is_endless(seen: Observation | Broken) -> bool:
    """Return whether a session took more time than it has."""
    if isinstance(seen, Broken):
        return seen.why is Breakage.endless
    return any(each.is_endless for each in seen.flaws)


_Reason: TypeAlias = tuple[Verdict, str, str]


def _verdict(subject: Subject, judged: Judgement) -> _Reason:
    """Return the verdict, its reason and the detail, by the first that is true."""
    own, with_kit = judged.of(Question.stop), judged.of(Question.stop, Variant.with_kit)
    if own is not None and own.ends:
        return _success(subject, judged, own)
    if judged.works is not None:
        return Verdict.stops_otherwise, "its stop does not end it, another word does", sent_words(judged.works)
    failure = _failure(judged, own)
    if with_kit is not None and with_kit.ends:
        return Verdict.stops_with_kit, f"{_after('only the kit ends it', with_kit)}; without it, {failure[1]}", ""
    return failure


def _success(subject: Subject, judged: Judgement, own: Outcome) -> _Reason:
    """Return the verdict and its reason, where the rule's own stop ends the session."""
    if not subject.has_kit:
        return Verdict.stops, _after("its stop ends it", own), ""
    without = judged.of(Question.stop, Variant.without_kit)
    if without is not None and without.ends:
        return Verdict.stops, _after("its stop ends it, without the kit as well", own), ""
    return Verdict.stops_with_kit, _after("the kit ends it", own), ""


def _failure(judged: Judgement, own: Outcome | None) -> _Reason:
    """Return the verdict, its reason and the detail, where nothing ends the session."""
    alone = judged.alone
    if not isinstance(alone, Observation):
        return Verdict.cannot_tell, GAVE_UP if alone is None else str(alone.why), ""
    if own is not None and own.effect is Effect.fails:
        return Verdict.throws, "its stop ends it by an error", _error(own.flaws)
    if alone.ending is Ending.failed:
        return Verdict.throws, "it ends by an error, without any request", _error(alone.flaws)
    if alone.ending is Ending.simulator:
        return Verdict.cannot_tell, GAVE_UP, ""
    if own is None or own.effect is Effect.over:
        busy = "it is busy all the time: a check's processor time was used up before a stop could be sent"
        is_busy = alone.ended_s is None
        return Verdict.cannot_tell, busy if is_busy else "it is over before a stop could be sent", ""
    return _silence(judged, own)


def _silence(judged: Judgement, own: Outcome) -> _Reason:
    """Return the verdict, its reason and the detail, where the session goes on after the stop."""
    if own.effect is Effect.unknown:
        return Verdict.cannot_tell, own.why or GAVE_UP, ""
    if own.effect is Effect.hangs_up:
        return Verdict.does_nothing, "its stop ends the calls, and the platform the session, 60 s later", ""
    if judged.on_the_way:
        names = ", ".join(dict.fromkeys(each.name for each in judged.on_the_way))
        return Verdict.cannot_tell, "after its stop it uses what is not simulated", names
    if own.heard is False:
        return Verdict.does_nothing, "it does not listen to requests", ""
    return Verdict.does_nothing, "nothing that was tried ends it", ""


def _error(flaws: Sequence[Flaw]) -> str:
    """Return the first error that was not caught: the one that ended the session."""
    return flaw_words(flaws[0]) if flaws else ""


def _with_kit(judged: Judgement) -> Verdict | None:
    own = judged.of(Question.stop, Variant.with_kit)
    if own is None:
        return None if judged.kit_breaks is None else Verdict.throws
    if own.ends:
        return Verdict.stops_with_kit
    verdicts = {Effect.fails: Verdict.throws, Effect.unknown: Verdict.cannot_tell, Effect.over: Verdict.cannot_tell}
    return verdicts.get(own.effect, Verdict.does_nothing)


def _kit_breaks(alone: Observation | Broken | None, with_kit: Observation | Broken | None) -> Flaw | None:
    if not isinstance(alone, Observation) or not isinstance(with_kit, Observation):
        return None
    fails_anyway = alone.ending is Ending.failed
    return None if fails_anyway or with_kit.ending is not Ending.failed else next(iter(with_kit.flaws), None)


def _rows(results: Results, *, inbound: bool) -> list[Row]:
    found: dict[tuple[Question, Request | None], dict[Variant, Outcome]] = {}
    for key in results:
        if key.inbound is inbound and key.question not in {Question.alone, Question.alone_ringing}:
            found.setdefault((key.question, key.request), {})[key.variant] = _outcome(results, key)
    rows = [Row(question=question, request=request, outcomes=each) for (question, request), each in found.items()]
    return sorted(rows, key=lambda row: list(Question).index(row.question))


def _outcome(results: Results, key: Key) -> Outcome:
    control = replace(key, question=_CONTROL.get(key.question, Question.alone), request=None)
    return outcome(results[key], results[control])


def _other_word(row: Row) -> Request | None:
    """Return the request of a row that a rule could have as its stop, if it ends the session."""
    found = row.outcomes.get(Variant.as_is)
    if found is None or not found.ends:
        return None
    return ELSE[Question.get] if row.question is Question.get else row.request


def _on_the_way(results: Results, *, inbound: bool) -> tuple[Absent, ...]:
    """Return what the session used between the stop and its end that is not simulated, and not used without a stop."""
    seen = results.get(Key(Variant.as_is, inbound, Question.stop))
    alone = results.get(Key(Variant.as_is, inbound, Question.alone))
    if not isinstance(seen, Observation) or not seen.deliveries:
        return ()
    before = alone.absent if isinstance(alone, Observation) else ()
    known = {(each.name, each.script, each.line) for each in before}
    asked = seen.deliveries[0].at_s
    return tuple(
        each for each in seen.absent if each.at_s >= asked and (each.name, each.script, each.line) not in known
    )


def _after(what: str, found: Outcome) -> str:
    return what if found.seconds is None else f"{what} {when_words(found.seconds)}"
