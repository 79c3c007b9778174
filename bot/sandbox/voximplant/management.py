"""The Management API: `/platform_api/<Method>`, or `cmd=<Method>` in the form (the official client)."""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.sandbox.voximplant import history
from bot.sandbox.voximplant.account import Account, Application, Rule
from bot.sandbox.voximplant.authorization import authorize
from bot.sandbox.voximplant.engine.engine import Engine
from bot.sandbox.voximplant.errors import INVALID_PARAMETER, ApiError
from bot.sandbox.voximplant.faults import Faults
from bot.sandbox.voximplant.options import PlatformOptions
from bot.sandbox.voximplant.parameters import Parameters

_HISTORY_IDS_MAX = 1000
_RULE_IDS_MAX = 1000
_KEY_WARNING = "Authentication with api_key is deprecated, use a service account."


@dataclass(frozen=True, kw_only=True)
class ApiRequest:
    """One call of the Management API as it came in. `parameters` is without the API key."""

    method: str
    parameters: Mapping[str, str]
    at: datetime
    http_method: str
    names_in_url: frozenset[str]


class Management:
    """Reads a call, checks who asks, and answers it by the method of that name."""

    def __init__(self, account: Account, options: PlatformOptions, faults: Faults, engine: Engine) -> None:
        self._account = account
        self._options = options
        self._faults = faults
        self._engine = engine
        self._starts_in_flight = 0
        self.requests: list[ApiRequest] = []
        self.starts: list[tuple[int, ApiRequest]] = []  # executed ones, each with its rule's id
        self._methods: Mapping[str, Callable[[Parameters, ApiRequest], dict[str, Any]]] = {
            "StartScenarios": self._start_scenarios,
            "GetRules": self._get_rules,
            "GetApplications": self._get_applications,
            "GetCallHistory": self._get_call_history,
            "GetAccountInfo": self._get_account_info,
        }

    def application(self) -> web.Application:
        """Make the aiohttp application that serves it, and the sessions' logs beside it."""
        app = web.Application()
        for path in ("/platform_api", "/platform_api/", "/platform_api/{method}", "/platform_api/{method}/"):
            app.router.add_get(path, self._handle, allow_head=False)
            app.router.add_post(path, self._handle)
        app.router.add_get("/logs/{name}", self._log)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        parameters = {**request.query, **form}
        called = ApiRequest(
            method=request.match_info.get("method") or parameters.get("cmd", ""),
            parameters={name: value for name, value in parameters.items() if name not in ("api_key", "cmd")},
            at=datetime.now(UTC),
            http_method=request.method,
            names_in_url=frozenset(request.query),
        )
        self.requests.append(called)

        async def act() -> web.Response:
            return self._answer(called, parameters, request.headers.get("Authorization"))

        async def answer() -> web.Response:
            return await self._faults.answer(request, self._faults.take(method=called.method), act)

        return await self._counted(called.method, answer)

    async def _counted(self, method: str, answer: Callable[[], Awaitable[web.Response]]) -> web.Response:
        if method != "StartScenarios":
            return await answer()
        if self._starts_in_flight >= self._options.in_flight_limit:
            return web.Response(status=429, text="Too many requests")  # facts: no Retry-After is known
        self._starts_in_flight += 1
        try:
            return await answer()
        finally:
            self._starts_in_flight -= 1

    def _answer(
        self, called: ApiRequest, parameters: Mapping[str, str], authorization: str | None
    ) -> web.Response:
        try:
            authorize(self._account, authorization, parameters, called.at)
            body = self._result(called)
        except ApiError as error:
            return _json(error.body())
        if authorization is None:
            body["warnings"] = [_KEY_WARNING]
        return _json(body)

    def _result(self, called: ApiRequest) -> dict[str, Any]:
        method = self._methods.get(called.method)
        if method is None:
            raise ApiError(104)  # the platform's code for a method that does not exist is not known
        for name in sorted(called.parameters.keys() - _COMMON - _PARAMETERS[called.method]):
            raise ApiError(INVALID_PARAMETER, field_name=name)
        return method(Parameters(called.parameters), called)

    def _start_scenarios(self, parameters: Parameters, called: ApiRequest) -> dict[str, Any]:
        rule = self._rule(parameters)
        custom_data = parameters.text("script_custom_data") or ""
        if len(custom_data.encode("utf-8", "replace")) > self._options.custom_data_limit_bytes:
            raise ApiError(INVALID_PARAMETER, field_name="script_custom_data")
        if reference_ip := parameters.text("reference_ip"):
            _check_address(reference_ip)
        if not rule.scenario_source:
            raise ApiError(375)
        if self._account.balance <= 0:
            raise ApiError(127)
        running = self._engine.start(rule, custom_data)
        self.starts.append((rule.rule_id, called))
        return {
            "result": 1,
            "call_session_history_id": running.session.history_id,
            "media_session_access_url": running.access_url,
            "media_session_access_secure_url": running.access_secure_url,
        }

    def _rule(self, parameters: Parameters) -> Rule:
        """Find the one rule that is meant: by id, or by its exact name when that is unambiguous."""
        application = self._application(parameters)
        rules = self._account.rules
        if application is not None:
            rules = [rule for rule in rules if rule.application == application]
        rule_id, name = parameters.number("rule_id", code=147), parameters.text("rule_name")
        if rule_id is None and name is not None:
            rules = [rule for rule in rules if rule.rule_name == name]
            refusal = ApiError(156, field_name="rule_name")
        else:
            rules = [rule for rule in rules if rule.rule_id == rule_id]
            refusal = ApiError(147, field_name="rule_id")
        if len(rules) != 1:
            raise refusal
        return rules[0]

    def _application(self, parameters: Parameters) -> Application | None:
        """Find the application that is named, by id or name; None when none is."""
        application_id, name = parameters.number("application_id"), parameters.text("application_name")
        if application_id is None and name is None:
            return None
        for application in self._account.applications:
            if application_id in (None, application.application_id) and name in (None, application.name):
                return application
        raise ApiError(
            INVALID_PARAMETER, field_name="application_name" if application_id is None else "application_id"
        )

    def _get_rules(self, parameters: Parameters, _: ApiRequest) -> dict[str, Any]:
        application = self._application(parameters)
        if application is None:
            raise ApiError(INVALID_PARAMETER, field_name="application_id")
        part = parameters.text("rule_name") or ""
        ids = parameters.numbers("rule_id", limit=_RULE_IDS_MAX, code=147)
        conferences = parameters.flag("video_conference") if parameters.text("video_conference") else None
        found = [
            rule
            for rule in self._account.rules
            if rule.application == application
            and part in rule.rule_name
            and (ids is None or rule.rule_id in ids)
            and conferences in (None, rule.video_conference)
        ]
        return _page([_rule_row(rule) for rule in found], parameters)

    def _get_applications(self, parameters: Parameters, _: ApiRequest) -> dict[str, Any]:
        part, application_id = parameters.text("application_name") or "", parameters.number("application_id")
        found = [
            application
            for application in self._account.applications
            if part in application.name and application_id in (None, application.application_id)
        ]
        rows = [
            {
                "application_id": application.application_id,
                "application_name": application.name,
                "modified": application.modified.strftime(history.DATE_FORMAT),
            }
            for application in found
        ]
        return _page(rows, parameters)

    def _get_call_history(self, parameters: Parameters, called: ApiRequest) -> dict[str, Any]:
        application = self._application(parameters)
        rule_name = parameters.text("rule_name")
        if rule_name is not None and application is None:
            raise ApiError(
                INVALID_PARAMETER, field_name="rule_name"
            )  # a rule's name means something only within an application
        timezone = parameters.timezone("timezone")
        query = history.HistoryQuery(
            timezone=timezone,
            history_ids=parameters.numbers("call_session_history_id", limit=_HISTORY_IDS_MAX, code=150),
            application_id=None if application is None else application.application_id,
            rule_name=rule_name,
            custom_data=parameters.text("call_session_history_custom_data"),
            from_date=parameters.date("from_date", timezone),
            to_date=parameters.date("to_date", timezone),
            with_calls=parameters.flag("with_calls"),
            with_records=parameters.flag("with_records"),
            with_other_resources=parameters.flag("with_other_resources"),
            newest_first=parameters.flag("desc_order"),
        )
        delay = timedelta(seconds=self._options.history_delay_seconds)
        rows = history.rows(self._engine.started.values(), query, self._account, called.at, delay)
        return _page(rows, parameters)

    def _get_account_info(self, parameters: Parameters, _: ApiRequest) -> dict[str, Any]:
        account = self._account
        info: dict[str, Any] = {
            "account_id": account.account_id,
            "account_name": account.account_name,
            "account_email": account.account_email,
            "active": True,
            "frozen": False,
            "currency": account.currency,
            "balance": account.balance,
        }
        if parameters.flag("return_live_balance"):
            info["live_balance"] = account.balance
        return {"result": info}

    async def _log(self, request: web.Request) -> web.Response:
        text = self._engine.log_of(request.match_info["name"])
        if text is None:
            return web.Response(status=404)
        return web.Response(body=text.encode("utf-8", "replace"), content_type="text/plain", charset="utf-8")


