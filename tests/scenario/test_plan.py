"""The plan of an installation of the kit, or of its removal: pure, from rules and copies to steps."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.scenario import (
    KIT_NAME,
    KIT_VERSION,
    AddKit,
    CopyState,
    DeleteKit,
    KitCopy,
    PutFirst,
    Unbind,
    UpdateKit,
    install_plan,
    kit_source,
    kit_source_with,
    uninstall_plan,
)
from bot.scenario._copies import kit_copy
from bot.scenario._options import options_of, with_options
from bot.voximplant import Rule, Scenario, ScenarioRef

from .older_kit import OLDER

KIT = 9
SOURCE = kit_source()
NEWER = SOURCE.replace(f"version {KIT_VERSION}", "version 99.0", 1)


def rule(number: int, *scenarios: int, application: int = 1, name: str = "") -> Rule:
    """Make a rule with these scenarios; the ones from 9 on have the kit's name."""
    refs = tuple(ScenarioRef(each, KIT_NAME if each >= KIT else f"own {each}") for each in scenarios)
    return Rule(number, name or f"rule {number}", application, f"application {application}", refs)


def copy(source: str | None = SOURCE, number: int = KIT, *applications: int) -> KitCopy:
    """Make a scenario of the kit's name."""
    return kit_copy(Scenario(number, KIT_NAME, None, source), frozenset(applications))


@pytest.mark.parametrize(
    ("source", "state"),
    [
        (SOURCE, CopyState.current),
        ("\ufeff" + SOURCE.replace("\n", "\r\n") + "\n\n", CopyState.current),
        (SOURCE.replace("ANNOUNCE = false", "ANNOUNCE = true"), CopyState.current),
        (OLDER, CopyState.older),
        (OLDER.replace("GRACE_SECONDS = 5", "GRACE_SECONDS = 60").replace("\n", "\r\n"), CopyState.older),
        (OLDER.replace("stopping = true", "stopping = 1"), CopyState.changed),
        (OLDER.replace("version 1.0", "version 0.9", 1), CopyState.changed),
        (NEWER, CopyState.newer),
        (SOURCE.replace("stopping = true", "stopping = 1"), CopyState.changed),
        (SOURCE + "VoxEngine.callPSTN('1', '2');\n", CopyState.foreign),
        (SOURCE + SOURCE, CopyState.foreign),
        ("// mine\n" + SOURCE, CopyState.foreign),
        (SOURCE.splitlines()[0], CopyState.foreign),
        ("VoxEngine.terminate();", CopyState.foreign),
        ("", CopyState.foreign),
        (None, CopyState.unread),
    ],
)
def test_a_scenario_of_the_kits_name_is_the_kit_or_it_is_not(source: str | None, state: CopyState) -> None:
    """Only what begins and ends as the kit does is the kit: one pasted on top of a scenario is the customer's."""
    assert copy(source).state is state


def test_the_first_installation_adds_the_kit_and_puts_it_first() -> None:
    """Where there is no kit it is added once, and each rule gets it in front of its scenarios, as they were."""
    rules = [rule(1, 5, 3, 4), rule(2, 6, application=2)]
    plan = install_plan(rules, rules, [])
    add, first, second = plan.steps
    assert isinstance(add, AddKit)
    assert isinstance(first, PutFirst)
    assert isinstance(second, PutFirst)
    assert (first.order(KIT), first.names) == ((KIT, 5, 3, 4), (KIT_NAME, "own 5", "own 3", "own 4"))
    assert second.order(KIT) == (KIT, 6)
    assert (plan.notes, plan.refusals) == ((), ())


def test_a_second_installation_changes_nothing() -> None:
    """A rule whose first scenario is the kit is as it should be."""
    rules = [rule(1, KIT, 5), rule(2, KIT, 6)]
    assert install_plan(rules, rules, [copy()]).steps == ()


def test_a_kit_that_is_not_first_is_moved() -> None:
    """Where a rule has the kit behind other scenarios, only the order changes."""
    rules = [rule(1, 5, KIT, 6)]
    (step,) = install_plan(rules, rules, [copy()]).steps
    assert isinstance(step, PutFirst)
    assert (step.bound, step.order(KIT), step.names) == (True, (KIT, 5, 6), (KIT_NAME, "own 5", "own 6"))


def test_a_half_done_installation_is_finished() -> None:
    """A kit that was added, and bound to one of two rules, is bound to the other, and not added again."""
    rules = [rule(1, KIT, 5), rule(2, 6)]
    (step,) = install_plan(rules, rules, [copy()]).steps
    assert isinstance(step, PutFirst)
    assert (step.rule.id, step.bound, step.copy) == (2, False, copy())


