"""Refusals of the Management API, in its words and with its documented codes."""

from typing import NoReturn

_INVALID_PARAMETER = 496
_CODES_OF_PARAMETERS = {
    "application_id": 116,
    "application_name": 107,
    "call_session_history_id": 150,
    "conference_name": 269,
    "from_date": 111,
    "reference_ip": 257,
    "required_application_name": 107,
    "required_scenario_name": 168,
    "rule_id": 147,
    "rule_name": 156,
    "rule_pattern": 148,
    "rule_pattern_exclude": 149,
    "scenario_id": 132,
    "scenario_name": 168,
    "to_date": 111,
    "user_id": 117,
}
_MESSAGES = {
    100: "Authorization failed.",
    102: "Missing 'cmd' parameter.",
    103: "Unknown command.",
    104: "Forbidden command.",
    107: "Invalid application name.",
    111: "Invalid date format.",
    123: "Invalid date range.",
    127: "Insufficient money.",
    129: "Application name is not unique.",
    130: "The script text is too long.",
    133: "The scenario name is not unique.",
    134: "Required parameter is empty.",
    175: "The 'rule_name' is not unique.",
    270: "The 'conference_name' parameter length must be less than 50.",
    375: "No scenario is bound to the rule.",
    447: "The token has a wrong format.",
    454: "The token lives too long.",
    455: "The token was issued in the future.",
    456: "The token has expired.",
}


class ApiError(Exception):
    """A refusal, sent with HTTP 200. `field_name` is the parameter at fault, if there is one."""

    def __init__(self, code: int, msg: str | None = None, *, field_name: str | None = None) -> None:
        self.code = code
        self.msg = _MESSAGES[code] if msg is None else msg
        self.field_name = field_name
        super().__init__(f"{code}: {self.msg}")

    def body(self) -> dict[str, object]:
        """Return the body of the refusal: `{"error": {"code", "msg", "field_name"?}}`."""
        error: dict[str, object] = {"code": self.code, "msg": self.msg}
        if self.field_name is not None:
            error["field_name"] = self.field_name
        return {"error": error}


def refuse(name: str) -> NoReturn:
    """Raise ApiError for a parameter's value, with the parameter's own code where documented, else 496."""
    code = _CODES_OF_PARAMETERS.get(name, _INVALID_PARAMETER)
    raise ApiError(code, _MESSAGES.get(code, f"The '{name}' parameter is invalid."), field_name=name)


def refuse_as_not_simulated(name: str) -> NoReturn:
    """Raise ApiError for a documented parameter that is not simulated: ignoring it would give a wrong answer."""
    raise ApiError(_INVALID_PARAMETER, f"The sandbox does not simulate the '{name}' parameter.", field_name=name)
