"""What Slack's payloads look like, as far as Bolt and our listeners rely on it. Pure.

A signature says who sent a request, not that it is whole: what has another shape is refused before anything
reads it (`bot.slack.http`), instead of falling over somewhere inside.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from bot.slack.modals import FORMS

_MOST_FIELDS: Final = 1_000

Shape = Callable[[Any], bool]


def check(body: str, content_type: str) -> None:
    """Read a request's body as Bolt will – JSON, a form, or a form that holds JSON – and look at its shape.

    Raises ValueError for what is none of them, or has not the shape of anything that Slack sends.
    """
    try:
        read = _read(body, content_type)
        is_slacks = _is_object(read) and all(shape(read[name]) for name, shape in _SHAPES.items() if name in read)
    except RecursionError:
        is_slacks = False
    if not is_slacks or any(name not in read for name in _NEEDED.get(read.get("type", ""), ())):
        msg = "it has another shape than Slack's payloads"
        raise ValueError(msg)


def _read(body: str, content_type: str) -> Any:
    if content_type == "application/json" or body.startswith("{"):
        return json.loads(body)
    form = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS))
    return json.loads(form["payload"]) if "payload" in form else form


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_if_any(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_object_if_any(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_object, value))


def _are_actions(value: Any) -> bool:
    return _are_objects(value) and bool(value) and all(_is_text(each.get("action_id")) for each in value)


def _is_view(value: Any) -> bool:
    """Look into a form or Home tab; what a form keeps for us is JSON that we wrote ourselves."""
    if value is None:
        return True
    if not _is_object(value) or not all(_is_text(value.get(name)) for name in ("id", "callback_id")):
        return False
    state = value.get("state") or {}
    if not _is_object(state) or not _is_object(state.get("values") or {}):
        return False
    kept = value.get("private_metadata") or ""
    return _is_text(kept) and (value["callback_id"] not in FORMS or _is_object(json.loads(kept or "null")))


def _is_event(value: Any) -> bool:
    """Look into the events that the manifest subscribes to; of others only the type is read."""
    if not _is_object(value) or not _is_text(value.get("type")):
        return False
    return all(map(_is_text_if_any, (value.get(name) for name in _OURS.get(value["type"], ()))))


_OURS: Final[Mapping[str, tuple[str, ...]]] = {
    "app_mention": ("channel", "user", "ts", "thread_ts", "event_ts", "text"),
    "app_home_opened": ("channel", "user", "tab", "event_ts"),
    "subteam_members_changed": ("subteam_id",),
}

_SHAPES: Final[Mapping[str, Shape]] = {
    "type": _is_text,
    "command": _is_text,
    "team_id": _is_text_if_any,
    "channel_id": _is_text_if_any,
    "user_id": _is_text_if_any,
    "response_url": _is_text_if_any,
    "trigger_id": _is_text_if_any,
    "event": _is_event,
    "authorizations": _are_objects,
    "actions": _are_actions,
    "team": _is_object_if_any,
    "user": _is_object,
    "channel": _is_object,
    "container": _is_object,
    "message": _is_object,
    "view": _is_view,
}
"""Each key that is read somewhere, wherever it stands at the top of a payload."""

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "event_callback": ("event",),
    "block_actions": ("actions", "user"),
    "view_submission": ("view", "user"),
    "view_closed": ("view", "user"),
}
