"""The Web API: one POST (or GET) per method, with Slack's answers and refusals."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from aiohttp import web

from bot.sandbox import read_form
from bot.sandbox.slack._errors import SlackError, refuse
from bot.sandbox.slack._faults import SlackFaults, rate_limited
from bot.sandbox.slack._limits import RateLimits
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._method import Method
from bot.sandbox.slack._workspace import Workspace


@dataclass(frozen=True)
class WebCall:
    """One call of the Web API with its arguments as they were sent. Tokens are never kept."""

    method: str
    arguments: Json
    at: datetime


@dataclass(frozen=True)
class Tokens:
    """The two tokens of the installed app, and the signing secret of requests to it."""

    bot: str = field(repr=False)
    app: str = field(repr=False)
    signing_secret: str = field(repr=False)


class WebApi:
    """Answers method calls; `calls` holds them, the newest last.

    `refused_tokens` maps `bot` or `app` to the error code with which that token is refused.
    """

    def __init__(
        self,
        workspace: Workspace,
        methods: Mapping[str, Method],
        tokens: Tokens,
        faults: SlackFaults,
        limits: RateLimits | None,
    ) -> None:
        self.calls: list[WebCall] = []
        self._workspace = workspace
        self._methods = methods
        self._tokens = tokens
        self._faults = faults
        self._limits = limits
        self.refused_tokens: dict[str, str] = {}

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request to `/api/METHOD`. A refusal is HTTP 200 too, as everywhere in Slack."""
        try:
            return await self._call(request)
        except SlackError as refusal:
            return web.json_response(refusal.answer())

    def record(self, method: str, arguments: Json) -> None:
        """Record one call."""
        self.calls.append(WebCall(method, arguments, self._workspace.clock()))
        self._workspace.changes.notify()

    async def _call(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        method = self._methods.get(name)
        if method is None:
            refuse("unknown_method", req_method=name)
        given = await _read_arguments(request, method)
        self._authenticate(_tokens(request, given), method)
        given.pop("team_id", None)  # Bolt adds it to every call; to a workspace's own token it means nothing
        self.record(name, given)
        if (fault := self._faults.take(name, given.get("channel"))) is not None:
            return await self._faults.respond(fault, request, lambda: self._run(method, given))
        if self._limits and (seconds := self._limits.retry_after(name, given)):
            return rate_limited(seconds)
        scopes = ["connections:write"] if method.app_token else self._workspace.scopes
        headers = {"X-OAuth-Scopes": ",".join(scopes), "Date": format_datetime(self._workspace.clock(), usegmt=True)}
        return web.json_response(self._run(method, given), headers=headers)

    def _authenticate(self, tokens: list[str], method: Method) -> None:
        """Check the token; of two tokens in one call, both must be good.

        What an app token gets from auth.test is not known: refused.
        """
        if not tokens:
            refuse("not_authed")
        is_bot = all(_same(token, self._tokens.bot) for token in tokens)
        is_app = all(_same(token, self._tokens.app) for token in tokens)
        if not (is_bot or is_app):
            refuse("invalid_auth")
        if (code := self.refused_tokens.get("app" if is_app else "bot")) is not None:
            refuse(code)
        if is_app != method.app_token:
            refuse("not_allowed_token_type")
        if method.scope:
            self._workspace.require(method.scope)

    def _run(self, method: Method, given: Json) -> Json:
        return {"ok": True, **method.run(self._workspace, method.arguments(given))}


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _tokens(request: web.Request, given: Json) -> list[str]:
    """Remove the token from the arguments and read the header; it may stand in either, or in both (facts).

    In an address it ends up in logs: there it is none.
    """
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    posted = given.pop("token", None)
    in_header = bearer if scheme == "Bearer" else ""
    in_form = posted if isinstance(posted, str) and "token" not in request.query and _is_form(request) else ""
    return [token for token in (in_header, in_form) if token]


def _is_form(request: web.Request) -> bool:
    return request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data")


async def _read_arguments(request: web.Request, method: Method) -> Json:
    """Read the arguments: a query, a form or a mix of both, or JSON, as documented.

    A method that takes no JSON does not see it, and then misses its arguments. Beside JSON a query is not read,
    and another content type is `invalid_post_type`, also where Slack might look past it.
    """
    if request.method == "GET" or not request.can_read_body:
        return dict(request.query)
    if _is_form(request):
        form = {name: value for name, value in (await read_form(request)).items() if isinstance(value, str)}
        return {**request.query, **form}
    if request.content_type != "application/json":
        refuse("invalid_post_type")
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        refuse("invalid_json")
    if not isinstance(body, dict):
        refuse("json_not_object")
    return body if method.takes_json else {}
