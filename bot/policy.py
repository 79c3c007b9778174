"""May this person do this, here? The default policy: full members of the workspace may; nobody else.

Asked once for every command, whichever way it came, after the ack. When Slack cannot say who somebody is,
start, send and looking are denied; a stop is open to people who were seen before, and does not wait for Slack.
"""

import asyncio
from typing import Final

from bot.directory import Directory, PersonFacts, Unknowable
from bot.mrkdwn import channel, group, person
from bot.settings import Settings
from bot.verbs.errors import Denied
from bot.verbs.verb import ChannelFacts, Request, Right
from storage import commands
from storage.records import Session
from storage.store import StorageUnavailable, Store

STOP_PATIENCE_S: Final = 1.0
"""How long the stop of somebody who was seen before waits for what Slack says of person and channel."""

_DOES: Final = {
    Right.look: "look at sessions",
    Right.start: "start sessions",
    Right.send: "send to sessions",
    Right.stop: "stop sessions",
}


class DefaultPolicy:
    """The policy without grants."""

    def __init__(self, settings: Settings, team: str, directory: Directory, store: Store) -> None:
        self._settings = settings
        self._team = team
        self._directory = directory
        self._store = store

    async def allow(self, request: Request, right: Right) -> None:
        """Raise Denied with a sentence if this person may not do this in this channel."""
        does = _DOES[right]
        if request.team != self._team or request.foreign:
            msg = f"Only members of this bot's own workspace may {does}. Nothing was done."
            raise Denied(msg)
        answers = (self._allow_person(request, right), self._allow_channel(request, right))
        for problem in await asyncio.gather(*answers, return_exceptions=True):
            if problem is not None:
                raise problem

    async def _allow_person(self, request: Request, right: Right) -> None:
        seen = right is Right.stop and await self._was_seen(request)
        try:
            async with asyncio.timeout(STOP_PATIENCE_S if seen else None):
                facts = await self._directory.person(request.actor)
        except (Unknowable, TimeoutError):
            if seen:
                return
            msg = f"Slack cannot say now who you are, so you may not {_DOES[right]} yet. Nothing was done."
            raise Denied(f"{msg} Try again in a minute.") from None
        if facts.team != self._team or not facts.full:
            raise Denied(self._not_full(facts, right))

    async def _allow_channel(self, request: Request, right: Right) -> None:
        allowed = self._settings.channels
        if right is Right.start and allowed and request.channel not in allowed:
            names = ", ".join(channel(each) for each in sorted(allowed))
            msg = f"Sessions can be started only in {names}. Nothing was started."
            raise Denied(msg)
        try:
            async with asyncio.timeout(STOP_PATIENCE_S if right is Right.stop else None):
                facts = await self._directory.channel(request.channel)
        except (Unknowable, TimeoutError):
            if right in {Right.look, Right.stop}:
                return
            msg = "Slack cannot say now whether this channel is shared. Nothing was done; try again in a minute."
            raise Denied(msg) from None
        if facts.shared:
            raise Denied(_shared(right))

    async def _was_seen(self, request: Request) -> bool:
        try:
            return await self._store.read(lambda db: commands.was_seen(db, request.actor, request.team))
        except StorageUnavailable:
            return False

    async def channel(self, channel: str) -> ChannelFacts:
        """Give what is known of a channel; private and shared where Slack cannot say."""
        try:
            return await self._directory.channel(channel)
        except Unknowable:
            return ChannelFacts(id=channel, private=True, shared=True, member=False)

    async def sees(self, request: Request, session: Session) -> bool:
        """Whether this person may know of this session: this channel's, or a public one's of this workspace."""
        if session.channel == request.channel:
            return True
        return not (session.channel_private or session.channel_shared)

    async def allow_elsewhere(self, request: Request, right: Right, session: Session) -> None:
        """Raise Denied if this person may not stop the sessions of other channels."""
        responders = self._settings.responders
        if not responders or request.actor in responders:
            return
        groups = sorted(each for each in responders if each.startswith("S"))
        members = await asyncio.gather(*(self._members(group) for group in groups))
        if any(request.actor in each for each in members):
            return
        who = ", ".join(group(each) if each.startswith("S") else person(each) for each in sorted(responders))
        msg = (
            f"{session.name} belongs to {channel(session.channel)}: you may {_DOES[right]} of that channel "
            f"there, and only {who} from elsewhere. Nothing was stopped."
        )
        raise Denied(msg)

    async def _members(self, group: str) -> frozenset[str]:
        """Give who is in a group; while Slack cannot say, the last known members may still stop (DESIGN §8)."""
        try:
            async with asyncio.timeout(STOP_PATIENCE_S):
                return await self._directory.group(group)
        except (Unknowable, TimeoutError):
            return self._directory.last_known_group(group)

    def _not_full(self, facts: PersonFacts, right: Right) -> str:
        kind = facts.kind if facts.team == self._team or not facts.full else "a member of another one"
        return (
            f"Only full members of this workspace may {_DOES[right]}, and Slack says that you are {kind}. "
            "Nothing was done."
        )


def _shared(right: Right) -> str:
    says = f"This channel is shared with another workspace, so nobody may {_DOES[right]} here. Nothing was done."
    if right is Right.stop:
        says += " The same stop works from a channel that is not shared, and from the messages with this bot."
    return says
