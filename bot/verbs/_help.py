"""help: made from the table of verbs, so that the two cannot differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.ports import (
    Context,
    Intent,
    Offer,
    Outcome,
    Policy,
    Request,
    Response,
    Right,
    SessionRef,
    UsageProblem,
    Verb,
    Word,
    ids_anywhere,
    leading_ids,
)
from bot.text import code
from bot.verbs._did_you_mean import READ_ONLY_RIGHTS, STOP, Meaning, find_meaning, takes_id
from bot.verbs._selection import is_everything, stop_offer
from bot.verbs._status import Status

_STATUS: Final = "status"


@dataclass(frozen=True)
class Help(Intent):
    """The verb to explain, or None for all."""

    verb: str | None


async def run(wanted: Help, context: Context) -> Outcome:
    """Return the help of one verb, or a line for each verb that the asker may use."""
    services = context.services
    offers = offered_verbs(services.policy, context.request)
    return Outcome(says=explain(services.verbs, wanted.verb, command=context.command_word, offers=offers))


def offered_verbs(policy: Policy, request: Request) -> Callable[[Verb], bool]:
    """Return the test for verbs that the asker may perhaps use; it never waits for Slack."""
    return lambda verb: policy.offers(request, verb.right)


def explain(verbs: Sequence[Verb], name: str | None, *, command: str, offers: Callable[[Verb], bool]) -> str:
    """Return the help of one verb, or of all offered ones; an unknown name has an answer of its own."""
    verb = next((each for each in verbs if name is not None and each.name == name.casefold()), None)
    if verb is not None:
        refused = "" if offers(verb) else "\nYou may not use it: that needs a grant."
        return f"{code(f'{command} {verb.usage}')}\n{verb.summary} {verb.details}{refused}"
    if name is None:
        return _listed(verbs, command, offers)
    found = find_meaning(verbs, name)
    if found is None or not offers(found.verb):
        return _none(name, command)
    return f"{_nothing(name)} Did you mean {code(f'{command} help {found.verb.name}')}?\n{_all(command)}"


def unknown_verb(
    verbs: Sequence[Verb], line: str, *, command: str, offers: Callable[[Verb], bool], thread: int | None = None
) -> Response:
    """Return the response to a line without a verb, with the probable line; a probable stop gets its button.

    Only offered verbs are suggested. `thread` is the session in whose thread the line was typed.
    """
    word = line.split(maxsplit=1)[0] if line.strip() else line
    found = find_meaning(verbs, line)
    if found is None or not offers(found.verb):
        return Response(text=_none(word, command))
    typed, button = _suggested(found, thread)
    says = f"{_nothing(word)} Did you mean {code(f'{command} {typed}', 200)}?\n{_all(command)}"
    return Response(text=says, offers=() if button is None else (button,))


def _suggested(found: Meaning, thread: int | None) -> tuple[str, Offer | None]:
    """Write the line that was meant, and its button where it is a stop or a look at one session."""
    verb, rest = found.verb, found.rest
    refs = leading_ids(rest)[0]
    if verb.name == STOP:
        return _stop(verb, rest, refs, thread)
    named = refs or ids_anywhere(rest)
    if takes_id(verb) and verb.right in READ_ONLY_RIGHTS and named and _readable(verb, rest) is None:
        refs, rest = named[:1], str(named[0])
    if not takes_id(verb) or refs:
        typed = f"{verb.name} {rest}".rstrip()
    elif thread is not None:
        behind = rest if _readable(verb, f"{thread} {rest}") else ""
        typed, refs = f"{verb.name} {behind}".rstrip(), (SessionRef(thread),)
    else:
        typed = f"{verb.name} <id>" if "<id>" in verb.usage else verb.name
    shows = verb.name == _STATUS and len(refs) == 1
    return typed, Offer(label=f"Show {refs[0]}", intent=Status(refs[0])) if shows else None


def _readable(verb: Verb, rest: str) -> Intent | None:
    """Return the verb's reading of the rest of the line; None if it has none."""
    try:
        return verb.read(rest)
    except UsageProblem:
        return None


def _stop(verb: Verb, rest: str, refs: Sequence[SessionRef], thread: int | None) -> tuple[str, Offer | None]:
    """Return the probable stop: of these, of all, of the thread's session, or of those named anywhere."""
    meant = _readable(verb, rest)
    if refs or is_everything(rest):
        label = stop_offer(refs).label if refs else "Stop all…"
        return f"{STOP} {rest}", None if meant is None else Offer(label=label, intent=meant, danger=True)
    if named := ids_anywhere(rest):
        return f"{STOP} {' '.join(map(str, named))}", stop_offer(named)
    if thread is not None:
        return STOP, stop_offer([SessionRef(thread)])
    return f"{STOP} {rest}".rstrip(), None


def _nothing(word: str) -> str:
    return f"There is no {code(word, 40)}, and nothing was done."


def _none(word: str, command: str) -> str:
    return f"{_nothing(word)} {_all(command)}"


def _all(command: str) -> str:
    return f"All commands: {code(f'{command} help')}"


def _listed(verbs: Sequence[Verb], command: str, offers: Callable[[Verb], bool]) -> str:
    lines = [f"{code(f'{command} {each.usage}')} – {each.summary}" for each in verbs if offers(each)]
    return "\n".join([*lines, f"More: {code(f'{command} help <verb>')}"])


VERB = Verb(
    name="help",
    takes=Help,
    arguments=(Word("verb"),),
    summary="Explain the commands, or one of them.",
    details=f"Example: {code('help stop')}.",
    right=Right.help,
    run=run,
)
