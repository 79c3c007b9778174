"""The account at the platform: its rules by the names people type, costs, and rows of sessions without a number."""

from bot.account._costs import Account
from bot.account._history_search import AFTER, BEFORE, possible_rows, with_rule
from bot.account._kits import KitReader
from bot.account._rule_list import RuleReader
from bot.account._rules import Rules, stop_request_of

__all__ = [
    "AFTER", "BEFORE", "Account", "KitReader", "RuleReader", "Rules", "possible_rows", "stop_request_of", "with_rule",
]  # fmt: skip
