"""Response URLs: five answers within 30 minutes, without a token, in any channel.

Facts (Slack, section 1): the numbers, and that the bot need not be a member. Slack documents neither the
status nor the words of its refusals: those here are this Slack's own.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

from bot.sandbox.slack._api import WebApi
from bot.sandbox.slack._errors import SlackError, refuse
from bot.sandbox.slack._faults import SlackFaults
from bot.sandbox.slack._messages import Json, Message
from bot.sandbox.slack._replies import apply_reply
from bot.sandbox.slack._workspace import Channel, User, Workspace

USES = 5
LIFETIME = timedelta(minutes=30)
NAME = "response_url"  # in the list of calls, and among the faults


@dataclass
class _ResponseUrl:
    channel: Channel
    user: User
    original: Message | None
    issued_at: datetime
    uses: int = 0


@dataclass(eq=False)
class ResponseUrls:
    """The issued response URLs. They are capabilities: none is ever logged or kept elsewhere."""

    workspace: Workspace
    api: WebApi
    faults: SlackFaults
    origin: str = ""
    _issued: dict[str, _ResponseUrl] = field(default_factory=dict, repr=False)

    def issue(self, channel: Channel, user: User, original: Message | None = None) -> str:
        """Return a new URL for the answers to one interaction."""
        secret = secrets.token_urlsafe(18)
        self._issued[secret] = _ResponseUrl(channel, user, original, self.workspace.clock())
        kind = "commands" if original is None else "actions"
        return f"{self.origin}/{kind}/{self.workspace.team_id}/{secret}"

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one POST of JSON to such a URL: 200 `ok`, or 404 and Slack's error code.

        Slack reads forms here, too, and perhaps JSON of another content type; here only `application/json` is read.
        """
        try:
            reply = json.loads(await request.read()) if request.content_type == "application/json" else None
        except (ValueError, RecursionError):
            reply = None
        if not isinstance(reply, dict):
            return _refusal(SlackError("invalid_payload"), status=400)
        self.api.record(NAME, reply)
        secret = request.match_info["secret"]
        try:
            if (fault := self.faults.take(NAME)) is not None:
                return await self.faults.respond(fault, request, lambda: self._use(secret, reply))
            self._use(secret, reply)
        except SlackError as refusal:
            return _refusal(refusal, status=404)
        return web.Response(text="ok")

    def _use(self, secret: str, reply: Json) -> None:
        url = self._issued.get(secret)
        if url is None:
            refuse("no_service")
        if self.workspace.clock() - url.issued_at > LIFETIME:
            refuse("expired_url")
        if url.uses >= USES:
            refuse("used_url")
        url.uses += 1  # a refused reply counts too: not known, and the stricter reading
        apply_reply(self.workspace, url.channel, url.user, reply, url.original)


def _refusal(refusal: SlackError, status: int) -> web.Response:
    return web.json_response(refusal.answer(), status=status)
