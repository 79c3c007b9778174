"""Grants, evaluated on known facts alone, without a question to Slack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.config import Grant, RuleConfig
from bot.ports import Right
from bot.text import channel, code, group, person

_NAMED_AT_MOST: Final = 10

_DOES: Final = {
    Right.help: "ask for help",
    Right.look: "look at sessions",
    Right.start: "start sessions",
    Right.send: "send to sessions",
    Right.stop: "stop sessions",
    Right.close: "close the records of sessions",
    Right.log: "fetch the logs of sessions",
    Right.audit: "read what other people did",
    Right.adopt: "adopt sessions",
    Right.everywhere: "see the sessions of all channels at once",
}


def does(right: Right) -> str:
    """Return the purpose of a right, after "may"."""
    return _DOES[right]


@dataclass(frozen=True, kw_only=True)
class RuleNames:
    """The names of a rule in a grant: its number, its name at the platform, or its alias."""

    id: int
    names: frozenset[str]

    def is_called(self, named: int | str) -> bool:
        """Return whether this is the rule that a grant names."""
        return named == self.id or str(named) == str(self.id) or named in self.names


def rule_names(rule_id: int, name: str | None, configured: Sequence[RuleConfig]) -> RuleNames:
    """Return the names of a rule: its own, and its aliases."""
    names = {name, *(each.alias for each in configured if each.id == rule_id)}
    return RuleNames(id=rule_id, names=frozenset(each for each in names if each))


@dataclass(frozen=True, kw_only=True)
class GrantQuery:
    """The request to the grants: a right, in a channel, for a rule; None where unknown yet, or irrelevant.

    An empty channel is that of a session which belongs to none: only grants that are not limited to channels cover it.
    """

    right: Right
    channel: str | None = None
    rule: RuleNames | None = None


def covering(grants: Sequence[Grant], query: GrantQuery) -> list[Grant]:
    """Return the grants that cover the request, of all holders."""
    return [each for each in grants if _covers(each, query)]


def _covers(grant: Grant, query: GrantQuery) -> bool:
    if query.right not in grant.verbs:
        return False
    if query.channel is not None and grant.channels is not None and query.channel not in grant.channels:
        return False
    rule = query.rule
    return rule is None or grant.rules is None or any(rule.is_called(each) for each in grant.rules)


def any_for_everyone(grants: Sequence[Grant]) -> bool:
    """Return whether one of these grants is every full member's."""
    return any(each.who is None for each in grants)


def grantees(grants: Sequence[Grant]) -> list[str]:
    """Return the people and groups who have these grants, each once."""
    return list(dict.fromkeys(who for each in grants for who in each.who or ()))


def groups_of(named_: Sequence[str]) -> list[str]:
    """Return those that are user groups."""
    return [each for each in named_ if is_group(each)]


def is_group(named_: str) -> bool:
    """Return whether an id is a user group's, not a person's."""
    return named_.startswith("S")


def perhaps(grants: Sequence[Grant], actor: str, members: Mapping[str, frozenset[str] | None]) -> bool:
    """Return whether this person may have one of these grants; a group of unknown members counts as theirs."""
    if any_for_everyone(grants):
        return True
    return any(_is(each, actor, members) for each in grantees(grants))


def _is(named_: str, actor: str, members: Mapping[str, frozenset[str] | None]) -> bool:
    if not is_group(named_):
        return named_ == actor
    known = members.get(named_)
    return known is None or actor in known


def mention(people_or_groups: Sequence[str]) -> str:
    """Return mentions of people and groups, the first ten of them."""
    shown = [group(each) if is_group(each) else person(each) for each in people_or_groups[:_NAMED_AT_MOST]]
    rest = len(people_or_groups) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def missing(query: GrantQuery, holders: Sequence[str]) -> str:
    """Return the sentence about a missing grant, with those who have it."""
    where = {None: "", "": " that belong to no channel"}.get(query.channel, f" in {channel(query.channel or '')}")
    what = f" for the rule {code(_called(query.rule), 80)}" if query.rule else ""
    says = f"You may not {does(query.right)}{where}{what}: that needs a grant of {code(query.right)}"
    if holders:
        return f"{says}, which {mention(holders)} {'has' if len(holders) == 1 else 'have'}. Nothing was done."
    return (
        f"{says}, which nobody has. Nothing was done. Whoever runs this bot can give it in {code('session-bot.toml')}."
    )


def _called(rule: RuleNames) -> str:
    return min(rule.names, default=str(rule.id))
