"""GetApplications, GetRules and GetAccountInfo: the contents of the account."""

from datetime import datetime

from bot.sandbox.voximplant._account import Account, Rule, Scenario
from bot.sandbox.voximplant._errors import refuse
from bot.sandbox.voximplant._method import APPLICATION, PAGE, Answer, Method, MethodCall, page
from bot.sandbox.voximplant._parameters import DATE_FORMAT


def _get_applications(call: MethodCall) -> Answer:
    given = call.parameters
    part, application_id = given.text("application_name") or "", given.number("application_id")
    with_scenarios = given.flag("with_scenarios")
    with_rules = given.flag("with_rules") or with_scenarios
    rows: list[Answer] = []
    for application in call.account.applications:
        if part not in application.name or application_id not in (None, application.application_id):
            continue
        row = {
            "application_id": application.application_id,
            "application_name": application.name,
            "modified": _shown(application.modified),
            "secure_record_storage": call.options.secure_logs,
        }
        if with_rules:
            rules = [rule for rule in call.account.rules if rule.application == application]
            row["rules"] = [_rule_row(call.account, rule, with_scenarios=with_scenarios) for rule in rules]
        rows.append(row)
    return page(rows, given.page())


def _get_rules(call: MethodCall) -> Answer:
    """Return an application's rules; without an application it is refused (facts)."""
    given = call.parameters
    application = call.application()
    if application is None:
        refuse("application_id")
    part, rule_id = given.text("rule_name") or "", given.number("rule_id")
    conferences = given.flag("video_conference") if given.text("video_conference") else None
    with_scenarios = given.flag("with_scenarios")
    rows = [
        _rule_row(call.account, rule, with_scenarios=with_scenarios)
        for rule in call.account.rules
        if rule.application == application
        and part in rule.rule_name
        and rule_id in (None, rule.rule_id)
        and conferences in (None, rule.video_conference)
    ]
    return page(rows, given.page())


def _get_account_info(call: MethodCall) -> Answer:
    account = call.account
    info: Answer = {
        "account_id": account.account_id,
        "account_name": account.account_name,
        "account_email": account.account_email,
        "active": True,
        "frozen": False,
        "created": _shown(account.created),
        "language_code": "en",
        "location": "Etc/GMT",
        "currency": account.currency,
        "balance": account.balance,
    }
    if call.parameters.flag("return_live_balance"):
        info["live_balance"] = account.balance
    return {"result": info}


METHODS = {
    "GetApplications": Method(
        answer=_get_applications, parameters=PAGE | APPLICATION | {"with_rules", "with_scenarios"}
    ),
    "GetRules": Method(
        answer=_get_rules,
        parameters=PAGE | APPLICATION | {"rule_id", "rule_name", "video_conference", "with_scenarios"},
        not_simulated=frozenset({"attached_key_id", "template"}),
    ),
    "GetAccountInfo": Method(answer=_get_account_info, parameters=frozenset({"return_live_balance"})),
}


def _rule_row(account: Account, rule: Rule, *, with_scenarios: bool) -> Answer:
    scenarios = account.scenarios_of(rule) if with_scenarios else ()
    return {
        "rule_id": rule.rule_id,
        "application_id": rule.application.application_id,
        "rule_name": rule.rule_name,
        "rule_pattern": ".*",
        "video_conference": rule.video_conference,
        "scenarios": [_scenario_row(scenario) for scenario in scenarios],
        "modified": _shown(rule.modified),
    }


def _scenario_row(scenario: Scenario) -> Answer:
    return {
        "scenario_id": scenario.scenario_id,
        "scenario_name": scenario.name,
        "modified": _shown(scenario.modified),
        "parent": False,
    }


def _shown(moment: datetime) -> str:
    return moment.strftime(DATE_FORMAT)  # the account's times are in UTC
