"""The parser of requests: a verb with its intent, or the problem in a sentence."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Intent, Offer, Request, UsageProblem, Verb, Via, verb_of
from bot.process import scrub
from bot.text import UnclosedQuote, ago, code, first_word
from bot.verbs import READ_ONLY_RIGHTS, unknown_verb

TOO_OLD: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class Parsed:
    """A parsed request: `verb` and `intent`, or the `problem` with it; the intent may be known all the same.

    `name` is the verb's, or `unknown`; `digest` identifies the same intent without keeping its words. `offers`
    are the buttons under the problem.
    """

    name: str
    verb: Verb | None
    intent: Intent | None
    problem: str | None
    digest: str
    offers: tuple[Offer, ...] = ()


def parse(
    request: Request, verbs: Sequence[Verb], command: str, now: datetime, offers: Callable[[Verb], bool]
) -> Parsed:
    """Return the intent of a request; text, typed after the slash command, `command`, is parsed.

    `offers` narrows the help in the place of an unknown verb.
    """
    if isinstance(request.asked, str):
        parsed = _read(request, request.asked, verbs, request.addressed or command, offers)
    else:
        verb = verb_of(verbs, request.asked)
        parsed = Parsed(verb.name, verb, request.asked, None, digest_of(verb, request.asked))
    if request.refused is not None:
        return replace(parsed, verb=None, problem=request.refused.text)
    if parsed.problem is not None or parsed.verb is None:
        return parsed
    return replace(parsed, problem=_too_old(request, parsed.verb, now))


def usage_words(verb: Verb, problem: UsageProblem, usage: str) -> str:
    """Return the response to words that do not fit; a URL typed in a wrong place is not repeated."""
    nothing = "" if verb.right in READ_ONLY_RIGHTS or "othing was" in problem.sentence else " Nothing was done."
    return scrub(f"{problem.sentence}{nothing}\nUsage: {code(usage)}")


def digest_of(verb: Verb, intent: Intent) -> str:
    """Return the digest of an intent: independent of spaces and quotes, with the data's bytes but for its ends."""
    return _digest(*verb.write(intent))


def _read(request: Request, text: str, verbs: Sequence[Verb], command: str, offers: Callable[[Verb], bool]) -> Parsed:
    """Parse a line."""
    try:
        word, rest = first_word(text)
    except UnclosedQuote as unclosed:
        return Parsed("unknown", None, None, scrub(str(unclosed)), _digest(text))
    name = word.casefold() or "help"
    verb = next((each for each in verbs if each.name == name), None)
    if verb is None:
        unknown = unknown_verb(verbs, text, command=command, offers=offers, thread=request.thread)
        return Parsed("unknown", None, None, scrub(unknown.text), _digest(text), unknown.offers)
    try:
        intent = verb.read(rest)
    except UsageProblem as wrong:
        problem = usage_words(verb, wrong, f"{command} {verb.usage}")
        return Parsed(name, verb, None, problem, _digest(text))
    return Parsed(name, verb, intent, None, digest_of(verb, intent))


def _too_old(request: Request, verb: Verb, now: datetime) -> str | None:
    """Return the refusal of a late delivery, if the verb changes something: the person has moved on."""
    if request.typed_at is None or verb.double_press is None or now - request.typed_at < TOO_OLD:
        return None
    when = ago(now - request.typed_at)
    return f"This was typed {when} and arrives only now, so nothing was done. Type it again."


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def key_of(request: Request, parsed: Parsed, refusal: str | None) -> str:
    """Return the idempotency key of the row. A refused form stays open, and keeps its key for the accepted one."""
    if request.via is Via.modal and refusal is not None:
        return f"{request.key}:refused:{parsed.digest}"
    return request.key
