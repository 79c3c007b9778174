"""The words for what was seen: requests, outcomes, errors and times, for people."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.cli.scenario.check._outcome import CONFIRM_S, Effect, Outcome
from bot.cli.scenario.check._plan import ELSE, Question
from bot.cli.scenario.sessions import Broken, Ending, Flaw, Observation, Request
from bot.config import DEFAULT_STOP
from bot.text import cut, duration_words

GAVE_UP: Final = "the simulator gave up on it"

_NAMED: Final = {
    Question.twice: "the same stop twice",
    Question.ringing: "its stop before a call connects",
    Question.data: f"data: {ELSE[Question.data].body}",
    Question.get: "a GET without a body",
    Question.garbage: "a text that is not JSON",
}
_AT_ONCE_S: Final = 0.05
_LONGEST_ANSWER: Final = 50
_LONGEST_ERROR: Final = 160
_TO_THE_TENTH_S: Final = 100.0
_BARE_KEY: Final = re.compile(r"[A-Za-z\d_-]+")


@dataclass(frozen=True, kw_only=True)
class RuleName:
    """The name of a rule: `argument` in a command, `table` in `session-bot.toml`.

    `new_id` is the rule's number where it has no table there yet.
    """

    argument: str = "NAME"
    table: str = "NAME"
    new_id: int | None = None

    @property
    def header(self) -> str:
        """The first line of its table."""
        return f"[rules.{self.table if _BARE_KEY.fullmatch(self.table) else _toml(self.table)}]"


def seconds_words(seconds: float) -> str:
    """Return a time in the session's seconds."""
    return f"{seconds:.1f} s" if seconds < _TO_THE_TENTH_S else duration_words(timedelta(seconds=round(seconds)))


def request_words(question: Question, request: Request | None, stop: Request) -> str:
    """Return a request as a row of the table names it."""
    if question is Question.stop:
        return f"{sent_words(stop)}, its stop"
    return _NAMED.get(question) or ("" if request is None else sent_words(request))


def sent_words(request: Request) -> str:
    """Return a request by its method and path, where they are unusual, and its body."""
    body = request.body or ("an empty body" if request.method == "POST" and not request.path else "")
    method = request.method if request.method != "POST" or request.path else ""
    return " ".join(filter(None, (method, request.path, body)))


def outcome_words(found: Outcome, *, said: Collection[str] = (), answers: bool = True) -> str:
    """Return what a request did, and the `answers` to it; an error that was `said` before is not told anew."""
    given = dict.fromkeys(each for each in found.answers if each and answers)
    also = [f"answers {cut(each, _LONGEST_ANSWER)}" for each in given]
    rejections = [each for each in found.flaws if each.is_rejection]
    if rejections and found.effect is not Effect.fails:
        also.append(f"a rejection that nobody handles: {flaw_words(rejections[0])}")
    return "; ".join([_effect_words(found, said), *also])


def error_words(found: Outcome) -> str:
    """Return the error that ended the session, with its place; empty where none did."""
    return flaw_words(found.flaws[0]) if found.flaws and found.effect is Effect.fails else ""


def _effect_words(found: Outcome, said: Collection[str]) -> str:
    when = "" if found.seconds is None else when_words(found.seconds)
    match found.effect:
        case Effect.ends:
            late = ", when the bot has called it unconfirmed" if (found.seconds or 0) > CONFIRM_S else ""
            return f"ends {when}{late}{_calls_words(found)}"
        case Effect.fails:
            error = error_words(found)
            return (
                f"the same error ends it {when}" if error in said else f"an error ends it {when}: {error}".rstrip(": ")
            )
        case Effect.hangs_up:
            return f"hangs up, and the platform ends it {when}"
        case Effect.nothing:
            return "nothing" if found.heard is not False else "nothing: nobody listens"
        case Effect.over:
            return "over before it"
        case Effect.unknown:
            return f"not known: {found.why or GAVE_UP}"


def when_words(seconds: float) -> str:
    """Return when a session ended, after a request or its start."""
    return "at once" if seconds < _AT_ONCE_S else f"after {seconds_words(seconds)}"


def _calls_words(found: Outcome) -> str:
    if not found.live:
        return ""
    if found.hung_up == 0:
        return ", its call not hung up first" if found.live == 1 else f", its {found.live} calls not hung up first"
    if found.hung_up == found.live:
        return ", its call hung up first" if found.live == 1 else f", its {found.live} calls hung up first"
    return f", {found.hung_up} of {found.live} calls hung up first"


def flaw_words(flaw: Flaw) -> str:
    """Return an error in one line, with its place."""
    place = f" ({flaw.script} line {flaw.line})" if flaw.line is not None else ""
    return cut(flaw.text.partition("\n")[0], _LONGEST_ERROR) + place


def life_words(alone: Observation | Broken) -> str:
    """Return what became of a session that got no request."""
    if isinstance(alone, Broken):
        return str(alone.why)
    if alone.ended_s is None:
        return f"goes on without a request, watched for {seconds_words(alone.watched_s)}"
    when = when_words(alone.ended_s)
    match alone.ending:
        case Ending.idle:
            return f"ended by the platform {when}: there is no call"
        case Ending.failed:
            return f"ended by an error {when}" + (f": {flaw_words(alone.flaws[0])}" if alone.flaws else "")
        case Ending.terminated:
            return f"ends itself {when}"
        case _:
            return GAVE_UP


def toml_lines(request: Request, own: Request) -> list[str]:
    """Return the lines for `session-bot.toml` that make this request a rule's stop, in the place of its `own`.

    What the rule may have for its own stop is named, too, where it would change this one.
    """
    usual = DEFAULT_STOP.body.decode()
    lines = []
    if request.method != "POST":
        lines += ['stop = ""'] if own.body not in {"", usual} else []
    elif not request.path or {request.body, own.body} != {usual}:
        lines.append(f"stop = {_toml(request.body)}")
    if request.path or own.path:
        lines.append(f"stop_path = {_toml(request.path)}")
    if {request.method, own.method} != {"POST"}:
        lines.append(f"stop_method = {_toml(request.method)}")
    return lines


def table_lines(request: Request, own: Request, name: RuleName) -> list[str]:
    """Return the same lines, with those that begin the rule's table where it has none yet."""
    begin = [] if name.new_id is None else [name.header, f"id = {name.new_id}"]
    return [*begin, *toml_lines(request, own)]


def _toml(text: str) -> str:
    """Return a text as TOML: as it stands between single quotes where it can be."""
    is_literal = "'" not in text and text.isprintable() and '"' in text
    return f"'{text}'" if is_literal else json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
