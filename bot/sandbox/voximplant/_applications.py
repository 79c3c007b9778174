"""GetAccountInfo, and the applications: GetApplications, AddApplication, SetApplicationInfo, DelApplication.

Documented are the parameters, the results and the codes. Inferred is that an application's rules, scenarios and
key-value storage go with it.
"""

import re
from dataclasses import replace

from bot.sandbox.voximplant._account import Application
from bot.sandbox.voximplant._errors import ApiError, refuse
from bot.sandbox.voximplant._method import APPLICATION, DONE, PAGE, Answer, Method, MethodCall, page, shown
from bot.sandbox.voximplant._rules import rule_row

_SHORT_NAME = re.compile(r"[a-z][a-z0-9-]{1,64}")  # documented for AddApplication; SetApplicationInfo says up to 79


def _get_applications(call: MethodCall) -> Answer:
    given = call.parameters
    part, application_id = given.text("application_name") or "", given.number("application_id")
    with_scenarios = given.flag("with_scenarios")
    with_rules = given.flag("with_rules") or with_scenarios
    rows: list[Answer] = []
    for application in call.account.applications:
        name = call.account.full_name(application)
        if part not in name or application_id not in (None, application.application_id):
            continue
        row = {
            "application_id": application.application_id,
            "application_name": name,
            "modified": shown(application.modified),
            "secure_record_storage": call.options.secure_logs,
        }
        if with_rules:
            rules = [rule for rule in call.account.rules if rule.application == application]
            row["rules"] = [rule_row(call.account, rule, with_scenarios=with_scenarios) for rule in rules]
        rows.append(row)
    return page(rows, given.page())


def _add_application(call: MethodCall) -> Answer:
    """Add an application; its name is given short (documented) or in full (the platform's own uploader)."""
    name = _new_name(call, call.parameters.required_text("application_name"))
    application = call.account.add_application(name)
    return {**DONE, "application_id": application.application_id, **_named(call, application)}


def _set_application_info(call: MethodCall) -> Answer:
    given = call.parameters
    old = call.application("application_id", "required_application_name")
    if old is None:
        refuse("application_id")
    name = given.text("application_name")
    if name is not None and call.account.short_name(name) != old.name:
        new = replace(old, name=_new_name(call, name), modified=call.request.at)
        call.account.put_application(new)
        old = new
    return {**DONE, **_named(call, old)}


def _del_application(call: MethodCall) -> Answer:
    for application in _listed(call):
        call.account.remove_application(application)
    return dict(DONE)


def _get_account_info(call: MethodCall) -> Answer:
    account = call.account
    info: Answer = {
        "account_id": account.account_id,
        "account_name": account.account_name,
        "account_email": account.account_email,
        "active": True,
        "frozen": False,
        "created": shown(account.created),
        "language_code": "en",
        "location": "Etc/GMT",
        "currency": account.currency,
        "balance": account.balance,
    }
    if call.parameters.flag("return_live_balance"):
        info["live_balance"] = account.balance
    return {"result": info}


_NOT_SIMULATED = frozenset({"secure_record_storage"})  # the sandbox's logs are all secure, or none is

METHODS = {
    "GetApplications": Method(
        answer=_get_applications, parameters=PAGE | APPLICATION | {"with_rules", "with_scenarios"}
    ),
    "AddApplication": Method(
        answer=_add_application, parameters=frozenset({"application_name"}), not_simulated=_NOT_SIMULATED
    ),
    "SetApplicationInfo": Method(
        answer=_set_application_info,
        parameters=APPLICATION | {"required_application_name"},
        not_simulated=_NOT_SIMULATED,
    ),
    "DelApplication": Method(answer=_del_application, parameters=APPLICATION),
    "GetAccountInfo": Method(answer=_get_account_info, parameters=frozenset({"return_live_balance"})),
}


def _new_name(call: MethodCall, name: str) -> str:
    """Return the short name of a new application; one of a wrong form or in use is refused."""
    short = call.account.short_name(name)
    if not _SHORT_NAME.fullmatch(short):
        refuse("application_name")
    if any(application.name == short for application in call.account.applications):
        raise ApiError(129, field_name="application_name")
    return short


def _named(call: MethodCall, application: Application) -> Answer:
    return {
        "application_name": call.account.full_name(application),
        "secure_record_storage": call.options.secure_logs,
    }


def _listed(call: MethodCall) -> list[Application]:
    """Return the applications to delete: a list of ids or of names, or `all`. One that is unknown refuses the call."""
    given, applications = call.parameters, call.account.applications
    if given.text("application_id") == "all":
        return list(applications)
    ids, names = given.numbers("application_id"), given.names("application_name")
    if ids is not None:
        by_id = {application.application_id: application for application in applications}
        return [by_id[each] if each in by_id else refuse("application_id") for each in ids]
    if names is not None:
        by_name = {application.name: application for application in applications}
        short = map(call.account.short_name, names)
        return [by_name[each] if each in by_name else refuse("application_name") for each in short]
    return refuse("application_id")
