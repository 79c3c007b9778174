"""The types of a verb and of its inputs: the table of verbs is a list of these.

Verb      name, arguments, help, run – grammar, usage and did-you-mean come out of it
Services  the parts that verbs use, built once
Context   one Request on its way, with the services
Outcome   the result, recorded by dispatch in one commit
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from bot.config import Settings
from bot.ports._board import Board, Files, Offer, Reply, Row
from bot.ports._changes import Changes
from bot.ports._grammar import Argument, Intent, read
from bot.ports._repeats import DoublePress, RecentResponses
from bot.ports._request import Request
from bot.ports._write_behind import WriteBehind
from bot.process import Clock
from bot.voximplant import LogFiles, Management, SessionRequests
from storage import Connection, commands
from storage.records import CommandState, Session
from storage.sealing import Sealer
from storage.store import Store


class Right(StrEnum):
    """A right of the policy, as in a grant.

    `look` is list, status, rules and one's own audit; `audit` is other people's; `everywhere` is `channel=all`,
    and seeing the sessions of private channels from elsewhere. `help`, which is also the
    version, needs no grant.
    """

    help = "help"
    look = "look"
    start = "start"
    send = "send"
    stop = "stop"
    close = "close"
    log = "log"
    audit = "audit"
    adopt = "adopt"
    everywhere = "everywhere"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a command.

    `says` is the one line for the person. `changes` runs in the commit that finishes the command; its
    session (or None) is that of the thread's link and of later steps. `replies` are recorded in
    the same commit, by session id. `then` is work that follows the commit and is finished before the process
    ends; `afterwards` only responds, and is dropped when the process ends. `quiet` is true when the person sees it
    already.
    """

    state: CommandState = CommandState.done
    says: str
    session: int | None = None
    changes: Callable[[Connection], Session | None] | None = None
    replies: Mapping[int, Reply] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    rows: tuple[Row, ...] = ()
    then: Callable[[], Coroutine[Any, Any, None]] | None = None
    afterwards: Callable[[], Coroutine[Any, Any, None]] | None = None
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """Slack's facts about a channel. `shared` is with another workspace."""

    id: str
    private: bool
    shared: bool


class Policy(Protocol):
    """The permissions of a person. `bot.access` implements it."""

    async def allow(self, request: Request, right: Right) -> None:
        """Raise Denied with a sentence if this person may not do this in this channel, whatever it is about."""

    async def allow_rule(self, request: Request, right: Right, rule: "ChosenRule") -> None:
        """Raise Denied if this person may not do this with this rule in this channel: start, adopt."""

    async def allow_session(self, request: Request, right: Right, session: Session) -> None:
        """Raise Denied if this person may not do this to this session: its channel and its rule count."""

    async def may(self, request: Request, right: Right, session: Session) -> bool:
        """Return whether `allow_session` allows it; for lists, which leave out forbidden actions."""

    def offers(self, request: Request, right: Right) -> bool:
        """Return whether this person may perhaps do this, as far as is known without asking Slack; for `help`."""

    async def sees(self, request: Request, session: Session) -> bool:
        """Return whether this person may see this session, from this channel."""

    async def channel(self, channel: str) -> ChannelFacts:
        """Return the facts about a channel; the careful ones (private, shared) where Slack does not answer."""

    async def allow_stop_elsewhere(self, request: Request, session: Session) -> None:
        """Raise Denied if this person may not stop this session of another channel."""


class RuleBook(Protocol):
    """The account's rules; `bot.account` implements it."""

    async def resolve(self, text: str, undone: str = "started") -> "ChosenRule":
        """Return the one rule that is named; raises NoSuchRule or RulesUnreadable, whose sentence has `undone`."""

    async def listing(self) -> "RuleListing":
        """Return the known rules of the account; raises RulesUnreadable where none are known."""

    def known(self) -> "RuleListing":
        """Return the rules that were read before, without asking the platform."""

    async def named(self, rule_id: int) -> "ChosenRule | None":
        """Return a rule by its id if the platform answers; never raises."""

    def stop_body(self, rule_id: int) -> bytes:
        """Return the body of a stop for a session of this rule."""

    def presets(self, rule_id: int) -> Mapping[str, str]:
        """Return the config's prepared JSON texts for this rule, by their names."""

    def limits(self, rule_id: int) -> "RuleLimits":
        """Return the expected and the longest duration of this rule's sessions, and who is notified."""

    def runbook(self, rule_id: int) -> str | None:
        """Return the URL of the rule's runbook, if the config names one."""


@dataclass(frozen=True, kw_only=True)
class RuleLimits:
    """The limits of a rule's sessions: one longer than `expect` is reported to `notify`, than `max` stopped."""

    expect: timedelta | None = None
    max: timedelta | None = None
    notify: tuple[str, ...] = ()


class Account(Protocol):
    """The account at the platform; `bot.account` implements it."""

    async def currency(self) -> str | None:
        """Return the currency's code, such as `USD`; None while the platform does not answer."""

    async def costs(self, ids: Sequence[int]) -> Mapping[int, Decimal]:
        """Return the cost of each of these sessions, by history id, as far as the platform knows it."""


@dataclass(frozen=True, kw_only=True)
class ChosenRule:
    """A rule of the account; an unknown field of it is None. `tag` asks for a tag in the custom data."""

    id: int
    name: str | None
    application_id: int | None
    application_name: str | None
    alias: str | None = None
    tag: bool = False


@dataclass(frozen=True, kw_only=True)
class RuleListing:
    """The rules of the account; `lacks` names those that may be missing or changed, and why: None if none."""

    rules: tuple[ChosenRule, ...]
    lacks: str | None


@dataclass(frozen=True, kw_only=True)
class Services:
    """The services, as built by `bot.life`. `slack_now` is the time by the clock of Slack's timestamps."""

    settings: Settings
    verbs: "tuple[Verb, ...]"
    store: Store
    backlog: WriteBehind
    sealer: Sealer
    management: Management
    requests: SessionRequests
    rules: RuleBook
    account: Account
    policy: Policy
    board: Board
    files: Files
    logs: LogFiles
    clock: Clock
    slack_now: Callable[[], datetime]
    changes: Changes
    recent_responses: RecentResponses
    owner: str
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


def command_row(db: Connection, on: Context) -> int | None:
    """Return the command's row, also of a stop that was sent first and recorded later."""
    if on.command is not None:
        return on.command
    late = commands.by_key(db, on.request.key)
    return None if late is None else late.id


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
    run: Callable[[Any, Context], Awaitable[Outcome]]
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
