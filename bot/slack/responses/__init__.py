"""Responses to one person, by the first way that takes them, and forms on their screen."""

from bot.slack.responses._delivery import Delivery, Way
from bot.slack.responses._modals import Modals, Prefill
from bot.slack.responses._responses import Recipient, Responses

__all__ = ["Delivery", "Modals", "Prefill", "Recipient", "Responses", "Way"]
