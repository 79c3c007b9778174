"""The steps of a plan, taken at the platform, and the copies of the kit, read from it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from bot.scenario._copies import KitCopy, kit_copy, kit_source_with
from bot.scenario._kit import KIT_NAME
from bot.scenario._plan import AddKit, DeleteKit, Plan, PutFirst, Step, Unbind, UpdateKit
from bot.voximplant import Management, Scenario, Scenarios
from bot.voximplant.errors import PlatformError

_AT_ONCE: Final = 8


async def read_copies(management: Management) -> list[KitCopy]:
    """Return every scenario of the kit's name in the account; raises PlatformError.

    Whether a list of one application's scenarios has the shared ones in it is not documented. A copy that is in some
    lists is taken for theirs, and one that is in none for shared: either way it can be bound where it is listed.
    """
    scenarios = management.scenarios
    named = [each for each in await scenarios.all() if each.name == KIT_NAME]
    if not named:
        return []
    room = asyncio.Semaphore(_AT_ONCE)

    async def listed(application_id: int) -> tuple[int, set[int]]:
        async with room:
            return application_id, {each.id for each in await scenarios.all(application_id)}

    lists = await asyncio.gather(*(listed(each.id) for each in await management.applications()))
    return [
        kit_copy(
            await scenarios.with_source(each.id) or each,
            frozenset(application for application, ids in lists if each.id in ids),
        )
        for each in named
    ]


async def read_copy(scenarios: Scenarios, scenario_id: int) -> KitCopy:
    """Return what a scenario of the kit's name is; one that cannot be read is unread."""
    unread = Scenario(scenario_id, KIT_NAME)
    try:
        return kit_copy(await scenarios.with_source(scenario_id) or unread)
    except PlatformError:
        return kit_copy(unread)


async def carry_out(plan: Plan, scenarios: Scenarios) -> AsyncIterator[Step]:
    """Yield each step once it is done; raises the PlatformError of the one after those that were yielded.

    A plan that was left half done can be made anew from the account as it is, and carried out.
    """
    added: int | None = None
    for step in plan.steps:
        match step:
            case AddKit(announce):
                added = await scenarios.add(KIT_NAME, kit_source_with(announce=announce))
            case UpdateKit(copy, _, announce):
                await scenarios.change(copy.id, source=copy.updated(announce=announce))
            case PutFirst():
                await _put_first(step, added, scenarios)
            case Unbind(rule, copy):
                await scenarios.unbind(copy.id, rule_id=rule.id, application_id=rule.application_id)
            case DeleteKit(copy):
                await scenarios.delete(copy.id)
        yield step


async def _put_first(step: PutFirst, added: int | None, scenarios: Scenarios) -> None:
    """Bind the kit, where the rule does not have it, and put it first: the platform binds it at a place of its own."""
    kit = added if step.copy is None else step.copy.id
    if kit is None:
        raise AssertionError
    rule = step.rule
    if not step.bound:
        await scenarios.bind(kit, rule_id=rule.id, application_id=rule.application_id)
    await scenarios.reorder(step.order(kit), rule_id=rule.id)
