"""One verb: its name, arguments, help and `run`. Grammar, usage and did-you-mean come out of the list of these."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.ports._grammar import Argument, Intent, read
from bot.ports._outcome import Outcome
from bot.ports._policy import Right
from bot.ports._repeats import DoublePress

if TYPE_CHECKING:  # the services hold the verbs
    from bot.ports._services import Context


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One verb: `arguments` are read into an intent, of the kind that it `takes`, and `run` gets that with the context.

    `serial` verbs reach one session one after another, in the order typed. An `urgent` one is carried out
    even when it cannot be recorded first, and is never too old. `form` gives the title of the form that the
    arguments ask for, or None when they say everything.
    """

    name: str
    takes: type[Intent]
    arguments: tuple[Argument, ...]
    summary: str
    details: str
    right: Right
    run: "Callable[[Any, Context], Awaitable[Outcome]]"
    double_press: DoublePress | None = None
    serial: bool = False
    urgent: bool = False
    form: Callable[[Any], str | None] | None = None

    @property
    def usage(self) -> str:
        """The verb and its arguments, as they are typed."""
        return " ".join([self.name, *(argument.usage for argument in self.arguments)])

    def read(self, text: str) -> Intent:
        """Read what follows the verb's name; raises UsageProblem."""
        return self.takes(**read(self.arguments, text))

    def of_words(self, **words: Sequence[str]) -> Intent:
        """Read the words of each argument, which a shell took apart; raises UsageProblem."""
        return self.takes(**{each.name: each.of_words(words.get(each.name, ())) for each in self.arguments})

    def write(self, intent: Intent) -> tuple[str, ...]:
        """Return the verb's name and the words of each argument; of one that is left out they are empty."""
        return (self.name, *(each.write(getattr(intent, each.name)) for each in self.arguments))


def verb_of(verbs: Sequence[Verb], intent: Intent) -> Verb:
    """Return the verb that takes this intent."""
    return next(each for each in verbs if each.takes is type(intent))


def line_of(verbs: Sequence[Verb], intent: Intent) -> str:
    """Return an intent as one line, for people and for the record."""
    return " ".join(filter(None, verb_of(verbs, intent).write(intent)))
