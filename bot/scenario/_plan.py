"""The plan of an installation of the kit, or of its removal: rules and copies → steps. Pure.

Nothing of the customer's is in a step: their scenarios are neither changed nor unbound, and keep their order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.scenario._copies import ANNOUNCE, CopyState, KitCopy, announce_value
from bot.scenario._kit import KIT_NAME, KIT_VERSION, KitVersion
from bot.voximplant import Rule, ScenarioRef


@dataclass(frozen=True)
class AddKit:
    """The kit is added to the account, shared by its applications. `announce` None is the kit as it is."""

    announce: bool | None = None


@dataclass(frozen=True)
class UpdateKit:
    """A copy of the kit is updated in place, for all rules that have it.

    Its options stay, but for announcing, which `announce` switches on or off; None leaves it, too.
    """

    copy: KitCopy
    rules: tuple[Rule, ...]
    announce: bool | None = None


@dataclass(frozen=True)
class PutFirst:
    """A rule gets the kit as its first scenario; `copy` None is the one that is added.

    `bound` is whether the rule has it already, at another place.
    """

    rule: Rule
    copy: KitCopy | None
    bound: bool
    before: tuple[ScenarioRef, ...]

    def order(self, kit: int) -> tuple[int, ...]:
        """Return the rule's scenarios in their new order: the kit, and the others as they were."""
        return (kit, *(each.id for each in self.before if each.id != kit))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the scenarios in their new order."""
        own = None if self.copy is None else self.copy.id
        return (KIT_NAME, *(each.name for each in self.before if each.id != own))


@dataclass(frozen=True)
class Unbind:
    """A rule loses the kit."""

    rule: Rule
    copy: KitCopy
    before: tuple[ScenarioRef, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the scenarios that stay."""
        return tuple(each.name for each in self.before if each.id != self.copy.id)


@dataclass(frozen=True)
class DeleteKit:
    """A copy of the kit that no rule has any more is deleted, with the options in it."""

    copy: KitCopy


_ANNOUNCING: Final = (
    "A session that announces itself writes its URL into its application's storage: who can read that can stop it."
)

Step = AddKit | UpdateKit | PutFirst | Unbind | DeleteKit


@dataclass(frozen=True)
class Plan:
    """The steps in their order, what is worth knowing, and why something is not done that was asked for.

    `settled` counts the chosen rules that are as they should be already.
    """

    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    settled: int = 0


def install_plan(
    chosen: Sequence[Rule],
    every: Iterable[Rule],
    copies: Sequence[KitCopy],
    *,
    named: bool = True,
    announce: bool | None = None,
) -> Plan:
    """Return the steps after which each chosen rule has this bot's kit, or a newer one, as its first scenario.

    `every` are all known rules of the account, `copies` all its scenarios of the kit's name. A rule without scenarios
    is refused where it was `named`, and skipped where all were chosen. `announce` switches announcing on or off in
    every copy that the chosen rules have; None leaves it as it is.
    """
    steps: list[PutFirst] = []
    used: dict[int, KitCopy] = {}
    notes: list[str] = []
    refusals: list[str] = []
    settled = 0
    for rule in chosen:
        if rule.scenarios == ():
            skipped = refusals if named else notes
            skipped.append(f"{rule_words(rule)} has no scenario, so there is nothing to make stoppable.")
            continue
        if (refusal := _refusal(rule, copies)) is not None:
            refusals.append(refusal)
            continue
        bound = rule.scenarios or ()
        copy = _copy_for(rule, copies)
        if copy is not None:
            used[copy.id] = copy
        first = bound[0].id if bound else None
        if copy is not None and first == copy.id:
            settled += 1
        else:
            has_it = copy is not None and copy.id in {each.id for each in bound}
            steps.append(PutFirst(rule, copy, has_it, bound))
        if len(_bound(rule, copies)) > 1:
            notes.append(f"{rule_words(rule)} has the kit more than once; only the first one acts, the others stay.")
    switched = [copy for copy in used.values() if announce is not None and copy.announce != announce_value(on=announce)]
    old = [
        copy
        for copy in used.values()
        if copy.state is CopyState.older or (copy in switched and copy.state is CopyState.current)
    ]
    updates = [UpdateKit(copy, _having(copy, every), announce if copy in switched else None) for copy in old]
    added = [AddKit(announce or None)] if any(step.copy is None for step in steps) else []
    refusals += [_not_switched(copy) for copy in switched if copy not in old]
    if announce and (added or any(step.announce for step in updates)):
        notes.append(_ANNOUNCING)
    return Plan((*added, *updates, *steps), (*notes, *_left_alone(used.values())), tuple(refusals), settled)


