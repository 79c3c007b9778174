"""The words and the JSON of a plan's steps, for a person at a terminal and for scripts."""

from collections.abc import Sequence
from typing import Any

from bot.scenario import (
    ANNOUNCE,
    KIT_NAME,
    KIT_VERSION,
    AddKit,
    DeleteKit,
    PutFirst,
    Step,
    Unbind,
    UpdateKit,
    announce_value,
    rule_words,
)
from bot.text import harmless_line
from bot.voximplant import Rule, ScenarioRef


def step_words(step: Step) -> str:
    """Return what a step changes, in one line: of a rule the order of its scenarios before and after it."""
    match step:
        case AddKit(announce):
            kit = f"The kit, scenario {KIT_NAME}, version {KIT_VERSION}"
            option = f", with {ANNOUNCE} = {announce_value(on=True)}" if announce else ""
            return f"{kit}{option}, is added, shared by the account's applications."
        case UpdateKit():
            return f"The kit, scenario {KIT_NAME} ({step.copy.id}): {_changes(step)}, {_for(step.rules)}."
        case PutFirst() | Unbind():
            line = f"{rule_words(step.rule)}: {_order(_names(step.before))} → {_order(step.names)}"
            return harmless_line(line)
        case DeleteKit(copy):
            return f"The kit, scenario {KIT_NAME} ({copy.id}), is deleted with its options: no rule has it any more."


def step_json(step: Step, state: str) -> dict[str, Any]:
    """Return a step in JSON's own types, and its state: planned, done, not done, or not known."""
    found: dict[str, Any] = {"step": _KINDS[type(step)], "state": state}
    if isinstance(step, PutFirst | Unbind):
        rule = step.rule
        found |= {"rule": rule.id, "name": rule.name, "application": rule.application_name}
        found |= {"before": _names(step.before), "after": list(step.names)}
    if isinstance(step, UpdateKit):
        found |= {"rules": [rule.id for rule in step.rules], "from": str(step.copy.version), "to": str(KIT_VERSION)}
    if isinstance(step, AddKit | UpdateKit):
        found["announce"] = step.announce
    if not isinstance(step, AddKit):
        found["scenario"] = None if step.copy is None else step.copy.id
    return found


_KINDS = {AddKit: "add", UpdateKit: "update", PutFirst: "put first", Unbind: "unbind", DeleteKit: "delete"}


def _changes(step: UpdateKit) -> str:
    copy, announce = step.copy, step.announce
    version = "" if copy.version == KIT_VERSION else f"version {copy.version} → {KIT_VERSION}, "
    if announce is None:
        return f"{version}with its options as they are"
    return f"{version}{ANNOUNCE} = {copy.announce} → {announce_value(on=announce)}, with its other options as they are"


def _for(rules: Sequence[Rule]) -> str:
    named = ", ".join(f"{harmless_line(rule.name)} ({rule.id})" for rule in rules)
    return f"for every rule that has it: {named}" if named else "which no rule has"


def _names(scenarios: Sequence[ScenarioRef]) -> list[str]:
    return [each.name for each in scenarios]


def _order(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "no scenario"
