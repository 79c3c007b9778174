"""A report for a person at a terminal: the verdict, what it rests on, the requests in a table, and what to paste."""

import shlex
from collections.abc import Iterator
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.cli.scenario.check._judgement import Judgement, Row
from bot.cli.scenario.check._outcome import Effect, Outcome
from bot.cli.scenario.check._plan import Question, Subject, Variant
from bot.cli.scenario.check._report import Listener, Report
from bot.cli.scenario.check._words import (
    RuleName,
    error_words,
    flaw_words,
    life_words,
    outcome_words,
    request_words,
    seconds_words,
    table_lines,
)
from bot.cli.scenario.check.source import SafetyTimer
from bot.cli.scenario.sessions import Absent, CallSeen, Observation
from bot.text import cut, harmless_line
from storage.scenario_checks import Verdict

WORD: Final = (
    "This is the simulator's word, not the platform's. Start the rule once, stop it, and see that its card says ended."
)
_MOST: Final = 5
"""So many of a kind are named, and the others counted."""

_STYLES: Final = {
    Verdict.stops: "bold green",
    Verdict.stops_otherwise: "bold yellow",
    Verdict.stops_with_kit: "bold yellow",
    Verdict.does_nothing: "bold red",
    Verdict.throws: "bold red",
    Verdict.cannot_tell: "bold yellow",
}
_EFFECT_STYLES: Final = {Effect.ends: "green", Effect.fails: "red", Effect.hangs_up: "yellow", Effect.unknown: "yellow"}


def show(console: Console, found: Report, title: str, name: RuleName) -> None:
    """Print a report under its title, and what to paste or run for the rule of this name."""
    console.print(Text(harmless_line(title), style="bold"), soft_wrap=True)
    show_verdict(console, found, name)


def show_verdict(console: Console, found: Report, name: RuleName) -> None:
    """Print a report without a title."""
    console.print(verdict_line(found), soft_wrap=True)
    for part in _parts(found, name):
        console.print(part, soft_wrap=True)


def verdict_style(found: Report | None) -> str:
    """Return the style of a verdict; None is one that could not be found out."""
    if found is None:
        return _STYLES[Verdict.cannot_tell]
    return "bold green" if found.is_good else _STYLES[found.verdict]


def verdict_line(found: Report) -> Text:
    """Return the verdict with its reason."""
    reason = found.why + (f": {found.detail}" if found.detail else "")
    return Text("  ") + Text(str(found.verdict), style=verdict_style(found)) + Text(harmless_line(f": {reason}"))


def _parts(found: Report, name: RuleName) -> Iterator[RenderableType]:
    if found.problem is not None:
        place = "" if found.problem.line is None else f" line {found.problem.line}, column {found.problem.column}"
        yield Text(f"\n{harmless_line(f'{found.problem.script}{place}: {found.problem.message}')}")
        for line in found.problem.excerpt.splitlines():
            yield Text(f"    {harmless_line(line)}", style="dim")
        return
    if found.judgement is not None:
        yield Text("")
        yield _facts(found, found.judgement)
    if found.judgement is not None and found.judgement.rows:
        yield Text("")
        yield _requests(found.subject, found.judgement)
    if found.advice:
        yield Text("")
    for sentence in found.advice:
        yield Text(f"* {harmless_line(sentence)}")
    yield from _paste(found, name)


def _facts(found: Report, judged: Judgement) -> RenderableType:
    drawn = Table(box=None, pad_edge=False, show_header=False)
    drawn.add_column(no_wrap=True, style="dim")
    drawn.add_column(overflow="fold")
    for name, words in _named(found, judged):
        drawn.add_row(name, Text(harmless_line(words)))
    return Padding(drawn, (0, 0, 0, 2))


def _named(found: Report, judged: Judgement) -> Iterator[tuple[str, str]]:
    yield "listens", _some([_listener(each) for each in found.listeners]) or "no handler of AppEvents.HttpRequest"
    if isinstance(judged.alone, Observation):
        yield "calls", _calls(judged.alone) or "none"
    if judged.alone is not None:
        yield "alone", life_words(judged.alone)
    yield "safety", _some([_timer(each) for each in found.safety_timers]) or "no timer that ends it"
    if found.unanswered:
        yield "not answered", f"{_some(list(found.unanswered))} (give what it answers with --answer URL=FILE)"
    if found.rejections:
        yield "rejections", _some([flaw_words(each) for each in found.rejections])
    unknown = [each for each in found.absent if each.is_unknown]
    if unknown:
        yield "no such name", _some([_absent(each, judged) for each in unknown]) + ": not in the typings"
    played = [each for each in found.absent if not each.is_unknown]
    if played:
        yield "not simulated", _some([_absent(each, judged) for each in played])


