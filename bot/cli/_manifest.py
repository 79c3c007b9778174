"""`session-bot manifest`: the Slack app as YAML, ready to paste, for one command name and one way to Slack."""

import re
from typing import Final
from urllib.parse import urlsplit

from bot.config import COMMAND_NAME, COMMAND_NAME_WORDS
from bot.slack.inbound import EVENTS_PATH

_URL: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]*)*")
_TEMPLATE: Final = """\
# The Slack app, ready to paste: api.slack.com/apps, Create New App, From a manifest.
{after}
display_information:
  name: Session Bot
  description: Start, feed and stop Voximplant phone sessions, and be told the truth about them.
features:
  app_home:
    home_tab_enabled: true
    # Commands can be typed in the messages with the bot, too.
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: session-bot
    always_online: false
  slash_commands:
    # Another name here needs the same name in SESSION_BOT_COMMAND.
    - command: {command}
{command_url}\
      description: Start, feed and stop phone sessions
      usage_hint: help | start | send <id> [--text …] [json] | stop | list | find
      should_escape: false
oauth_config:
  scopes:
    bot:
      - commands
      - chat:write
      - app_mentions:read
      - users:read
      - channels:read
      - groups:read
      - usergroups:read
      - files:write
    # Who installs the app may decline these.
    bot_optional:
      # Only if SESSION_BOT_RESPONDERS or a policy names user groups (paid plans).
      - usergroups:read
      # Only for files: what `log` puts into a thread, and the list of a long bulk stop.
      - files:write
settings:
  event_subscriptions:
{events_url}\
    bot_events:
      - app_home_opened
      - app_mention
      # Comes only with the scope usergroups:read; without it a group's new members are known within 5 min.
      - subteam_members_changed
  interactivity:
    is_enabled: true
{interactivity_url}\
  org_deploy_enabled: false
  socket_mode_enabled: {socket_mode}
  token_rotation_enabled: false
"""
_AFTER_SOCKET_MODE: Final = (
    "# The app-level token (connections:write) for Socket Mode is made by hand afterwards; no manifest can hold it."
)
_AFTER_HTTP: Final = (
    "# For HTTP mode: the signing secret, which no manifest can hold, is SLACK_SIGNING_SECRET. When the bot runs with\n"
    "# it, verify the Request URL on the app's page App Manifest: before that no events may come."
)
_IN_FRONT: Final = f"# The proxy must take {{front}} off: the bot serves {EVENTS_PATH} and nothing else."


class CannotMake(Exception):  # noqa: N818 - it says what it is about
    """The options do not fit Slack; the text is one sentence."""


def manifest(command: str, http: str | None = None) -> str:
    """Return the manifest: for Socket Mode or, with `http`, for HTTP mode.

    `http` is the bot's URL for Slack: `https://host`, with or without the path of its requests.
    Raises CannotMake for a command or a URL that Slack would refuse.
    """
    if not re.fullmatch(COMMAND_NAME, command):
        msg = f"--command takes a / and then {COMMAND_NAME_WORDS}, for example /session."
        raise CannotMake(msg)
    url = None if http is None else request_url(http)
    if url is not None and not url.startswith("https:"):
        msg = "--http takes an https URL, like https://bot.example.com: Slack sends nothing in the clear."
        raise CannotMake(msg)
    front = "" if url is None else urlsplit(url).path.removesuffix(EVENTS_PATH)
    notes = [_AFTER_SOCKET_MODE if url is None else _AFTER_HTTP, *([_IN_FRONT.format(front=front)] if front else [])]
    return _TEMPLATE.format(
        after="\n".join(notes),
        command=command,
        command_url="" if url is None else f"      url: {url}\n",
        events_url="" if url is None else f"    request_url: {url}\n",
        interactivity_url="" if url is None else f"    request_url: {url}\n    message_menu_options_url: {url}\n",
        socket_mode="true" if url is None else "false",
    )


def request_url(http: str) -> str:
    """Return the one URL for everything that Slack sends to a bot at `http`, which may have its path already.

    Raises CannotMake for any other URL; it may not have credentials, a query or a fragment.
    """
    if not _URL.fullmatch(http):
        msg = "--http takes the URL at which Slack reaches the bot, like https://bot.example.com."
        raise CannotMake(msg)
    return http.rstrip("/").removesuffix(EVENTS_PATH).rstrip("/") + EVENTS_PATH
