"""What one person is told: by response_url, by an ephemeral message, or in a form on their screen."""

from bot.slack.responses._dialogs import Dialogs, Prefill
from bot.slack.responses._ephemeral import Ephemeral, Ephemerals
from bot.slack.responses._response_url import RESPONSE_URL_ATTEMPTS, ResponseUrls

__all__ = ["RESPONSE_URL_ATTEMPTS", "Dialogs", "Ephemeral", "Ephemerals", "Prefill", "ResponseUrls"]
