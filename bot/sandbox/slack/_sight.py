"""The channels and messages that one person sees, and the channels they join."""

from collections.abc import Iterator

from bot.sandbox.slack._messages import Message
from bot.sandbox.slack._workspace import Channel, Role, User, Workspace


def sees(user: User, channel: Channel) -> bool:
    """Return whether a person sees a channel: one they are in, and a member of the workspace every public one."""
    return user.id in channel.members or (user.role is Role.MEMBER and not (channel.private or channel.im))


def channels_seen(workspace: Workspace, user: User) -> list[Channel]:
    """Return the channels that a person sees."""
    return [channel for channel in workspace.channels.values() if sees(user, channel)]


def messages_seen(user: User, channel: Channel) -> list[Message]:
    """Return the messages of a channel that a person sees, oldest first; none of a channel they do not see."""
    return [entry for entry in channel.entries if shown_to(user, entry)] if sees(user, channel) else []


def changes_seen(user: User, channel: Channel, revision: int) -> Iterator[Message]:
    """Yield the messages that changed after a revision and that a person sees, or saw until they were removed."""
    return (entry for entry in channel.changed_since(revision) if shown_to(user, entry))


def shown_to(user: User, message: Message) -> bool:
    """Return whether a message is shown to a person who sees its channel."""
    return message.ephemeral_for in {None, user.id}


def join(workspace: Workspace, user: User, channel: Channel) -> None:
    """Add a person to a public channel, as people must be before they act in it; into others they are invited.

    Raises PermissionError where that cannot be.
    """
    if channel.archived:  # nobody can write there; that buttons there are dead as well is not known
        raise PermissionError(f"#{channel.name} is archived")
    if user.id in channel.members:
        return
    if channel.private or channel.im:
        raise PermissionError(f"{user.name} is not in #{channel.name}: name them in members=[…]")
    channel.members.append(user.id)
    workspace.changes.notify()


def joined_channel_of(workspace: Workspace, user: User, message: Message) -> Channel:
    """Return the channel of a message, which the person has joined then. Raises LookupError for one they do not see."""
    channel = workspace.channels[message.channel_id]
    if message.removed or not shown_to(user, message):
        raise LookupError(f"{user.name} does not see this message (any more)")
    join(workspace, user, channel)
    return channel
