"""Advice beside the verdict: short sentences, the weightiest first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.cli.scenario.check._judgement import Judgement
from bot.cli.scenario.check._outcome import Effect, Outcome
from bot.cli.scenario.check._plan import HTTP_REQUEST, Question, Subject, Variant
from bot.cli.scenario.check._words import flaw_words, outcome_words, seconds_words
from bot.cli.scenario.check.source import Look
from bot.cli.scenario.sessions import Ending, Observation

_LATE_S: Final = 1.0
_UNDECLARED: Final = re.compile(r"ReferenceError: '?([\w$]+)'? is not defined")
_OF_NODE: Final = frozenset({"module", "exports", "process", "global", "Buffer", "__dirname", "__filename"})
_OF_BROWSERS: Final = frozenset({"window", "document", "console", "fetch", "localStorage", "XMLHttpRequest", "alert"})


def advice(subject: Subject, looks: Sequence[Look], judged: Judgement) -> Iterator[str]:
    """Yield the sentences."""
    alone = judged.alone if isinstance(judged.alone, Observation) else None
    if judged.kit_breaks is not None:
        yield (
            f"With the kit in front an error ends it, without any request: {flaw_words(judged.kit_breaks)}. Do not bind"
            " the kit before that is mended; of the global scope it takes one name, SessionBot."
        )
    yield from _on_the_situation(subject, judged)
    yield from _on_the_stop(judged)
    yield from _on_the_rest(judged)
    if alone is None:
        return
    late = [each.at_s for each in alone.registered if each.event == HTTP_REQUEST]
    if late and min(late) > _LATE_S:
        yield f"Nothing listens in its first {seconds_words(min(late))}: a stop that comes earlier does nothing."
    is_short = alone.ended_s is not None and alone.ended_s < _LATE_S and alone.ending is not Ending.idle
    if is_short and not subject.custom_data and any(look.reads_data for look in looks):
        yield "It reads its custom data, and was started without any: give it some with --data."
    if placeholders := [each.number for each in alone.calls if each.is_a_placeholder and each.number]:
        yield f"{_listed(placeholders)} is no telephone number, and was called as if it were one."
    if is_short and alone.unanswered:
        yield "It asked a back-end and got no answer: give what that answers with --answer URL=FILE."
    is_over = alone.ended_s is not None and alone.ending is not Ending.idle
    if is_over and any(look.reads_storage for look in looks):
        yield "It reads the application's storage, which is empty here: a scenario before it, by --with, can fill it."
    own = judged.of(Question.stop)
    if own is not None and own.effect is Effect.fails and any(look.mistakes_data_for_content for look in looks):
        yield "The body of a request is in the event's content; it has no data."
    if (name := _undeclared(alone)) is not None:
        yield _about(name)
    yield from _on_its_life(alone, looks)


def _on_the_situation(subject: Subject, judged: Judgement) -> Iterator[str]:
    """Yield what is particular to sessions with a call that comes in."""
    if not judged.inbound:
        return
    if not subject.inbound:
        yield "It waits for a call that comes in, so the table is of sessions with one, as with --inbound."
    if judged.elsewhere is not None:
        yield f"Started by the bot, without such a call, its stop does this: {outcome_words(judged.elsewhere)}."


def _on_the_stop(judged: Judgement) -> Iterator[str]:
    """Yield what is not as it should be about a stop that does end it."""
    own, variant = judged.of(Question.stop), Variant.as_is
    if own is not None and any(each.is_endless for each in own.flaws):
        yield "It did not return from its stop in time, so nothing else was sent to it."
    if own is None or not own.ends:
        own, variant = judged.of(Question.stop, Variant.with_kit), Variant.with_kit
    if own is None or not own.ends:
        return
    twice, ringing = judged.of(Question.twice, variant), judged.of(Question.ringing, variant)
    if twice is not None and twice.effect is Effect.fails:
        yield "The same stop a second time ends it by an error, and the bot may send one up to three times."
    if ringing is not None and not ringing.ends:
        yield f"Before its call connects, the stop does this: {outcome_words(ringing)}."


def _on_the_rest(judged: Judgement) -> Iterator[str]:
    """Yield what requests do that are no stop."""
    data, get, garbage = (judged.of(each) for each in (Question.data, Question.get, Question.garbage))
    others: Mapping[str, Outcome | None] = {
        "data that send passes on": data,
        "a GET": get,
        "a text that is not JSON": garbage,
    }
    ends = [name for name, found in others.items() if found is not None and found.ends]
    fails = [name for name, found in others.items() if found is not None and found.effect is Effect.fails]
    if len(ends) == len(others):
        yield "Any request ends it, so nothing can be sent to it while it runs."
    elif ends:
        yield f"It is also ended by {_listed(ends)}."
    if fails:
        yield f"An error ends it, and its calls with it, at {_listed(fails)}: anybody with its URL can send that."


def _on_its_life(alone: Observation, looks: Sequence[Look]) -> Iterator[str]:
    """Yield whether anything ends it when nobody does."""
    timers = [timer for look in looks for timer in look.safety_timers]
    if alone.ended_s is None and alone.calls and not timers:
        yield "It has no safety timer: with a live call it runs, and costs, until somebody stops it."


def _undeclared(alone: Observation) -> str | None:
    """Return the first name that the scenarios use and nobody declares."""
    found = (_UNDECLARED.match(each.text) for each in alone.flaws)
    return next((each[1] for each in found if each is not None), None)


def _about(name: str) -> str:
    if name in _OF_NODE:
        return f"{name} is of Node.js, which the platform is not: bundle the scenario into one plain script."
    if name in _OF_BROWSERS:
        return f"{name} is of browsers, which the platform is not: it has Logger.write and Net.httpRequestAsync, say."
    return f"Nothing declares {name}: if another scenario of the rule does, name its file before this one."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
