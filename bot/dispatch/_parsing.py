"""The parser of lines: a verb with its arguments, or the problem in a sentence."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.ports import AS_IS, Offer, Request, Rest, UsageProblem, Verb
from bot.process import scrub
from bot.text import UnclosedQuote, ago, code, first_word
from bot.verbs import READ_ONLY_RIGHTS, unknown_verb

TOO_OLD: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class Parsed:
    """A parsed line: `verb` and `arguments`, or the `problem` with it; `arguments` may be known all the same.

    `name` is the verb's, or `unknown`; `digest` identifies the same intent without keeping its words. `offers`
    are the buttons under the problem.
    """

    name: str
    verb: Verb | None
    arguments: Any
    problem: str | None
    digest: str
    offers: tuple[Offer, ...] = ()


def parse(
    request: Request,
    verbs: Sequence[Verb],
    command: str,
    now: datetime,
    offers: Callable[[Verb], bool] = lambda _: True,
) -> Parsed:
    """Parse the text after the slash command, which is `command`; `offers` narrows the help in its place."""
    problem, verb, arguments = None, None, None
    buttons: tuple[Offer, ...] = ()
    command = request.addressed or command
    try:
        word, rest = first_word(request.text)
    except UnclosedQuote as unclosed:
        word, rest, problem = "", "", str(unclosed)
    name = word.casefold()
    if not word and problem is None:
        name = "help"
    verb = next((each for each in verbs if each.name == name), None)
    if verb is None and problem is None:
        unknown = unknown_verb(verbs, request.text, command=command, offers=offers, thread=request.thread)
        problem, buttons = unknown.text, unknown.offers
    if verb is not None:
        try:
            arguments = verb.read(rest)
            problem = _too_old(request, verb, now)
        except UsageProblem as wrong:
            nothing = "" if verb.right in READ_ONLY_RIGHTS or "othing was" in wrong.sentence else " Nothing was done."
            problem = f"{wrong.sentence}{nothing}\nUsage: {code(f'{command} {verb.usage}')}"
    problem = None if problem is None else scrub(problem)  # a URL typed in a wrong place is not repeated
    known = name if verb is not None else "unknown"
    if request.refused is not None:
        verb, problem = None, request.refused.text
    return Parsed(known, verb, arguments, problem, _digest(known, _intent(verb, arguments, rest)), buttons)


def digest_of(parsed: Parsed, arguments: Any) -> str:
    """Return the digest of the same intent with other `arguments`, as when a session is named by its own number."""
    return _digest(parsed.name, _intent(parsed.verb, arguments, ""))


def _too_old(request: Request, verb: Verb, now: datetime) -> str | None:
    """Return the refusal of a late delivery, if the verb changes something: the person has moved on."""
    if request.typed_at is None or verb.double_press is None or now - request.typed_at < TOO_OLD:
        return None
    when = ago(now - request.typed_at)
    return f"This was typed {when} and arrives only now, so nothing was done. Type it again."


def _intent(verb: Verb | None, arguments: Any, rest: str) -> str:
    """Return the normalised intent: independent of spaces and quotes, but with the data's bytes but for its ends."""
    if verb is None or verb.double_press is None or arguments is None:
        return rest.strip()
    values = [(each, getattr(arguments, each.name)) for each in verb.arguments]
    return repr([_data(value) if isinstance(each, Rest) else value for each, value in values])


def _data(value: str | None) -> str | None:
    return None if value is None else value.removeprefix(AS_IS).strip()


def _digest(verb: str, intent: str) -> str:
    return hashlib.sha256(f"{verb} {intent}".encode("utf-8", "surrogatepass")).hexdigest()
