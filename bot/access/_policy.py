"""The policy: whether this person may do this, here, to this session, with this rule.

Every command is checked once, whichever way it came, after the ack; then again for the rule or the session,
when it is known. Only full members of the workspace are allowed, and only where no other workspace reads along. They
may do what is granted, which is the everyday verbs where the config has no grants.

When Slack does not answer for a person or a group, start, send and looking are denied; a stop is open
to people who were seen before and to the last known members, and does not wait for Slack.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

from bot.access import _grants as grants
from bot.access._directory import NotDisclosed, PersonFacts, SlackDirectory, SlackUnavailable
from bot.access._grants import GrantQuery, RuleNames, does, rule_names
from bot.config import Grant, Settings
from bot.ports import ChannelFacts, ChosenRule, Denied, Request, Right, Via
from bot.text import channel
from storage import commands
from storage.errors import StorageUnavailable
from storage.records import Session
from storage.store import Store

STOP_PATIENCE_S: Final = 1.0
"""The time for which a known person's stop waits for Slack's facts about person, channel and group."""

_UNATTENDED: Final = frozenset({Via.limit, Via.terminal})
"""Transports without a person of Slack's: a session over its limit is stopped whatever the grants are, and
what a terminal left half done was allowed there by the rights of the files. The way in says so, and no name does."""

_WHERE_TYPED: Final = frozenset({Right.start, Right.adopt, Right.audit})
"""The rights checked in the channel of the command; all others are checked in the session's own channel."""


