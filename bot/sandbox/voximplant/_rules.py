"""Rules: GetRules, AddRule, SetRuleInfo, DelRule, ReorderRules.

Documented are the parameters, the results, the limits and the codes. Inferred: a rule may be added without a
scenario; `template` is a number, as in the documented example, that a rule's pattern must fit; and the rules that a
new order does not name keep their places behind those it names.
"""

import re
from dataclasses import replace

from bot.sandbox.voximplant._account import Account, Application, Rule
from bot.sandbox.voximplant._errors import ApiError, refuse
from bot.sandbox.voximplant._method import APPLICATION, DONE, PAGE, RULE, Answer, Method, MethodCall, page, shown
from bot.sandbox.voximplant._scenarios import chosen, scenario_row, usable

NAME_LENGTH_END = 100
_PATTERN_BYTES_END = 64 * 1024
_PATTERNS = frozenset({"rule_pattern", "rule_pattern_exclude"})


def _get_rules(call: MethodCall) -> Answer:
    """Return an application's rules; without an application it is refused (facts)."""
    given = call.parameters
    application = call.required_application()
    part, rule_id = given.text("rule_name") or "", given.number("rule_id")
    conferences = given.flag("video_conference") if given.text("video_conference") else None
    with_scenarios, template = given.flag("with_scenarios"), given.text("template")
    rows = [
        rule_row(call.account, rule, with_scenarios=with_scenarios)
        for rule in call.account.rules
        if rule.application == application
        and part in rule.rule_name
        and rule_id in (None, rule.rule_id)
        and conferences in (None, rule.video_conference)
        and (template is None or _fits(rule, template))
    ]
    return page(rows, given.page())


def _add_rule(call: MethodCall) -> Answer:
    given = call.parameters
    application = call.required_application()
    name = _new_name(call, application, given.required_text("rule_name"))
    pattern, exclude = _pattern(call, "rule_pattern"), _pattern(call, "rule_pattern_exclude")
    if pattern is None:
        raise ApiError(134, field_name="rule_pattern")
    conference = given.flag("video_conference")
    listed = given.text("scenario_id") or given.text("scenario_name")
    scenarios = chosen(call, usable(call, application)) if listed else []
    rule = call.account.add_rule(application, name, video_conference=conference)
    ids = tuple(scenario.scenario_id for scenario in scenarios)
    call.account.put_rule(
        replace(rule, scenario_ids=ids, pattern=pattern, pattern_exclude=exclude, modified=call.request.at)
    )
    return {**DONE, "rule_id": rule.rule_id}


def _set_rule_info(call: MethodCall) -> Answer:
    given = call.parameters
    rule_id, name = given.number("rule_id"), given.text("rule_name")
    rule = next((each for each in call.account.rules if each.rule_id == rule_id), None)
    if rule is None:
        refuse("rule_id")
    if name is not None and name != rule.rule_name:
        rule = replace(rule, rule_name=_new_name(call, rule.application, name))
    pattern, exclude = _pattern(call, "rule_pattern"), _pattern(call, "rule_pattern_exclude")
    changed = replace(
        rule,
        pattern=rule.pattern if pattern is None else pattern,
        pattern_exclude=rule.pattern_exclude if exclude is None else exclude,
        video_conference=given.flag("video_conference", default=rule.video_conference),
        modified=call.request.at,
    )
    call.account.put_rule(changed)
    return dict(DONE)


def _del_rule(call: MethodCall) -> Answer:
    given = call.parameters
    application = call.application()
    rules = [rule for rule in call.account.rules if application in (None, rule.application)]
    if given.text("rule_id") != "all":
        rules = _listed(call, rules)
    for rule in rules:
        call.account.rules.remove(rule)
    return dict(DONE)


def _reorder_rules(call: MethodCall) -> Answer:
    if call.parameters.text("rule_id") is None:
        raise ApiError(134, field_name="rule_id")
    rules = call.account.rules
    listed = _listed(call, rules)
    if len({rule.application for rule in listed}) != 1:  # documented: they belong to one application
        refuse("rule_id")
    call.account.rules = [*listed, *(rule for rule in rules if rule not in listed)]
    return dict(DONE)


METHODS = {
    "GetRules": Method(
        answer=_get_rules,
        parameters=PAGE | APPLICATION | RULE | {"template", "video_conference", "with_scenarios"},
        not_simulated=frozenset({"attached_key_id"}),
    ),
    "AddRule": Method(
        answer=_add_rule,
        parameters=APPLICATION | _PATTERNS | {"rule_name", "scenario_id", "scenario_name", "video_conference"},
        not_simulated=frozenset({"bind_key_id"}),
    ),
    "SetRuleInfo": Method(
        answer=_set_rule_info,
        parameters=RULE | _PATTERNS | {"video_conference"},
        not_simulated=frozenset({"bind_key_id"}),
    ),
    "DelRule": Method(answer=_del_rule, parameters=APPLICATION | RULE),
    "ReorderRules": Method(answer=_reorder_rules, parameters=frozenset({"rule_id"})),
}


def rule_row(account: Account, rule: Rule, *, with_scenarios: bool) -> Answer:
    """Return a rule as the platform shows it; its scenarios stand in the order in which they run."""
    scenarios = account.scenarios_of(rule) if with_scenarios else ()
    row: Answer = {
        "rule_id": rule.rule_id,
        "application_id": rule.application.application_id,
        "rule_name": rule.rule_name,
        "rule_pattern": rule.pattern,
        "video_conference": rule.video_conference,
        "scenarios": [scenario_row(scenario) for scenario in scenarios],
        "modified": shown(rule.modified),
    }
    if rule.pattern_exclude is not None:
        row["rule_pattern_exclude"] = rule.pattern_exclude
    return row


def _fits(rule: Rule, number: str) -> bool:
    excluded = rule.pattern_exclude is not None and re.fullmatch(rule.pattern_exclude, number)
    return bool(re.fullmatch(rule.pattern, number)) and not excluded


def _new_name(call: MethodCall, application: Application, name: str) -> str:
    """Return the name of a new rule; one that is too long, or in use in its application, is refused."""
    if len(name) >= NAME_LENGTH_END:
        refuse("rule_name")
    if any(rule.rule_name == name and rule.application == application for rule in call.account.rules):
        raise ApiError(175, field_name="rule_name")
    return name


def _pattern(call: MethodCall, name: str) -> str | None:
    """Read a regular expression, of which the platform's own kind is not known; None when it is absent."""
    pattern = call.parameters.text(name)
    if pattern is not None:
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            refuse(name)
        if len(pattern.encode("utf-8", "replace")) >= _PATTERN_BYTES_END:
            refuse(name)
    return pattern


def _listed(call: MethodCall, rules: list[Rule]) -> list[Rule]:
    """Return those of `rules` that the call lists by id or by name; one that is unknown refuses the call."""
    ids, names = call.parameters.numbers("rule_id"), call.parameters.names("rule_name")
    if ids is None and names is None:
        refuse("rule_id")
    if ids is not None:
        found = [[rule for rule in rules if rule.rule_id == each] for each in ids]
    else:
        found = [[rule for rule in rules if rule.rule_name == each] for each in names or ()]
    if any(len(each) != 1 for each in found):
        refuse("rule_name" if ids is None else "rule_id")
    return [rule for (rule,) in found]
