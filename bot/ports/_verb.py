"""One verb, with the context in which it runs and the services that it uses; these three types name each other."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.config import Settings
from bot.ports._account import Account
from bot.ports._announced import Announced
from bot.ports._board import Board
from bot.ports._changes import Changes
from bot.ports._grammar import Argument, Intent, read
from bot.ports._outcome import Outcome
from bot.ports._policy import Policy, Right
from bot.ports._repeats import DoublePress, RecentResponses
from bot.ports._reply import Files
from bot.ports._request import Request
from bot.ports._rules import RuleLookup
from bot.ports._write_behind import WriteBehind
from bot.process import Clock
from bot.voximplant import LogFiles, Management, SessionRequests
from storage import Connection, commands
from storage.membership import Owners
from storage.sealing import Sealer
from storage.store import Store


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


@dataclass(frozen=True, kw_only=True)
class Services:
    """The services, as built by `bot.life`. `slack_now` is the time by the clock of Slack's timestamps.

    `known_name` is the name of a person if it is at hand: it asks nobody. `owner` is this process, and `is_alive` tells
    in a job whether one lives.
    """

    settings: Settings
    verbs: tuple[Verb, ...]
    store: Store
    write_behind: WriteBehind
    sealer: Sealer
    management: Management
    requests: SessionRequests
    rules: RuleLookup
    account: Account
    announced: Announced
    policy: Policy
    board: Board
    files: Files
    logs: LogFiles
    clock: Clock
    slack_now: Callable[[], datetime]
    known_name: Callable[[str], str | None]
    changes: Changes
    recent_responses: RecentResponses
    owner: str
    owners: Owners
    wake_watch: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Context:
    """One request on its way. `command` is its row, None only for a stop that could not be recorded yet.

    `right` is the verb's: `session_for` checks it with the policy.
    """

    request: Request
    command: int | None
    services: Services
    right: Right

    @property
    def command_word(self) -> str:
        """The beginning of a command where this one was typed."""
        return self.request.addressed or self.services.settings.command

    def line(self, intent: Intent) -> str:
        """Return an intent as one line, without how a command begins."""
        return line_of(self.services.verbs, intent)


def command_row(db: Connection, context: Context) -> int | None:
    """Return the command's row, also of a stop that was sent first and recorded later."""
    if context.command is not None:
        return context.command
    late = commands.by_key(db, context.request.key)
    return None if late is None else late.id
