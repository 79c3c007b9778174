"""The JSON of the page's frames: people, channels, messages, views. Pure.

Ids of triggers, response URLs, `private_metadata`, `callback_id` and the values of buttons are no part of it: a page
shows them to nobody and sends none of them back.
"""

from collections.abc import Mapping
from typing import Final

from bot.sandbox.slack import Channel, File, Json, Message, Person, Role, View

_ABOUT: Final[Mapping[Role, str]] = {
    Role.MEMBER: "a member of the workspace",
    Role.GUEST: "a guest: sees the channels they were invited to",
    Role.SINGLE_CHANNEL_GUEST: "a guest of a single channel",
    Role.STRANGER: "from another company: sees the shared channels they are in",
}


def person_shape(person: Person, about: str = "") -> Json:
    """Return a person, with a phrase on what they may do."""
    role = person.user.role
    return {"id": person.id, "name": person.name, "role": role, "about": about or _ABOUT.get(role, "")}


def channel_shape(channel: Channel, viewer: Person, bot_id: str) -> Json:
    """Return a channel as one person sees it; `with` is the other one in a direct conversation."""
    other = next((member for member in channel.members if member != viewer.id), bot_id) if channel.im else None
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": _kind(channel),
        "archived": channel.archived,
        "member": viewer.id in channel.members,
        "members": [*channel.members, *([bot_id] if channel.bot_in and not channel.im else [])],
        "bot_in": channel.bot_in,
        "with": other,
    }


def _kind(channel: Channel) -> str:
    if channel.im:
        return "dm"
    if channel.shared or channel.org_shared:
        return "shared"
    return "private" if channel.private else "public"


def message_shape(message: Message, viewer: Person, *, bot: bool) -> Json:
    """Return a message as one person sees it; `bot` is true for one that no person wrote."""
    return {
        "key": message.ts,
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": _without_values(message.blocks),
        "thread_ts": message.thread_ts,
        "only_you": message.ephemeral_for is not None,
        "broadcast": message.broadcast,
        "edited": message.edits > 0,
        "files": [_file_shape(file, viewer) for file in message.files],
        "bot": bot,
    }


def _file_shape(file: File, viewer: Person) -> Json:
    url = f"/files/{file.id}?as={viewer.id}"
    return {"id": file.id, "name": file.name, "title": file.title, "size": len(file.content), "url": url}


def view_shape(view: View) -> Json:
    """Return a modal or Home tab; `external` holds the options or groups listed last for each external select."""
    content = view.content
    return {
        "id": view.id,
        "hash": view.hash,
        "type": content["type"],
        "title": view.title,
        "submit": _words(content.get("submit")),
        "close": _words(content.get("close")),
        "blocks": _without_values(view.blocks),
        "errors": dict(view.errors),
        "external": {place[1]: listing for place, listing in view.filling.listed.items()},
    }


def _words(text: Json | None) -> str | None:
    return None if text is None else str(text["text"])


def _without_values(blocks: list[Json]) -> list[Json]:
    """Return the blocks without the values of their buttons."""
    return [_without_value(block) for block in blocks]


def _without_value(block: Json) -> Json:
    changed: Json = {}
    if block["type"] == "actions":
        changed["elements"] = [_unvalued(element) for element in block["elements"]]
    if "accessory" in block:
        changed["accessory"] = _unvalued(block["accessory"])
    return {**block, **changed}


def _unvalued(element: Json) -> Json:
    if element["type"] != "button":
        return element
    return {key: value for key, value in element.items() if key != "value"}
