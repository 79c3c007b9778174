"""A report as plain data, for --json."""

from typing import Any

from bot.cli.scenario.check._outcome import Outcome
from bot.cli.scenario.check._plan import Variant
from bot.cli.scenario.check._report import Report
from bot.cli.scenario.check._words import flaw_words, outcome_words, request_words, toml_lines
from bot.cli.scenario.sessions import Broken, Observation, Request


def as_data(found: Report) -> dict[str, Any]:
    """Return a report as JSON can hold it."""
    judged, problem = found.judgement, found.problem
    return {
        "verdict": str(found.verdict),
        "good": found.is_good,
        "why": found.why,
        "detail": found.detail,
        "files": [
            {
                "name": script.name,
                "bytes": len(script.text.encode("utf-8", "surrogatepass")),
                "language": look.dialect.words,
                "kit": bool(script.kit_lines),
            }
            for script, look in zip(found.subject.scripts, found.looks, strict=True)
        ],
        "problem": None
        if problem is None
        else {
            "file": problem.script,
            "line": problem.line,
            "column": problem.column,
            "message": problem.message,
            "excerpt": problem.excerpt,
        },
        "stop": _request(found.subject.stop),
        "works": None if found.works is None else _request(found.works),
        "toml": [] if found.works is None else toml_lines(found.works, found.subject.stop),
        "with_kit": None if judged is None or judged.with_kit is None else str(judged.with_kit),
        "kit_helps": found.kit_helps,
        "inbound": judged is not None and judged.inbound,
        "listens": [
            {
                "file": each.spot.source,
                "line": each.spot.line,
                "in_source": each.in_source,
                "registered_after": each.registered_s,
                "only_inbound": each.only_inbound,
                "times": each.times,
            }
            for each in found.listeners
        ],
        "safety_timers": [
            {"file": each.spot.source, "line": each.spot.line, "seconds": each.seconds} for each in found.safety_timers
        ],
        "alone": _alone(None if judged is None else judged.alone),
        "requests": [
            {
                "request": request_words(row.question, row.request, found.subject.stop),
                "kind": str(row.question),
                **{_NAMES[variant]: _outcome(each) for variant, each in row.outcomes.items()},
            }
            for row in (() if judged is None else judged.rows)
        ],
        "not_simulated": [
            {
                "name": each.name,
                "file": each.script,
                "line": each.line,
                "after": each.at_s,
                "no_such_name": each.is_unknown,
                "on_the_way_to_the_stop": judged is not None and each in judged.on_the_way,
            }
            for each in found.absent
        ],
        "not_answered": list(found.unanswered),
        "rejections": [flaw_words(each) for each in found.rejections],
        "advice": list(found.advice),
    }


_NAMES = {Variant.as_is: "as_it_is", Variant.with_kit: "with_kit", Variant.without_kit: "without_kit"}


def _request(request: Request) -> dict[str, Any]:
    return {"method": request.method, "path": request.path, "body": request.body}


def _outcome(found: Outcome) -> dict[str, Any]:
    return {
        "effect": found.effect.name,
        "seconds": found.seconds,
        "live_calls": found.live,
        "hung_up_first": found.hung_up,
        "answers": list(found.answers),
        "heard": found.heard,
        "says": outcome_words(found),
    }


def _alone(alone: Observation | Broken | None) -> dict[str, Any] | None:
    if alone is None:
        return None
    if isinstance(alone, Broken):
        return {"broken": str(alone.why)}
    return {
        "watched": alone.watched_s,
        "ended_after": alone.ended_s,
        "ended_by": None if alone.ending is None else str(alone.ending),
        "calls": [
            {
                "inbound": call.inbound,
                "number": call.number,
                "connected_after": call.connected_s,
                "ended_after": call.ended_s,
            }
            for call in alone.calls
        ],
        "errors": [flaw_words(each) for each in alone.flaws],
    }
