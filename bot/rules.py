"""The account's rules, read page by page and kept for a minute; and what the config says of some of them."""

import asyncio
import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.config_file import DEFAULT_STOP, RuleConfig
from bot.mrkdwn import code, escape
from bot.redaction import scrub
from bot.slack_text import unmarked
from bot.verbs.errors import NoSuchRule, RulesUnreadable
from bot.verbs.verb import ChosenRule, RuleLimits
from bot.voximplant.errors import OutcomeUnknown, PlatformError
from bot.voximplant.management import Management, Rule

FRESH: Final = timedelta(minutes=1)
_DIGITS: Final = 18
"""The longest number that can be a rule's: SQLite keeps 64 bits."""

PATIENCE_S: Final = 2.0
"""How long a start by number waits for the rule's name, which is for people only."""


class Rules:
    """What can be started."""

    def __init__(self, management: Management, configured: Sequence[RuleConfig], clock: Clock) -> None:
        self._management = management
        self._configured = configured
        self._clock = clock
        self._known: list[Rule] = []
        self._read_at: datetime | None = None
        self._reading: asyncio.Task[list[Rule]] | None = None

    async def resolve(self, text: str, undone: str = "started") -> ChosenRule:
        """Find the one rule that is meant: by number, by alias, by exact name, in this order.

        Raises NoSuchRule when there is none or more than one, RulesUnreadable when a name cannot be looked up; their
        sentences say that nothing was `undone`. A number needs no look-up: where the list cannot be read in time, the
        platform itself knows best.
        """
        if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
            return await self._by_number(int(text), undone)
        alias = next((each for each in self._configured if each.alias == text), None)
        if alias is not None:
            return await self.named(alias.id) or _bare(alias.id, alias)
        try:
            return self._by_name(text, await self._all(), undone)
        except PlatformError as problem:
            says = f"The rule {code(scrub(text), 100)} could not be looked up, so nothing was {undone}. {_why(problem)}"
            raise RulesUnreadable(f"{says} A rule's number needs no look-up.") from None

    async def listing(self) -> list[ChosenRule]:
        """Give all rules; raises RulesUnreadable."""
        try:
            return [self._chosen(rule) for rule in await self._all()]
        except PlatformError as problem:
            raise RulesUnreadable(f"The rules could not be read. {_why(problem)}") from None

    async def named(self, rule_id: int) -> ChosenRule | None:
        """Give a rule by its number, if the platform tells soon."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                rules = await self._all()
        except (PlatformError, TimeoutError):
            rules = self._known
        found = next((rule for rule in rules if rule.id == rule_id), None)
        return None if found is None else self._chosen(found)

    def stop_body(self, rule_id: int) -> bytes:
        """Give the bytes that ask a session of this rule to stop."""
        config = self._config(rule_id)
        return DEFAULT_STOP if config is None else config.stop

    def presets(self, rule_id: int) -> Mapping[str, str]:
        """Give the JSON texts that the config prepares for this rule, by their names."""
        aliases = [each for each in self._configured if each.id == rule_id]
        return {name: text for each in aliases for name, text in each.presets.items()}

    def limits(self, rule_id: int) -> RuleLimits:
        """Give how long sessions of this rule are expected, and allowed, to last, and who is told."""
        config = self._config(rule_id)
        if config is None:
            return RuleLimits()
        return RuleLimits(expect=config.expect, max=config.max, notify=config.notify)

    def runbook(self, rule_id: int) -> str | None:
        """Give the address of the rule's runbook, if the config names one."""
        config = self._config(rule_id)
        return None if config is None else config.runbook

    async def _by_number(self, number: int, undone: str) -> ChosenRule:
        """Give the rule of this number. A list that was read before is read anew, as the rule may be newer."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                read_before = self._is_fresh()
                rules = await self._all()
                if read_before and all(rule.id != number for rule in rules):
                    rules = await self._anew()
        except (PlatformError, TimeoutError):
            known = next((rule for rule in self._known if rule.id == number), None)
            return _bare(number, self._config(number)) if known is None else self._chosen(known)
        found = next((rule for rule in rules if rule.id == number), None)
        if found is None:
            nearest = _nearest_number(number, rules)
            raise NoSuchRule(f"No rule has the number {number}. Nothing was {undone}.{nearest}")
        return self._chosen(found)

    def _by_name(self, name: str, rules: list[Rule], undone: str) -> ChosenRule:
        found = [rule for rule in rules if rule.name == name]
        found = found or [rule for rule in rules if unmarked(rule.name) == unmarked(name)]
        if len(found) == 1:
            return self._chosen(found[0])
        if found:
            lines = [f"• {code(rule.name)} in {escape(rule.application_name)} – rule {rule.id}" for rule in found]
            raise NoSuchRule(
                "\n".join([f"Several rules have that name, so nothing was {undone}. Use the number:", *lines])
            )
        raise NoSuchRule(
            f"No rule is called {code(scrub(name), 100)}. Nothing was {undone}.{self._nearest(name, rules)}"
        )

    def _nearest(self, name: str, rules: list[Rule]) -> str:
        names = {rule.name for rule in rules} | {each.alias for each in self._configured}
        folded = {each.casefold(): each for each in sorted(names)}
        near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
        return _near(code(folded[each]) for each in near)

    async def _all(self) -> list[Rule]:
        """Read all rules; a minute later, again."""
        return self._known if self._is_fresh() else await self._anew()

    def _is_fresh(self) -> bool:
        return self._read_at is not None and self._clock.now() - self._read_at < FRESH

    async def _anew(self) -> list[Rule]:
        """Read all rules, once for everybody who asks meanwhile."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(_looked_at)
        return await asyncio.shield(self._reading)

    async def _read(self) -> list[Rule]:
        applications = await self._management.applications()
        pages = await asyncio.gather(*(self._management.rules(each.id, each.name) for each in applications))
        self._known = [rule for page in pages for rule in page]
        self._read_at = self._clock.now()
        return self._known

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
        )


def _bare(rule_id: int, config: RuleConfig | None) -> ChosenRule:
    return ChosenRule(
        id=rule_id,
        name=config.name if config else None,
        application_id=None,
        application_name=None,
        alias=config.alias if config else None,
        tag=config.tag if config else False,
    )


def _nearest_number(number: int, rules: list[Rule]) -> str:
    numbered = {str(rule.id): rule for rule in rules}
    near = difflib.get_close_matches(str(number), numbered, n=3, cutoff=0.5)
    return _near(f"{each} {code(numbered[each].name)}" for each in near)


def _near(shown: Iterable[str]) -> str:
    names = ", ".join(shown)
    return f" Near it: {names}." if names else " `rules` lists those that there are."


def _why(problem: PlatformError) -> str:
    """Say why a look-up failed; one that was cut off has changed nothing, whatever is said of starts then."""
    if isinstance(problem, OutcomeUnknown):
        return "The platform gave no usable answer; try again in a minute."
    return escape(problem.sentence)


def _looked_at(reading: "asyncio.Task[list[Rule]]") -> None:
    """Take the error of a reading that nobody waited for to its end; those who wait get it themselves."""
    if not reading.cancelled():
        reading.exception()
