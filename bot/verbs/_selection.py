"""The selection of sessions for a stop: ids with a reason after them, or `all` with options only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.ports import (
    ME,
    Offer,
    Option,
    Options,
    Rest,
    SessionIds,
    SessionRef,
    UsageProblem,
    choice_option,
    ids_anywhere,
    leading_ids,
    person_option,
    text_option,
)
from bot.text import DURATION_FORMS, UnclosedQuote, duration, first_word

_ALL: Final = "all"
_NAMED_SHOWN: Final = 5
_EVERYTHING: Final = frozenset({_ALL, "everything", "everybody"})
_NARROWS: Final = re.compile(r"\s*(?:(?:--|[—–])?(?:rule|older|by)=|(?:--|[—–])(?:rule|older|by)\s)", re.IGNORECASE)
_ENDS: Final = ".,;:!…"


@dataclass(frozen=True)
class TheseSessions:
    """The typed ids, and the reason."""

    ids: tuple[SessionRef, ...]
    reason: str | None


@dataclass(frozen=True)
class Unclear:
    """An ambiguous selection: its words, and the numbers among them."""

    words: str
    ids: tuple[SessionRef, ...]


@dataclass(frozen=True, kw_only=True)
class AllSessions:
    """All open ones that fit: of a rule, older than this, started by `me` or somebody; here or `everywhere`."""

    rule: str | None = None
    older: timedelta | None = None
    by: str | None = None
    reason: str | None = None
    everywhere: bool = False


_OPTIONS: Final = Options(
    (
        text_option("rule", "…"),
        Option("older", "30m", duration, f"a duration such as {DURATION_FORMS}"),
        person_option("by"),
        text_option("reason", '"…"'),
        choice_option("channel", "here", "all"),
    ),
)


@dataclass(frozen=True)
class Selection:
    """The argument of `stop`: ids and a reason, or `all` and nothing but options. Other words are a question."""

    name: str = "which"
    usage: str = f"<id>… [reason] | {_ALL} {_OPTIONS.usage}"

    def read(self, text: str) -> tuple[TheseSessions | AllSessions | Unclear, str]:
        """Read the whole line."""
        word, rest = _first(text)
        if _NARROWS.match(text):
            rest = text  # which of all, without the word
        elif not is_everything(word):
            if not leading_ids(text)[0]:
                return Unclear(text.strip(), ids_anywhere(text)), ""
            ids, rest = SessionIds().read(text)
            reason, rest = Rest("reason").read(rest)
            return TheseSessions(ids, reason), rest
        try:
            given, rest = _OPTIONS.read(rest)
        except UsageProblem as wrong:
            msg = 'After `all` only its options may follow, and a reason goes into `reason="…"`. Nothing was stopped.'
            raise UsageProblem(f"{wrong.sentence} {msg}") from None
        return AllSessions(
            rule=given.get("rule"),
            older=given.get("older"),
            by=given.get("by"),
            reason=given.get("reason"),
            everywhere=given.get("channel") == "all",
        ), rest


def stop_offer(refs: Sequence[SessionRef]) -> Offer:
    """Return the button that stops these: one of this channel at once, others after a preview."""
    named = " and ".join(map(str, refs)) if len(refs) <= _NAMED_SHOWN else f"{len(refs)} sessions"
    return Offer(label=f"Stop {named}", text=f"stop {' '.join(map(str, refs))}", danger=True)


def is_everything(words: str) -> bool:
    """Return whether a text begins with a word for all sessions."""
    return bool(words.strip()) and words.split(maxsplit=1)[0].casefold().lstrip("-–—").rstrip(_ENDS) in _EVERYTHING


def starter(which: AllSessions, actor: str) -> str | None:
    """Return the selected starter, or None for everybody."""
    return actor if which.by == ME else which.by


def _first(text: str) -> tuple[str, str]:
    try:
        return first_word(text)
    except UnclosedQuote as problem:
        raise UsageProblem(str(problem)) from None
