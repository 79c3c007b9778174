"""Slack's JSON or form → `Payload`: the one reading, for HTTP and Socket Mode alike. Pure.

A signature says who sent a request, not that it is whole, and Socket Mode has none. So what a listener may rely on is
checked here, field by field: what has another shape than Slack's is `MalformedPayload`, and nothing of it is used.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bot.slack.inbound._payload import Action, Event, Json, Kind, MalformedPayload, Payload, View
from bot.text import foreign_json

_NAME_SHOWN: Final = 40
_LONGEST: Final = 4_000
"""Characters; the longest that Slack writes itself is what a form of ours keeps, 3,000."""

_TYPED: Final = frozenset({"text", "value"})
_HALF: Final = re.compile("[\ud800-\udfff]")
_FLAGS: Final = {None: False, False: False, True: True, "false": False, "true": True}


def read(body: Any) -> Payload:
    """Return a payload, as decoded from HTTP or as an envelope of Socket Mode brings it. Raise MalformedPayload."""
    if not isinstance(body, dict):
        msg = "it is no object"
        raise MalformedPayload(msg)
    try:
        body = foreign_json(body)
    except RecursionError:
        msg = "it is too deep"
        raise MalformedPayload(msg) from None
    if "command" in body and "type" not in body:
        return _command(body)
    kind = _text(body, "type") if "ssl_check" not in body else ""
    return _READERS.get(kind, _other)(body)


def _command(body: Json) -> Payload:
    command = _text(body, "command")
    return Payload(
        kind=Kind.command,
        name=command,
        team=_text_if_any(body, "team_id"),
        homes=_named(body, "user_team_id", "user_team"),
        is_shared=_flag(body, "is_ext_shared_channel"),
        channel=_text(body, "channel_id"),
        person=_text(body, "user_id"),
        text=_text_if_any(body, "text"),
        key=_text(body, "trigger_id"),
        trigger=_text(body, "trigger_id"),
        response_url=_text_if_any(body, "response_url"),
        route={"command": command},
    )


def _click(body: Json) -> Payload:
    pressed = body.get("actions")
    if not isinstance(pressed, list) or not pressed or not isinstance(pressed[0], dict):
        msg = "it has no action"
        raise MalformedPayload(msg)
    action = Action(
        id=_text(pressed[0], "action_id"),
        at=_text(pressed[0], "action_ts"),
        value=_text_if_any(pressed[0], "value"),
        chosen=_text_if_any(_object(pressed[0], "selected_option"), "value"),
    )
    place = _object(body, "container")
    view = _view_if_any(body)
    channel = _text_if_any(_object(body, "channel"), "id") or _text_if_any(place, "channel_id")
    if view is None and not channel:
        msg = "it does not say where it was pressed"
        raise MalformedPayload(msg)
    return Payload(
        kind=Kind.click,
        name=action.id,
        **_who(body),
        channel=channel,
        message=_text_if_any(place, "message_ts"),
        thread=_text_if_any(place, "thread_ts") or None,
        typed_at=moment(action.at),
        action=action,
        view=view,
        route={"type": "block_actions", "actions": [{"action_id": action.id}]},
    )


def _submission(body: Json) -> Payload:
    view = _view(body)
    route = {"type": "view_submission", "view": {"callback_id": view.callback, "type": "modal"}}
    return Payload(kind=Kind.submission, name=view.callback, **_who(body), view=view, route=route)


def _suggestion(body: Json) -> Payload:
    name = _text(body, "action_id")
    return Payload(
        kind=Kind.suggestion,
        name=name,
        **_who(body),
        text=_text_if_any(body, "value"),
        view=_view(body),
        route={"type": "block_suggestion", "action_id": name},
    )


def _event(body: Json) -> Payload:
    """Read an event that the manifest subscribes to; of others only the type is read."""
    event = _object(body, "event")
    name = _text(event, "type")
    read_event = _EVENTS.get(name)
    if read_event is None:
        return Payload(kind=Kind.event, name=name, route={"type": "event_callback", "event": {"type": name}})
    person, app = _text_if_any(event, "user"), _text_if_any(event, "bot_id")
    return Payload(
        kind=Kind.event,
        name=name,
        team=_installation(body),
        homes=_named(event, "user_team", "source_team", "team") | _named(body, "team_id"),
        is_shared=_flag(body, "is_ext_shared_channel"),
        channel=_text_if_any(event, "channel"),
        person=person,
        key=_text_if_any(body, "event_id"),
        thread=_text_if_any(event, "thread_ts") or None,
        typed_at=moment(_text_if_any(event, "event_ts") or _text_if_any(event, "ts")),
        event=read_event(event),
        route={"type": "event_callback", "event": {"type": name, "user": person or None, "bot_id": app or None}},
    )


def _mention(event: Json) -> Event:
    _text(event, "channel")
    return Event(
        ts=_text(event, "ts"),
        is_edited=event.get("edited") is not None,
        said={"text": _text_if_any(event, "text"), "blocks": event.get("blocks")},
    )


def _home_opened(event: Json) -> Event:
    _text(event, "user")
    return Event(tab=_text_if_any(event, "tab"))


def _group_changed(event: Json) -> Event:
    return Event(group=_text(event, "subteam_id"))


def _other(body: Json) -> Payload:
    """Return a payload without a listener, or one that Bolt answers by itself: Slack's check of URL or certificate."""
    if "ssl_check" in body:
        return Payload(kind=Kind.other, name="ssl_check", route={"ssl_check": _text(body, "ssl_check")})
    name = _text(body, "type")
    route = {"type": name, "challenge": _text(body, "challenge")} if name == "url_verification" else {"type": name}
    return Payload(kind=Kind.other, name=name, route=route)