_COMMON = {"account_id", "account_name", "account_email"}
_PAGE = {"count", "offset"}
_APPLICATION = {"application_id", "application_name"}
_PARAMETERS: Mapping[str, set[str]] = {
    "StartScenarios": _APPLICATION
    | {
        "rule_id",
        "rule_name",
        "script_custom_data",
        "user_id",
        "user_name",
        "reference_ip",
        "server_location",
    },
    "GetRules": _PAGE | _APPLICATION | {"rule_id", "rule_name", "video_conference", "with_scenarios"},
    "GetApplications": _PAGE | _APPLICATION,
    "GetCallHistory": _PAGE
    | _APPLICATION
    | {
        "call_session_history_id",
        "call_session_history_custom_data",
        "rule_name",
        "from_date",
        "to_date",
        "timezone",
    }
    | {"with_calls", "with_records", "with_other_resources", "with_total_count", "desc_order"},
    "GetAccountInfo": {"return_live_balance"},
}


def _rule_row(rule: Rule) -> dict[str, Any]:
    # A rule has one scenario here, which goes by the rule's own id and name.
    scenario = {"scenario_id": rule.rule_id, "scenario_name": rule.rule_name}
    return {
        "rule_id": rule.rule_id,
        "application_id": rule.application.application_id,
        "rule_name": rule.rule_name,
        "rule_pattern": ".*",
        "video_conference": rule.video_conference,
        "modified": rule.modified.strftime(history.DATE_FORMAT),
        "scenarios": [scenario] if rule.scenario_source else [],
    }


def _page(rows: list[dict[str, Any]], parameters: Parameters) -> dict[str, Any]:
    shown = rows[parameters.page()]
    return {"result": shown, "total_count": len(rows), "count": len(shown)}


def _check_address(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ApiError(257, field_name="reference_ip") from None


def _json(body: Mapping[str, Any]) -> web.Response:
    # The platform escapes slashes (facts §1), which a client that reads JSON does not notice.
    return web.Response(text=json.dumps(body).replace("/", "\\/"), content_type="application/json")
