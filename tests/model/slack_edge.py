"""Slack at the edge of its client: what was posted, updated and told, held against Slack's own models."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.slack.api import WebClient
from tests.block_models import objections


@dataclass
class SlackEdge:
    """The posts that Slack holds over the lives of processes. While it `refuses`, nothing can be posted."""

    posts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)
    refuses: bool = False
    _ts: int = 0

    def do(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what a method does, and return Slack's answer."""
        self.objections += objections(arguments)
        if method in {"chat.postMessage", "chat.update"}:
            ts = arguments.get("ts") or self._next_ts()
            self.posts[ts] = arguments
            return {"ok": True, "channel": arguments["channel"], "ts": ts}
        if method == "chat.postEphemeral":
            self.told.append(str(arguments["text"]))
        if method == "users.info":
            user = {"id": arguments["user"], "team_id": "T1", "name": "ann", "profile": {"display_name": "ann"}}
            return {"ok": True, "user": user}
        if method == "conversations.info":
            channel = {"id": arguments["channel"], "is_channel": True, "is_member": True, "name": "ops"}
            return {"ok": True, "channel": channel}
        return {"ok": True, "channel": {"id": "D1"}, "ts": self._next_ts()}

    def everything(self) -> str:
        """Return all that people can read."""
        return json.dumps([*self.posts.values(), *self.told])

    def _next_ts(self) -> str:
        self._ts += 1
        return f"1700000000.{self._ts:06}"


class EdgeClient(WebClient):
    """The client of one process; `reach` is awaited where the process may end."""

    def __init__(self, edge: SlackEdge, reach: Callable[[str], Awaitable[None]]) -> None:
        super().__init__(token="xoxb-1")
        self._edge = edge
        self._reach = reach

    async def api_call(self, api_method: str, **how: Any) -> Any:
        """Call a method."""
        arguments = {**(how.get("params") or {}), **(how.get("json") or {})}
        await self._reach("Slack")
        await asyncio.sleep(0.02)
        if self._edge.refuses and api_method == "chat.postMessage":
            answer = SimpleNamespace(data={"ok": False, "error": "channel_not_found"}, headers={}, status_code=200)
            problem = "refused"
            raise SlackApiError(problem, answer)
        data = self._edge.do(api_method, arguments)
        await self._reach("Slack answered")
        return SimpleNamespace(data=data, headers={})
