"""The data of a start, checked before it is sent: an option, an application, or broken JSON in it is a question.

What is asked about is not started; the button that starts it all the same sends the data exactly as it was typed.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from bot.ports import ChosenRule, Context, DurationOption, Intent, NoSuchRule, Offer, Outcome, RulesUnreadable
from bot.text import (
    DURATION_FORMS,
    BadJson,
    UnclosedQuote,
    block,
    code,
    duration,
    first_word,
    fold_name,
    json_doubts,
    understand,
)
from storage.command import CommandState

_SHOWN: Final = 200
_NOTHING: Final = "Nothing was started."

_MAX: Final = re.compile(
    r"(?<!\S)(?:(?:--?|[—–])(?:max[a-z]*|m)(?:[=:]\s*|\s+|(?=[0-9]))|max[a-z]*(?:[=:]\s*|\s+))"
    r"(?P<value>[0-9]\w*(?:\s[smhd])?)(?!\S)",
    re.IGNORECASE,
)
_DASHED: Final = re.compile(r"(?<!\S)(?:--|[—–])[^\W\d_][\w-]*(?:=\S*)?(?!\S)")
_IN: Final = re.compile(r"in\s+(?=\S)", re.IGNORECASE)
_WRAPPED: Final = re.compile(
    r"(?:(?:--?|[—–])?[^\W\d_][\w-]*=(?:\S*\s+)?)?[\"'“”„‘’]?(?P<json>[{\[].*[}\]])[\"'“”„‘’]?\s*",  # noqa: RUF001 - phones bend quotes
    re.DOTALL,
)
_LIKE_JSON: Final = ("{", "[")


@dataclass(frozen=True)
class Start(Intent):
    """The rule as it was typed, and the custom data untouched; without a rule the form is asked for.

    `sure` says that no option is among the data, whatever it looks like: it was asked for apart, or asked about before.
    """

    rule: str | None
    data: str | None = field(repr=False)
    max: timedelta | None = None
    sure: bool = False


def question(start: Start, context: Context) -> Outcome | None:
    """Return the question about data that is probably not meant as it stands; None where there is none."""
    if start.data is None or start.rule is None or context.request.confirmed:
        return None
    problem = _problem(start.data)
    if problem is None and _is_like_json(start.data):
        return None
    asked = (
        None
        if start.sure
        else (_about_option(start, start.data, context) or _about_wrapping(start, start.data, context))
    )
    return asked or (None if problem is None else _about_json(start, start.data, problem, context))


def warnings(start: Start) -> tuple[str, ...]:
    """Return the parts of the data that a reader may take otherwise, or that it begins like JSON and is none."""
    data = start.data or ""
    if (problem := _problem(data)) is not None:
        return (f"The data begins like JSON and is none: {problem}. It went out as typed.",)
    return json_doubts(data) if _is_like_json(data) else ()


async def in_application(start: Start, context: Context) -> tuple[Start, tuple[str, ...]]:
    """Read `in <application>` behind the rule's name, as `rules` prints it, where there is one of that name.

    Raises NoSuchRule where that application has no such rule. Where the rules cannot be read it is data.
    """
    data = start.data or ""
    if start.rule is None or start.sure or (begun := _IN.match(data)) is None:
        return start, ()
    try:
        rules = (await context.services.rules.listing()).rules
    except RulesUnreadable:
        return start, ()
    names = sorted({each.application_name for each in rules if each.application_name}, key=len, reverse=True)
    found = next(((name, rest) for name in names if (rest := _behind(name, data[begun.end() :])) is not None), None)
    if found is None:
        return start, ()
    name, rest = found
    of_it = [each for each in rules if each.application_name == name and _is_called(each, start.rule)]
    if not of_it:
        raise NoSuchRule(f"The application {code(name, 100)} has no rule {code(start.rule, 100)}. {_NOTHING}")
    longest, rest = (start.max, rest) if start.max is not None else DurationOption("max").read(rest)
    rule = str(of_it[0].id) if len(of_it) == 1 else start.rule
    return Start(rule, rest or None, longest), (f"{code(f'in {name}', 100)} was read as the application, not as data.",)


def _behind(name: str, text: str) -> str | None:
    """Return the text after the application's name at its beginning; None where it does not stand there."""
    try:
        word, rest = first_word(text)
    except UnclosedQuote:
        return None
    if fold_name(word) == fold_name(name):
        return rest
    behind = text[len(name) :]
    is_there = fold_name(text[: len(name)]) == fold_name(name) and (not behind or behind[0].isspace())
    return behind.lstrip() if is_there else None


def _is_called(rule: ChosenRule, typed: str) -> bool:
    return fold_name(typed) in {fold_name(each) for each in (rule.name, rule.alias, str(rule.id)) if each}