def test_an_older_kit_is_updated_in_place() -> None:
    """An older kit is changed for all rules that have it, named or not, with the customer's options."""
    older = copy(
        OLDER.replace("GRACE_SECONDS = 5", "GRACE_SECONDS = 12").replace("ANNOUNCE = false", "ANNOUNCE = true")
    )
    rules = [rule(1, KIT, 5), rule(2, KIT, 6)]
    (step,) = install_plan(rules[:1], rules, [older]).steps
    assert isinstance(step, UpdateKit)
    assert [each.id for each in step.rules] == [1, 2]
    assert copy(step.copy.updated()).state is CopyState.current
    assert {**options_of(SOURCE), "GRACE_SECONDS": "12", "ANNOUNCE": "true"} == options_of(step.copy.updated())


@pytest.mark.parametrize(
    "source", [NEWER, *(each.replace("stopping = true", "stopping = 1") for each in (SOURCE, OLDER))]
)
def test_a_newer_or_changed_kit_stays(source: str) -> None:
    """A kit that is newer than this bot's, or changed by hand, is put first, left as it is, and said to be so."""
    rules = [rule(1, 5, KIT)]
    plan = install_plan(rules, rules, [copy(source)])
    assert [type(each) for each in plan.steps] == [PutFirst]
    assert len(plan.notes) == 1


@pytest.mark.parametrize("source", ["VoxEngine.terminate();", SOURCE + "x", None])
def test_a_scenario_of_somebody_else_is_not_touched(source: str | None) -> None:
    """A scenario that only has the kit's name keeps its rule as it is, which is said; other rules get the kit."""
    rules = [rule(1, KIT, 5), rule(2, 6, application=2)]
    foreign = copy(source, KIT, 1)
    plan = install_plan(rules, rules, [foreign])
    assert [type(each) for each in plan.steps] == [AddKit, PutFirst]
    (refusal,) = plan.refusals
    assert "rule 1 (1)" in refusal
    assert str(KIT) in refusal
    removal = uninstall_plan(rules, rules, [foreign], whole=True)
    assert (removal.steps, len(removal.refusals)) == ((), 1)


def test_a_copy_of_another_application_is_not_bound() -> None:
    """A kit that only another application lists cannot be bound here; a shared one is added."""
    rules = [rule(1, 5)]
    plan = install_plan(rules, rules, [copy(SOURCE, KIT, 2)])
    assert [type(each) for each in plan.steps] == [AddKit, PutFirst]
    assert [type(each) for each in install_plan(rules, rules, [copy(SOURCE, KIT, 1, 2)]).steps] == [PutFirst]


def test_a_rule_whose_order_is_not_known_is_left_alone() -> None:
    """What could not be read is not put in order."""
    unread = Rule(1, "night", 1, "calls", None)
    for plan in (install_plan([unread], [unread], [copy()]), uninstall_plan([unread], [unread], [copy()], whole=True)):
        assert plan.steps == ()
        assert "could not be read" in plan.refusals[0]


def test_a_rule_without_scenarios_gets_no_kit() -> None:
    """There is nothing to make stoppable in it, and with the kit alone it could be started."""
    plan = install_plan([rule(1)], [rule(1)], [])
    assert (plan.steps, len(plan.refusals)) == ((), 1)


def test_a_kit_bound_twice_is_said() -> None:
    """Of two kits in a rule the first is put first, and the other stays where it is."""
    rules = [rule(1, 5, 9, 10)]
    plan = install_plan(rules, rules, [copy(SOURCE, 9), copy(SOURCE, 10)])
    (step,) = plan.steps
    assert isinstance(step, PutFirst)
    assert step.order(9) == (9, 5, 10)
    assert "more than once" in plan.notes[0]


def test_a_removal_unbinds_and_deletes() -> None:
    """The kit is taken out of the chosen rules, and deleted when no other rule has it."""
    rules = [rule(1, KIT, 5), rule(2, 6, KIT)]
    one = uninstall_plan(rules[:1], rules, [copy()], whole=True)
    (step,) = one.steps
    assert isinstance(step, Unbind)
    assert (step.rule.id, step.names) == (1, ("own 5",))
    both = uninstall_plan(rules, rules, [copy()], whole=True)
    assert [type(each) for each in both.steps] == [Unbind, Unbind, DeleteKit]
    none = [rule(1, 5), rule(2, 6)]
    assert [type(each) for each in uninstall_plan(none, none, [copy()], whole=True).steps] == [DeleteKit]
    assert uninstall_plan(none, none, [], whole=True).steps == ()


def test_a_kit_that_was_changed_by_hand_is_not_deleted() -> None:
    """What somebody wrote into it could not be restored: it is unbound, stays in the account, and that is said."""
    rules = [rule(1, KIT, 5)]
    changed = copy(SOURCE.replace("// ---- A stop ----", "VoxEngine.mine = 1;"))
    plan = uninstall_plan(rules, rules, [changed], whole=True)
    assert [type(each) for each in plan.steps] == [Unbind]
    assert "not deleted" in plan.notes[0]
    none = [rule(1, 5)]
    assert uninstall_plan(none, none, [changed], whole=True).steps == ()


