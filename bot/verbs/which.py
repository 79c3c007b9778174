"""Which sessions a stop is about: ids with a reason after them, or `all` narrowed down by options alone."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.durations import FORMS, duration
from bot.slack_text import UnclosedQuote, first_word
from bot.verbs.errors import UsageProblem
from bot.verbs.grammar import Ids, Rest, SessionRef
from bot.verbs.options import ME, Option, Options, one_of, person, some_text

_ALL: Final = "all"


@dataclass(frozen=True)
class These:
    """The sessions as they were typed, and why."""

    ids: tuple[SessionRef, ...]
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class All:
    """All open ones that fit: of a rule, older than this, started by `me` or somebody; here or `everywhere`."""

    rule: str | None = None
    older: timedelta | None = None
    by: str | None = None
    reason: str | None = None
    everywhere: bool = False


_OPTIONS: Final = Options(
    (
        some_text("rule", "…"),
        Option("older", "30m", duration, f"a duration such as {FORMS}"),
        person("by"),
        some_text("reason", '"…"'),
        one_of("channel", "here", "all"),
    ),
)


@dataclass(frozen=True)
class Which:
    """Ids and the rest of the line, or `all` and nothing but options: any other word there stops nothing."""

    name: str = "which"
    usage: str = f"<id>… [reason] | {_ALL} {_OPTIONS.usage}"

    def read(self, text: str) -> tuple[These | All, str]:
        """Take the whole line."""
        word, rest = _first(text)
        if word.casefold() != _ALL:
            ids, rest = Ids().read(text)
            reason, rest = Rest("reason").read(rest)
            return These(ids, reason), rest
        try:
            given, rest = _OPTIONS.read(rest)
        except UsageProblem as wrong:
            msg = 'After `all` only its options may follow, and a reason goes into `reason="…"`. Nothing was stopped.'
            raise UsageProblem(f"{wrong.sentence} {msg}") from None
        return All(
            rule=given.get("rule"),
            older=given.get("older"),
            by=given.get("by"),
            reason=given.get("reason"),
            everywhere=given.get("channel") == "all",
        ), rest


def starter(which: All, actor: str) -> str | None:
    """Say whose sessions are meant, or None for everybody's."""
    return actor if which.by == ME else which.by


def _first(text: str) -> tuple[str, str]:
    try:
        return first_word(text)
    except UnclosedQuote as problem:
        raise UsageProblem(str(problem)) from None
