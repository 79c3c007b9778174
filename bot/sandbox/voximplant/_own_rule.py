"""A rule of somebody's own scenarios: their sources and its name are checked before anything of it is added."""

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from itertools import count
from pathlib import PurePath
from typing import Final, NoReturn

from bot.sandbox.voximplant._account import Account, Rule
from bot.sandbox.voximplant._call_settings import CallSettings
from bot.sandbox.voximplant._rules import NAME_LENGTH_END
from bot.sandbox.voximplant._scenarios import NAME_LENGTH_END as SCENARIO_NAME_LENGTH_END
from bot.sandbox.voximplant._scenarios import SOURCE_BYTES_END
from bot.sandbox.voximplant.engine import Source, syntax_problem

_ENDINGS: Final = (".voxengine.js", ".voxengine.ts", ".js", ".mjs", ".cjs", ".ts")
_UNFIT: Final = re.compile(r"[^\w.+-]+")
_UNTYPABLE: Final = re.compile(r"""["'`“”„«»‘’]|^\s|\s$|^[-–—]""")  # noqa: RUF001 - quotes of keyboards
_LINE_SHOWN: Final = 80


class CannotMakeRule(Exception):  # noqa: N818 - it says what it is about
    """A rule cannot be made of what was given; the text is one sentence."""


class UnfitRuleName(CannotMakeRule):
    """The rule's name is taken, or cannot be typed; another name would do."""


def add_own_rule(account: Account, files: Sequence[Source], name: str) -> Rule:
    """Add one rule with a new scenario for each of these files, in their order; return it.

    Its calls are answered, those to a placeholder, too. Raises CannotMakeRule for a file that cannot be a scenario,
    and UnfitRuleName; then nothing was added.
    """
    for file in files:
        _check(file)
    name = _fit_name(account, name.strip())
    application = account.applications[0]
    ids = []
    for file in files:
        taken = {scenario.name for scenario in account.scenarios.values()}
        free = _free(scenario_name_of(file.name), taken, SCENARIO_NAME_LENGTH_END)
        ids.append(account.add_scenario(free, file.text, application).scenario_id)
    rule = account.add_rule(application, name)
    rule = replace(rule, scenario_ids=tuple(ids), calls=CallSettings(any_number=True))
    account.put_rule(rule)
    return rule


def scenario_name_of(file: str) -> str:
    """Return a file's name without what says that it is a scenario, in letters that need no quotes."""
    name = PurePath(file).name
    ending = next((each for each in _ENDINGS if name.lower().endswith(each)), "")
    return _UNFIT.sub("-", name[: len(name) - len(ending)]).strip("-") or "scenario"


def free_rule_name(account: Account, name: str) -> str:
    """Return the name as one that a new rule can have: with a number behind it where it is taken."""
    word = f"scenario-{name}" if _is_number(name) else name
    return _free(word, {rule.rule_name for rule in account.rules}, NAME_LENGTH_END)


def is_typable(name: str) -> bool:
    """Return whether a rule's name can be typed in a command, in quotes where it has blanks."""
    return name.isprintable() and not _is_number(name) and _UNTYPABLE.search(name) is None


def _check(file: Source) -> None:
    """Raise CannotMakeRule, with the line of the mistake, where a file's text is no JavaScript."""
    size = len(file.text.encode("utf-8", "replace"))
    if "\0" in file.text:
        _refuse(f"{file.name} is no text: it holds a NUL byte.")
    if size >= SOURCE_BYTES_END:
        _refuse(f"{file.name} has {size:,} bytes, and the platform takes less than {SOURCE_BYTES_END:,}.")
    if (wrong := syntax_problem(file.text)) is None:
        return
    is_typescript = file.name.lower().endswith(".ts")
    hint = " The platform takes JavaScript: compile TypeScript first." if is_typescript else ""
    if wrong.line is None:
        _refuse(f"{file.name} does not parse: {wrong.text}.{hint}")
    line = file.text.split("\n")[wrong.line - 1].strip()
    line = line if len(line) <= _LINE_SHOWN else f"{line[:_LINE_SHOWN]}…"
    _refuse(f"{file.name} does not parse: {wrong.text} at line {wrong.line}, column {wrong.column}, in {line!r}.{hint}")


def _refuse(sentence: str) -> NoReturn:
    raise CannotMakeRule(sentence)


def _fit_name(account: Account, name: str) -> str:
    """Return the name of the new rule. Raises UnfitRuleName for one that is taken, or that nobody could type."""
    if not name or len(name) >= NAME_LENGTH_END:
        msg = f"The rule's name has 1 to {NAME_LENGTH_END - 1} characters."
        raise UnfitRuleName(msg)
    if _is_number(name):
        raise UnfitRuleName(f"A rule cannot be called {name}, which is a rule's number.")
    if not is_typable(name):
        raise UnfitRuleName(f"A rule called {name} could not be typed after start.")
    if any(rule.rule_name == name for rule in account.rules):
        raise UnfitRuleName(f"The embedded world has a rule {name} already.")
    return name


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _free(name: str, taken: Container[str], length_end: int) -> str:
    """Return the name, short enough, with a number behind it where it is taken."""
    behind = ("" if number == 1 else f"-{number}" for number in count(1))
    shortened = (name[: length_end - 1 - len(each)] + each for each in behind)
    return next(each for each in shortened if each not in taken)
