"""The outbox to channels and threads: the messenger, its order, its rate limits, and refused messages."""

from bot.slack.outbox._board import SlackBoard
from bot.slack.outbox._files import SlackFiles
from bot.slack.outbox._messenger import Messenger
from bot.slack.outbox._names import NameBook
from bot.slack.outbox._uploads import Uploads

__all__ = ["Messenger", "NameBook", "SlackBoard", "SlackFiles", "Uploads"]