def test_a_kit_is_not_deleted_where_rules_are_not_known() -> None:
    """Where not every rule could be read, one of the others may have the kit: it stays, and that is said."""
    rules = [rule(1, KIT, 5)]
    plan = uninstall_plan(rules, rules, [copy()], whole=False)
    assert [type(each) for each in plan.steps] == [Unbind]
    assert "not deleted" in plan.notes[0]
    unread = [*rules, Rule(2, "night", 1, "calls", None)]
    assert [type(each) for each in uninstall_plan(rules, unread, [copy()], whole=True).steps] == [Unbind]


@given(
    st.lists(st.lists(st.integers(1, 10), unique=True, max_size=5), min_size=1, max_size=4),
    st.sampled_from([(), (9,), (10,), (9, 10)]),
)
def test_no_plan_moves_a_scenario_of_the_customers(orders: list[list[int]], kits: Sequence[int]) -> None:
    """Whatever rules there are: the customer's scenarios stay in their order, and a second plan is empty."""
    rules = [rule(number, *order) for number, order in enumerate(orders, 1)]
    copies = [copy(SOURCE, each) for each in kits]
    plan = install_plan(rules, rules, copies)
    after = {each.id: [ref.id for ref in each.scenarios or ()] for each in rules}
    for step in plan.steps:
        if isinstance(step, PutFirst):
            kit = KIT + 2 if step.copy is None else step.copy.id
            own = [each for each in after[step.rule.id] if each != kit]
            assert step.order(kit) == (kit, *own)
            after[step.rule.id] = [kit, *own]
    then = [rule(number, *order) for number, order in after.items()]
    known = [*copies, copy(SOURCE, KIT + 2)]
    assert install_plan(then, then, known).steps == ()
    removal = uninstall_plan(then, then, known, whole=True)
    assert not [each for each in removal.steps if isinstance(each, Unbind) and each.copy.id < KIT]


@pytest.mark.parametrize(("announce", "value"), [(None, "false"), (False, "false"), (True, "true")])
def test_the_kit_is_added_as_it_is_asked_for(announce: bool | None, value: str) -> None:  # noqa: FBT001 - the case
    """Announcing is off in a new kit unless it is asked for, which comes with a warning."""
    plan = install_plan([rule(1, 5)], [rule(1, 5)], [], announce=announce)
    added = plan.steps[0]
    assert isinstance(added, AddKit)
    assert options_of(kit_source_with(announce=added.announce)) == {**options_of(SOURCE), "ANNOUNCE": value}
    assert [bool(announce)] == ["URL" in each for each in plan.notes or ("",)]


@pytest.mark.parametrize("source", [SOURCE, OLDER])
@pytest.mark.parametrize("announce", [True, False])
def test_announcing_is_switched_in_place(source: str, announce: bool) -> None:  # noqa: FBT001 - the case
    """The option is set for all rules that have that copy, the others stay, and once it is so nothing changes."""
    there = {"GRACE_SECONDS": "9", "ANNOUNCE": "false" if announce else "true"}
    rules = [rule(1, KIT, 5), rule(2, KIT, 6)]
    (step,) = install_plan(rules[:1], rules, [copy(with_options(source, there))], announce=announce).steps
    assert isinstance(step, UpdateKit)
    assert ([each.id for each in step.rules], step.announce) == ([1, 2], announce)
    after = copy(step.copy.updated(announce=step.announce))
    assert (after.state, after.announces) == (CopyState.current, announce)
    assert options_of(after.source or "")["GRACE_SECONDS"] == "9"
    assert install_plan(rules, rules, [after], announce=announce).steps == ()
    assert install_plan(rules, rules, [after]).steps == ()


@pytest.mark.parametrize("source", [NEWER, SOURCE.replace("stopping = true", "stopping = 1")])
def test_announcing_is_not_switched_in_a_kit_that_is_left_alone(source: str) -> None:
    """A newer kit, or one changed by hand, keeps its option, and that is a refusal with what to do."""
    plan = install_plan([rule(1, KIT, 5)], [rule(1, KIT, 5)], [copy(source)], announce=True)
    assert plan.steps == ()
    assert "set ANNOUNCE in it" in plan.refusals[0]
    assert install_plan([rule(1, KIT, 5)], [rule(1, KIT, 5)], [copy(source)], announce=False).refusals == ()


def test_an_option_may_be_a_long_url() -> None:
    """The URL of an inbox is an option like the others, which an update keeps."""
    url = f'"https://bot.example.com/{"a" * 200}"'
    mine = with_options(SOURCE, {"INBOX": url})
    assert (copy(mine).state, options_of(mine)["INBOX"]) == (CopyState.current, url)


def test_options_of_an_unknown_name_are_left_out() -> None:
    """An option that the new kit does not know is dropped, one that the old did not know has its default."""
    updated = with_options(SOURCE, {"GONE": "1", "END_AFTER_MINUTES": "24 * 60"})
    assert options_of(updated) == {**options_of(SOURCE), "END_AFTER_MINUTES": "24 * 60"}
    assert with_options(updated, options_of(SOURCE)) == SOURCE
    assert "GRACE_SECONDS" in options_of(SOURCE)
