"""Sessions that nobody started here, before their first row: rule, home, channel and data."""

import logging
from typing import Final

from bot.directory._verification import Verified
from bot.ports import ChannelFacts, ChosenRule, RuleListing, RulesUnreadable, Services
from bot.process import without_urls
from bot.text import hide_secrets, secret_parts
from storage import workspaces
from storage.records import Origin
from storage.sessions import NewSession

log = logging.getLogger(__name__)

_NO_HOME: Final = ChannelFacts(id="", private=True, shared=False)
"""Without a channel only those see a session who may see every one."""


_PATIENCE_S: Final = 60.0
"""While the list of rules has gaps, an unknown rule may be in one; while Slack does not answer, a home may be shared
with another workspace. What is never read must not hide a session."""

_Rules = dict[tuple[str | None, int | None], list[ChosenRule]]


class Elsewhere:
    """Makes the records of new sessions; between two calls of `forget` rules and channels are asked for once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._team: str | None = None
        self._channels: dict[str, ChannelFacts] = {}
        self._listed: _Rules | None = None
        self._lacks_since: float | None = None
        self._unanswered_since: float | None = None
        self._shared: set[str] = set()

    def forget(self) -> None:
        """Forget the facts about rules and channels, which may have changed."""
        self._channels = {"": _NO_HOME}
        self._listed = None

    async def new_session(self, of: Verified) -> NewSession | None:
        """Return the new session of a claim; None while its rule or its home, and so its stop, cannot be told."""
        row, claim = of.row, of.claim
        same = (await self._rules()).get((row.rule_name, row.application_id), [])
        rule = same[0] if len(same) == 1 else None
        if rule is None and self._is_recent(self._lacks_since):
            return None
        rule_id = 0 if rule is None else rule.id
        channel = await self._home(rule_id)
        if not channel.known and self._is_recent(self._unanswered_since):
            return None
        data = claim.data if row.custom_data is None else row.custom_data
        return NewSession(
            team=await self._workspace(),
            channel=channel.id,
            channel_private=channel.private,
            channel_shared=channel.shared,
            rule_id=rule_id,
            rule_name=row.rule_name,
            application_id=row.application_id,
            application_name=row.application_name or claim.application_name or None,
            starter="",
            custom_data=hide_secrets(without_urls(data), secret_parts(claim.url.reveal())) if data else None,
            alias=None if rule is None else rule.alias,
            origin=Origin.elsewhere,
        )

    async def _rules(self) -> _Rules:
        """Return the known rules by name and application, and notice whether some may be missing."""
        if self._listed is None:
            try:
                listing = await self._services.rules.listing()
            except RulesUnreadable as problem:
                listing = RuleListing(rules=(), lacks=problem.sentence)
            since = self._services.clock.monotonic() if self._lacks_since is None else self._lacks_since
            self._lacks_since = None if listing.lacks is None else since
            self._listed = {}
            for rule in listing.rules:
                self._listed.setdefault((rule.name, rule.application_id), []).append(rule)
        return self._listed

    async def _home(self, rule_id: int) -> ChannelFacts:
        """Return the channel of a rule's sessions; none where another workspace reads it: nothing is done there."""
        facts = await self._channel(self._services.rules.home(rule_id) or "")
        if not facts.known:
            now = self._services.clock.monotonic()
            self._unanswered_since = now if self._unanswered_since is None else self._unanswered_since
            return facts
        self._unanswered_since = None if facts.id else self._unanswered_since
        if not facts.shared:
            return facts
        if facts.id not in self._shared:
            self._shared.add(facts.id)
            log.warning("the home %s is shared with another workspace: its sessions belong to no channel", facts.id)
        return _NO_HOME

    def _is_recent(self, moment: float | None) -> bool:
        return moment is not None and self._services.clock.monotonic() - moment < _PATIENCE_S

    async def _channel(self, channel: str) -> ChannelFacts:
        if channel not in self._channels:
            self._channels[channel] = await self._services.policy.channel(channel)
        return self._channels[channel]

    async def _workspace(self) -> str:
        if self._team is None:
            served = await self._services.store.read(workspaces.known)
            self._team = "" if served is None else served.team
        return self._team
