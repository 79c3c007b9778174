"""What goes out to channels and threads: the messenger, its order, its limits, and what Slack refuses."""

from bot.slack.outbox._files import SlackFiles
from bot.slack.outbox._messenger import Messenger
from bot.slack.outbox._names import NameBook
from bot.slack.outbox._uploads import Uploads

__all__ = ["Messenger", "NameBook", "SlackFiles", "Uploads"]
