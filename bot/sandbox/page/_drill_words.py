"""A drill in words for people: the alarm, a hint on what to do next, and how it went. Pure."""

from collections.abc import Callable, Iterable, Sequence

from bot.sandbox.page._drill import Drill, Line, Phase, Verdict
from bot.sandbox.page._drill_plan import CHANNEL, HINT_ELSEWHERE, HINT_FIRST

NameOf = Callable[[int], str]
"""Returns the name of a session in Slack."""


def alarm_words(drill: Drill) -> str:
    """Return the call of the person on the other side, or what is waited for before it."""
    alarm_at = drill.alarm_at or 0.0
    opened = [line for line in drill.lines if line.ended_at is None or line.ended_at >= alarm_at]
    stuck = sum(not line.reacts for line in opened)
    match drill.phase:
        case Phase.STARTING:
            running = sum(line.history_id is not None for line in drill.lines)
            return f"The lines are being opened: {running} of {len(drill.lines)}."
        case Phase.ALARM | Phase.OVER:
            return f"{len(opened)} phone lines are open, {stuck} do not react. Stop them all."
        case Phase.STOPPED:
            return "The drill was stopped."
        case Phase.FAILED:
            return f"The drill could not begin: {drill.why}"


def hint_words(drill: Drill, command: str) -> str:
    """Return a hint on the next step, empty where there is none."""
    if drill.phase is not Phase.ALARM:
        return ""
    open_lines = drill.with_verdict(Verdict.OPEN)
    unasked = [line for line in open_lines if line.asked_at is None]
    elsewhere = [line for line in unasked if line.elsewhere]
    if len(unasked) == len(drill.lines):
        return HINT_FIRST.format(command=command, channel=CHANNEL)
    if unasked and len(elsewhere) == len(unasked):
        return HINT_ELSEWHERE.format(command=command, count=len(elsewhere))
    if unasked:
        return f"{_lines(len(unasked))} got no stop yet."
    return f"Every line got its stop. {_lines(len(open_lines))} {_verb(len(open_lines), 'has', 'have')} no verdict yet."


def result_words(drill: Drill, name_of: NameOf) -> list[str]:
    """Return how a drill went, in sentences; none while it goes on."""
    if drill.phase.goes_on:
        return []
    return [sentence for sentence in _sentences(drill, name_of) if sentence]


def _sentences(drill: Drill, name_of: NameOf) -> Iterable[str]:
    took, alarm_at = drill.took_seconds, drill.alarm_at
    if took is None or alarm_at is None:
        yield "It was stopped before all lines were open." if drill.phase is Phase.STOPPED else ""
    else:
        yield f"Every line has a verdict, {_time(took)} after the alarm." if drill.phase is Phase.OVER else ""
        yield _first_stop(drill, alarm_at)
        yield _ended(drill)
        yield _not_confirmed(drill, name_of)
        yield _missed(drill, name_of)
    if any(line.history_id is not None for line in drill.with_verdict(Verdict.OPEN)):
        yield "What is open runs on: the next drill ends it."


def _first_stop(drill: Drill, alarm_at: float) -> str:
    asked = [line.asked_at for line in drill.lines if line.asked_at is not None]
    if not asked:
        return "No stop was sent."
    early = min(asked) < alarm_at
    return f"The first stop was sent {'before' if early else f'{_time(min(asked) - alarm_at)} after'} the alarm."


def _ended(drill: Drill) -> str:
    ended = drill.with_verdict(Verdict.ENDED)
    by_console = sum(line.by_console for line in ended)
    unasked = sum(line.asked_at is None and not line.by_console for line in ended)
    parts = [f"{by_console} of them at the platform's console"] if by_console else []
    parts += [f"{unasked} of them without a stop"] if unasked else []
    return f"{', '.join([f'{len(ended)} of {len(drill.lines)} ended', *parts])}."


def _not_confirmed(drill: Drill, name_of: NameOf) -> str:
    lines = drill.with_verdict(Verdict.NOT_CONFIRMED)
    if not lines:
        return ""
    return (
        f"{len(lines)} {_verb(len(lines), 'was', 'were')} named as not confirmed: {_names(lines, name_of)}."
        f" {_verb(len(lines), 'It runs', 'They run')} on, and every minute is billed: press End in The other side, as"
        " the platform's support would."
    )


def _missed(drill: Drill, name_of: NameOf) -> str:
    """Return which lines no stop reached, or how late those were stopped that nobody had started in Slack."""
    unasked = [line for line in drill.lines if line.asked_at is None]
    missed = [line for line in unasked if line.verdict is not Verdict.ENDED]
    if missed:
        elsewhere = sum(line.elsewhere for line in missed)
        who = f", {elsewhere} of them not started in Slack" if elsewhere else ""
        return f"Missed: {_names(missed, name_of)} got no stop{who}."
    here = [line.asked_at for line in drill.lines if not line.elsewhere and line.asked_at is not None]
    there = [line.asked_at for line in drill.lines if line.elsewhere and line.asked_at is not None]
    if here and there and (late := max(there) - max(here)) >= 1:
        return f"Those that nobody started in Slack got their stop {_time(late)} after the others."
    is_whole = drill.phase is Phase.OVER and not unasked
    return "None was missed, those that nobody started in Slack included." if is_whole else ""


def _names(lines: Sequence[Line], name_of: NameOf) -> str:
    return ", ".join(name_of(line.history_id) for line in lines if line.history_id is not None)


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def _verb(count: int, one: str, several: str) -> str:
    return one if count == 1 else several


def _time(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"  # noqa: PLR2004 - a minute
