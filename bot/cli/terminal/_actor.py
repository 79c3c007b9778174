"""The policy and board of commands at a terminal.

The policy of the terminal is the file rights. A person who can read the database, its key and the platform's
credentials can do everything with them that this bot can, so nothing is gained by asking for an identity. Only
SESSION_BOT_CHANNELS holds here as well: it guards against a mistyped channel. The board only records: wanted
messages stand in the database, and the bot posts them when it can.
"""

from bot.config import Settings
from bot.ports import ChannelFacts, ChosenRule, Denied, Request, Right
from bot.text import channel
from storage import sessions
from storage.message import Message
from storage.records import Session, State
from storage.store import Store


class FileRights:
    """The policy of the terminal."""

    def __init__(self, settings: Settings, team: str, store: Store) -> None:
        self._settings = settings
        self._team = team
        self._store = store

    async def allow(self, request: Request, right: Right) -> None:
        """Raise Denied for a start in a channel where none may be."""
        allowed = self._settings.channels
        if right is Right.start and allowed and request.channel not in allowed:
            names = ", ".join(channel(each) for each in sorted(allowed))
            msg = f"SESSION_BOT_CHANNELS lets sessions be started only in {names}. Nothing was started."
            raise Denied(msg)

    async def allow_rule(self, request: Request, right: Right, rule: ChosenRule) -> None:
        """Allow it."""

    async def allow_session(self, request: Request, right: Right, session: Session) -> None:
        """Allow it."""

    async def allow_stop_elsewhere(self, request: Request, session: Session) -> None:
        """Allow it."""

    async def may(self, request: Request, right: Right, session: Session) -> bool:
        """Allow it."""
        del request, right, session
        return True

    def offers(self, request: Request, right: Right) -> bool:
        """Allow it."""
        del request, right
        return True

    async def sees(self, request: Request, session: Session) -> bool:
        """Allow it."""
        del request, session
        return True

    async def channel(self, channel: str) -> ChannelFacts:
        """Return the facts stored at the last start in this channel; else private, which hides most.

        Shared is not assumed: Slack is not asked here, and the card is refused later where the bot is no member.
        """
        known = await self._store.read(
            lambda db: sessions.find(db, self._team, states=tuple(State), channel=channel, limit=1),
        )
        found = known[0] if known else None
        return ChannelFacts(
            id=channel,
            private=True if found is None else found.channel_private,
            shared=False if found is None else found.channel_shared,
        )


class RecordingBoard:
    """The board of the terminal: wanted messages are rows already, and it waits for none of them."""

    def __init__(self, workspace_url: str) -> None:
        self._workspace_url = workspace_url

    async def place_card(self, session_id: int) -> None:
        """Return at once: the card is wanted, and the bot posts it as soon as Slack accepts it."""

    async def repaint(self, session_id: int) -> None:
        """Return at once: the card follows the session's row."""

    def nudge(self) -> None:
        """Do nothing: the running bot looks at the database itself."""

    def link(self, card: Message | None) -> str | None:
        """Return the address of a card's thread, or None while it has none."""
        if card is None or card.ts is None:
            return None
        return f"{self._workspace_url.rstrip('/')}/archives/{card.channel}/p{card.ts.replace('.', '')}"
