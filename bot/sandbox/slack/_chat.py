"""chat.*: messages are posted, updated, deleted, and shown to one person."""

import json
from typing import Any

from bot.sandbox.slack._blocks import Surface, check_blocks
from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import Json, Message
from bot.sandbox.slack._method import Kind, Method
from bot.sandbox.slack._schema import mapping, string, table
from bot.sandbox.slack._workspace import Channel, Role, Workspace

# Documented: Slack cuts a posted text at 40,000 characters. Refusing it is the stricter reading.
LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
# Not documented; users report `msg_blocks_too_long` from about 13,200 characters in all blocks together.
LONGEST_BLOCKS = 13_000
# Neither the limit nor its code is known: 8 kB of JSON is this Slack's guess.
LARGEST_METADATA = 8_000


def post_message(workspace: Workspace, arguments: Json) -> Json:
    """chat.postMessage: post a message to a channel or a thread."""
    channel = _postable(workspace, arguments["channel"])
    text, blocks = content(arguments, LONGEST_POST)
    thread_ts = parent_ts(channel, arguments)
    message = workspace.add_message(
        channel,
        workspace.bot.id,
        text,
        blocks,
        thread_ts=thread_ts,
        metadata=_metadata(arguments),
        broadcast=bool(thread_ts) and arguments.get("reply_broadcast", False),
    )
    return {"channel": channel.id, "ts": message.ts, "message": as_json(workspace, message)}


def update(workspace: Workspace, arguments: Json) -> Json:
    """chat.update: change a message of ours in place.

    Documented: `text` without `blocks` removes the blocks; a person's id does not stand for the direct
    conversation here. Blocks without text: what becomes of the old text is not known. It is gone, since a
    stale one would be read out by screen readers.
    """
    channel = writable(workspace, arguments["channel"])
    message = channel.message(arguments["ts"])
    if message is None:
        refuse("message_not_found")
    if message.user != workspace.bot.id:
        refuse("cant_update_message")
    text, blocks = content(arguments, LONGEST_UPDATE)
    metadata = _metadata(arguments) if "metadata" in arguments else message.metadata
    broadcast = arguments.get("reply_broadcast", False)
    if broadcast and not message.thread_ts:
        refuse("cant_broadcast_message")
    message.metadata = metadata
    message.broadcast = message.broadcast or broadcast
    workspace.edit_message(message, text, blocks)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": as_json(workspace, message)}


