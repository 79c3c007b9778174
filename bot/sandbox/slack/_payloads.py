"""The payloads sent to the app, as Slack documents them. Pure, but for ids and the present."""

import secrets
from collections.abc import Sequence

from bot.sandbox.slack import _chat as chat
from bot.sandbox.slack import _modals as modals
from bot.sandbox.slack._elements import Place, element_at
from bot.sandbox.slack._messages import Json, Message
from bot.sandbox.slack._views import View
from bot.sandbox.slack._workspace import Channel, Role, User, Workspace

ENTERPRISE_NAME = "Local Inc."
_OF_ELEMENT = (
    *("text", "value", "style", "url", "confirm", "placeholder"),
    *("initial_option", "initial_options", "initial_user", "initial_conversation"),
)
VERIFICATION_TOKEN = "deprecated"  # noqa: S105 - a field every payload still has; it proves nothing


def slash(
    workspace: Workspace,
    user: User,
    channel: Channel,
    *,
    command: str,
    text: str,
    trigger_id: str,
    response_url: str,
    team_id: str | None,
) -> Json:
    """Return a slash command: one text, no thread, and the workspace in which it was typed."""
    payload = {
        "token": VERIFICATION_TOKEN,
        "team_id": team_id or (workspace.team_id if user.teams else user.team_id),
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": "privategroup" if channel.private else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }
    on_grid = {"enterprise_id": workspace.enterprise_id, "enterprise_name": ENTERPRISE_NAME}
    return payload | (on_grid if workspace.enterprise_id else {})


def action(
    workspace: Workspace, user: User, shown: Message | View, place: Place, done: Json, *, trigger_id: str
) -> Json:
    """Return the use of an element of a message, a modal or a Home tab; `done` is what became of it.

    Where it stands in a message, the sender adds a `response_url`.
    """
    element = element_at(shown.blocks, place)
    kept = {key: element[key] for key in _OF_ELEMENT if key in element}
    used = {"type": element["type"], "block_id": place[0], "action_id": place[1], **kept, **done}
    return {
        **_interaction(workspace, user, "block_actions", trigger_id),
        **_where(workspace, user, shown),
        "actions": [{**used, "action_ts": workspace.new_ts()}],
    }


def suggestion(workspace: Workspace, user: User, shown: Message | View, place: Place, typed: str) -> Json:
    """Return the text typed into an external select, as a request for options: it carries no trigger id."""
    payload = _interaction(workspace, user, "block_suggestion", "")
    del payload["trigger_id"]
    return {
        **payload,
        **_where(workspace, user, shown),
        "block_id": place[0],
        "action_id": place[1],
        "value": typed,
    }


def _where(workspace: Workspace, user: User, shown: Message | View) -> Json:
    """Return the place of an element with everything that is filled in there.

    For an ephemeral message only its place is sent: a payload captured from Slack has no `message`.
    """
    if isinstance(shown, View):
        return {
            "container": {"type": "view", "view_id": shown.id},
            "view": modals.as_json(workspace, shown, shown.state()),
        }
    channel = workspace.channels[shown.channel_id]
    container: Json = {
        "type": "message",
        "message_ts": shown.ts,
        "channel_id": channel.id,
        "is_ephemeral": shown.ephemeral_for is not None,
    }
    if shown.thread_ts:
        container["thread_ts"] = shown.thread_ts
    place: Json = {
        "container": container,
        "channel": {"id": channel.id, "name": "privategroup" if channel.private else channel.name},
        "state": {"values": shown.state(user.id)},
    }
    if shown.ephemeral_for is None:
        place["message"] = {key: value for key, value in chat.as_json(workspace, shown).items() if key != "metadata"}
    return place


def submission(workspace: Workspace, user: User, view: View, *, trigger_id: str) -> Json:
    """Return a submitted modal with its values."""
    return _interaction(workspace, user, "view_submission", trigger_id) | {
        "view": modals.as_json(workspace, view, view.state()),
        "response_urls": [],
    }


def closing(workspace: Workspace, user: User, view: View) -> Json:
    """Return a closed modal: no trigger, as documented."""
    payload = _interaction(workspace, user, "view_closed", "")
    del payload["trigger_id"]
    return payload | {"view": modals.as_json(workspace, view, view.state()), "is_cleared": False}


def _interaction(workspace: Workspace, user: User, kind: str, trigger_id: str) -> Json:
    return {
        "type": kind,
        "token": VERIFICATION_TOKEN,
        "team": {"id": workspace.team_id, "domain": workspace.domain},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": workspace.app_id,
        "trigger_id": trigger_id,
        "enterprise": {"id": workspace.enterprise_id, "name": ENTERPRISE_NAME} if workspace.enterprise_id else None,
        "is_enterprise_install": False,
    }


def app_mention(workspace: Workspace, user: User, channel: Channel, message: Message) -> Json:
    """Return a message that mentions the bot; an edited one has `edited` and keeps its `ts`."""
    event: Json = {
        "type": "app_mention",
        "user": user.id,
        "ts": message.ts,
        "client_msg_id": secrets.token_hex(16),
        "text": message.text,
        "team": user.team_id,
        "blocks": message.blocks,
        "channel": channel.id,
        "event_ts": message.edited_ts or message.ts,
    }
    if message.thread_ts:
        event |= {"thread_ts": message.thread_ts, "parent_user_id": _author(channel, message.thread_ts)}
    if message.edited_ts:
        event["edited"] = {"user": user.id, "ts": message.edited_ts}
    if user.role is Role.BOT:
        event["bot_id"] = f"B{user.id[1:]}"
    if user.role is Role.STRANGER or workspace.enterprise_id:
        event |= {"user_team": user.team_id, "source_team": user.team_id}
    return _event(workspace, event, shared=channel.shared)


def home_opened(workspace: Workspace, user: User, channel: Channel, view: View | None) -> Json:
    """Return an opened Home tab, with its view when one was published."""
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": "home"}
    event["event_ts"] = workspace.new_ts()
    if view is not None:
        event["view"] = modals.as_json(workspace, view)
    return _event(workspace, event, shared=False)


def group_changed(workspace: Workspace, group_id: str, before: Sequence[str]) -> Json:
    """Return a change of a user group's members from `before`; the counts are texts, as documented."""
    now = workspace.usergroups[group_id]["users"]
    added, removed = [one for one in now if one not in before], [one for one in before if one not in now]
    moment = int(workspace.clock().timestamp())
    event: Json = {
        "type": "subteam_members_changed",
        "subteam_id": group_id,
        "team_id": workspace.team_id,
        "date_previous_update": moment,
        "date_update": moment,
        "added_users": added,
        "added_users_count": str(len(added)),
        "removed_users": removed,
        "removed_users_count": str(len(removed)),
        "event_ts": workspace.new_ts(),
    }
    return _event(workspace, event, shared=False)


def _event(workspace: Workspace, event: Json, *, shared: bool) -> Json:
    return {
        "type": "event_callback",
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": workspace.enterprise_id or None,
        "api_app_id": workspace.app_id,
        "event": event,
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(workspace.clock().timestamp()),
        "authorizations": [
            {
                "enterprise_id": workspace.enterprise_id or None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{secrets.token_hex(16)}",
    }


def _author(channel: Channel, ts: str) -> str | None:
    parent = channel.message(ts)
    return None if parent is None else parent.user
