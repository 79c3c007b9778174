"""The effects of an ack: the reply to a command, and what happens to a modal."""

from bot.sandbox.slack._blocks import OPTION, OPTION_GROUP, Surface
from bot.sandbox.slack._elements import Filling
from bot.sandbox.slack._envelopes import Envelope, EnvelopeType
from bot.sandbox.slack._errors import SlackError, refuse
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._modals import add_view
from bot.sandbox.slack._replies import apply_reply
from bot.sandbox.slack._schema import items
from bot.sandbox.slack._views import View, check_view
from bot.sandbox.slack._workspace import User, Workspace

MOST_MODALS = 3


def apply_ack(workspace: Workspace, user: User, envelope: Envelope, ack: Json | None) -> None:
    """Apply the ack of an envelope; a body in the ack of an event or a click is dropped.

    Raises SlackError `invalid_command_response` when the ack of a command cannot be shown, and
    `invalid_view_response` for that of a modal; what Slack itself says then is not documented.
    """
    payload = envelope.payload
    if envelope.type is EnvelopeType.SLASH and ack is not None:
        try:
            _answer_command(workspace, user, payload, ack)
        except SlackError as refusal:
            refuse("invalid_command_response", refusal.code, *refusal.problems)
    if payload.get("type") == "block_suggestion":
        listing = _listing(ack or {})
        _filling(workspace, user, payload["container"]).list_options(
            (payload["block_id"], payload["action_id"]), listing
        )
        workspace.changes.notify()
    if payload.get("type") == "view_submission":
        try:
            _settle_modal(workspace, workspace.views[payload["view"]["id"]], ack or {})
        except SlackError as refusal:
            refuse("invalid_view_response", refusal.code, *refusal.problems)
        workspace.changes.notify()


def _answer_command(workspace: Workspace, user: User, payload: Json, ack: Json) -> None:
    """Post the reply; one for the whole channel also shows the command that was typed."""
    channel = workspace.channels[payload["channel_id"]]
    apply_reply(workspace, channel, user, ack)
    if ack.get("response_type") == "in_channel":
        workspace.add_message(channel, user.id, f"{payload['command']} {payload['text']}")


def _listing(ack: Json) -> Json:
    """Return the options, or groups of them, that the app suggests; an empty list is accepted, an invalid one not."""
    key, rule = ("option_groups", OPTION_GROUP) if "option_groups" in ack else ("options", OPTION)
    listed = ack.get(key)
    if not isinstance(listed, list) or (listed and list(items(rule, 100)(listed, f"/{key}"))):
        refuse("invalid_options_response")
    return {key: listed}


def _filling(workspace: Workspace, user: User, container: Json) -> Filling:
    """Return the person's choices where a select stands; those of a message that has gone are nobody's."""
    if container["type"] == "view":
        return workspace.views[container["view_id"]].filling
    entries = workspace.channels[container["channel_id"]].entries
    found = next((entry for entry in entries if entry.ts == container["message_ts"]), None)
    return found.filling(user.id) if found else Filling()


def _settle_modal(workspace: Workspace, view: View, ack: Json) -> None:
    open_modals = [
        other
        for other in workspace.views.values()
        if other.user_id == view.user_id and other.is_open and other.content["type"] == "modal"
    ]
    match ack.get("response_action"):
        case None if not ack:
            view.is_open = False
        case "clear":
            for other in open_modals:
                other.is_open = False
        case "errors":
            fields = {block["block_id"] for block in view.blocks if block["type"] == "input"}
            errors = ack.get("errors")
            if not isinstance(errors, dict) or not errors or not errors.keys() <= fields:
                refuse("errors must name input blocks by their block_id")
            view.errors = errors
        case "update":
            check_view(ack.get("view"), Surface.MODAL)
            view.show(ack["view"])
        case "push" if len(open_modals) < MOST_MODALS:
            check_view(ack.get("view"), Surface.MODAL)
            add_view(workspace, view.user_id, ack["view"])
        case other_action:
            refuse(f"response_action {other_action!r} is not possible here")
