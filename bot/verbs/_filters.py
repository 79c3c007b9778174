"""The filters that a list and a stop of all share: where sessions come from, their silence, and their rules."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.ports import SILENT_AFTER, Context, Option, choice_option
from bot.process import Clock
from bot.text import DURATION_FORMS, cut, duration, duration_words, fold_name, moment, typed_duration
from storage import Connection, announcements
from storage.announcements import Announcements
from storage.listing import RuleName
from storage.records import Origin

SILENT: Final = f"silent={typed_duration(SILENT_AFTER)}"
"""The option that the word alone stands for."""

_NAME_SHOWN: Final = 100
_PROBLEM_SHOWN: Final = 300


def _read_silence(text: str) -> timedelta | None:
    return duration(text) if text else SILENT_AFTER


ORIGIN_OPTION: Final = choice_option("origin", *Origin)
SILENT_OPTION: Final = Option("silent", "5m", _read_silence, f"a duration such as {DURATION_FORMS}", typed_duration)


def origin_filter_words(origin: Origin | None, silent: timedelta | None) -> str:
    """Return both filters in words, each behind a comma."""
    come = {None: "", Origin.slack: ", started in Slack", Origin.elsewhere: ", not started in Slack"}
    return come[origin] + ("" if silent is None else f", not heard of for {duration_words(silent)}")


def is_rule(rule: RuleName, wanted: str, context: Context) -> bool:
    """Return whether a rule is the one of these words: by number, by alias, or by a part of its name."""
    number, name = rule
    if wanted == str(number):
        return True
    aliases = {each.alias: each.id for each in context.services.settings.rules}
    return aliases.get(wanted) == number or fold_name(wanted) in fold_name(name or f"rule {number}")


def rules_with(rules: Sequence[RuleName], wanted: str, context: Context) -> list[RuleName]:
    """Return those of the rules that these words mean."""
    return [each for each in rules if is_rule(each, wanted, context)]


def unread(db: Connection, application_id: int | None = None) -> list[Announcements]:
    """Return the applications whose announcements cannot be read now: all of them, or this one."""
    return [
        each
        for each in announcements.every(db)
        if each.problem is not None and application_id in {None, each.application_id}
    ]


def unread_words(found: Announcements, clock: Clock) -> str:
    """Return since when an application's announcements cannot be read, and why: meanwhile nobody becomes silent."""
    last = (
        ""
        if found.read_at is None
        else f" since {moment(found.read_at)}, {duration_words(clock.age(found.read_at))} ago"
    )
    says = f"What sessions of {cut(found.application_name, _NAME_SHOWN)} announce could not be read{last}"
    return f"{says}, so none of them counts as silent by now. {cut(found.problem or '', _PROBLEM_SHOWN)}".rstrip()
