"""Doctor, at the platform: credentials, roles, the clock, and the rules that the config names."""

import difflib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from bot.access import missing_rules
from bot.account import KitReader, RuleReader
from bot.cli.doctor._findings import Finding, ok, problem, warning
from bot.config import Settings
from bot.life import read_credentials
from bot.ports import RuleKit
from bot.process import Clock, RemoteClock
from bot.voximplant import Credentials, Lanes, Management, Rule
from bot.voximplant.errors import (
    AuthenticationFailed,
    ClockSkew,
    CredentialsUnusable,
    PlatformError,
    RoleMissing,
    TokenRejected,
    UnknownHistoryId,
)

T = TypeVar("T")

_SHOWN = 5
_NO_SESSION = 1
"""A number that no session of this account has, or its oldest: to ask about it needs the role and costs nothing."""


async def examine_platform(settings: Settings) -> tuple[list[Finding], list[Rule] | None]:
    """Check the platform, one look-up after another; nothing is started.

    Returns the account's rules, too, on which it depends what the policy allows; None if they could not be read.
    """
    found = [each async for each in _examine(settings)]
    rules = next((each for each in found if isinstance(each, list)), None)
    return [each for each in found if isinstance(each, Finding)], rules


async def _examine(settings: Settings) -> AsyncIterator[Finding | list[Rule]]:
    clock = RemoteClock(Clock(), "the platform's")
    try:
        account = read_credentials(settings, clock)
    except CredentialsUnusable as unusable:
        yield problem("credentials", unusable.reason)
        return
    async with Lanes(proxy=settings.way_out) as lanes:
        management = _management(settings, account, lanes, clock)
        first = await _asked("GetCallHistory", lambda: _history(management))
        if isinstance(first, Finding):
            yield first
            if first.what != "roles":
                return  # what keeps one look-up from being answered keeps all
        else:
            yield ok("credentials", "The platform accepts them.")
            yield ok("history", "It can be read, so that the end of a session can be confirmed.")
        listed = await _asked("GetRules", RuleReader(management, Clock()).read)
        if isinstance(listed, Finding):
            yield listed
        else:
            yield list(listed.rules)
            yield ok("rules", f"{len(listed.rules)} can be read.")
            for each in listed.unread:
                yield warning("rules", f"Those of the application {each.name} cannot be: {each.problem.sentence}")
            yield _kits(listed.rules, await KitReader(management).of(listed.rules))
            async for finding in _key_values(settings, management, listed.rules):
                yield finding
            if listed.is_whole:
                for finding in _checked(settings, listed.rules):
                    yield finding
        yield warning("start", "Not tried: StartScenarios would start a session. Start each rule once, and stop it.")


def _management(settings: Settings, account: Credentials, lanes: Lanes, clock: RemoteClock) -> Management:
    url, timeout = settings.voximplant_api_url, settings.read_timeout
    return Management(url, account, lanes.platform, read_timeout=timeout, clock=clock)


async def _history(management: Management) -> None:
    try:
        await management.call_history([_NO_SESSION])
    except UnknownHistoryId:
        return  # it was looked for, so it may be


async def _asked(method: str, ask: Callable[[], Awaitable[T]]) -> T | Finding:
    try:
        return await ask()
    except ClockSkew:
        says = "By the platform's clock this machine's is wrong, so it accepts no token. Set it right, with NTP."
        return problem("clock", says)
    except (AuthenticationFailed, TokenRejected):
        says = "The platform does not accept them. Generate a new key for the service account."
        return problem("credentials", says)
    except RoleMissing:
        says = f"They do not allow {method}. Give the service account the role Developer, or Admin."
        return problem("roles", says)
    except PlatformError as wrong:
        return problem("platform", f"{method} was not answered ({type(wrong).__name__}). Try again; check the network.")


async def _key_values(settings: Settings, management: Management, rules: Sequence[Rule]) -> AsyncIterator[Finding]:
    """Check whether the announcements of one application can be read: the role is that of the account."""
    named = {str(rule.application_id): rule.application_id for rule in rules} | {
        rule.application_name: rule.application_id for rule in rules
    }
    chosen = next((named[each] for each in settings.directory.applications if each in named), None)
    application_id = chosen or next((rule.application_id for rule in rules), None)
    if application_id is None:
        return
    read = await _asked("GetKeyValueItems", lambda: management.key_values.items(application_id, 0))
    yield (read if isinstance(read, Finding) else ok("storage", "It can be read, for what is announced."))
    for each in settings.directory.applications:
        if each not in named:
            says = f"[directory] applications has {each}, which has no rule, or is not there. Correct it."
            yield warning("config", says)


def _kits(rules: Sequence[Rule], kits: Mapping[int, RuleKit]) -> Finding:
    """Return which rules have the kit, and where it is older than this bot's or behind another scenario."""
    wrong = [rule for rule in rules if rule.id in kits and (kits[rule.id].is_older or not kits[rule.id].is_first)]
    if wrong:
        named = ", ".join(f"{rule.name or 'rule'} ({rule.id})" for rule in wrong[:_SHOWN])
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        says = f"It is older than this bot's, or not in front, in {named}{more}: run `session-bot scenario install`."
        return warning("kit", says)
    having = f"{len(kits)} of {len(rules)} rules have it in front" if kits else "No rule has it"
    others = " In the others" if kits else " So"
    rest = "" if len(kits) == len(rules) else f"{others} it is up to the scenario what a stop does."
    announcing = sum(each.announces for each in kits.values())
    announced = f" Sessions announce themselves in {announcing} of those that have it." if announcing else ""
    return ok("kit", f"{having}.{rest}{announced}")


def _checked(settings: Settings, rules: Sequence[Rule]) -> list[Finding]:
    """Hold what config and grants name against the rules that there are."""
    gone = missing_rules(settings, [(each.id, each.name) for each in rules])
    grants = [problem("grants", f"[[policy.grant]]: {sentence}. Correct it.") for sentence in gone]
    return [*_configured(settings, rules), *grants]


def _configured(settings: Settings, rules: Sequence[Rule]) -> list[Finding]:
    there = {rule.id: rule.name for rule in rules}
    findings = []
    for each in settings.rules:
        if each.id in there:
            continue
        near = difflib.get_close_matches(each.alias, there.values(), n=1)
        hint = f" Nearest: {near[0]}, {next(key for key, name in there.items() if name == near[0])}." if near else ""
        findings.append(problem("config", f"[rules.{each.alias}] is rule {each.id}, which there is not.{hint}"))
    if settings.rules and not findings:
        return [ok("config", f"All {len(settings.rules)} rules that it names exist.")]
    if any(rule.name == "" for rule in rules):
        findings.append(warning("rules", "One has no name, and can be started by its number only."))
    return findings