def delete(workspace: Workspace, arguments: Json) -> Json:
    """chat.delete: delete a message of ours; one with replies becomes a note in its place, as a person's does."""
    channel = writable(workspace, arguments["channel"])
    message = channel.message(arguments["ts"])
    if message is None:
        refuse("message_not_found")
    if message.user != workspace.bot.id:
        refuse("cant_delete_message")
    workspace.delete_message(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(workspace: Workspace, arguments: Json) -> Json:
    """chat.postEphemeral: show a message to one member of the channel."""
    channel = _postable(workspace, arguments["channel"])
    if arguments["user"] not in channel.members:
        refuse("user_not_in_channel")
    text, blocks = content(arguments, LONGEST_POST)
    message = workspace.add_message(
        channel,
        workspace.bot.id,
        text,
        blocks,
        thread_ts=parent_ts(channel, arguments),
        ephemeral_for=arguments["user"],
    )
    return {"message_ts": message.ts}


def get_permalink(workspace: Workspace, arguments: Json) -> Json:
    """chat.getPermalink: return the URL of a message."""
    channel = workspace.visible(arguments["channel"])
    message = channel.message(arguments["message_ts"])
    # What Slack answers for a public channel without the bot is not known: that there is nothing, here.
    if message is None or not channel.bot_in:
        refuse("message_not_found")
    return {"channel": channel.id, "permalink": workspace.permalink(message)}


def as_json(workspace: Workspace, message: Message) -> Json:
    """Return a message in the shape of answers and payloads."""
    shape: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    shape["team"] = workspace.team_id
    if message.user == workspace.bot.id:
        shape |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
    if message.blocks:
        shape["blocks"] = message.blocks
    if message.thread_ts:
        shape["thread_ts"] = message.thread_ts
    if message.edited_ts:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.metadata:
        shape["metadata"] = message.metadata
    if message.files:
        shape["files"] = [
            {"id": file.id, "name": file.name, "title": file.title, "size": len(file.content)} for file in message.files
        ]
    return shape


def _postable(workspace: Workspace, channel_id: str) -> Channel:
    """Return the channel to post to; a person's id stands for the direct conversation with them.

    Raises SlackError `cannot_dm_bot` for another bot and `user_disabled` for a deactivated person; both words are
    Slack's of conversations.open, and what chat.postMessage says of them is not known.
    """
    person = workspace.users.get(channel_id)
    if person is None or person is workspace.bot:
        return writable(workspace, channel_id)
    if person.role is Role.BOT:
        refuse("cannot_dm_bot")
    if person.role is Role.DEACTIVATED:
        refuse("user_disabled")
    return workspace.dm(channel_id)


def writable(workspace: Workspace, channel_id: str) -> Channel:
    """Return the channel with this id (names are refused), if the bot may write there."""
    channel = workspace.visible(channel_id)
    if channel.archived:
        refuse("is_archived")
    if not channel.bot_in:  # the app has no chat:write.public
        refuse("not_in_channel")
    return channel


def content(arguments: Json, longest: int) -> tuple[str, list[Json]]:
    """Read text and blocks from the arguments.

    Raises SlackError `no_text`, `msg_too_long`, `invalid_blocks`, `msg_blocks_too_long`.
    """
    text, blocks = arguments.get("text", ""), arguments.get("blocks", [])
    check_blocks(blocks, Surface.MESSAGE)
    if not text.strip() and not blocks:
        refuse("no_text")
    if len(text) > longest:
        refuse("msg_too_long")
    if _characters(blocks) > LONGEST_BLOCKS:
        refuse("msg_blocks_too_long")
    return text, blocks


def _characters(part: Any) -> int:
    """Count the characters of every `text` in blocks."""
    if isinstance(part, list):
        return sum(_characters(item) for item in part)
    if not isinstance(part, dict):
        return 0
    return sum(
        len(value) if isinstance(value, str) and key == "text" else _characters(value) for key, value in part.items()
    )


def parent_ts(channel: Channel, arguments: Json) -> str | None:
    """Return the `ts` of the thread's parent, which must not be a reply itself.

    What Slack answers for another `thread_ts` is not documented (it may post a reply nobody finds); the code
    is the one of conversations.replies.
    """
    thread_ts: str | None = arguments.get("thread_ts")
    if thread_ts is None:
        return None
    parent = channel.message(thread_ts)
    if parent is None or parent.thread_ts:
        refuse("thread_not_found")
    return thread_ts


_EVENT = table({"event_type": string(255), "event_payload": mapping})


def _metadata(arguments: Json) -> Json | None:
    """Read the message metadata; an empty object removes it, as documented for chat.update."""
    metadata: Json | None = arguments.get("metadata") or None
    if metadata is None:
        return None
    if found := list(_EVENT(metadata, "/metadata")):
        refuse("invalid_metadata_format", *found)
    if len(json.dumps(metadata)) > LARGEST_METADATA:
        refuse("metadata_too_large")
    return metadata


_CONTENT = {
    "text": Kind.TEXT,
    "blocks": Kind.VALUE,
    "mrkdwn": Kind.FLAG,
    "parse": Kind.TEXT,
    "link_names": Kind.FLAG,
}
_THREAD = {"thread_ts": Kind.TEXT}
_POST = (
    _CONTENT
    | _THREAD
    | {
        "metadata": Kind.VALUE,
        "reply_broadcast": Kind.FLAG,
        "unfurl_links": Kind.FLAG,
        "unfurl_media": Kind.FLAG,
    }
)

METHODS = {
    "chat.postMessage": Method(post_message, {"channel": Kind.TEXT}, _POST, scope="chat:write"),
    "chat.update": Method(
        update,
        {"channel": Kind.TEXT, "ts": Kind.TEXT},
        _CONTENT | {"metadata": Kind.VALUE, "reply_broadcast": Kind.FLAG},
        scope="chat:write",
    ),
    "chat.delete": Method(delete, {"channel": Kind.TEXT, "ts": Kind.TEXT}, scope="chat:write"),
    "chat.postEphemeral": Method(
        post_ephemeral, {"channel": Kind.TEXT, "user": Kind.TEXT}, _CONTENT | _THREAD, scope="chat:write"
    ),
    "chat.getPermalink": Method(get_permalink, {"channel": Kind.TEXT, "message_ts": Kind.TEXT}, takes_json=False),
}
