"""The state of one Slack workspace: its people, its channels and their messages."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from bot.sandbox._changes import Changes
from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import File, Json, Message, with_ids
from bot.sandbox.slack._triggers import Triggers
from bot.sandbox.slack._views import View

BOT_NAME = "session-bot"
SLACKBOT = "USLACKBOT"
REQUIRED_SCOPES = (
    "commands",
    "chat:write",
    "app_mentions:read",
    "users:read",
    "channels:read",
    "groups:read",
)


def utc_now() -> datetime:
    """Return the present moment, aware."""
    return datetime.now(UTC)


class Role(StrEnum):
    """The role of a person in this workspace."""

    MEMBER = "member"
    GUEST = "guest"
    SINGLE_CHANNEL_GUEST = "single_channel_guest"
    STRANGER = "stranger"  # external, known through a shared channel
    BOT = "bot"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True)
class User:
    """A person or a bot; `tz` is an IANA name.

    `team_id` is another workspace's for strangers. On Enterprise Grid it is the person's home: any workspace of the
    organisation, or the organisation itself; `teams` are the workspaces whose member they are (facts: section 6).
    """

    id: str
    name: str
    role: Role
    team_id: str
    tz: str = "Etc/UTC"
    teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Act:
    """An act of a person that leaves no message: a command typed, a button pressed.

    Slack shows it to nobody; it is kept so that a conversation can be read later.
    """

    ts: str
    user: str
    text: str
    thread_ts: str | None = None


@dataclass(eq=False)
class Channel:
    """A conversation with its messages (`entries`, ephemerals included, oldest first)."""

    id: str
    name: str
    private: bool = False
    shared: bool = False
    org_shared: bool = False
    im: bool = False
    archived: bool = False
    bot_in: bool = True
    members: list[str] = field(default_factory=list)
    entries: list[Message] = field(default_factory=list, repr=False)
    acts: list[Act] = field(default_factory=list, repr=False)
    _changed: dict[str, Message] = field(default_factory=dict, repr=False)  # by `ts`, the last change at the end

    @property
    def messages(self) -> list[Message]:
        """The messages everyone sees at the top level, oldest first."""
        return [entry for entry in self.entries if not entry.ephemeral_for and not entry.thread_ts]

    def thread(self, parent: Message) -> list[Message]:
        """Return the replies everyone sees under a message, oldest first."""
        return [entry for entry in self.entries if not entry.ephemeral_for and entry.thread_ts == parent.ts]

    def changed_since(self, revision: int) -> Iterator[Message]:
        """Yield the messages changed after a revision of the workspace, removed ones included, the newest change first.

        The cost is that of the messages that changed, however many there are.
        """
        for message in reversed(self._changed.values()):
            if message.revision <= revision:
                return
            yield message

    def touch(self, message: Message, revision: int) -> None:
        """Record a change of a message."""
        message.revision = revision
        self._changed.pop(message.ts, None)
        self._changed[message.ts] = message

    def message(self, ts: str) -> Message | None:
        """Return a message everyone sees, by its `ts`; ephemerals cannot be found again, as in Slack."""
        return next((entry for entry in self.entries if entry.ts == ts and not entry.ephemeral_for), None)


class Workspace:
    """The state of this Slack. Every change wakes `changes`."""

    def __init__(
        self,
        team_id: str,
        team_name: str,
        domain: str,
        scopes: Iterable[str],
        clock: Callable[[], datetime],
    ) -> None:
        self.team_id, self.team_name, self.domain = team_id, team_name, domain
        self.enterprise_id = ""
        self.is_org_wide = False
        self.clock = clock
        self.app_id = "A0LOCAL"
        self.changes = Changes()
        self.triggers = Triggers(clock)
        self.scopes = list(scopes)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, Json] = {}
        self.views: dict[str, View] = {}
        self.names: dict[str, str] = {SLACKBOT: "@Slackbot"}
        self.revision = 0  # counts the changes of messages
        self._last_ts = 0
        self.bot = self.add_user(BOT_NAME, Role.BOT, "Etc/UTC")
        self.bot_id = f"B{self.bot.id[1:]}"

    # who

    def add_user(self, name: str, role: Role, tz: str, home: str = "", teams: Iterable[str] | None = None) -> User:
        """Add a person, with an id of the form Slack uses; on Enterprise Grid it begins with another letter."""
        team_id = home or ("T0OTHER" if role is Role.STRANGER else self.team_id)
        on_grid = bool(self.enterprise_id) and role is not Role.STRANGER
        joined = () if not on_grid else (self.team_id,) if teams is None else tuple(teams)
        user = User(f"{'W' if on_grid else 'U'}{len(self.users) + 1:08d}", name, role, team_id, tz, joined)
        self.users[user.id] = user
        self.names[user.id] = f"@{name}"
        self.changes.notify()
        return user

    def user(self, user_id: str) -> User:
        """Return a person. Raises SlackError `user_not_found`."""
        if user_id not in self.users:
            refuse("user_not_found")
        return self.users[user_id]

    def is_app(self, user_id: str) -> bool:
        """Return whether an author is no person: a bot, or Slack itself."""
        return user_id not in self.users or self.users[user_id].role is Role.BOT

    def add_usergroup(self, handle: str, members: Iterable[str]) -> str:
        """Make a user group, or replace the members of an existing one; return its id."""
        group_id = next((key for key, group in self.usergroups.items() if group["handle"] == handle), None)
        group_id = group_id or f"S{len(self.usergroups) + 1:08d}"
        self.usergroups[group_id] = {
            "id": group_id,
            "team_id": self.team_id,
            "is_usergroup": True,
            "handle": handle,
            "name": handle,
            "date_delete": 0,
            "users": list(members),
        }
        return group_id

    # where

    def add_channel(self, channel: Channel) -> Channel:
        """Add a conversation."""
        self.channels[channel.id] = channel
        self.names[channel.id] = f"#{channel.name}"
        self.changes.notify()
        return channel

    def dm(self, user_id: str, other: str | None = None) -> Channel:
        """Return the direct conversation of a person with the bot, or with another person; the bot is not in that.

        It exists once asked for.
        """
        members = [user_id] if other is None else sorted((user_id, other))
        channel_id = "D" + "".join(member[1:] for member in members)
        if channel_id not in self.channels:
            self.add_channel(Channel(channel_id, "directmessage", im=True, bot_in=other is None, members=members))
        return self.channels[channel_id]

    def visible(self, channel_id: str) -> Channel:
        """Return a channel the bot may know of: a private one it is not in looks as if it did not exist.

        Raises SlackError `channel_not_found`.
        """
        channel = self.channels.get(channel_id)
        if channel is None or ((channel.private or channel.im) and not channel.bot_in):
            refuse("channel_not_found")
        return channel

    def shares_channel(self, user_id: str) -> bool:
        """Return whether a person is in a shared channel that the bot is in, too."""
        channels = self.channels.values()
        return any(one.shared and one.bot_in and user_id in one.members for one in channels)

    def require(self, scope: str) -> None:
        """Check that the app was granted a scope. Raises SlackError `missing_scope`."""
        if scope not in self.scopes:
            refuse("missing_scope", needed=scope, provided=",".join(self.scopes))

    # what

    def new_ts(self) -> str:
        """Return a timestamp that no other message has: seconds and microseconds, always growing."""
        self._last_ts = max(int(self.clock().timestamp() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add_message(
        self,
        channel: Channel,
        user_id: str,
        text: str,
        blocks: list[Json] | None = None,
        *,
        thread_ts: str | None = None,
        ephemeral_for: str | None = None,
        metadata: Json | None = None,
        broadcast: bool = False,
        files: Iterable[File] = (),
    ) -> Message:
        """Add a message to a channel, without any check of rights."""
        message = Message(
            channel.id,
            self.new_ts(),
            user_id,
            text,
            with_ids(blocks or []),
            self.names,
            thread_ts=thread_ts,
            ephemeral_for=ephemeral_for,
            metadata=metadata,
            broadcast=broadcast,
            files=list(files),
        )
        channel.entries.append(message)
        self._touch(message)
        return message

    def edit_message(self, message: Message, text: str, blocks: list[Json]) -> None:
        """Replace the content of a message, in place."""
        message.edit(text, with_ids(blocks), self.new_ts())
        self._touch(message)

    def delete_message(self, message: Message) -> None:
        """Remove a message; one with replies becomes a note in its place, which keeps them together."""
        if self.channels[message.channel_id].thread(message):
            message.user, message.metadata = SLACKBOT, None
            self.edit_message(message, "This message was deleted.", [])
        else:
            self.remove_message(message)

    def remove_message(self, message: Message) -> None:
        """Remove a message."""
        self.channels[message.channel_id].entries.remove(message)
        message.removed = True
        self._touch(message)

    def _touch(self, message: Message) -> None:
        self.revision += 1
        self.channels[message.channel_id].touch(message, self.revision)
        self.changes.notify()

    def add_act(self, channel: Channel, user_id: str, text: str, thread_ts: str | None = None) -> None:
        """Record an act of a person in a channel."""
        channel.acts.append(Act(self.new_ts(), user_id, text, thread_ts))
        self.changes.notify()

    def permalink(self, message: Message) -> str:
        """Return the URL people share; for a reply, the one that opens its thread."""
        base = f"https://{self.domain}.slack.com/archives/{message.channel_id}"
        thread = f"?thread_ts={message.thread_ts}&cid={message.channel_id}" if message.thread_ts else ""
        return f"{base}/p{message.ts.replace('.', '')}{thread}"
