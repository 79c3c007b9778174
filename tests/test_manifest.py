"""The app's manifest, held against the code: Slack checks neither scopes nor names against what a bot does."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from bot.slack.connection import NEEDED_SCOPES
from bot.verbs import VERBS

ROOT = Path(__file__).parents[1]

SCOPES_OF = {  # Slack's documentation of each method; a method may be none of the bot token's business
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "users.info": {"users:read"},
    "conversations.info": {"channels:read", "groups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "auth.test": set(),
    "apps.connections.open": set(),  # the app-level token's connections:write
}
METHOD = re.compile(
    r"(?:apps|auth|bots|chat|conversations|files|reactions|team|usergroups|users|views)(?:\.[a-zA-Z]+)+"
)
OPTIONAL = {"usergroups:read"}
OF_COMMANDS = {"commands"}


@pytest.fixture
def text() -> str:
    """Read the manifest as it is pasted."""
    return (ROOT / "manifest.yml").read_text(encoding="utf-8")


@pytest.fixture
def manifest(text: str) -> dict[str, Any]:
    """Read the manifest as Slack does."""
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def test_its_command_is_the_one_the_bot_listens_to(manifest: dict[str, Any]) -> None:
    """There is one slash command, of the setting's default name, whose text Slack leaves as typed."""
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == Settings.model_fields["command"].default
    assert command["should_escape"] is False
    assert "url" not in command


def test_its_hint_shows_verbs_as_they_are_typed(manifest: dict[str, Any]) -> None:
    """Every part of the usage hint is a verb, or its usage as the table of verbs gives it."""
    (command,) = manifest["features"]["slash_commands"]
    assert set(command["usage_hint"].split(" | ")) <= {verb.name for verb in VERBS} | {verb.usage for verb in VERBS}


def test_its_scopes_are_what_the_code_calls_for(manifest: dict[str, Any], text: str) -> None:
    """The scopes are those of the methods that are called, none more; an optional one is named in a comment."""
    called = called_methods()
    assert called >= {"auth.test", "chat.postMessage"}, "the calls were not found, so this test sees nothing"
    needed = OF_COMMANDS.union(*(SCOPES_OF[method] for method in called))
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed - OPTIONAL
    assert all(f"# - {scope}\n" in text for scope in needed & OPTIONAL)


def test_its_scopes_are_those_the_bot_looks_for_at_start(manifest: dict[str, Any]) -> None:
    """An app made from the manifest starts without a warning about scopes."""
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == NEEDED_SCOPES


def test_it_is_for_socket_mode(manifest: dict[str, Any]) -> None:
    """Socket Mode and buttons are on, and no events are asked for, as none is handled."""
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert "event_subscriptions" not in manifest["settings"]


def test_it_keeps_slacks_limits(manifest: dict[str, Any]) -> None:
    """Names, descriptions and the hint are no longer than Slack takes, in characters."""
    (command,) = manifest["features"]["slash_commands"]
    assert len(manifest["display_information"]["name"]) <= 35
    assert len(manifest["display_information"]["description"]) <= 140
    assert re.fullmatch(r"[a-z0-9-_.]{1,80}", manifest["features"]["bot_user"]["display_name"])
    assert len(command["command"]) <= 32
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000


def called_methods() -> set[str]:
    """Find every Web API method that the code calls: by its name, or as a method of the SDK's client."""
    nodes = [node for file in (ROOT / "bot" / "slack").glob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    names = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    of_client = [node.attr for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "client"]
    names += [name.replace("_", ".") for name in of_client]
    return {name for name in names if METHOD.fullmatch(name)}
