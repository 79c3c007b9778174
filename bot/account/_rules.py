"""The rule that a typed text names, and the config's settings for rules."""

import asyncio
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.account._kits import KitReader
from bot.account._rule_list import RuleList, RuleReader
from bot.config import DEFAULT_STOP, DirectoryConfig, RuleConfig
from bot.ports import ChosenRule, NoSuchRule, RuleKit, RuleLimits, RuleListing, RulesUnreadable
from bot.process import Clock, scrub
from bot.scenario import KIT_NAME
from bot.text import SPELLINGS, code, cut, moment
from bot.voximplant import Management, Rule, StopRequest
from bot.voximplant.errors import OutcomeUnknown, PlatformError, RoleMissing, TryLater
from storage.scenario_checks import fingerprint

_DIGITS: Final = 18
"""The longest number that can be a rule's: SQLite keeps 64 bits."""

PATIENCE_S: Final = 2.0
"""The time for which a start waits for a list it can do without: for a number, or a cached name."""

_UNREAD_SHOWN: Final = 3
_NO_LIMITS: Final = RuleLimits()


class Rules:
    """The rules that can be started."""

    def __init__(
        self,
        management: Management,
        configured: Sequence[RuleConfig],
        clock: Clock,
        directory: DirectoryConfig | None = None,
    ) -> None:
        self._directory = directory or DirectoryConfig()
        self.reader = RuleReader(management, clock)
        self._kits = KitReader(management)
        self._configured = configured
        self._limits = {each.id: _limits(each) for each in reversed(configured)}

    async def resolve(self, text: str, undone: str = "started") -> ChosenRule:
        """Return the one rule that is named: by number, by alias, by name, in this order.

        A name is matched exactly, or else as it reads, or else in any case, if that is one rule's alone. Raises
        NoSuchRule when there is none or more than one, RulesUnreadable when a name cannot be looked up; their
        sentences state that nothing was `undone`. A number needs no look-up: where the list cannot be read in time, the
        platform itself decides.
        """
        if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
            return await self._by_number(text, undone)
        alias = next((each for each in self._configured if each.alias == text), None)
        if alias is not None:
            return await self.named(alias.id) or _bare(alias.id, alias)
        try:
            return self._by_name(text, await self._list_with(text), undone)
        except PlatformError as problem:
            says = f"The rule {code(scrub(text), 100)} could not be looked up, so nothing was {undone}. {_why(problem)}"
            raise RulesUnreadable(f"{says} A rule's number needs no look-up.") from None

    async def listing(self, *, anew: bool = False) -> RuleListing:
        """Return the known rules, at most a minute old or read `anew`; raises RulesUnreadable where none are known."""
        try:
            return self._listing(await (self.reader.reread() if anew else self.reader.read()))
        except PlatformError as problem:
            raise RulesUnreadable(f"The rules could not be read. {_why(problem)}") from None

    async def kits(self) -> Mapping[int, RuleKit]:
        """Return the kit of each known rule that has it, by the rule's id; never raises."""
        return await self._kits.of(self.reader.known.rules)

    def applications_with_kit(self) -> frozenset[int]:
        """Return the applications whose known rules have the kit, by its name, without asking the platform."""
        return frozenset(
            rule.application_id
            for rule in self.reader.known.rules
            if any(ref.name == KIT_NAME for ref in rule.scenarios or ())
        )

    def known(self) -> RuleListing:
        """Return the rules that were read before, without asking the platform."""
        return self._listing(self.reader.known)

    async def named(self, rule_id: int) -> ChosenRule | None:
        """Return a rule by its number, if the platform answers soon."""
        return self._numbered(rule_id, await self._list_soon())

    async def fingerprint_now(self, rule_id: int) -> str | None:
        """Return which scenarios a rule has, read anew; None where the platform does not tell soon."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = self._numbered(rule_id, await self.reader.reread())
        except (PlatformError, TimeoutError):
            return None
        return None if found is None else found.fingerprint

    def stop_request(self, rule_id: int) -> StopRequest:
        """Return the request that asks a session of this rule to stop."""
        return stop_request_of(self._configured, rule_id)

    def presets(self, rule_id: int) -> Mapping[str, str]:
        """Return the config's prepared JSON texts for this rule, by their names."""
        aliases = [each for each in self._configured if each.id == rule_id]
        return {name: text for each in aliases for name, text in each.presets.items()}

    def limits(self, rule_id: int) -> RuleLimits:
        """Return the expected and the longest duration of this rule's sessions, and who is notified."""
        return self._limits.get(rule_id, _NO_LIMITS)

    def home(self, rule_id: int) -> str | None:
        """Return the channel of this rule's sessions that nobody started in Slack, if the config names one."""
        config = self._config(rule_id)
        return self._directory.channel if config is None or config.home is None else config.home

    def has_all_cards(self, rule_id: int) -> bool:
        """Return whether each of those gets a card at once, as the config says."""
        config = self._config(rule_id)
        cards = self._directory.cards if config is None or config.cards is None else config.cards
        return cards == "all"

    def runbook(self, rule_id: int) -> str | None:
        """Return the URL of the rule's runbook, if the config names one."""
        config = self._config(rule_id)
        return None if config is None else config.runbook

    async def _by_number(self, digits: str, undone: str) -> ChosenRule:
        """Return the rule of this number, or else of this name. A cached list is read anew for it."""
        number = int(digits)
        listed = await self._list_soon(lacking=number)
        if (found := self._numbered(number, listed)) is not None:
            return found
        if self._called(digits, listed.rules, str):
            return self._by_name(digits, listed, undone)
        if not listed.is_whole:
            return _bare(number, self._config(number))
        raise NoSuchRule(
            f"No rule has the number {number}. Nothing was {undone}.{_nearest_number(number, listed.rules)}"
        )

    async def _list_soon(self, lacking: int | None = None) -> RuleList:
        """Return the list, after two seconds the cached one; one that lacks this rule is read once more."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                read_before = self.reader.is_fresh
                listed = await self.reader.read()
                if read_before and lacking is not None and all(rule.id != lacking for rule in listed.rules):
                    listed = await self.reader.reread()
                return listed
        except PlatformError as problem:
            return replace(self.reader.known, problem=problem)
        except TimeoutError:
            return replace(self.reader.known, read_at=None)

    async def _list_with(self, name: str) -> RuleList:
        """Return the list, after two seconds the cached one if that has the name; one that lacks it is read once more.

        Raises PlatformError.
        """
        known = self.reader.known
        if not any(self._called(name, known.rules, spelling) for spelling in SPELLINGS):
            return await self.reader.reread()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.reader.read()
        except TimeoutError:
            return known

    def _by_name(self, name: str, listed: RuleList, undone: str) -> ChosenRule:
        found = next((found for each in SPELLINGS if (found := self._called(name, listed.rules, each))), [])
        if len(found) == 1:
            return found[0]
        if found:
            lines = [f"• {_line(rule)}" for rule in found]
            raise NoSuchRule(
                "\n".join([f"Several rules have that name, so nothing was {undone}. Use the number:", *lines])
            )
        lacks = _lacks(listed)
        raise NoSuchRule(
            f"No rule is called {code(scrub(name), 100)}. Nothing was {undone}.{self._nearest(name, listed.rules)}"
            + (f" {lacks} A rule's number needs no look-up." if lacks else "")
        )

    def _called(self, name: str, rules: Sequence[Rule], spelling: Callable[[str], str]) -> list[ChosenRule]:
        """Return the rules of this name at the platform, or of this alias in the config, each once."""
        wanted = spelling(name)
        found = {rule.id: self._chosen(rule) for rule in rules if spelling(rule.name) == wanted}
        for each in self._configured:
            if wanted == spelling(each.alias):
                found.setdefault(each.id, self._numbered(each.id, RuleList(rules=tuple(rules))) or _bare(each.id, each))
        return list(found.values())

    def _numbered(self, number: int, listed: RuleList) -> ChosenRule | None:
        return next((self._chosen(rule) for rule in listed.rules if rule.id == number), None)

    def _listing(self, listed: RuleList) -> RuleListing:
        return RuleListing(rules=tuple(map(self._chosen, listed.rules)), lacks=_lacks(listed))

    def _nearest(self, name: str, rules: Sequence[Rule]) -> str:
        names = {rule.name for rule in rules} | {each.alias for each in self._configured}
        folded = {each.casefold(): each for each in sorted(names)}
        near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
        return _near(code(folded[each]) for each in near)

    def _config(self, rule_id: int) -> RuleConfig | None:
        return next((each for each in self._configured if each.id == rule_id), None)

    def _chosen(self, rule: Rule) -> ChosenRule:
        config = self._config(rule.id)
        return ChosenRule(
            id=rule.id,
            name=rule.name,
            application_id=rule.application_id,
            application_name=rule.application_name,
            alias=config.alias if config else None,
            tag=config.tag if config else False,
            fingerprint=self._fingerprint(rule),
        )

    def _fingerprint(self, rule: Rule) -> str | None:
        """Return which scenarios the rule has; None where it was not read lately: they may be others by now."""
        if rule.scenarios is None or not self.reader.has_read(rule):
            return None
        return fingerprint((each.id, each.modified) for each in rule.scenarios)


def stop_request_of(configured: Sequence[RuleConfig], rule_id: int) -> StopRequest:
    """Return the request that asks a session of this rule to stop, by these rules of the config."""
    return next((each.stop_request for each in configured if each.id == rule_id), DEFAULT_STOP)


def _limits(config: RuleConfig) -> RuleLimits:
    return RuleLimits(expect=config.expect, max=config.max, silent=config.silent, notify=config.notify)


def _bare(rule_id: int, config: RuleConfig | None) -> ChosenRule:
    return ChosenRule(
        id=rule_id,
        name=None,
        application_id=None,
        application_name=None,
        alias=config.alias if config else None,
        tag=config.tag if config else False,
    )


def _nearest_number(number: int, rules: Sequence[Rule]) -> str:
    numbered = {str(rule.id): rule for rule in rules}
    near = difflib.get_close_matches(str(number), numbered, n=3, cutoff=0.5)
    return _near(f"{each} {code(numbered[each].name)}" for each in near)


def _near(shown: Iterable[str]) -> str:
    names = ", ".join(shown)
    return f" Near it: {names}." if names else f" {code('rules')} lists those that there are."


def _why(problem: PlatformError) -> str:
    """Return the reason of a failed look-up; a cut-off look-up has changed nothing, unlike a start."""
    if isinstance(problem, OutcomeUnknown):
        return "The platform gave no usable answer; try again in a minute."
    return problem.sentence


def _lacks(listed: RuleList) -> str | None:
    """Return the rules a list may lack, and the reason; None if it is whole."""
    if listed.problem is not None and listed.read_at is not None:
        return f"These are the rules as read on {moment(listed.read_at)}. {_why_unread(listed.problem)}"
    reasons: dict[str, list[str]] = {}
    for each in listed.unread:
        reasons.setdefault(_why_unread(each.problem), []).append(cut(each.name, 100))
    says = [f"The rules of {_some(names)} could not be read. {why}" for why, names in reasons.items()]
    if listed.odd:
        rules = "1 rule" if listed.odd == 1 else f"{listed.odd} rules"
        says.append(f"What the platform says of {rules} cannot be read, so not all are here.")
    return " ".join(says) or None


def _why_unread(problem: PlatformError) -> str:
    if isinstance(problem, RoleMissing):
        return "The platform does not let this bot's service account read them."
    if isinstance(problem, TryLater):
        return "The platform was too busy; ask again in a minute."
    return _why(problem)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _UNREAD_SHOWN} more applications" if len(names) > _UNREAD_SHOWN else ""
    return f"{', '.join(names[:_UNREAD_SHOWN])}{more}"


def _line(rule: ChosenRule) -> str:
    where = f" in {rule.application_name}" if rule.application_name else ""
    return f"{code(rule.name or rule.alias or '')}{where} – rule {rule.id}"
