"""A local Slack: as strict as Slack where its behaviour is known, stricter where it is not."""

from bot.sandbox.slack._act_result import ActResult
from bot.sandbox.slack._driver import Person
from bot.sandbox.slack._elements import Given, Place
from bot.sandbox.slack._faults import EVERY_METHOD, Error, Fault, Hang, Http, RateLimited, Reset
from bot.sandbox.slack._forms import Incomplete
from bot.sandbox.slack._messages import Confirm, File, Json, Message
from bot.sandbox.slack._options import SlackOptions
from bot.sandbox.slack._rendering import readable
from bot.sandbox.slack._server import LocalSlack
from bot.sandbox.slack._transcript import Entry, transcript
from bot.sandbox.slack._views import View
from bot.sandbox.slack._workspace import Channel, Role

__all__ = [
    "EVERY_METHOD", "ActResult", "Channel", "Confirm", "Entry", "Error", "Fault", "File", "Given", "Hang", "Http",
    "Incomplete", "Json", "LocalSlack", "Message", "Person", "Place", "RateLimited", "Reset", "Role", "SlackOptions",
    "View", "readable", "transcript",
]  # fmt: skip
