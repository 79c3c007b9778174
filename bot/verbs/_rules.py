"""rules: the rules that can be started, by the names that `start` takes."""

from dataclasses import dataclass

from bot.ports import ChosenRule, Context, Intent, Outcome, Rest, Right, RuleKit, RuleListing, Verb
from bot.stops import checks_of, works_words
from bot.text import channel, code, duration_words, fold_name, moment, strong
from storage.scenario_checks import ScenarioCheck

_SHOWN = 40
_INSTALL = code("session-bot scenario install --rule NAME")


@dataclass(frozen=True)
class Rules(Intent):
    """A part of the name, or None for all."""

    filter: str | None


async def run(wanted: Rules, context: Context) -> Outcome:
    """Return the account's rules; raises RulesUnreadable when they cannot be read."""
    part = (wanted.filter or "").strip()
    listing = await context.services.rules.listing()
    rules = _called(part, listing)
    checks = await checks_of(rules[:_SHOWN], context.services)
    if any(check.is_deaf for check in checks.values()):  # the kit may have been bound a moment ago
        listing = await context.services.rules.listing(anew=True)
        rules = _called(part, listing)
        checks = await checks_of(rules[:_SHOWN], context.services)
    lacks = [] if listing.lacks is None else [listing.lacks]
    if not rules:
        says = f"No rule has {code(part, 100)} in its name." if part else "The account has no rules."
        return Outcome(says="\n".join([says, *lacks]))
    kits = await context.services.rules.kits()
    lines = [
        f"{_line(rule)}{_kit(kits.get(rule.id))}{_elsewhere(rule, context)}{_listens(checks.get(rule.id))}"
        for rule in rules[:_SHOWN]
    ]
    if any(check.kit_helps for check in checks.values()):
        lines.append(f"{_INSTALL}, on the bot's machine, makes those listen that do not.")
    if len(rules) > _SHOWN:
        narrowed = code("rules <part of the name>")
        lines.append(f"… and {len(rules) - _SHOWN} more; {narrowed} narrows it.")
    return Outcome(says="\n".join([*lines, *lacks]))


def _called(part: str, listing: RuleListing) -> list[ChosenRule]:
    return [rule for rule in listing.rules if fold_name(part) in _searched(rule)]


def _searched(rule: ChosenRule) -> str:
    return fold_name(" ".join([str(rule.id), rule.name or "", rule.alias or "", rule.application_name or ""]))


def _line(rule: ChosenRule) -> str:
    alias = f", alias {code(rule.alias)}" if rule.alias and rule.alias != rule.name else ""
    where = f" in {rule.application_name}" if rule.application_name else ""
    return f"• {code(rule.name or str(rule.id))}{where} – rule {rule.id}{alias}"


def _kit(kit: RuleKit | None) -> str:
    """Return that a rule has the kit, and what keeps it from being as `scenario install` would have it."""
    if kit is None:
        return ""
    version = f" {kit.version}" if kit.version else ""
    older = f", older than {kit.newest}" if kit.is_older else ""
    place = "" if kit.is_first else ", not in front"
    return f", has the kit{version}{older}{place}{', announces its sessions' if kit.announces else ''}"


def _elsewhere(rule: ChosenRule, context: Context) -> str:
    """Return the settings for its sessions that nobody started in Slack: their channel, and their time of silence."""
    home, silent = context.services.rules.home(rule.id), context.services.rules.limits(rule.id).silent
    at_home = "" if home is None else f", home {channel(home)}"
    return at_home + ("" if silent is None else f", silent after {duration_words(silent)}")


def _listens(check: ScenarioCheck | None) -> str:
    """Return whether its scenario listens to its stop, where a check of both has shown it."""
    if check is None or not check.verdict.is_known:
        return ""
    when = f"checked {moment(check.checked_at)}"
    if check.listens:
        return f" – its scenario ends by a stop, {when}"
    works = works_words(check)
    other = "" if works is None else f"; it ends by {works} in session-bot.toml"
    return f" – {strong('its scenario does not listen to a stop')}, {when}{other}"


VERB = Verb(
    name="rules",
    takes=Rules,
    arguments=(Rest("filter"),),
    summary="Show the rules that can be started.",
    details=(
        "Only you see the answer. Of a rule that was checked it has whether its scenario listens to a stop. "
        f"Example: {code('rules support')}."
    ),
    right=Right.look,
    run=run,
)