def _who(body: Json) -> dict[str, Any]:
    """Return the fields that every interaction has: the person, the installation, and the ways to answer."""
    user = _object(body, "user")
    return {
        "team": _text_if_any(_object(body, "team"), "id") or _text_if_any(body, "team_id"),
        "homes": _named(user, "team_id"),
        "is_shared": _flag(body, "is_ext_shared_channel"),
        "person": _text(user, "id"),
        "trigger": _text_if_any(body, "trigger_id"),
        "response_url": _text_if_any(body, "response_url"),
    }


def _installation(body: Json) -> str:
    """Return the workspace of an event: that of the first authorization; `team_id` may be where it happened."""
    given = body.get("authorizations")
    if given is None:
        return _text_if_any(body, "team_id")
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        msg = "its authorizations are odd"
        raise MalformedPayload(msg)
    return (_text_if_any(given[0], "team_id") if given else "") or _text_if_any(body, "team_id")


def _view_if_any(body: Json) -> View | None:
    return None if body.get("view") is None else _view(body)


def _view(body: Json) -> View:
    """Return a form or Home tab. A form keeps JSON of the bot's own, Home the channel of its person."""
    view = _object(body, "view")
    is_home, metadata = view.get("type") == "home", _text_if_any(view, "private_metadata")
    kept = {"channel": metadata} if is_home else _kept(metadata)
    return View(
        id=_text(view, "id"),
        callback=_text_if_any(view, "callback_id") if is_home else _text(view, "callback_id"),
        hash=_text_if_any(view, "hash"),
        is_home=is_home,
        channel=_text_if_any(kept, "channel"),
        kept=kept,
        fields=_fields(_object(_object(view, "state"), "values")),
    )


def _kept(metadata: str) -> Json:
    try:
        kept = foreign_json(json.loads(metadata))
    except (ValueError, RecursionError):
        kept = None
    if not isinstance(kept, dict):
        msg = "its form keeps nothing of ours"
        raise MalformedPayload(msg)
    return kept


def _fields(values: Json) -> Mapping[tuple[str, str], str]:
    """Return the value of each field: a text, or that of the chosen option."""
    fields = {}
    for block in values:
        actions = _object(values, block)
        for action in actions:
            state = _object(actions, action)
            chosen = _text_if_any(_object(state, "selected_option"), "value")
            standing = (_text_if_any(state, "value"), chosen, _text_if_any(state, "selected_conversation"))
            fields[block, action] = next(filter(None, standing), "")
    return fields


def _named(of: Json, *names: str) -> frozenset[str]:
    """Return the texts of several fields, without absent ones."""
    return frozenset(_text_if_any(of, name) for name in names) - {""}


def _text(of: Json, name: str) -> str:
    """Return the text of a required field."""
    value = _text_if_any(of, name)
    if not value:
        msg = f"it has no {name}"
        raise MalformedPayload(msg)
    return value


def _text_if_any(of: Json, name: str) -> str:
    """Return the text of a field; empty where there is none, or null."""
    value = of.get(name)
    if value is not None and not isinstance(value, str):
        msg = f"its {name} is no text"
        raise MalformedPayload(msg)
    if value and name not in _TYPED and not _is_sound(value):
        msg = f"its {name} is too long, or holds half a character"
        raise MalformedPayload(msg)
    return value or ""


def _is_sound(value: str) -> bool:
    """Return whether it may be Slack's own, such as an id: of sane length, and of whole characters."""
    return len(value) <= _LONGEST and not _HALF.search(value)


def _object(of: Json, name: str) -> Json:
    """Return the object in a field; empty where there is none, or null."""
    value = of.get(name)
    if value is not None and not isinstance(value, dict):
        msg = f"its {name[:_NAME_SHOWN]!r} is no object"
        raise MalformedPayload(msg)
    return value or {}


def _flag(of: Json, name: str) -> bool:
    """Return a field that is true or false; a form has it as text."""
    value = of.get(name)
    if not isinstance(value, str | bool | None) or value not in _FLAGS:
        msg = f"its {name} is neither true nor false"
        raise MalformedPayload(msg)
    return _FLAGS[value]


def moment(text: Any) -> datetime | None:
    """Return the moment of a timestamp of Slack's, seconds since 1970 with a fraction; None for any other text."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


_READERS: Final[Mapping[str, Callable[[Json], Payload]]] = {
    "block_actions": _click,
    "view_submission": _submission,
    "block_suggestion": _suggestion,
    "event_callback": _event,
}

_EVENTS: Final[Mapping[str, Callable[[Json], Event]]] = {
    "app_mention": _mention,
    "app_home_opened": _home_opened,
    "subteam_members_changed": _group_changed,
}
