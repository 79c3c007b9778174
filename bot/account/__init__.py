"""The account at the platform: its rules, by the names people type, and the costs of sessions."""

from bot.account._costs import Account
from bot.account._kits import KitReader
from bot.account._rule_list import RuleReader
from bot.account._rules import Rules, stop_request_of

__all__ = ["Account", "KitReader", "RuleReader", "Rules", "stop_request_of"]
