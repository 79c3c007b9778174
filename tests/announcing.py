"""A rule whose sessions announce themselves: the kit in front of a scenario that listens to no request."""

from dataclasses import replace
from typing import Final

from bot.sandbox.voximplant import Account, Rule, shipped_scenario
from bot.scenario import KIT_NAME, kit_source_with

_LONG: Final = {"ANNOUNCE_EVERY_SECONDS": "1200"}
"""Where the platform's clock is quick and its timers are not: what is written once outlives the test."""


def hotline(account: Account, **options: str) -> Rule:
    """Add the rule, with these options of the kit."""
    application = account.applications[0]
    kit = account.add_scenario(KIT_NAME, kit_source_with({**_LONG, **options}, announce=True), application)
    rule = account.add_rule(application, "hotline", shipped_scenario("hotline"))
    rule = replace(rule, scenario_ids=(kit.scenario_id, *rule.scenario_ids))
    account.put_rule(rule)
    return rule
