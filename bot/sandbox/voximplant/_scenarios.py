"""Scenarios: GetScenarios, AddScenario, SetScenarioInfo, DelScenario, BindScenario, ReorderScenarios.

Documented are the parameters, the results, the limits and the codes. Inferred:
* a name is unique within an application, or among the shared scenarios; `rewrite` keeps the scenario's id,
  and without a source also that;
* the source is given only when one scenario is asked for by its id, and otherwise left out without a refusal;
* a scenario that is bound already keeps its place, one that is not bound is unbound without a refusal;
* the scenarios that a new order does not name keep their places behind those it names;
* a deleted scenario leaves its rules, which stay, and where an id and a name are given, they must agree.
Running sessions do not notice a change: they have their own copy of the sources.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.sandbox.voximplant._account import Application, Rule, Scenario
from bot.sandbox.voximplant._errors import ApiError, refuse
from bot.sandbox.voximplant._method import APPLICATION, DONE, PAGE, RULE, Answer, Method, MethodCall, page, shown

NAME_LENGTH_END = 30
SOURCE_BYTES_END = 128 * 1024
_SCENARIO = frozenset({"scenario_id", "scenario_name"})


def _get_scenarios(call: MethodCall) -> Answer:
    given = call.parameters
    application = call.application()
    scenario_id, part = given.number("scenario_id"), (given.text("scenario_name") or "").casefold()
    with_source = given.flag("with_script") and scenario_id is not None
    found = [
        scenario
        for scenario in call.account.scenarios.values()
        if application in (None, scenario.application)
        and scenario_id in (None, scenario.scenario_id)
        and part in scenario.name.casefold()
    ]
    cut = given.page()
    answer = page([scenario_row(scenario) for scenario in found], cut)
    if with_source:
        for row, scenario in zip(answer["result"], found[cut], strict=True):
            row["scenario_script"] = scenario.source
    if application is not None:
        answer |= {"application_id": application.application_id, "application_name": application.name}
    return answer


def _add_scenario(call: MethodCall) -> Answer:
    given = call.parameters
    application = call.application()
    name, source = _checked_name(given.required_text("scenario_name")), _checked_source(call)
    rewrite = given.flag("rewrite")
    rule = call.rule() if given.text("rule_id") or given.text("rule_name") else None
    old = _named(call, name, application)
    if old is not None and not rewrite:
        raise ApiError(133, field_name="scenario_name")
    scenario = call.account.add_scenario(name, "", application) if old is None else old
    _change(call, scenario, name=name, source=source)
    if rule is not None:
        _bind(call, rule, [scenario])
    return {**DONE, "scenario_id": scenario.scenario_id}


def _set_scenario_info(call: MethodCall) -> Answer:
    old, *others = chosen(call, call.account.scenarios.values(), by_name="required_scenario_name")
    if others:
        refuse("scenario_id")
    name, source = call.parameters.text("scenario_name") or old.name, _checked_source(call)
    if name != old.name and _named(call, _checked_name(name), old.application) is not None:
        raise ApiError(133, field_name="scenario_name")
    _change(call, old, name=name, source=source)
    return dict(DONE)


def _del_scenario(call: MethodCall) -> Answer:
    everything = list(call.account.scenarios.values())
    every = call.parameters.text("scenario_id") == "all"
    for scenario in everything if every else chosen(call, everything):
        call.account.remove_scenario(scenario)
    return dict(DONE)


def _bind_scenario(call: MethodCall) -> Answer:
    rule = call.rule()
    bind = call.parameters.flag("bind", default=True)
    scenarios = chosen(call, usable(call, rule.application))
    if bind:
        _bind(call, rule, scenarios)
    else:
        gone = {scenario.scenario_id for scenario in scenarios}
        _set_order(call, rule, [each for each in rule.scenario_ids if each not in gone])
    return dict(DONE)


def _reorder_scenarios(call: MethodCall) -> Answer:
    rule = call.rule()
    wanted = call.parameters.numbers("scenario_id")
    if wanted is None:
        raise ApiError(134, field_name="scenario_id")
    if not set(wanted) <= set(rule.scenario_ids):
        refuse("scenario_id")
    _set_order(call, rule, [*wanted, *rule.scenario_ids])
    return dict(DONE)


METHODS = {
    "GetScenarios": Method(answer=_get_scenarios, parameters=PAGE | APPLICATION | _SCENARIO | {"with_script"}),
    "AddScenario": Method(
        answer=_add_scenario, parameters=APPLICATION | RULE | {"scenario_name", "scenario_script", "rewrite"}
    ),
    "SetScenarioInfo": Method(
        answer=_set_scenario_info, parameters=_SCENARIO | {"required_scenario_name", "scenario_script"}
    ),
    "DelScenario": Method(answer=_del_scenario, parameters=_SCENARIO),
    "BindScenario": Method(answer=_bind_scenario, parameters=APPLICATION | RULE | _SCENARIO | {"bind"}),
    "ReorderScenarios": Method(answer=_reorder_scenarios, parameters=RULE | {"scenario_id"}),
}


def scenario_row(scenario: Scenario) -> Answer:
    """Return a scenario as the platform shows it, without its source."""
    return {
        "scenario_id": scenario.scenario_id,
        "scenario_name": scenario.name,
        "modified": shown(scenario.modified),
        "parent": False,
    }


def usable(call: MethodCall, application: Application) -> list[Scenario]:
    """Return the scenarios that a rule of this application may run: its own and the shared ones (facts)."""
    return [each for each in call.account.scenarios.values() if each.application in (None, application)]


def chosen(
    call: MethodCall, scenarios: Iterable[Scenario], *, by_id: str = "scenario_id", by_name: str = "scenario_name"
) -> list[Scenario]:
    """Return those of `scenarios` that the call lists, in its order: by id, by name, or by both, which must agree.

    Raises ApiError when one is not among them (132, 168), or its name is that of several, and 134 without a list.
    """
    among = list(scenarios)
    ids, names = call.parameters.numbers(by_id), call.parameters.names(by_name)
    if ids is None and names is None:
        raise ApiError(134, field_name=by_id)
    found = [[each for each in among if each.name == name] for name in names or ()]
    if ids is not None:
        found = [[each for each in among if each.scenario_id == scenario_id] for scenario_id in ids]
    if any(len(each) != 1 for each in found):
        refuse(by_name if ids is None else by_id)
    listed = [scenario for (scenario,) in found]
    if names is not None and {scenario.name for scenario in listed} != set(names):
        refuse(by_name)
    return listed


def _named(call: MethodCall, name: str, application: Application | None) -> Scenario | None:
    for scenario in call.account.scenarios.values():
        if scenario.name == name and scenario.application == application:
            return scenario
    return None


def _checked_name(name: str) -> str:
    """Return the name; one that is too long, or that no list of names could hold, is refused."""
    if len(name) >= NAME_LENGTH_END or ";" in name:
        refuse("scenario_name")
    return name


def _checked_source(call: MethodCall) -> str | None:
    source = call.parameters.text("scenario_script")
    if source is not None and len(source.encode("utf-8", "replace")) >= SOURCE_BYTES_END:
        raise ApiError(130, field_name="scenario_script")
    return source


def _change(call: MethodCall, scenario: Scenario, *, name: str, source: str | None) -> None:
    """Change a scenario's name and, unless it is None, its source."""
    source = scenario.source if source is None else source
    call.account.put_scenario(replace(scenario, name=name, source=source, modified=call.request.at))


def _bind(call: MethodCall, rule: Rule, scenarios: list[Scenario]) -> None:
    _set_order(call, rule, [*rule.scenario_ids, *(scenario.scenario_id for scenario in scenarios)])


def _set_order(call: MethodCall, rule: Rule, scenario_ids: list[int]) -> None:
    """Bind these scenarios and no others to a rule, each at its first place."""
    once = tuple(dict.fromkeys(scenario_ids))
    call.account.put_rule(replace(rule, scenario_ids=once, modified=call.request.at))
