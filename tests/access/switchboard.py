"""A Slack that can be asked about people, channels and groups."""

import asyncio

from bot.access import PersonFacts, SlackUnavailable
from bot.ports import ChannelFacts


class Switchboard:
    """A Slack that can be asked, and counts; `silent` says nothing, `hold` makes an answer wait."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.silent = False
        self.hold = asyncio.Event()
        self.hold.set()

    async def _ask(self, key: str) -> None:
        self.asked.append(key)
        await self.hold.wait()
        if self.silent:
            raise SlackUnavailable

    async def person(self, user: str) -> PersonFacts:
        """Return the facts about a person."""
        await self._ask(user)
        return PersonFacts(id=user, teams=frozenset({"T1"}), full=True, kind="a member")

    async def channel(self, channel: str) -> ChannelFacts:
        """Return the facts about a channel."""
        await self._ask(channel)
        return ChannelFacts(id=channel, private=False, shared=False)

    async def group(self, group: str) -> frozenset[str]:
        """Return the members of a group."""
        await self._ask(group)
        return frozenset({"U1"})