def _is_like_json(data: str) -> bool:
    return data.lstrip("` \t\r\n").startswith(_LIKE_JSON)


def _problem(data: str) -> str | None:
    """Return the mistake in data that begins like JSON; None where there is none."""
    if not _is_like_json(data):
        return None
    try:
        understood = understand(data)
    except BadJson as bad:
        return str(bad)
    return f"it would be after a repair ({', '.join(understood.changes)})" if understood.repaired else None


def _about_json(start: Start, data: str, problem: str, context: Context) -> Outcome:
    offers = [_all_the_same(start, context)]
    try:
        repaired = understand(data).body.decode()
    except BadJson as bad:
        shown = block(bad.caret)
    else:
        shown = block(repaired, 1500)
        offers.append(Offer(label="Start with it repaired", intent=_with(start, repaired)))
    says = f"The data begins like JSON and is none: {problem}. {_NOTHING}\n{shown}"
    return Outcome(state=CommandState.refused, says=says, offers=tuple(offers))


def _about_option(start: Start, data: str, context: Context) -> Outcome | None:
    """Return the question about a possible option at the beginning or the end of data that is no JSON."""
    same = _all_the_same(start, context)
    found = next((each for each in _MAX.finditer(data) if _is_at_an_edge(each, data) and _limit(each)), None)
    if found is not None:
        says = f"{code('--max')} stands after the rule and before the data, once. {_NOTHING}"
        if start.max is not None:
            return Outcome(state=CommandState.refused, says=says, offers=(same,))
        rest = f"{data[: found.start()].rstrip()} {data[found.end() :].lstrip()}".strip() or None
        return _with_limit(start.rule or "", rest, found, context, same)
    dashed = next((each for each in _DASHED.finditer(data) if _is_max(each) or _is_at_an_edge(each, data)), None)
    if dashed is None:
        return None
    if _is_max(dashed):
        where = f"{code('--max')} stands after the rule and before the data, once"
        says = f"{where}, with a duration such as {DURATION_FORMS}. {_NOTHING}"
        return Outcome(state=CommandState.refused, says=says, offers=(same,))
    says = f"{code(dashed[0], 40)} is not an option of {code('start')}, so nothing was started."
    return Outcome(state=CommandState.refused, says=says, offers=(same,))


def limit_first(start: Start, context: Context) -> Outcome | None:
    """Return the question about a limit in the place of the rule; None where none stands there."""
    typed = f"{start.rule} {start.data or ''}"
    if start.sure or (found := _MAX.match(typed)) is None or not _limit(found) or start.max is not None:
        return None
    try:
        rule, data = first_word(typed[found.end() :])
    except UnclosedQuote:
        return None
    return _with_limit(rule, data.strip() or None, found, context) if rule else None


def _with_limit(rule: str, data: str | None, found: re.Match[str], context: Context, *others: Offer) -> Outcome:
    """Return the offer of a start with the limit that was found in a wrong place."""
    meant = Start(rule, data, _limit(found), sure=True)
    typed = code(f"{context.command_word} {context.line(meant)}", _SHOWN)
    says = f"{code('--max')} stands after the rule and before the data, once. {_NOTHING}\nDid you mean {typed}?"
    offers = (*others, Offer(label="Start with that limit", intent=meant))
    return Outcome(state=CommandState.refused, says=says, offers=offers)


def _about_wrapping(start: Start, data: str, context: Context) -> Outcome | None:
    """Return the question about JSON in quotes, as a shell wants it, or behind `data=`, if the whole is no JSON."""
    if (wrapped := _WRAPPED.fullmatch(data)) is None:
        return None
    try:
        understand(data)
    except BadJson:
        pass
    else:
        return None
    try:
        inside = understand(wrapped["json"]).body.decode()
    except BadJson:
        return None
    offers = (_all_the_same(start, context), Offer(label="Start with the JSON alone", intent=_with(start, inside)))
    says = f"The data is JSON with something around it, which would go out, too. {_NOTHING}\n{block(inside, 1500)}"
    return Outcome(state=CommandState.refused, says=says, offers=offers)


def _limit(found: re.Match[str]) -> timedelta | None:
    return duration("".join(found["value"].split()))


def _is_max(dashed: re.Match[str]) -> bool:
    return dashed[0].lstrip("-–—").casefold().startswith("max")


def _is_at_an_edge(found: re.Match[str], data: str) -> bool:
    """Return whether it stands first, last, or last but for one word, which may be its value."""
    return not data[: found.start()].strip() or len(data[found.end() :].split(maxsplit=2)) <= 1


def _all_the_same(start: Start, context: Context) -> Offer:
    same = replace(start, sure=True)
    return Offer(label="Start all the same", intent=same, confirmed=True, again=context.request.again)


def _with(start: Start, data: str) -> Start:
    return replace(start, data=data, sure=True)
