"""A local Slack: strict where Slack is known, stricter where it is not."""

from bot.sandbox.slack.api import WebCall
from bot.sandbox.slack.driver import Person
from bot.sandbox.slack.faults import Error, Hang, Http, RateLimited, Reset, SlackFaults
from bot.sandbox.slack.messages import Button, Confirm, File, Message
from bot.sandbox.slack.server import LocalSlack, SlackOptions
from bot.sandbox.slack.transcript import Entry, transcript
from bot.sandbox.slack.typed import Typed
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Channel, Role

__all__ = [
    "Button",
    "Channel",
    "Confirm",
    "Entry",
    "Error",
    "File",
    "Hang",
    "Http",
    "LocalSlack",
    "Message",
    "Person",
    "RateLimited",
    "Reset",
    "Role",
    "SlackFaults",
    "SlackOptions",
    "Typed",
    "View",
    "WebCall",
    "transcript",
]
