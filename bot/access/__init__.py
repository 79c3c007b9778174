"""Access: the policy, its grants, and Slack's facts about people, channels and groups."""

from bot.access._directory import NotDisclosed, PersonFacts, SlackDirectory, SlackUnavailable
from bot.access._grant_check import check_grants, missing_rules, named_groups, unreadable_groups
from bot.access._grants import any_for_everyone, grantees, rule_names
from bot.access._kept_answers import keep_answers
from bot.access._policy import WorkspacePolicy

__all__ = [
    "NotDisclosed", "PersonFacts", "SlackDirectory", "SlackUnavailable", "WorkspacePolicy", "any_for_everyone",
    "check_grants", "grantees", "keep_answers", "missing_rules", "named_groups", "rule_names", "unreadable_groups",
]  # fmt: skip
