"""The embedded sandbox: a local Slack and a local Voximplant, reached over HTTP, without any import of the bot."""

from bot.sandbox._certificates import Certificates
from bot.sandbox._changes import Changes
from bot.sandbox._clock import WorldClock
from bot.sandbox._departures import let_go
from bot.sandbox._forms import read_first_part, read_form

__all__ = ["Certificates", "Changes", "WorldClock", "let_go", "read_first_part", "read_form"]
