"""Replies of the app to one interaction: in the ack of a command, or through a response URL."""

from collections.abc import Mapping

from bot.sandbox.slack._chat import LONGEST_POST, content, parent_ts
from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import Json, Message
from bot.sandbox.slack._method import Kind, read
from bot.sandbox.slack._workspace import Channel, User, Workspace

_FIELDS: Mapping[str, Kind] = {
    "text": Kind.TEXT,
    "blocks": Kind.VALUE,
    "response_type": Kind.TEXT,
    "replace_original": Kind.FLAG,
    "delete_original": Kind.FLAG,
    "thread_ts": Kind.TEXT,
    "unfurl_links": Kind.FLAG,
    "unfurl_media": Kind.FLAG,
    "mrkdwn": Kind.FLAG,
}


def apply_reply(
    workspace: Workspace, channel: Channel, user: User, reply: Json, original: Message | None = None
) -> None:
    """Apply a reply: post it to the person (the default) or to all, or replace or delete `original`.

    `original` is the message whose button was clicked; a command has none, so there is nothing to replace.
    Slack's default for `replace_original` on a click is not known here: only true replaces.
    Raises SlackError; then nothing was done.
    """
    given = read(reply, {}, _FIELDS)
    replaces, deletes = given.get("replace_original", False), given.get("delete_original", False)
    if (replaces or deletes) and (original is None or original not in channel.entries):
        refuse("message_not_found")
    if deletes and original is not None:
        workspace.remove_message(original)
        return
    text, blocks = content(given, LONGEST_POST)
    if replaces and original is not None:
        workspace.edit_message(original, text, blocks)
        return
    if given.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
        refuse("invalid_arguments", "response_type is ephemeral or in_channel")
    workspace.add_message(
        channel,
        workspace.bot.id,
        text,
        blocks,
        thread_ts=parent_ts(channel, given),
        ephemeral_for=None if given.get("response_type") == "in_channel" else user.id,
    )
