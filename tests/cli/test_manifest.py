"""The app's manifest, held against the code and against Slack: Slack checks neither scopes nor names for us."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli import app
from bot.config._settings import Settings
from bot.slack.api._connection import NEEDED_SCOPES
from bot.verbs import VERBS

ROOT = Path(__file__).parents[2]
URL = "https://bot.example.com/slack/events"
HTTP = ("--http", "https://bot.example.com")

SCOPES_OF = {  # Slack's documentation of each method; a method may be none of the bot token's business
    "chat.postMessage": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "views.publish": set(),
    "views.open": set(),
    "views.update": set(),
    "chat.update": {"chat:write"},
    "chat.delete": {"chat:write"},
    "users.info": {"users:read"},
    "conversations.info": {"channels:read", "groups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
    "auth.test": set(),
    "apps.connections.open": set(),  # the app-level token's connections:write
}
SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "app_home_opened": None,
    "subteam_members_changed": "usergroups:read",
}
METHOD = re.compile(
    r"(?:apps|auth|bots|chat|conversations|files|reactions|team|usergroups|users|views)(?:\.[a-zA-Z]+)+"
)
OPTIONAL = {"usergroups:read", "files:write"}
OF_COMMANDS = {"commands"}

# Slack's reference of the manifest: every key there is, and how long its text or list may be.
KEYS: dict[str, int | None] = {
    "display_information.name": 35,
    "display_information.description": 140,
    "features.app_home.home_tab_enabled": None,
    "features.app_home.messages_tab_enabled": None,
    "features.app_home.messages_tab_read_only_enabled": None,
    "features.bot_user.display_name": 80,
    "features.bot_user.always_online": None,
    "features.slash_commands": 50,
    "features.slash_commands[].command": 32,
    "features.slash_commands[].url": 3000,
    "features.slash_commands[].description": 2000,
    "features.slash_commands[].usage_hint": 1000,
    "features.slash_commands[].should_escape": None,
    "oauth_config.scopes.bot": 255,
    "oauth_config.scopes.bot[]": None,
    "oauth_config.scopes.bot_optional": 255,
    "oauth_config.scopes.bot_optional[]": None,
    "settings.event_subscriptions.request_url": 3000,
    "settings.event_subscriptions.bot_events": 100,
    "settings.event_subscriptions.bot_events[]": None,
    "settings.interactivity.is_enabled": None,
    "settings.interactivity.request_url": 3000,
    "settings.interactivity.message_menu_options_url": 3000,
    "settings.org_deploy_enabled": None,
    "settings.socket_mode_enabled": None,
    "settings.token_rotation_enabled": None,
}


def printed(*arguments: str) -> str:
    """Return what `session-bot manifest` prints."""
    result = CliRunner().invoke(app, ["manifest", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(params=[(), HTTP], ids=["socket mode", "http mode"])
def text(request: pytest.FixtureRequest) -> str:
    """Return the manifest as it is pasted, for each way to Slack."""
    return printed(*request.param)


@pytest.fixture
def manifest(text: str) -> dict[str, Any]:
    """Read the manifest as Slack does."""
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def test_the_file_is_what_the_command_prints() -> None:
    """`manifest.yml` and the command without options are the same manifest, to the byte."""
    assert (ROOT / "manifest.yml").read_text(encoding="utf-8") == printed()


def test_its_command_is_the_one_the_bot_listens_to(manifest: dict[str, Any]) -> None:
    """There is one slash command, of the setting's default name, whose text Slack leaves as typed."""
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == Settings.model_fields["command"].default
    assert command["should_escape"] is False


@pytest.mark.parametrize("name", ["/s", "/phone-2", "/2fa_calls", "/" + 31 * "a"])
def test_another_command_is_a_text_in_its_yaml(name: str) -> None:
    """Any name the command takes arrives as that text and changes nothing else."""
    other, default = yaml.safe_load(printed("--command", name)), yaml.safe_load(printed())
    default["features"]["slash_commands"][0]["command"] = name
    assert other == default


def test_its_hint_shows_verbs_as_they_are_typed(manifest: dict[str, Any]) -> None:
    """Every part of the usage hint is a verb, or its usage as the table of verbs gives it."""
    (command,) = manifest["features"]["slash_commands"]
    assert set(command["usage_hint"].split(" | ")) <= {verb.name for verb in VERBS} | {verb.usage for verb in VERBS}


