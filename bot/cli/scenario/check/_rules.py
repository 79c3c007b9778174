"""`session-bot scenario check --rule NAME` and `--all`: the rules of the account, with the sources that they run.

Sources are read into memory and go nowhere but to the child process.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.account import Rules
from bot.cli.scenario._account import choose_rules, open_management
from bot.cli.scenario.check._checking import check, subject_of
from bot.cli.scenario.check._files import script
from bot.cli.scenario.check._options import Options, stop_of
from bot.cli.scenario.check._processes import open_simulator
from bot.cli.scenario.check._report import Report
from bot.cli.scenario.check._words import RuleName
from bot.cli.scenario.sessions import Script
from bot.config import RuleConfig, Settings
from bot.process import Clock
from bot.text import plain
from bot.voximplant import Management, Rule, Scenario, StopRequest
from bot.voximplant.errors import PlatformError, TryLater
from storage.scenario_checks import sources_digest, stop_digest

_AT_ONCE: Final = 4
"""The number of concurrent questions to the platform: what the account allows is its sessions' to use."""

_ONE_WORD: Final = re.compile(r"[\w.-]+")

_PAUSES_S: Final = (1.0, 2.0, 4.0)
_LONGEST_PAUSE_S: Final = 10.0

_CHECKS_AT_ONCE: Final = 2
"""While one check waits for its slowest session, the other has work for the processor."""


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    """One rule of the account. Its report is None where it could not be checked, and `why` says so.

    `digest` is that of the sources, `stop` that of the stop. `scenarios` has the numbers and the modification times as
    they were when the sources were read.
    """

    rule: Rule
    name: RuleName
    report: Report | None = None
    why: str = ""
    digest: str = ""
    stop: str = ""
    scenarios: tuple[tuple[int, datetime | None], ...] = ()


@dataclass(frozen=True)
class AccountReport:
    """All rows, and the sentence about rules that may be missing."""

    rows: tuple[RuleRow, ...]
    lacks: str | None


async def check_rules(
    settings: Settings, names: Sequence[str] | None, options: Options, progress: Callable[[str], None]
) -> AccountReport:
    """Check rules of the account, by name, alias or number; None means all.

    Raises CredentialsUnusable, NoSuchRule and RulesUnreadable with a sentence, and PlatformError.
    """
    async with open_management(settings) as management:
        rules = Rules(management, settings.rules, Clock())
        found = await choose_rules(rules, names, undone="checked")
        sources = await _sources(management, found.chosen)
    progress(f"{len(found.chosen)} rules, with {len(sources)} scenarios: they are run now.")
    stops = {rule.id: options.stop or rules.stop_request(rule.id) for rule in found.chosen}
    called = {rule.id: _name(rule, found.every, settings.rules) for rule in found.chosen}
    rows = await _checked(found.chosen, called, sources, stops, options)
    return AccountReport(rows, None if found.lacks is None else plain(found.lacks))


def _name(rule: Rule, every: Sequence[Rule], configured: Sequence[RuleConfig]) -> RuleName:
    """Return the name of a rule: its alias, or its own name where that is no other rule's, or else its number."""
    aliases = [each.alias for each in configured if each.id == rule.id]
    if aliases:
        return RuleName(argument=aliases[0], table=aliases[0])
    taken = {each.name for each in every if each.id != rule.id} | {each.alias for each in configured}
    number = str(rule.id)
    is_own = rule.name not in taken and not rule.name.isdigit()
    table = rule.name if is_own and _ONE_WORD.fullmatch(rule.name) else f"rule-{number}"
    return RuleName(argument=rule.name if is_own and rule.name else number, table=table, new_id=rule.id)


async def _sources(management: Management, rules: Sequence[Rule]) -> dict[int, Scenario | PlatformError | None]:
    """Return each scenario of the rules with its source, by its number, or why there is none.

    Raises PlatformError where that is the answer for every one of them: it is the account's, and no rule's.
    """
    numbers = dict.fromkeys(ref.id for rule in rules for ref in rule.scenarios or ())
    room = asyncio.Semaphore(_AT_ONCE)

    async def read(number: int) -> Scenario | PlatformError | None:
        async with room:
            try:
                return await _read_patiently(management, number)
            except PlatformError as problem:
                return problem

    found = dict(zip(numbers, await asyncio.gather(*map(read, numbers)), strict=True))
    problems = [each for each in found.values() if isinstance(each, PlatformError)]
    if problems and len(problems) == len(found):
        raise problems[0]
    return found


async def _read_patiently(management: Management, number: int) -> Scenario | None:
    """Return a scenario with its source; a refusal for load is retried."""
    for pause in _PAUSES_S:
        try:
            return await management.scenarios.with_source(number)
        except TryLater as busy:
            await Clock().sleep(min(busy.retry_after or pause, _LONGEST_PAUSE_S))
    return await management.scenarios.with_source(number)


async def _checked(
    rules: Sequence[Rule],
    names: Mapping[int, RuleName],
    sources: Mapping[int, Scenario | PlatformError | None],
    stops: Mapping[int, StopRequest],
    options: Options,
) -> tuple[RuleRow, ...]:
    """Return a row for each rule; rules with the same sources and the same stop are checked once."""
    room = asyncio.Semaphore(_CHECKS_AT_ONCE)
    running: dict[tuple[str, StopRequest], asyncio.Task[Report]] = {}
    checks: dict[int, asyncio.Task[Report]] = {}
    rows: list[RuleRow] = []
    async with open_simulator() as simulator, asyncio.TaskGroup() as tasks:

        async def run(scripts: Sequence[Script], stop: StopRequest) -> Report:
            async with room:
                return await check(simulator, subject_of(scripts, stop_of(stop), options))

        for rule in rules:
            found = [sources.get(ref.id) for ref in rule.scenarios or ()]
            if (why := _why_not(rule, found)) is not None:
                rows.append(RuleRow(rule=rule, name=names[rule.id], why=why))
                continue
            whole = [each for each in found if isinstance(each, Scenario)]
            scripts = [script(each.name, each.source or "") for each in whole]
            stop, digest = stops[rule.id], sources_digest(each.source or "" for each in whole)
            if (digest, stop) not in running:
                running[digest, stop] = tasks.create_task(run(scripts, stop))
            row = RuleRow(
                rule=rule,
                name=names[rule.id],
                digest=digest,
                stop=stop_digest(stop.body, stop.content_type, stop.path, stop.method),
                scenarios=tuple((each.id, each.modified) for each in whole),
            )
            rows.append(row)
            checks[rule.id] = running[digest, stop]
    return tuple(replace(row, report=checks[row.rule.id].result()) if row.rule.id in checks else row for row in rows)


def _why_not(rule: Rule, found: Sequence[Scenario | PlatformError | None]) -> str | None:
    """Return why a rule cannot be checked; None where it can."""
    if rule.scenarios is None:
        return "its scenarios could not be read from the platform's list"
    if not rule.scenarios:
        return "it has no scenario"
    for ref, each in zip(rule.scenarios, found, strict=True):
        if isinstance(each, PlatformError):
            return f"the scenario {ref.name} could not be read: {each.sentence}"
        if each is None or each.source is None:
            return f"the platform gave no source of the scenario {ref.name}"
    return None
