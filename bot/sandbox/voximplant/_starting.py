"""StartScenarios and StartConference: the two methods that start a session."""

import ipaddress

from bot.sandbox.voximplant._account import Rule
from bot.sandbox.voximplant._errors import ApiError, refuse
from bot.sandbox.voximplant._method import APPLICATION, Answer, Method, MethodCall, Start
from bot.sandbox.voximplant.engine import RunningScenario

_CONFERENCE_NAME_LIMIT = 50  # documented: the length must be less than this
_START = APPLICATION | {"rule_id", "rule_name", "script_custom_data", "reference_ip", "server_location"}
_USER = frozenset({"user_id", "user_name"})  # the sandbox's account has no users


def _start_scenarios(call: MethodCall) -> Answer:
    with_check_url = call.parameters.flag("with_check_url")
    running = _start(call, call.rule(), None)
    answer = _access(running)
    if with_check_url:
        # What the platform answers there is not specified (facts), so nothing is served there.
        answer["media_session_check_url"] = running.access_secure_url.replace("/request/", "/check/", 1)
    return answer


def _start_conference(call: MethodCall) -> Answer:
    """Start a conference's session, or join the running one of this name (facts)."""
    name = call.parameters.text("conference_name")
    if name is None:
        refuse("conference_name")
    if len(name) >= _CONFERENCE_NAME_LIMIT:
        raise ApiError(270, field_name="conference_name")
    rule = call.rule()
    if not rule.video_conference:
        refuse("rule_id")
    return _access(call.engine.conference(name) or _start(call, rule, name))


METHODS = {
    "StartScenarios": Method(answer=_start_scenarios, parameters=_START | {"with_check_url"}, not_simulated=_USER),
    "StartConference": Method(answer=_start_conference, parameters=_START | {"conference_name"}, not_simulated=_USER),
}


def _start(call: MethodCall, rule: Rule, conference_name: str | None) -> RunningScenario:
    custom_data = call.parameters.text("script_custom_data") or ""
    if len(custom_data.encode("utf-8", "replace")) > call.options.custom_data_limit_bytes:
        refuse("script_custom_data")
    if reference_ip := call.parameters.text("reference_ip"):
        _check_address(reference_ip)
    if not rule.scenario_ids:
        raise ApiError(375)
    if call.account.balance <= 0:
        raise ApiError(127)
    running = call.engine.start(rule, custom_data, conference_name)
    call.starts.append(Start(rule_id=rule.rule_id, request=call.request))
    return running


def _check_address(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        refuse("reference_ip")


def _access(running: RunningScenario) -> Answer:
    return {
        "result": 1,
        "call_session_history_id": running.session.history_id,
        "media_session_access_url": running.access_url,
        "media_session_access_secure_url": running.access_secure_url,
    }
