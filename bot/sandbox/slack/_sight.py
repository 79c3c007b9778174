"""The channels and messages that one person sees."""

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
