"""The rights of the policy, and the questions that it answers about a person."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.ports._request import Request
from bot.ports._rules import ChosenRule
from storage.records import Session


class Right(StrEnum):
    """A right of the policy, as in a grant.

    `look` is list, find, status, rules and one's own audit; `audit` is other people's; `everywhere` is `channel=all`,
    and seeing the sessions of private channels from elsewhere, and those of no channel. `help`, which is also the
    version, needs no grant.
    """

    help = "help"
    look = "look"
    start = "start"
    send = "send"
    stop = "stop"
    close = "close"
    log = "log"
    audit = "audit"
    adopt = "adopt"
    everywhere = "everywhere"


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """Slack's facts about a channel. `shared` is with another workspace; not `known`: the careful ones."""

    id: str
    private: bool
    shared: bool
    known: bool = True


class Policy(Protocol):
    """The permissions of a person. `bot.access` implements it."""

    async def allow(self, request: Request, right: Right) -> None:
        """Raise Denied with a sentence if this person may not do this in this channel, whatever it is about."""

    async def allow_rule(self, request: Request, right: Right, rule: ChosenRule) -> None:
        """Raise Denied if this person may not do this with this rule in this channel: start, adopt."""

    async def allow_session(self, request: Request, right: Right, session: Session) -> None:
        """Raise Denied if this person may not do this to this session: its channel and its rule count."""

    async def may(self, request: Request, right: Right, session: Session) -> bool:
        """Return whether `allow_session` allows it; for lists, which leave out forbidden actions."""

    def offers(self, request: Request, right: Right) -> bool:
        """Return whether this person may perhaps do this, as far as is known without asking Slack; for `help`."""

    async def sees(self, request: Request, session: Session) -> bool:
        """Return whether this person may see this session, from this channel."""

    async def channel(self, channel: str) -> ChannelFacts:
        """Return the facts about a channel; the careful ones (private, shared) where Slack does not answer."""

    async def allow_stop_elsewhere(self, request: Request, session: Session) -> None:
        """Raise Denied if this person may not stop this session of another channel, or act on one of no channel."""
