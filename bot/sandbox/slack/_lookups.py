"""auth.test, users.*, conversations.*, usergroups.*, team.info: facts about people and places."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._method import Kind, Method
from bot.sandbox.slack._payloads import ENTERPRISE_NAME
from bot.sandbox.slack._workspace import Channel, Role, Workspace

LARGEST_PAGE = 999  # documented for conversations.members: under 1000


def auth_test(workspace: Workspace, arguments: Json) -> Json:
    """auth.test: return the owner of the token. The scopes stand in the answer's `X-OAuth-Scopes` header."""
    del arguments
    answer = {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.team_name,
        "user": workspace.bot.name,
        "team_id": workspace.enterprise_id if workspace.is_org_wide else workspace.team_id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": workspace.is_org_wide,
    }
    return answer | ({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {})


def users_info(workspace: Workspace, arguments: Json) -> Json:
    """users.info: return the facts about a person.

    `is_stranger` is false for an external person who shares a channel with the app (reported by users of the
    API), so it is no test of who is external: `team_id` is. Whether a deactivated person keeps role and time
    zone is not known: they are left out, and nothing may rely on them. On Enterprise Grid `team_id` is a person's
    home, and absent where that is the organisation; whose member they are stands in `enterprise_user`.
    """
    user = workspace.user(arguments["user"])
    shape: Json = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.role is Role.DEACTIVATED,
        "is_bot": user.role is Role.BOT,
        "is_app_user": False,
        "updated": int(workspace.clock().timestamp()),
        "profile": {"real_name": user.name.title(), "display_name": user.name, "team": user.team_id},
    }
    if user.teams:
        if user.team_id == workspace.enterprise_id:
            del shape["team_id"]
        shape["enterprise_user"] = {
            "id": user.id,
            "enterprise_id": workspace.enterprise_id,
            "enterprise_name": ENTERPRISE_NAME,
            "is_admin": False,
            "is_owner": False,
            "teams": list(user.teams),
        }
    if user.role is Role.DEACTIVATED:
        return {"user": shape}
    offset = workspace.clock().astimezone(ZoneInfo(user.tz)).utcoffset()
    shape |= {
        "real_name": user.name.title(),
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.role in (Role.GUEST, Role.SINGLE_CHANNEL_GUEST),
        "is_ultra_restricted": user.role is Role.SINGLE_CHANNEL_GUEST,
    }
    if user.role is Role.STRANGER:
        shape["is_stranger"] = not workspace.shares_channel(user.id)
    return {"user": shape}


def conversations_info(workspace: Workspace, arguments: Json) -> Json:
    """conversations.info: return the facts about a channel, the bot's membership included."""
    return {"channel": _shape(workspace, _readable(workspace, arguments["channel"]))}


def _shape(workspace: Workspace, channel: Channel) -> Json:
    if channel.im:
        return {
            "id": channel.id,
            "created": 0,
            "is_im": True,
            "is_org_shared": False,
            "user": channel.members[0],
            "is_archived": channel.archived,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": 0,
        "creator": workspace.bot.id,
        "context_team_id": workspace.team_id,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_member": channel.bot_in,
        "is_shared": channel.shared or channel.org_shared,
        "is_ext_shared": channel.shared,
        "is_org_shared": channel.org_shared,
        "is_pending_ext_shared": False,
        "is_general": False,
    }


def conversations_members(workspace: Workspace, arguments: Json) -> Json:
    """conversations.members: return the members of a channel, page by page."""
    channel = _readable(workspace, arguments["channel"])
    return _page("members", [*channel.members, *([workspace.bot.id] if channel.bot_in else [])], arguments)


def users_conversations(workspace: Workspace, arguments: Json) -> Json:
    """users.conversations: return the bot's channels, page by page. Documented default of `types`: public channels."""
    types = {each.strip() for each in arguments.get("types", "public_channel").split(",")}
    if not types <= _SCOPES.keys():  # Slack knows mpim, too; there are none here
        refuse("invalid_types")
    for each in sorted(types):
        workspace.require(_SCOPES[each])
    exclude = arguments.get("exclude_archived", False)
    channels = [
        channel
        for channel in workspace.channels.values()
        if channel.bot_in and _type(channel) in types and not (exclude and channel.archived)
    ]
    return _page("channels", [_shape(workspace, channel) for channel in channels], arguments)


