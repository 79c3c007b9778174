"""Doctor, on permissions: as `bot.access` decides them, from the grants and the settings that narrow them."""

from collections.abc import Iterator, Sequence

from bot.access import any_for_everyone, grantees, rule_names
from bot.cli.doctor._findings import Finding, ok, warning
from bot.config import Grant, Settings
from bot.voximplant import Rule


def examine_policy(settings: Settings, rules: Sequence[Rule] | None) -> Iterator[Finding]:
    """Yield who may start what, and who may stop; `rules` are the account's, None where they are unknown."""
    yield from _starts(settings, rules)
    yield from _stops(settings)


def _starts(settings: Settings, rules: Sequence[Rule] | None) -> Iterator[Finding]:
    channels = _in(sorted(settings.channels))
    if not settings.grants:
        if channels:
            yield ok("policy", f"Every full member may start any rule{channels}.")
        else:
            says = "Anyone in this workspace can invite the bot to a channel and start any rule there."
            yield warning("policy", f"{says} SESSION_BOT_CHANNELS or [[policy.grant]] narrows that.")
        return
    holding = [each for each in settings.grants if "start" in each.verbs]
    if not holding:
        yield warning("policy", "No [[policy.grant]] holds start: nobody may start anything.")
    for grant in holding:
        there = _existing_rules(grant, rules, settings)
        if grant.rules and not there:
            continue  # that all its rules are gone is said beside, as a problem
        if grant.channels and settings.channels and not settings.channels & set(grant.channels):
            none = f"SESSION_BOT_CHANNELS holds no channel of that grant ({', '.join(grant.channels)})"
            yield warning("policy", f"{_grantee_words(grant)} may start nothing: {none}.")
            continue
        both = [each for each in grant.channels or () if not settings.channels or each in settings.channels]
        yield ok(
            "policy", f"{_grantee_words(grant)} may start {', '.join(there) or 'any rule'}{_in(both) or channels}."
        )


def _existing_rules(grant: Grant, rules: Sequence[Rule] | None, settings: Settings) -> list[str]:
    """Return the rules of a grant that the account has; where that is not known, all of them."""
    known = None if rules is None else [rule_names(each.id, each.name, settings.rules) for each in rules]
    wanted = grant.rules or ()
    return [str(each) for each in wanted if known is None or any(names.is_called(each) for names in known)]


def _stops(settings: Settings) -> Iterator[Finding]:
    """Yield who may stop, here and from other channels: a grant, if there are grants, and then `responders`."""
    holding = [each for each in settings.grants if "stop" in each.verbs]
    named = ", ".join(sorted(settings.responders))
    if not settings.grants:
        who = f"{named}, and by everybody their own" if named else "every full member"
        yield ok("responders", f"Sessions of other public channels may be asked to stop by {who}.")
        return
    if not holding:
        yield warning("responders", "No [[policy.grant]] holds stop: nobody may stop from Slack.")
        return
    for grant in holding:
        of = ", ".join(map(str, grant.rules)) if grant.rules else "any rule"
        yield ok("policy", f"{_grantee_words(grant)} may stop sessions of {of}{_in(grant.channels or ())}.")
    if not named:
        yield ok(
            "responders", "From other channels they may stop it, too; what runs in a private one only with everywhere."
        )
        return
    yield ok("responders", f"From another channel only {named} may stop a session, and everybody their own.")
    if not any_for_everyone(holding) and (idle := settings.responders - set(grantees(holding))):
        is_named = "is" if len(idle) == 1 else "are"
        says = f"{', '.join(sorted(idle))} of SESSION_BOT_RESPONDERS {is_named} named by no grant of stop"
        yield warning("responders", f"{says}, which is needed as well.")


def _grantee_words(grant: Grant) -> str:
    return ", ".join(grant.who) if grant.who else "Every full member"


def _in(channels: Sequence[str]) -> str:
    return f" in {', '.join(channels)}" if channels else ""
