"""help: written from the table of verbs, so that it cannot say anything else than they do."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.mrkdwn import code
from bot.verbs.grammar import Word
from bot.verbs.verb import Context, Outcome, Policy, Request, Right, Verb


@dataclass(frozen=True)
class Help:
    """The verb to explain, or None for all."""

    verb: str | None


async def run(wanted: Help, on: Context) -> Outcome:
    """Explain one verb, or those that the asker may use, in a line each."""
    services = on.services
    offers = offered(services.policy, on.request)
    return Outcome(says=explain(services.verbs, wanted.verb, command=services.settings.command, offers=offers))


def offered(policy: Policy, request: Request) -> Callable[[Verb], bool]:
    """Give the test for what the asker may perhaps use; it asks nobody, so that help never waits for Slack."""
    return lambda verb: policy.offers(request, verb.right)


def explain(verbs: Sequence[Verb], name: str | None, *, command: str, offers: Callable[[Verb], bool]) -> str:
    """Write the help of one verb, or of all that the asker is offered; a name that is none is answered as such."""
    verb = next((each for each in verbs if name is not None and each.name == name.casefold()), None)
    if verb is not None:
        refused = "" if offers(verb) else "\nYou may not use it: that needs a grant."
        return f"{code(f'{command} {verb.usage}')}\n{verb.summary} {verb.details}{refused}"
    if name is not None:
        return unknown_verb(verbs, name, "", command=command, offers=offers, after="help ")
    return _listed(verbs, command, offers)


def unknown_verb(
    verbs: Sequence[Verb], word: str, rest: str, *, command: str, offers: Callable[[Verb], bool], after: str = ""
) -> str:
    """Say that there is no such verb, and which line was probably meant; where none is near, write the whole help.

    Only what the asker is offered can be near. `after` is what was typed before the word.
    """
    says = f"There is no {code(word, 40)}, and nothing was done."
    near = difflib.get_close_matches(word.casefold(), [verb.name for verb in verbs if offers(verb)], n=1, cutoff=0.5)
    if not near:
        return f"{says}\n{_listed(verbs, command, offers)}"
    meant = code(f"{command} {after}{near[0]} {rest}".rstrip(), 200)
    return f"{says} Did you mean {meant}?\nAll commands: {code(f'{command} help')}"


def _listed(verbs: Sequence[Verb], command: str, offers: Callable[[Verb], bool]) -> str:
    lines = [f"{code(f'{command} {each.usage}')} – {each.summary}" for each in verbs if offers(each)]
    return "\n".join([*lines, f"More: {code(f'{command} help <verb>')}"])


VERB = Verb(
    name="help",
    takes=Help,
    arguments=(Word("verb", optional=True),),
    summary="Explain the commands, or one of them.",
    details="Example: `help stop`.",
    right=Right.help,
    run=run,
)
