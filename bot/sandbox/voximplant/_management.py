"""The Management API: `/platform_api/<Method>`, or `cmd=<Method>` in the form (the official client)."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime

from aiohttp import web

from bot.sandbox import let_go, read_form
from bot.sandbox.voximplant import _applications as applications
from bot.sandbox.voximplant import _history as history
from bot.sandbox.voximplant import _key_values as key_values
from bot.sandbox.voximplant import _rules as rules
from bot.sandbox.voximplant import _scenarios as scenarios
from bot.sandbox.voximplant import _secrets as secrets
from bot.sandbox.voximplant import _starting as starting
from bot.sandbox.voximplant._account import Account
from bot.sandbox.voximplant._authorization import authorize
from bot.sandbox.voximplant._errors import ApiError
from bot.sandbox.voximplant._faults import Faults
from bot.sandbox.voximplant._method import Answer, ApiRequest, Method, MethodCall, Start
from bot.sandbox.voximplant._options import PlatformOptions
from bot.sandbox.voximplant._parameters import Parameters
from bot.sandbox.voximplant.engine import Engine

METHODS: Mapping[str, Method] = {
    **starting.METHODS,
    **applications.METHODS,
    **rules.METHODS,
    **scenarios.METHODS,
    **key_values.METHODS,
    **secrets.METHODS,
    **history.METHODS,
}
"""Every method that the sandbox simulates, by its name."""

_BODY_BYTES_MAX = 16 * 1024 * 1024  # a source far over its limit is refused by the method that it was sent to
_KEY_WARNING = "Authentication with api_key is deprecated, use a service account."


@dataclass(frozen=True, kw_only=True)
class LogRead:
    """One request for a log; `authorized` is true when it carried a token, good or bad."""

    name: str
    authorized: bool


class Management:
    """Reads a call, checks its credentials, and answers it by the method of that name."""

    def __init__(self, account: Account, options: PlatformOptions, faults: Faults, engine: Engine) -> None:
        self._account = account
        self._options = options
        self._faults = faults
        self._engine = engine
        self._starts_in_flight = 0
        self._answers = asyncio.Event()
        self._answers.set()
        self.requests: list[ApiRequest] = []
        self.starts: list[Start] = []
        self.log_reads: list[LogRead] = []

    def application(self) -> web.Application:
        """Return the aiohttp application of the Management API and of the sessions' logs."""
        app = web.Application(middlewares=[let_go], client_max_size=_BODY_BYTES_MAX)
        for path in ("/platform_api", "/platform_api/", "/platform_api/{method}", "/platform_api/{method}/"):
            app.router.add_get(path, self._handle, allow_head=False)
            app.router.add_post(path, self._handle)
        app.router.add_get("/logs/{name}", self._log)
        app.on_response_prepare.append(self._date)
        return app

    def hold(self) -> None:
        """Answer nothing from now on; a call waits."""
        self._answers.clear()

    def resume(self) -> None:
        """Answer what waits, and what comes."""
        self._answers.set()

    async def _date(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(self._options.clock(), usegmt=True)

    async def _handle(self, request: web.Request) -> web.Response:
        parameters = {**_joined(request.query.items()), **_joined((await read_form(request)).items())}
        called = ApiRequest(
            method=request.match_info.get("method") or parameters.get("cmd", ""),
            parameters={name: value for name, value in parameters.items() if name not in ("api_key", "cmd")},
            at=self._options.clock(),
            http_method=request.method,
            names_in_url=frozenset(request.query),
        )
        self.requests.append(called)

        async def act() -> web.Response:
            await self._answers.wait()
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

    def _answer(self, called: ApiRequest, parameters: Mapping[str, str], authorization: str | None) -> web.Response:
        try:
            authorize(self._account, authorization, parameters, called.at)
            body = self._result(called, forbidden=self._account.forbidden if authorization else ())
        except ApiError as error:
            return _json(error.body())
        if authorization is None:
            body["warnings"] = [_KEY_WARNING]
        return _json(body)

    def _result(self, called: ApiRequest, forbidden: Container[str]) -> Answer:
        if not called.method:
            raise ApiError(102)
        method = METHODS.get(called.method)
        if method is None:
            raise ApiError(103)
        if called.method in forbidden:
            raise ApiError(104)
        method.check(called.parameters)
        call = MethodCall(
            request=called,
            parameters=Parameters(called.parameters),
            account=self._account,
            engine=self._engine,
            options=self._options,
            starts=self.starts,
        )
        return method.answer(call)

    async def _log(self, request: web.Request) -> web.Response:
        authorization = request.headers.get("Authorization")
        self.log_reads.append(LogRead(name=request.match_info["name"], authorized=authorization is not None))
        if self._options.secure_logs:
            try:
                authorize(self._account, authorization, {}, self._options.clock())
            except ApiError:
                return web.Response(status=401)
        text = self._engine.log_of(request.match_info["name"])
        if text is None:
            return web.Response(status=404)
        return web.Response(body=text.encode("utf-8", "replace"), content_type="text/plain", charset="utf-8")


def _joined(fields: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return the texts among the fields of a call; one that is repeated is a list.

    A list is joined with `;` (documented), and the documented examples also repeat its name.
    """
    parameters: dict[str, str] = {}
    for name, value in fields:
        if isinstance(value, str):
            parameters[name] = f"{parameters[name]};{value}" if name in parameters else value
    return parameters


def _json(body: Mapping[str, object]) -> web.Response:
    # The platform escapes slashes (facts), which a client that reads JSON does not notice.
    return web.Response(text=json.dumps(body).replace("/", "\\/"), content_type="application/json")
