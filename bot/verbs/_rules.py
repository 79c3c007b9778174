"""rules: the rules that can be started, by the names that `start` takes."""

from dataclasses import dataclass

from bot.ports import ChosenRule, Context, Intent, Outcome, Rest, Right, RuleKit, Verb
from bot.text import code, fold_name

_SHOWN = 40


@dataclass(frozen=True)
class Rules(Intent):
    """A part of the name, or None for all."""

    filter: str | None


async def run(wanted: Rules, context: Context) -> Outcome:
    """Return the account's rules; raises RulesUnreadable when they cannot be read."""
    part = (wanted.filter or "").strip()
    listing = await context.services.rules.listing()
    rules = [rule for rule in listing.rules if fold_name(part) in _searched(rule)]
    lacks = [] if listing.lacks is None else [listing.lacks]
    if not rules:
        says = f"No rule has {code(part, 100)} in its name." if part else "The account has no rules."
        return Outcome(says="\n".join([says, *lacks]))
    kits = await context.services.rules.kits()
    lines = [f"{_line(rule)}{_kit(kits.get(rule.id))}" for rule in rules[:_SHOWN]]
    if len(rules) > _SHOWN:
        narrowed = code("rules <part of the name>")
        lines.append(f"… and {len(rules) - _SHOWN} more; {narrowed} narrows it.")
    return Outcome(says="\n".join([*lines, *lacks]))


def _searched(rule: ChosenRule) -> str:
    return fold_name(" ".join([str(rule.id), rule.name or "", rule.alias or "", rule.application_name or ""]))


def _line(rule: ChosenRule) -> str:
    alias = f", alias {code(rule.alias)}" if rule.alias else ""
    where = f" in {rule.application_name}" if rule.application_name else ""
    return f"• {code(rule.name or str(rule.id))}{where} – rule {rule.id}{alias}"


def _kit(kit: RuleKit | None) -> str:
    """Return that a rule has the kit, and what keeps it from being as `scenario install` would have it."""
    if kit is None:
        return ""
    version = f" {kit.version}" if kit.version else ""
    older = f", older than {kit.newest}" if kit.is_older else ""
    return f", has the kit{version}{older}{'' if kit.is_first else ', not in front'}"


VERB = Verb(
    name="rules",
    takes=Rules,
    arguments=(Rest("filter"),),
    summary="Show the rules that can be started.",
    details=f"Only you see the answer. Example: {code('rules support')}.",
    right=Right.look,
    run=run,
)
