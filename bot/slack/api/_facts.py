"""Slack's facts about people, channels and groups, for `bot.access`."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.access import NotDisclosed, PersonFacts, SlackUnavailable
from bot.ports import ChannelFacts
from bot.process import Clock
from bot.slack.api._retry import Retry, call_again
from bot.slack.api._web import RateLimited, Refused, SlackProblem, read_method

_UNKNOWN_PERSON: Final = frozenset({"user_not_found", "user_not_visible"})
_RATE_LIMIT: Final = Retry(attempts=math.inf, patience_s=30.0, after=RateLimited)
"""A command waits this long for its turn under Slack's rate limits, and is refused then; a stop waits for none."""


class SlackFacts:
    """Calls users.info, conversations.info and usergroups.users.list; `learn` gets the names in their answers."""

    def __init__(
        self, client: AsyncWebClient, clock: Clock, learn: Callable[[str, str], None] = lambda _id, _name: None
    ) -> None:
        self._client = client
        self._clock = clock
        self._learn = learn

    async def person(self, user: str) -> PersonFacts:
        """Return the facts of a person; one whom Slack hides is a stranger. Raise SlackUnavailable."""
        try:
            answer = await self._asked("users.info", {"user": user})
        except Refused as refused:
            if refused.error in _UNKNOWN_PERSON:
                return PersonFacts(id=user, teams=frozenset(), full=False, kind="not a member of it")
            raise SlackUnavailable from None
        except SlackProblem:
            raise SlackUnavailable from None
        found = _part(answer, "user")
        self._learn(user, _name(found))
        kind, teams = _kind(found), _teams(found)
        if kind is None and not teams:
            raise SlackUnavailable
        return PersonFacts(id=user, teams=teams, full=kind is None, kind=kind or "a member")

    async def channel(self, channel: str) -> ChannelFacts:
        """Return the facts of a channel; one that Slack hides is private. Raise SlackUnavailable."""
        if channel.startswith("D"):  # a direct message is private and of this workspace, and needs no scope to know
            return ChannelFacts(id=channel, private=True, shared=False)
        try:
            answer = await self._asked("conversations.info", {"channel": channel})
        except Refused as refused:
            if refused.error == "channel_not_found":
                return ChannelFacts(id=channel, private=True, shared=False)
            if refused.error == "missing_scope":  # of a group message: the manifest asks for no scope to read about it
                raise NotDisclosed from None
            raise SlackUnavailable from None
        except SlackProblem:
            raise SlackUnavailable from None
        found = _part(answer, "channel")
        self._learn(channel, found["name"] if isinstance(found.get("name"), str) else "")
        return ChannelFacts(
            id=channel,
            private=not found.get("is_channel") or bool(found.get("is_private")),
            shared=is_shared(found),
        )

    async def group(self, group: str) -> frozenset[str]:
        """Return the members of a user group; raise SlackUnavailable, also without the scope usergroups:read."""
        try:
            answer = await self._asked("usergroups.users.list", {"usergroup": group})
        except SlackProblem:
            raise SlackUnavailable from None
        users = answer.get("users")
        if not isinstance(users, list) or not all(isinstance(user, str) for user in users):
            raise SlackUnavailable
        return frozenset(users)

    async def _asked(self, method: str, arguments: Mapping[str, str]) -> Mapping[str, Any]:
        return await call_again(lambda: read_method(self._client, method, arguments), _RATE_LIMIT, self._clock)


def is_shared(channel: Mapping[str, Any]) -> bool:
    """Return whether others read a channel: another company, or a sister workspace of Enterprise Grid."""
    return any(channel.get(name) for name in ("is_ext_shared", "is_pending_ext_shared", "is_org_shared"))


def _teams(user: Mapping[str, Any]) -> frozenset[str]:
    """Return a person's workspaces: on Enterprise Grid `team_id` may be a sister workspace, or absent (facts)."""
    on_grid = user.get("enterprise_user")
    joined = on_grid.get("teams") if isinstance(on_grid, dict) else None
    named = [user.get("team_id"), *(joined if isinstance(joined, list) else ())]
    return frozenset(team for team in named if isinstance(team, str) and team)


def _part(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the part that was asked for; raise SlackUnavailable for an answer without it."""
    part = answer.get(name)
    if not isinstance(part, dict):
        raise SlackUnavailable
    return part


def _name(user: Mapping[str, Any]) -> str:
    """Return the name of a person: the display name, else the real one, on one line."""
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    found = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return next((" ".join(each.split()) for each in found if isinstance(each, str) and each.strip()), "")


def _kind(user: Mapping[str, Any]) -> str | None:
    """Return why a person is no full member, or None."""
    for field, kind in (
        ("deleted", "no longer a member"),
        ("is_bot", "a bot"),
        ("is_stranger", "not a member of it"),
        ("is_ultra_restricted", "a guest"),
        ("is_restricted", "a guest"),
    ):
        if user.get(field):
            return kind
    return None
