"""The embedded sandbox: a local Slack and a local Voximplant, reached over HTTP, without any import of the bot."""

from bot.sandbox._certificates import Certificates
from bot.sandbox._changes import Changes
from bot.sandbox._clock import WorldClock
from bot.sandbox._departures import let_go

__all__ = ["Certificates", "Changes", "WorldClock", "let_go"]
