"""At the start: what the grants name that is not there. Told in the log; nothing waits for it, nothing fails by it."""

import asyncio
import logging
from collections.abc import Iterable

from bot import grants
from bot.directory import Directory, Unknowable
from bot.settings import Settings
from bot.verbs.errors import RulesUnreadable
from bot.verbs.verb import RuleBook

log = logging.getLogger(__name__)


async def check(settings: Settings, directory: Directory, rules: RuleBook) -> None:
    """Warn of rules that are gone and of groups that cannot be read; groups that can be are known from then on."""
    groups = grants.groups_of([*grants.named(settings.grants), *sorted(settings.responders)])
    asked = [_check_group(each, directory) for each in dict.fromkeys(groups)]
    await asyncio.gather(_check_rules(settings, rules), *asked)


async def _check_rules(settings: Settings, rules: RuleBook) -> None:
    wanted = [(number, each) for number, grant in enumerate(settings.grants, start=1) for each in grant.rules or ()]
    if not wanted:
        return
    try:
        there = await rules.listing()
    except RulesUnreadable as problem:
        log.warning("whether the rules of the grants exist is not known: %s", problem.sentence)
        return
    names = [grants.rule_names(each.id, each.name, settings.rules) for each in there]
    for number, rule in wanted:
        if not _is_there(rule, names):
            log.warning("grant %d names the rule %s, which the account does not have: it grants nothing", number, rule)


def _is_there(rule: int | str, names: Iterable[grants.RuleNames]) -> bool:
    return any(each.is_called(rule) for each in names)


async def _check_group(group: str, directory: Directory) -> None:
    try:
        await directory.group(group)
    except Unknowable:
        log.warning(
            "Slack does not tell who is in the group %s, so what is granted to it is nobody's for now: "
            "it needs the scope usergroups:read, and a group of that id",
            group,
        )