def uninstall_plan(chosen: Sequence[Rule], every: Sequence[Rule], copies: Sequence[KitCopy], *, whole: bool) -> Plan:
    """Return the steps after which no chosen rule has the kit, and no copy is left that no rule has.

    Unless `whole`, `every` may lack rules of the account, and nothing is deleted. What was changed by hand has in it
    what nobody could restore, and is unbound only.
    """
    steps: list[Step] = []
    notes: list[str] = []
    refusals: list[str] = []
    for rule in chosen:
        if rule.scenarios is None:
            refusals.append(_unread(rule))
            continue
        steps += [Unbind(rule, copy, rule.scenarios) for copy in _bound(rule, copies)]
        refusals += [_foreign(copy, rule) for copy in copies if not copy.state.is_kit and _has(rule, copy)]
    freed = {step.copy.id for step in steps if isinstance(step, Unbind)}
    cleared = {rule.id for rule in chosen}
    unread = [rule for rule in every if rule.scenarios is None]
    for copy in copies:
        if not copy.state.is_kit or any(rule.id not in cleared for rule in _having(copy, every)):
            continue
        if copy.state is CopyState.changed:
            if copy.id in freed:
                says = "was changed by hand, beyond its options; it is not deleted."
                notes.append(f"The kit, {scenario_words(copy)}, {says}")
        elif whole and not unread:
            steps.append(DeleteKit(copy))
        elif copy.id in freed:
            notes.append(f"The kit, {scenario_words(copy)}, is not deleted: not every rule of the account can be read.")
    touched = {step.rule.id for step in steps if isinstance(step, Unbind)}
    return Plan(tuple(steps), tuple(notes), tuple(refusals), len(cleared) - len(touched) - len(refusals))


def rule_words(rule: Rule) -> str:
    """Return a rule as people are told of it."""
    where = f" in {rule.application_name}" if rule.application_name else ""
    return f"Rule {rule.name} ({rule.id}){where}" if rule.name else f"Rule {rule.id}{where}"


def scenario_words(copy: KitCopy) -> str:
    """Return a copy as people are told of it."""
    return f"scenario {KIT_NAME} ({copy.id})"


def _refusal(rule: Rule, copies: Sequence[KitCopy]) -> str | None:
    if rule.scenarios is None:
        return _unread(rule)
    if _copy_for(rule, copies) is not None:
        return None
    foreign = [copy for copy in copies if not copy.state.is_kit and (_has(rule, copy) or _is_in_the_way(rule, copy))]
    return _foreign(foreign[0], rule) if foreign else None


def _is_in_the_way(rule: Rule, copy: KitCopy) -> bool:
    """Return whether a copy takes the name that a new kit would have for this rule."""
    return copy.can_be_bound_in(rule.application_id)


def _unread(rule: Rule) -> str:
    return f"{rule_words(rule)} is left as it is: which scenarios it has could not be read."


def _foreign(copy: KitCopy, rule: Rule) -> str:
    why = (
        "its source could not be read, so it may be yours"
        if copy.state is CopyState.unread
        else "it is not the kit, or has more in it than the kit, so it is yours"
    )
    return f"{rule_words(rule)} is left as it is: there is a {scenario_words(copy)}, and {why}. Rename it first."


def _copy_for(rule: Rule, copies: Sequence[KitCopy]) -> KitCopy | None:
    """Return the copy that a rule has, or else one that it can have; None where one must be added."""
    usable = [copy for copy in copies if copy.state.is_kit and copy.can_be_bound_in(rule.application_id)]
    return next(iter([*_bound(rule, copies), *usable]), None)


def _bound(rule: Rule, copies: Sequence[KitCopy]) -> list[KitCopy]:
    """Return the copies of the kit that a rule has, in its order."""
    by_id = {copy.id: copy for copy in copies if copy.state.is_kit}
    return [by_id[each.id] for each in rule.scenarios or () if each.id in by_id]


def _has(rule: Rule, copy: KitCopy) -> bool:
    return any(each.id == copy.id for each in rule.scenarios or ())


def _having(copy: KitCopy, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if _has(rule, copy))


def _left_alone(used: Iterable[KitCopy]) -> list[str]:
    notes = []
    for copy in used:
        if copy.state is CopyState.newer:
            notes.append(_newer(copy, copy.version or KIT_VERSION))
        if copy.state is CopyState.changed:
            notes.append(_changed(copy))
    return notes


def _not_switched(copy: KitCopy) -> str:
    return f"Announcing stays as it is in {scenario_words(copy)}: set {ANNOUNCE} in it, in the control panel."


def _changed(copy: KitCopy) -> str:
    says = f"The kit, {scenario_words(copy)}, was changed by hand, beyond its options; it stays so."
    if copy.version is None or copy.version == KIT_VERSION:
        return says
    return f"{says} Its version is {copy.version}: `session-bot scenario kit` prints {KIT_VERSION}."


def _newer(copy: KitCopy, version: KitVersion) -> str:
    return f"The kit, {scenario_words(copy)}, has version {version}, newer than this bot's {KIT_VERSION}; it stays."
