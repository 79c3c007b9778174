"""Payloads of Slack, by Socket Mode or HTTP: payload → `Request` → dispatch."""

from bot.slack.inbound._clicks import Clicks
from bot.slack.inbound._forms import Forms
from bot.slack.inbound._home import Home, home_view
from bot.slack.inbound._http import EVENTS_PATH, HttpMode
from bot.slack.inbound._listeners import Listeners
from bot.slack.inbound._mentions import Mentions
from bot.slack.inbound._router import Router
from bot.slack.inbound._socket_mode import SocketMode

__all__ = [
    "EVENTS_PATH", "Clicks", "Forms", "Home", "HttpMode", "Listeners", "Mentions", "Router", "SocketMode", "home_view",
]  # fmt: skip