def test_its_scopes_are_what_the_code_calls_for(manifest: dict[str, Any]) -> None:
    """The scopes are those of the methods called and events handled, none more; some may be declined."""
    called = called_methods()
    assert called >= {"auth.test", "chat.postMessage"}, "the calls were not found, so this test sees nothing"
    needed = OF_COMMANDS.union(*(SCOPES_OF[method] for method in called))
    needed |= {scope for event in handled_events() if (scope := SCOPE_OF_EVENT[event])}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed
    assert set(manifest["oauth_config"]["scopes"]["bot_optional"]) == needed & OPTIONAL


def test_its_scopes_are_those_the_bot_looks_for_at_start(manifest: dict[str, Any]) -> None:
    """An app made from the manifest starts without a warning about scopes."""
    scopes = manifest["oauth_config"]["scopes"]
    assert set(scopes["bot"]) - set(scopes["bot_optional"]) == NEEDED_SCOPES


def test_its_events_are_those_the_code_handles(manifest: dict[str, Any]) -> None:
    """Slack sends the events that have a listener, and no others."""
    asked = manifest["settings"].get("event_subscriptions", {}).get("bot_events", [])
    assert set(asked) == handled_events()


def test_for_socket_mode_it_names_no_url() -> None:
    """In Socket Mode everything comes over the socket: a URL would be Slack's second way, to nobody."""
    manifest = yaml.safe_load(printed())
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert not urls(manifest)


@pytest.mark.parametrize(
    "given", ["https://bot.example.com", "https://bot.example.com/", "https://bot.example.com/slack/events/", URL]
)
def test_for_http_mode_all_comes_to_one_url(given: str) -> None:
    """With --http Socket Mode is off, and commands, buttons and events go to the path where the bot takes them."""
    manifest = yaml.safe_load(printed("--http", given))
    assert manifest["settings"]["socket_mode_enabled"] is False
    of_interactivity = {f"settings.interactivity.{key}" for key in ("request_url", "message_menu_options_url")}
    assert set(urls(manifest)) == {"features.slash_commands[].url"} | of_interactivity | (
        {"settings.event_subscriptions.request_url"} if handled_events() else set()
    )
    assert set(urls(manifest).values()) == {URL}


def test_a_path_in_front_is_kept_and_is_the_proxys_to_take_off() -> None:
    """Behind a proxy that serves the bot under a path, that path stays in front, with a word on what the proxy does."""
    text = printed("--http", "https://example.com:8443/bots")
    assert set(urls(yaml.safe_load(text)).values()) == {"https://example.com:8443/bots/slack/events"}
    assert "\n# The proxy must take /bots off: the bot serves /slack/events and nothing else.\n" in text
    assert "proxy" not in printed(*HTTP)


def test_it_keeps_slacks_limits(manifest: dict[str, Any]) -> None:
    """Every key is one of Slack's, and no text or list is longer than Slack takes."""
    for key, value in leaves(manifest):
        assert key in KEYS, key
        limit = KEYS[key]
        assert limit is None or len(value) <= limit, key
    assert re.fullmatch(r"[a-z0-9-_.]+", manifest["features"]["bot_user"]["display_name"])
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert len(scopes) == len(set(scopes))


def leaves(value: object, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every key with its value, lists as a whole and by their members."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{key}.{name}" if key else name)
        return
    yield key, value
    if isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{key}[]")


def urls(manifest: dict[str, Any]) -> dict[str, str]:
    """Return every URL with its key."""
    return {key: value for key, value in leaves(manifest) if key.endswith("url")}


def called_methods() -> set[str]:
    """Find every Web API method that the code calls: by its name, or as a method of the SDK's client."""
    names = [node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    of_client = [
        node.attr for node in nodes() if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "client"
    ]
    names += [name.replace("_", ".") for name in of_client]
    return {name for name in names if METHOD.fullmatch(name)}


def handled_events() -> set[str]:
    """Find every event that has a listener: `app.event("…")`."""
    calls = [node for node in nodes() if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("app.event")]
    return {ast.literal_eval(call.args[0]) for call in calls}


def nodes() -> Iterator[ast.AST]:
    """Yield every node of the code that speaks to Slack."""
    for file in (ROOT / "bot" / "slack").rglob("*.py"):
        yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))
