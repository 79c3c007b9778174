"""views.*: modals are opened and updated, Home tabs are published."""

import secrets

from bot.sandbox.slack._blocks import Surface
from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._method import Kind, Method
from bot.sandbox.slack._views import View, check_view
from bot.sandbox.slack._workspace import Workspace


def views_open(workspace: Workspace, arguments: Json) -> Json:
    """views.open: show a modal to the person whose trigger id this is."""
    check_view(arguments["view"], Surface.MODAL)
    _check_external_id(workspace, arguments["view"])
    user_id = workspace.triggers.exchange(arguments["trigger_id"])
    return {"view": as_json(workspace, add_view(workspace, user_id, arguments["view"]))}


def views_update(workspace: Workspace, arguments: Json) -> Json:
    """views.update: change a modal that is still open, named by `view_id` or `external_id`."""
    check_view(arguments["view"], Surface.MODAL)
    view = _open_view(workspace, arguments)
    if arguments.get("hash", view.hash) != view.hash:
        refuse("hash_conflict")
    view.show(arguments["view"])
    workspace.changes.notify()
    return {"view": as_json(workspace, view)}


def views_publish(workspace: Workspace, arguments: Json) -> Json:
    """views.publish: set the Home tab of a person."""
    check_view(arguments["view"], Surface.HOME)
    user = workspace.user(arguments["user_id"])
    home = next((view for view in workspace.views.values() if is_home_of(view, user.id)), None)
    if home is None:
        home = add_view(workspace, user.id, arguments["view"])
    elif arguments.get("hash", home.hash) != home.hash:
        refuse("hash_conflict")
    else:
        home.show(arguments["view"])
        workspace.changes.notify()
    return {"view": as_json(workspace, home)}


def add_view(workspace: Workspace, user_id: str, content: Json) -> View:
    """Add a view for a person."""
    view = View(f"V{secrets.token_hex(5).upper()}", user_id, content, workspace.names)
    view.show(content)
    workspace.views[view.id] = view
    workspace.changes.notify()
    return view


def is_home_of(view: View, user_id: str) -> bool:
    """Return whether this is that person's Home tab."""
    return view.user_id == user_id and view.content["type"] == "home"


def as_json(workspace: Workspace, view: View, values: Json | None = None) -> Json:
    """Return a view in the shape of answers and payloads; `values` is the filled-in state."""
    filled_in = {"private_metadata": "", "callback_id": "", "external_id": ""}
    modal = {"clear_on_close": False, "notify_on_close": False, "close": None, "submit": None}
    return {
        **filled_in,
        **(modal if view.content["type"] == "modal" else {}),
        **view.content,
        "id": view.id,
        "team_id": workspace.team_id,
        "state": {"values": values or {}},
        "hash": view.hash,
        "previous_view_id": None,
        "root_view_id": view.id,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
    }


def _open_view(workspace: Workspace, arguments: Json) -> View:
    """Return the modal that is named. A closed one is gone: Slack answers `not_found`."""
    if ("view_id" in arguments) == ("external_id" in arguments):
        refuse("invalid_arguments", "exactly one of view_id and external_id is needed")
    key, name = ("id", "view_id") if "view_id" in arguments else ("external_id", "external_id")
    for view in workspace.views.values():
        shape = {**view.content, "id": view.id}
        if shape.get(key) == arguments[name] and view.is_open and shape["type"] == "modal":
            return view
    return refuse("not_found")


def _check_external_id(workspace: Workspace, content: Json) -> None:
    external_id = content.get("external_id")
    if external_id and any(view.content.get("external_id") == external_id for view in workspace.views.values()):
        refuse("duplicate_external_id")


METHODS = {
    # Which views.open looks at first, view or trigger, is not known; here a refused view leaves the trigger.
    "views.open": Method(views_open, {"trigger_id": Kind.TEXT, "view": Kind.VALUE}),
    "views.update": Method(
        views_update,
        {"view": Kind.VALUE},
        {"view_id": Kind.TEXT, "external_id": Kind.TEXT, "hash": Kind.TEXT},
    ),
    "views.publish": Method(views_publish, {"user_id": Kind.TEXT, "view": Kind.VALUE}, {"hash": Kind.TEXT}),
}
