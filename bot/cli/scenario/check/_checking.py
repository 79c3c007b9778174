"""One check from its scenarios to its report: look, parse, run them alone, run them with requests, judge."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from bot.cli.scenario.check._files import script, size_problem
from bot.cli.scenario.check._judgement import is_endless, judge, waits_for_a_call
from bot.cli.scenario.check._options import Options
from bot.cli.scenario.check._plan import Key, Moment, Question, Subject, Variant, controls, moment, probes, stops
from bot.cli.scenario.check._processes import Simulator
from bot.cli.scenario.check._report import Report, SourceProblem, report
from bot.cli.scenario.check.source import MOST, Dialect, Look, candidates, excerpt, look, syntax_hint
from bot.cli.scenario.sessions import Observation, Parsed, Request, Script
from bot.scenario import KIT_NAME, kit_source
from storage.scenario_checks import Verdict

_KIT_FILE: Final = f"{KIT_NAME}.voxengine.js"


def subject_of(scripts: Sequence[Script], stop: Request, options: Options) -> Subject:
    """Return what is to be checked. The kit stands in front of scenarios that have none, if that is wanted."""
    variants = {Variant.as_is: tuple(scripts)}
    own = tuple(Script(each.name, each.own_text) for each in scripts if each.own_text.strip())
    if not any(each.kit_lines for each in scripts):
        if options.with_kit:
            variants[Variant.with_kit] = (script(_KIT_FILE, kit_source()), *scripts)
    elif own:
        variants[Variant.without_kit] = own
    found = dict.fromkeys(each for one in own for each in candidates(one.text))
    return Subject(
        variants=variants,
        stop=stop,
        suggested=tuple(islice(found, MOST)),
        custom_data=options.data,
        inbound=options.inbound,
        seconds=options.seconds,
        answers=options.answers,
    )


async def check(simulator: Simulator, subject: Subject) -> Report:
    """Return the report on these scenarios. Everything that a scenario can do to its process is a finding."""
    looks = [look(each.name, each.own_text) for each in subject.scripts]
    for each in subject.scripts:
        if (problem := size_problem(each)) is not None:
            return _unusable(subject, looks, SourceProblem(script=each.name, line=None, column=None, message=problem))
    if (wrong := await _syntax_problem(simulator, subject, looks)) is not None:
        return _unusable(subject, looks, wrong)
    results = await simulator.run(controls(subject))
    moments: dict[tuple[Variant, bool], Moment] = {}
    for key, alone in results.items():
        if isinstance(alone, Observation) and (when := moment(subject, alone)) is not None:
            moments[key.variant, key.inbound] = when
    results |= await simulator.run(stops(subject, moments))
    # Where a stop alone takes all the time that it may, so would each of the others.
    others = {key: each for key, each in moments.items() if not is_endless(results[Key(*key, Question.stop)])}
    inbound = subject.inbound or waits_for_a_call(results)
    results |= await simulator.run(probes(subject, others, inbound=inbound))
    judged = judge(subject, results, inbound=inbound)
    return report(subject, results, looks, judged)


async def _syntax_problem(simulator: Simulator, subject: Subject, looks: Sequence[Look]) -> SourceProblem | None:
    """Return the first source that does not parse, with what to do where it is another language."""
    results = await simulator.parse(subject.scripts)
    for source, seen, parsed in zip(subject.scripts, looks, results, strict=True):
        if not isinstance(parsed, Parsed) or parsed.problem is None:
            continue
        line, column, message = parsed.line, parsed.column, parsed.problem
        if seen.dialect is not Dialect.javascript and seen.not_javascript is not None:
            message = f"it is {seen.dialect.words}, and not JavaScript ({message}). {seen.dialect.advice}"
        elif (hint := syntax_hint(source.text, line, column)) is not None:
            message = f"{hint} ({message})"
        shown = "" if line is None else excerpt(source.text, line, column or 1)
        return SourceProblem(script=source.name, line=line, column=column, message=message, excerpt=shown)
    return None


def _unusable(subject: Subject, looks: Sequence[Look], problem: SourceProblem) -> Report:
    why = "it does not parse" if problem.line is not None or problem.excerpt else "it cannot be run"
    return Report(subject=subject, verdict=Verdict.cannot_tell, why=why, detail="", problem=problem, looks=tuple(looks))
