"""The hotline: a rule whose sessions nobody starts in Slack; the kit is in front, so that the bot finds them."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from bot.sandbox.slack import Channel
from bot.sandbox.voximplant import Account, Rule, shipped_scenario
from bot.scenario import KIT_NAME, kit_source_with

BEAT_S: Final = 2
"""The heartbeat of its sessions, shorter than in life (60 s), so that nobody has to wait for a silent one."""

SILENT_S: Final = 3 * BEAT_S

_NAME: Final = "hotline"
_SECRET: Final = "SESSION_BOT_SECRET"  # noqa: S105 - its name
_QUICK: Final = {"ANNOUNCE_EVERY_SECONDS": str(BEAT_S), "ANNOUNCE_SPACING_SECONDS": "1"}


def add_quick_hotline(account: Account) -> Rule:
    """Add the rule, with that heartbeat, and the secret that signs what its sessions announce; return the rule."""
    secret = secrets.token_hex(32)
    account.add_secret(account.applications[0], _SECRET, secret, "Signs announcements", datetime.now(UTC))
    return add_hotline(account, _QUICK)


def add_hotline(account: Account, options: Mapping[str, str] = MappingProxyType({})) -> Rule:
    """Add the rule, with these options of the kit beside announcing; return it."""
    application = account.applications[0]
    kit = account.add_scenario(KIT_NAME, kit_source_with(options, announce=True), application)
    rule = account.add_rule(application, _NAME, shipped_scenario(_NAME))
    rule = replace(rule, scenario_ids=(kit.scenario_id, *rule.scenario_ids))
    account.put_rule(rule)
    return rule


def hotline_environ(account: Account) -> dict[str, str]:
    """Return the setting of a bot that believes only what is signed with that secret."""
    (secret,) = [each.value for each in account.secrets.values() if each.name == _SECRET]
    return {"SESSION_BOT_ANNOUNCE_SECRET": secret}


def hotline_config(rule: Rule, home: Channel) -> str:
    """Return the part of `session-bot.toml` that gives its sessions a home, and says when one is silent."""
    return f'[rules.{rule.rule_name}]\nid = {rule.rule_id}\nhome = "{home.id}"\nsilent = "{SILENT_S}s"\n'
