"""A Voximplant of one's own: the platform that the bot talks to when there is no account, and in tests."""

from bot.sandbox.voximplant.account import Account, Application, Rule, default_account
from bot.sandbox.voximplant.engine.session import FinishReason, ScenarioSession
from bot.sandbox.voximplant.faults import (
    Edit,
    Error,
    Fault,
    Faults,
    Hang,
    Html,
    Redirect,
    Reset,
    Slow,
    Status,
)
from bot.sandbox.voximplant.media import Delivery
from bot.sandbox.voximplant.method import ApiRequest
from bot.sandbox.voximplant.options import PlatformOptions
from bot.sandbox.voximplant.platform import Platform

__all__ = [
    "Account",
    "ApiRequest",
    "Application",
    "Delivery",
    "Edit",
    "Error",
    "Fault",
    "Faults",
    "FinishReason",
    "Hang",
    "Html",
    "Platform",
    "PlatformOptions",
    "Redirect",
    "Reset",
    "Rule",
    "ScenarioSession",
    "Slow",
    "Status",
    "default_account",
]
