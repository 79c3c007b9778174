"""The account's rules: how they are looked up, and what is known of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from bot.voximplant import StopRequest

SILENT_AFTER: Final = timedelta(minutes=5)
"""The time after which a session that announced itself and is not heard of counts as silent, unless its rule says."""


class RuleLookup(Protocol):
    """The account's rules; `bot.account` implements it."""

    async def resolve(self, text: str, undone: str = "started") -> "ChosenRule":
        """Return the one rule that is named; raises NoSuchRule or RulesUnreadable, whose sentence has `undone`."""

    async def listing(self, *, anew: bool = False) -> "RuleListing":
        """Return the known rules, at most a minute old or read `anew`; raises RulesUnreadable where none are known."""

    async def kits(self) -> Mapping[int, "RuleKit"]:
        """Return the kit of each known rule that has it, by the rule's id; never raises."""

    def applications_with_kit(self) -> frozenset[int]:
        """Return the applications whose known rules have the kit, by its name, without asking the platform."""

    async def fingerprint_now(self, rule_id: int) -> str | None:
        """Return which scenarios a rule has, read anew; None where the platform does not tell soon."""

    def known(self) -> "RuleListing":
        """Return the rules that were read before, without asking the platform."""

    async def named(self, rule_id: int) -> "ChosenRule | None":
        """Return a rule by its id if the platform answers; never raises."""

    def stop_request(self, rule_id: int) -> StopRequest:
        """Return the request that asks a session of this rule to stop."""

    def presets(self, rule_id: int) -> Mapping[str, str]:
        """Return the config's prepared JSON texts for this rule, by their names."""

    def limits(self, rule_id: int) -> "RuleLimits":
        """Return the expected and the longest duration of this rule's sessions, and who is notified."""

    def home(self, rule_id: int) -> str | None:
        """Return the channel of this rule's sessions that nobody started in Slack, if the config names one."""

    def has_all_cards(self, rule_id: int) -> bool:
        """Return whether each of those gets a card at once, as the config says."""

    def runbook(self, rule_id: int) -> str | None:
        """Return the URL of the rule's runbook, if the config names one."""


@dataclass(frozen=True, kw_only=True)
class RuleLimits:
    """The limits of a rule's sessions: one longer than `expect` is reported to `notify`, than `max` stopped.

    One that announced itself and was not heard of for `silent` is reported, too.
    """

    expect: timedelta | None = None
    max: timedelta | None = None
    silent: timedelta | None = None
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChosenRule:
    """A rule of the account; an unknown field of it is None. `tag` asks for a tag in the custom data.

    `fingerprint` tells which scenarios it has, see `storage.scenario_checks`; None where that is not known.
    """

    id: int
    name: str | None
    application_id: int | None
    application_name: str | None
    alias: str | None = None
    tag: bool = False
    fingerprint: str | None = None


@dataclass(frozen=True, kw_only=True)
class RuleKit:
    """The kit among a rule's scenarios; its version is None while it cannot be read. `newest` is this bot's.

    `announces`: its sessions write themselves into their application's storage.
    """

    version: str | None
    newest: str
    is_older: bool
    is_first: bool
    announces: bool


@dataclass(frozen=True, kw_only=True)
class RuleListing:
    """The rules of the account; `lacks` names those that may be missing or changed, and why: None if none."""

    rules: tuple[ChosenRule, ...]
    lacks: str | None
