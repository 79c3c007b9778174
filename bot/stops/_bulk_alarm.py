"""The text of the alarm about a settled bulk stop of which a session may still run."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.ports import RuleLookup, data_suffix, session_name
from bot.stops._listening import deaf_words
from bot.stops._summary import OPEN, may_be_named, part_outcome, part_reason
from bot.text import can_be_notified, code, link, notified, person, strong
from storage.bulks import Bulk, Part
from storage.scenario_checks import ScenarioCheck

SHOWN: Final = 20
MENTIONED: Final = 50
_LOOK: Final = code("session-bot scenario check --all")
Link = Callable[[Part], str | None]
"""The address of a session's card, if it has one."""
Check = Callable[[Part], ScenarioCheck | None]
"""What is known of a session's scenario and its stop."""


def open_parts(parts: Sequence[Part]) -> list[Part]:
    """Return the sessions that may still run: not confirmed, or not even asked."""
    return [each for each in parts if part_outcome(each) in OPEN and not each.session.seems_over]


def bulk_alarm_text(
    bulk: Bulk, parts: Sequence[Part], rules: RuleLookup, address: Link, check: Check
) -> Mapping[str, Any]:
    """Return the alarm as of now: counts, mentions, sessions, and what *again* stops."""
    still = open_parts(parts)
    shown = [each for each in still if may_be_named(each, bulk)]
    if not still:
        left = f"whatever the stop of {len(parts)} sessions by {person(bulk.actor)} left is settled."
        return {"text": f"{strong('Over')}: {left}"}
    lines = [
        f"{strong(f'{_how_many(still, parts)} may still run')}, and bill, after the stop by {person(bulk.actor)}.",
        *_mentioned(bulk, shown, rules),
        *(
            f"• {_linked(each, address)}{data_suffix(each.session)}: "
            f"{part_reason(each)}{_deaf(check(each))}{_runbook(each, rules)}"
            for each in shown[:SHOWN]
        ),
    ]
    if len(shown) > SHOWN:
        lines.append(f"… and {len(shown) - SHOWN} more: see the list under the summary.")
    if len(still) > len(shown):
        lines.append(f"{len(still) - len(shown)} of a private channel are told of there.")
    lines.append(f"{_LOOK}, on the bot's machine, tells which rules' scenarios listen to their stop.")
    lines.append("The platform has no forced stop; its support can be asked with the numbers.")
    return {"text": "\n".join(lines), "again": [each.session.id for each in shown if _again(each, bulk)]}


def _how_many(still: Sequence[Part], parts: Sequence[Part]) -> str:
    return f"All {len(parts)} sessions" if len(still) == len(parts) else f"{len(still)} of {len(parts)} sessions"


def _mentioned(bulk: Bulk, shown: Sequence[Part], rules: RuleLookup) -> list[str]:
    """Return mentions of the person who stopped, the starters, and the people of the rules' `notify`."""
    people = [bulk.actor, *(each.session.starter for each in shown)]
    people += [each for part in shown for each in rules.limits(part.session.rule_id).notify]
    mentions = [notified(each) for each in dict.fromkeys(people) if can_be_notified(each)]
    return [" ".join(mentions[:MENTIONED])] if mentions else []


def _again(part: Part, bulk: Bulk) -> bool:
    """Return whether *Stop again* has an effect on it: a newer stop under way has its own messages."""
    session = part.session
    is_ours = part.why_not is not None or (session.stop is not None and session.stop.command == bulk.command)
    return is_ours and session.is_stop_offered


def _linked(part: Part, address: Link) -> str:
    name, where = session_name(part.session), address(part)
    number = "" if part.session.history_id is None else f" (h{part.session.history_id})"
    return f"{name if where is None else link(where, name)}{number}"


def _deaf(check: ScenarioCheck | None) -> str:
    warning = deaf_words(check)
    return "" if warning is None else f" {warning}."


def _runbook(part: Part, rules: RuleLookup) -> str:
    address = rules.runbook(part.session.rule_id)
    return "" if address is None else f" {link(address, 'Runbook of this rule')}."
