"""What one person sees: responses, by the first way that takes them, and forms on their screen."""

from bot.slack.responses._delivery import Delivery, Way
from bot.slack.responses._dialogs import Dialogs, Prefill
from bot.slack.responses._responses import Recipient, Responses

__all__ = ["Delivery", "Dialogs", "Prefill", "Recipient", "Responses", "Way"]