def _page(name: str, everything: Sequence[Any], arguments: Json) -> Json:
    """Return one page, and the cursor of the next; the form of a cursor is Slack's own business."""
    limit, cursor = arguments.get("limit", 100), arguments.get("cursor") or "0"
    if not cursor.isdecimal():
        refuse("invalid_cursor")
    if not 1 <= limit <= LARGEST_PAGE:
        refuse("invalid_limit")
    end = int(cursor) + limit
    return {
        name: list(everything[int(cursor) : end]),
        "response_metadata": {"next_cursor": str(end) if end < len(everything) else ""},
    }


_SCOPES = {"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read"}


def _type(channel: Channel) -> str:
    """Return the type of a channel, in the words of `types`."""
    return "im" if channel.im else "private_channel" if channel.private else "public_channel"


def _readable(workspace: Workspace, channel_id: str) -> Channel:
    """Return a channel whose kind the app may read. Raises SlackError `missing_scope`."""
    channel = workspace.visible(channel_id)
    workspace.require(_SCOPES[_type(channel)])
    return channel


def usergroups_list(workspace: Workspace, arguments: Json) -> Json:
    """usergroups.list: return the groups, with their members only if asked for."""
    groups = []
    for group in workspace.usergroups.values():
        shape = {key: value for key, value in group.items() if key != "users"}
        shape["user_count"] = len(group["users"])
        groups.append(shape | {"users": group["users"]} if arguments.get("include_users") else shape)
    return {"usergroups": groups}


def usergroups_users_list(workspace: Workspace, arguments: Json) -> Json:
    """usergroups.users.list: return the members of a group."""
    group = workspace.usergroups.get(arguments["usergroup"])
    if group is None:
        refuse("no_such_subteam")
    return {"users": list(group["users"])}


def team_info(workspace: Workspace, arguments: Json) -> Json:
    """team.info: return the workspace itself."""
    if arguments.get("team", workspace.team_id) != workspace.team_id:
        refuse("team_not_found")  # what Slack says of a team it does not show is not known
    team = {"id": workspace.team_id, "name": workspace.team_name, "domain": workspace.domain}
    return {"team": {**team, "email_domain": "", "url": f"https://{workspace.domain}.slack.com/"}}


# Slack's reading methods take forms and query strings only: JSON is not read, so the arguments are missing.
METHODS = {
    "auth.test": Method(auth_test),
    "users.info": Method(
        users_info,
        {"user": Kind.TEXT},
        {"include_locale": Kind.FLAG},
        scope="users:read",
        takes_json=False,
    ),
    "conversations.info": Method(
        conversations_info,
        {"channel": Kind.TEXT},
        {"include_locale": Kind.FLAG, "include_num_members": Kind.FLAG},
        takes_json=False,
    ),
    "conversations.members": Method(
        conversations_members,
        {"channel": Kind.TEXT},
        {"cursor": Kind.TEXT, "limit": Kind.COUNT},
        takes_json=False,
    ),
    "users.conversations": Method(
        users_conversations,
        {},
        {"types": Kind.TEXT, "exclude_archived": Kind.FLAG, "cursor": Kind.TEXT, "limit": Kind.COUNT},
        takes_json=False,
    ),
    "usergroups.list": Method(
        usergroups_list,
        {},
        {"include_users": Kind.FLAG, "include_count": Kind.FLAG, "include_disabled": Kind.FLAG},
        scope="usergroups:read",
        takes_json=False,
    ),
    "usergroups.users.list": Method(
        usergroups_users_list,
        {"usergroup": Kind.TEXT},
        {"include_disabled": Kind.FLAG},
        scope="usergroups:read",
        takes_json=False,
    ),
    "team.info": Method(team_info, {}, {"team": Kind.TEXT}, scope="team:read", takes_json=False),
}
