"""The selection of sessions for a stop: ids with a reason after them, or `all` with options only."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bot.ports import (
    ME,
    Intent,
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
from bot.text import DURATION_FORMS, UnclosedQuote, code, duration, first_word, typed_duration
from bot.verbs._filters import ORIGIN_OPTION, SILENT_OPTION
from bot.verbs._loose_words import as_option, with_phrases
from storage.records import Origin

_ALL: Final = "all"
_NAMED_SHOWN: Final = 5
_EVERYTHING: Final = frozenset({_ALL, "everything", "everybody"})
_NARROWS: Final = re.compile(
    r"\s*(?:(?:--|[—–])?(?:rule|older|by|origin|silent)=|(?:--|[—–])(?:rule|older|by|origin|silent)\s)", re.IGNORECASE
)
_ENDS: Final = ".,;:!…"
_QUOTED: Final = re.compile(r'["“”„](?P<inside>.*)["“”]', re.DOTALL)


@dataclass(frozen=True)
class TheseSessions:
    """The sessions as they were typed, and why.

    `sure` says that the reason names no other session, whatever numbers are in it: it stood in quotes, or apart.
    """

    ids: tuple[SessionRef, ...]
    reason: str | None
    sure: bool = False

    @classmethod
    def own(cls, *ids: int, reason: str | None = None) -> "TheseSessions":
        """Return sessions by our own numbers."""
        return cls(tuple(map(SessionRef, ids)), reason, sure=True)


@dataclass(frozen=True)
class Ambiguous:
    """An ambiguous selection: its words, and the numbers among them."""

    words: str
    ids: tuple[SessionRef, ...]


@dataclass(frozen=True, kw_only=True)
class AllSessions:
    """All open ones that fit: of a rule, older than this, started by `me` or somebody; here or `everywhere`.

    `origin` is where they come from, `silent` for how long those that announce themselves were not heard of.
    """

    rule: str | None = None
    older: timedelta | None = None
    by: str | None = None
    origin: Origin | None = None
    silent: timedelta | None = None
    reason: str | None = None
    everywhere: bool = False


_OPTIONS: Final = Options(
    (
        text_option("rule", "…"),
        Option("older", "30m", duration, f"a duration such as {DURATION_FORMS}", typed_duration),
        person_option("by"),
        ORIGIN_OPTION,
        SILENT_OPTION,
        text_option("reason", '"…"'),
        choice_option("channel", "here", "all"),
    ),
)


@dataclass(frozen=True)
class Selection:
    """The argument of `stop`: ids and a reason, or `all` and nothing but options. Other words are a question."""

    name: str = "which"
    usage: str = f"<id>… [reason] | {_ALL} {_OPTIONS.usage}"

    def read(self, text: str) -> tuple[TheseSessions | AllSessions | Ambiguous, str]:
        """Read the whole line."""
        word, rest = _first(text)
        if _NARROWS.match(text):
            rest = text  # which of all, without the word
        elif not is_everything(word):
            if not leading_ids(text)[0]:
                return Ambiguous(text.strip(), ids_anywhere(text)), ""
            ids, rest = SessionIds().read(text)
            reason, rest = Rest("reason").read(rest)
            return TheseSessions(ids, *_unquoted(reason)), rest
        return _all(lambda: _OPTIONS.read(rest)[0], rest), ""

    def of_words(self, words: Sequence[str]) -> TheseSessions | AllSessions | Ambiguous:
        """Read the words of a shell: a word with blanks is never read as ids."""
        if words and (is_everything(words[0]) or _NARROWS.match(words[0])):
            narrowing = words[1:] if is_everything(words[0]) else words
            return _all(lambda: _OPTIONS.of_words(narrowing), " ".join(narrowing))
        if all(len(each.split()) <= 1 for each in words):
            return self.read(" ".join(words))[0]
        count = next(place for place, each in enumerate(words) if len(each.split()) > 1 or not _are_ids(each))
        if not count:
            return Ambiguous(" ".join(words), ids_anywhere(" ".join(words)))
        reason, _ = _unquoted(" ".join(words[count:]))
        return TheseSessions(SessionIds().read(" ".join(words[:count]))[0], reason, sure=True)

    def write(self, value: TheseSessions | AllSessions | Ambiguous) -> str:
        """Return the ids and the reason in quotes, `all` and its options, or the words."""
        match value:
            case TheseSessions():
                return " ".join([SessionIds().write(value.ids), *([f'"{value.reason}"'] if value.reason else [])])
            case AllSessions():
                written = _OPTIONS.write({**vars(value), "channel": "all" if value.everywhere else None})
                return f"{_ALL} {written}".rstrip()
            case Ambiguous():
                return value.words


@dataclass(frozen=True)
class Stop(Intent):
    """The sessions, and why."""

    which: TheseSessions | AllSessions | Ambiguous

    @property
    def ids(self) -> tuple[SessionRef, ...]:
        """The ids that were typed; none for `all`."""
        return () if isinstance(self.which, AllSessions) else self.which.ids


def stop_offer(refs: Sequence[SessionRef]) -> Offer:
    """Return the button that stops these: one of this channel at once, others after a preview."""
    named = " and ".join(map(str, refs)) if len(refs) <= _NAMED_SHOWN else f"{len(refs)} sessions"
    return Offer(label=f"Stop {named}", intent=Stop(TheseSessions(tuple(refs), None, sure=True)), danger=True)


def is_everything(words: str) -> bool:
    """Return whether a text begins with a word for all sessions."""
    return bool(words.strip()) and words.split(maxsplit=1)[0].casefold().lstrip("-–—").rstrip(_ENDS) in _EVERYTHING


def starter(which: AllSessions, actor: str) -> str | None:
    """Return the selected starter, or None for everybody."""
    return actor if which.by == ME else which.by


def _all(read: Callable[[], Mapping[str, Any]], text: str) -> AllSessions:
    """Read the options that narrow down all sessions; no other words may stand among them in the text."""
    try:
        given = read()
    except UsageProblem as wrong:
        reason = code('reason="…"')
        msg = f"After {code('all')} only its options may follow, and a reason goes into {reason}."
        raise UsageProblem(f"{wrong.sentence} {msg} Nothing was stopped.{_meant(text)}") from None
    narrowed = {name: each for name, each in given.items() if name not in {"channel", "origin"}}
    origin = None if (come := given.get("origin")) is None else Origin(come)
    return AllSessions(**narrowed, origin=origin, everywhere=given.get("channel") == "all")


def _meant(text: str) -> str:
    """Return a question for what the words mean in a list, where that is all options; empty where it is not."""
    options = " ".join(each if "=" in each else as_option(each) for each in with_phrases(text).split())
    try:
        _OPTIONS.read(options)
    except UsageProblem:
        return ""
    line = " ".join(["stop", _ALL, *options.split()])
    return f" Did you mean {code(line)}?" if options.strip() else ""


def _are_ids(word: str) -> bool:
    refs, rest = leading_ids(word)
    return bool(refs) and not rest


def _unquoted(reason: str | None) -> tuple[str | None, bool]:
    """Return a reason without quotes around it, and whether it had some."""
    quoted = _QUOTED.fullmatch((reason or "").strip())
    inside = quoted["inside"] if quoted else reason or ""
    return inside.strip() or None, quoted is not None


def _first(text: str) -> tuple[str, str]:
    try:
        return first_word(text)
    except UnclosedQuote as problem:
        raise UsageProblem(str(problem)) from None