def _listener(each: Listener) -> str:
    place = f"{each.spot.source} line {each.spot.line}"
    if each.registered_s is None:
        return f"{place}, in the source only: when run, it was never registered"
    when = "at its start" if each.registered_s == 0 else f"{seconds_words(each.registered_s)} after its start"
    where = "in a session with a call that comes in, " if each.only_inbound else ""
    source = "" if each.in_source else ", though the source does not show it"
    again = "" if each.times == 1 else f", {each.times} times"
    return f"{place}, registered {where}{when}{again}{source}"


def _calls(alone: Observation) -> str:
    words = []
    for call in alone.calls:
        way = "a call comes in" if call.inbound else f"out to {call.number or 'nobody'}"
        connected = "not connected" if call.connected_s is None else f"connected at {seconds_words(call.connected_s)}"
        words.append(f"{way}, {connected}{_end_of_call(call)}")
    return _some(words)


def _end_of_call(call: CallSeen) -> str:
    if call.ended_s is None:
        return ", live to the end"
    why = "hung up by the scenario" if call.hung_up else call.failure or "over"
    return f", {why} at {seconds_words(call.ended_s)}"


def _timer(each: SafetyTimer) -> str:
    after = "" if each.seconds is None else f", after {seconds_words(each.seconds)}"
    return f"{each.spot.source} line {each.spot.line}{after}"


def _absent(each: Absent, judged: Judgement) -> str:
    on_the_way = any((each.name, each.line) == (other.name, other.line) for other in judged.on_the_way)
    place = "" if each.line is None else f" ({each.script} line {each.line}{', after the stop' if on_the_way else ''})"
    return f"{each.name}{place}"


def _some(words: list[str]) -> str:
    """Return the first of many, and how many more there are."""
    more = len(words) - _MOST
    return "; ".join(words[:_MOST]) + (f"; and {more} more" if more > 0 else "")


def _requests(subject: Subject, judged: Judgement) -> RenderableType:
    variants = [each for each in Variant if any(each in row.outcomes for row in judged.rows)]
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("request", overflow="fold", max_width=36)
    for variant in variants:
        drawn.add_column(str(variant), overflow="fold")
    said: set[str] = set()
    for row in judged.rows:
        if not _is_shown(row, judged):
            continue
        answers = row.question in {Question.stop, Question.data} or (
            row.request is not None and row.request == judged.works
        )
        cells = [_cell(row.outcomes.get(variant), said, answers=answers) for variant in variants]
        drawn.add_row(Text(cut(harmless_line(request_words(row.question, row.request, subject.stop)), 200)), *cells)
    situation = "with a call that comes in" if judged.inbound else "started by the bot"
    return Group(Padding(drawn, (0, 0, 0, 2)), Text(f"  Each in a session of its own, {situation}.", style="dim"))


def _is_shown(row: Row, judged: Judgement) -> bool:
    """Return whether a row tells something: of the source's own words only those that end it, or the first."""
    if row.question is not Question.suggested:
        return True
    return row.request == judged.works or any(each.ends for each in row.outcomes.values())


def _cell(found: Outcome | None, said: set[str], *, answers: bool) -> Text:
    if found is None:
        return Text("")
    words = outcome_words(found, said=said, answers=answers)
    said.add(error_words(found))
    return Text(harmless_line(words), style=_EFFECT_STYLES.get(found.effect, ""))


def _paste(found: Report, name: RuleName) -> Iterator[Text]:
    if found.works is not None:
        under = f", under {name.header}" if name.new_id is None else ""
        yield Text(f"\nPaste this into session-bot.toml{harmless_line(under)}:")
        for line in table_lines(found.works, found.subject.stop, name):
            yield Text(f"    {harmless_line(line)}", style="bold")
    if found.kit_helps:
        yield Text(f"\n{'Or bind' if found.works is not None else 'Bind'} the kit to its rule, before it:")
        yield Text(f"    session-bot scenario install --rule {harmless_line(shlex.quote(name.argument))}", style="bold")