class WorkspacePolicy:
    """The policy: Slack's facts about people, and the grants of the settings."""

    def __init__(self, settings: Settings, team: str, enterprise: str, directory: SlackDirectory, store: Store) -> None:
        self._settings = settings
        self._team = team
        self._homes = frozenset({team, enterprise})
        self._directory = directory
        self._store = store

    async def allow(self, request: Request, right: Right) -> None:
        """Raise Denied with a sentence if this person may not do this in this channel, whatever it is about."""
        if request.via in _UNATTENDED:
            return
        if request.team != self._team:
            raise Denied(_not_ours(right))
        if request.is_shared:
            raise Denied(_shared(right))
        if right is Right.help:
            await self._allow_help(request)
            return
        query = GrantQuery(right=right, channel=request.channel if right in _WHERE_TYPED else None)
        answers = (
            self._allow_person(request, right),
            self._allow_channel(request, right),
            self._allow_grant(request, query),
        )
        for problem in await asyncio.gather(*answers, return_exceptions=True):
            if problem is not None:
                raise problem

    async def allow_rule(self, request: Request, right: Right, rule: ChosenRule) -> None:
        """Raise Denied if this person may not do this with this rule in this channel."""
        names = rule_names(rule.id, rule.name, self._settings.rules)
        await self._allow_grant(request, GrantQuery(right=right, channel=request.channel, rule=names))

    async def allow_session(self, request: Request, right: Right, session: Session) -> None:
        """Raise Denied if this person may not do this to this session: its channel and its rule count."""
        if request.via not in _UNATTENDED:
            query = GrantQuery(right=right, channel=session.channel, rule=self._rule_of(session))
            await self._allow_grant(request, query)

    async def may(self, request: Request, right: Right, session: Session) -> bool:
        """Return whether `allow_session` allows it."""
        try:
            await self.allow_session(request, right, session)
        except Denied:
            return False
        return True

    def offers(self, request: Request, right: Right) -> bool:
        """Return whether this person may perhaps do this, as far as is known without asking Slack."""
        if not self._is_ours(request):
            return False
        if right is Right.help:
            return True
        facts = self._directory.people.last(request.actor)
        if facts is not None and not facts.full:
            return False
        covering = grants.covering(self._settings.granted, GrantQuery(right=right))
        named = grants.groups_of(grants.grantees(covering))
        members = {each: self._directory.groups.last(each) for each in named}
        return grants.perhaps(covering, request.actor, members)

    def is_ours(self, *, team: str, actor: str, homes: frozenset[str], is_shared: bool) -> bool:
        """Return whether this person is of this workspace, as far as is known without asking Slack.

        A payload's fields about its person decide only where Slack has no answer: on Enterprise Grid it may name the
        person's home workspace, or our own organisation.
        """
        facts = self._directory.people.last(actor)
        is_member = homes <= self._homes if facts is None else self._team in facts.teams
        return team == self._team and not is_shared and is_member

    def _is_ours(self, request: Request) -> bool:
        return self.is_ours(team=request.team, actor=request.actor, homes=request.homes, is_shared=request.is_shared)

    async def channel(self, channel: str) -> ChannelFacts:
        """Return the facts about a channel; private and shared where Slack does not answer."""
        try:
            return await self._directory.channels.get(channel)
        except SlackUnavailable:
            return ChannelFacts(id=channel, private=True, shared=True, known=False)

    async def sees(self, request: Request, session: Session) -> bool:
        """Return whether this person may see a session: this channel's, a public one's of the workspace, or their own.

        A grant of `everywhere` opens the other channels that it covers; one that is not limited to channels opens
        the sessions that belong to none, too.
        """
        if session.starter == request.actor:
            return True  # wherever they look from: their Home shows it, and its Stop must work
        if not session.channel:
            return await self.may(request, Right.everywhere, session)
        if session.channel == request.channel or not (session.channel_private or session.channel_shared):
            return True
        return await self.may(request, Right.everywhere, session)

    async def allow_stop_elsewhere(self, request: Request, session: Session) -> None:
        """Raise Denied if this person may not stop other channels' sessions; one's own may always be stopped.

        The same goes for a session that belongs to no channel, whatever is done to it.
        """
        given = self._settings.granted_elsewhere
        if session.starter == request.actor or await self._is_granted(request, Right.stop, given):
            return
        if not session.channel:
            only = grants.mention(grants.grantees(given))
            raise Denied(f"{session.name} belongs to no channel: only {only} may act on it. Nothing was done.")
        msg = (
            f"{session.name} belongs to {channel(session.channel)}: you may stop sessions of that channel "
            f"there, and only {grants.mention(grants.grantees(given))} from elsewhere. Nothing was stopped."
        )
        raise Denied(msg)

    def _rule_of(self, session: Session) -> RuleNames:
        return rule_names(session.rule_id, session.rule_name, self._settings.rules)

    async def _allow_grant(self, request: Request, query: GrantQuery) -> None:
        """Raise Denied if no grant that covers the request is this person's."""
        covering = grants.covering(self._settings.granted, query)
        if await self._is_granted(request, query.right, covering):
            return
        only = self._settings.channels
        if query.right is Right.start and only and query.channel not in only:
            raise Denied(
                f"Sessions can be started only in {', '.join(map(channel, sorted(only)))}. Nothing was started."
            )
        raise Denied(f"{grants.missing(query, grants.grantees(covering))}{self._not_known(covering)}")

    async def _is_granted(self, request: Request, right: Right, given: Sequence[Grant]) -> bool:
        """Return whether one of these grants is this person's, by name or by group; unattended commands hold none."""
        if request.via in _UNATTENDED or grants.any_for_everyone(given):
            return True
        return await self._is_one_of(request.actor, grants.grantees(given), right)

    def _not_known(self, covering: Sequence[Grant]) -> str:
        """Return a sentence about groups of unknown members, so that nobody takes it for a no."""
        groups = grants.groups_of(grants.grantees(covering))
        unknown = [each for each in groups if not self._directory.groups.is_usable(each)]
        if not unknown:
            return ""
        return f" Slack cannot say now who is in {grants.mention(unknown)}; try again in a minute."

    async def _is_one_of(self, actor: str, named: Sequence[str], right: Right) -> bool:
        """Return whether this person is named, or in a group that is."""
        if actor in named:
            return True
        members = await asyncio.gather(*(self._members(each, actor, right) for each in grants.groups_of(named)))
        return any(actor in each for each in members)

    async def _members(self, group: str, actor: str, right: Right) -> frozenset[str]:
        """Return a group's members; while Slack does not answer, the last known ones may still stop."""
        stops, known = right is Right.stop, self._directory.groups.last(group) or frozenset()
        if stops and actor in known and self._directory.groups.is_asking(group):
            return known  # Slack is slow to say it again, and this stop has waited for it once
        try:
            async with asyncio.timeout(STOP_PATIENCE_S if stops else None):
                return await self._directory.groups.get(group)
        except (SlackUnavailable, TimeoutError):
            return known if stops else frozenset()

    async def _allow_person(self, request: Request, right: Right) -> None:
        seen = right is Right.stop and await self._was_seen(request)
        try:
            async with asyncio.timeout(STOP_PATIENCE_S if seen else None):
                facts = await self._directory.people.get(request.actor)
        except (SlackUnavailable, TimeoutError):
            if seen:
                return
            msg = f"Slack cannot say now who you are, so you may not {does(right)} yet. Nothing was done."
            raise Denied(f"{msg} Try again in a minute.") from None
        if self._team not in facts.teams:
            raise Denied(_not_ours(right))
        if not facts.full:
            raise Denied(_not_full(facts, right))

    async def _allow_help(self, request: Request) -> None:
        """Allow help for everybody of this workspace; ask Slack only where the payload names another one."""
        if not request.homes <= self._homes and self._directory.people.last(request.actor) is None:
            with contextlib.suppress(SlackUnavailable, TimeoutError):
                async with asyncio.timeout(STOP_PATIENCE_S):
                    await self._directory.people.get(request.actor)
        if not self._is_ours(request):
            raise Denied(_not_ours(Right.help))

    async def _allow_channel(self, request: Request, right: Right) -> None:
        try:
            async with asyncio.timeout(STOP_PATIENCE_S if right is Right.stop else None):
                facts = await self._directory.channels.get(request.channel)
        except (SlackUnavailable, TimeoutError) as unknown:
            if right in {Right.look, Right.stop, Right.log, Right.audit}:
                return  # a log does not go here: `log` asks about the session's own channel
            raise Denied(_unknown_channel(right, unknown)) from None
        if facts.shared:
            raise Denied(_shared(right))

    async def _was_seen(self, request: Request) -> bool:
        try:
            return await self._store.read(lambda db: commands.was_seen(db, request.actor, request.team))
        except StorageUnavailable:
            return False


def _not_ours(right: Right) -> str:
    return f"Only members of this bot's own workspace may {does(right)}. Nothing was done."


def _not_full(facts: PersonFacts, right: Right) -> str:
    says = f"Only full members of this workspace may {does(right)}, and Slack says that you are {facts.kind}."
    return f"{says} Nothing was done."


def _unknown_channel(right: Right, why: Exception) -> str:
    if isinstance(why, NotDisclosed):
        says = f"Slack tells this bot nothing of conversations of this kind, so you may not {does(right)} here."
        return f"{says} Nothing was done. Use a channel; if this is one, the app lacks a scope."
    return "Slack cannot say now whether this channel is shared. Nothing was done; try again in a minute."


def _shared(right: Right) -> str:
    says = f"This channel is shared with another workspace, so nobody may {does(right)} here. Nothing was done."
    if right is Right.stop:
        says += " The same stop works from a channel that is not shared, and from the messages with this bot."
    return says
