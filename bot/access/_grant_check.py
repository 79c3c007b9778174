"""The check of grants at the start: unknown rules and groups are logged; nothing waits for it or fails by it."""

import asyncio
import logging
from collections.abc import Iterable

from bot.access import _grants as grants
from bot.access._directory import SlackDirectory, SlackUnavailable
from bot.config import Settings
from bot.ports import RuleLookup, RulesUnreadable

log = logging.getLogger(__name__)


async def check_grants(settings: Settings, directory: SlackDirectory, rules: RuleLookup) -> None:
    """Warn of unknown rules and unreadable groups; the members of readable groups are cached from then on."""
    await asyncio.gather(_check_rules(settings, rules), _check_groups(settings, directory))


def missing_rules(settings: Settings, there: Iterable[tuple[int, str | None]]) -> list[str]:
    """Return the rules of the grants that are not `there`, among the account's numbers and names."""
    names = [grants.rule_names(number, name, settings.rules) for number, name in there]
    return [
        f"grant {number} names the rule {rule}, which the account does not have: it grants nothing"
        for number, rule in _named_rules(settings)
        if not any(each.is_called(rule) for each in names)
    ]


async def unreadable_groups(settings: Settings, directory: SlackDirectory) -> list[str]:
    """Return the groups, of grants and responders, whose members Slack does not disclose."""
    groups = named_groups(settings)
    told = await asyncio.gather(*(_is_readable(each, directory) for each in groups))
    return [
        f"Slack does not tell who is in the group {group}, so what is granted to it is nobody's for now: "
        "it needs the scope usergroups:read, and a group of that id"
        for group, is_told in zip(groups, told, strict=True)
        if not is_told
    ]


def named_groups(settings: Settings) -> list[str]:
    """Return the groups that the grants and the responders name, each once."""
    return list(dict.fromkeys(grants.groups_of(grants.grantees([*settings.granted, *settings.granted_elsewhere]))))


def _named_rules(settings: Settings) -> list[tuple[int, int | str]]:
    return [(number, each) for number, grant in enumerate(settings.grants, start=1) for each in grant.rules or ()]


async def _check_rules(settings: Settings, rules: RuleLookup) -> None:
    if not _named_rules(settings):
        return
    try:
        there = await rules.listing()
    except RulesUnreadable as problem:
        log.warning("whether the rules of the grants exist is not known: %s", problem)
        return
    if there.lacks is not None:
        log.warning("whether the rules of the grants exist is not known: %s", there.lacks)
        return
    for sentence in missing_rules(settings, [(each.id, each.name) for each in there.rules]):
        log.warning("%s", sentence)


async def _check_groups(settings: Settings, directory: SlackDirectory) -> None:
    for sentence in await unreadable_groups(settings, directory):
        log.warning("%s", sentence)


async def _is_readable(group: str, directory: SlackDirectory) -> bool:
    try:
        await directory.groups.get(group)
    except SlackUnavailable:
        return False
    return True
