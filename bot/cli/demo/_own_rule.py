"""A rule of the person's own scenarios: their files are read and parsed before anything of the world is started."""

import json
import re
from collections.abc import Container, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final

from bot.cli._canned_answers import read_answers
from bot.cli._source_files import Unreadable, read_text
from bot.sandbox.voximplant import Account, CallSettings, CannedAnswer, syntax_problem
from bot.text import harmless_line
from bot.voximplant import SCENARIO_NAME_CHARACTERS

_NAME_LENGTH_END: Final = 100  # facts
_ENDINGS: Final = (".voxengine.js", ".voxengine.ts", ".js", ".mjs", ".cjs", ".ts")
_UNFIT: Final = re.compile(r"[^\w.+-]+")
_UNTYPABLE: Final = re.compile(r"""[\x00-\x1f\x7f"'`“”„«»‘’]|^\s|\s$|^[-–—]""")  # noqa: RUF001 - quotes of keyboards
_ONE_WORD: Final = re.compile(r"[\w.-]+")
_BLANK: Final = re.compile(r"\s")
_LINE_SHOWN: Final = 80


class CannotRun(Exception):  # noqa: N818 - it says what it is about
    """A rule cannot be made of what was given; the text is one sentence."""


def add_rule(account: Account, files: Sequence[Path], name: str | None) -> str | None:
    """Add one rule with the scenarios of these files, in their order; return the line that starts a session of it.

    Its name is by default that of the first file; its calls are answered, those to a placeholder, too. Without files
    nothing is added, and None is returned. Raises CannotRun for a file that cannot be a scenario, and for a name that
    cannot be typed or is taken.
    """
    if not files:
        if name is not None:
            msg = "--rule names the rule of --scenario files, and there are none."
            raise CannotRun(msg)
        return None
    sources = [(_stem(file), _parsed(file)) for file in files]
    real = [file.resolve() for file in files]
    if twice := [file for place, file in enumerate(files) if real[place] in real[:place]]:
        raise CannotRun(f"{harmless_line(str(twice[0]))} stands there twice: a rule runs a scenario once.")
    name = _rule_name(account, sources[0][0] if name is None else name.strip())
    application = account.applications[0]
    ids = []
    for stem, source in sources:
        free = _free(stem, {scenario.name for scenario in account.scenarios.values()})
        ids.append(account.add_scenario(free, source, application).scenario_id)
    rule = account.add_rule(application, name)
    account.put_rule(replace(rule, scenario_ids=tuple(ids), calls=CallSettings(any_number=True)))
    return f'/session start "{name}"' if _BLANK.search(name) else f"/session start {name}"


def stop_config(account: Account, stop: str) -> str:
    """Return the `session-bot.toml` that makes a text the stop of the rule that was added last."""
    rule = account.rules[-1]
    alias = rule.rule_name if _ONE_WORD.fullmatch(rule.rule_name) else f"rule-{rule.rule_id}"
    return f"[rules.{_toml(alias)}]\nid = {rule.rule_id}\nstop = {_toml(stop)}\n"


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def canned_answers(given: Sequence[str]) -> dict[str, CannedAnswer]:
    """Return the answers of `URL=FILE` options to the scenarios' own requests. Raises CannotRun."""
    try:
        return {url: CannedAnswer(body=text.encode()) for url, text in read_answers(given).items()}
    except Unreadable as problem:
        raise CannotRun(str(problem)) from None


def _stem(file: Path) -> str:
    """Return a file's name without what says that it is a scenario, in letters that need no quotes."""
    ending = next((each for each in _ENDINGS if file.name.lower().endswith(each)), "")
    return _UNFIT.sub("-", file.name[: len(file.name) - len(ending)]).strip("-") or "scenario"


def _parsed(file: Path) -> str:
    """Return the source in a file. Raises CannotRun, with the line of the mistake, where it is no JavaScript."""
    try:
        source = read_text(file)
    except Unreadable as problem:
        raise CannotRun(str(problem)) from None
    if (wrong := syntax_problem(source)) is None:
        return source
    shown = harmless_line(str(file))
    hint = " The platform takes JavaScript: compile TypeScript first." if file.suffix.lower() == ".ts" else ""
    if wrong.line is None:
        raise CannotRun(f"{shown} does not parse: {wrong.text}.{hint}")
    line = harmless_line(source.split("\n")[wrong.line - 1]).strip()
    line = line if len(line) <= _LINE_SHOWN else f"{line[:_LINE_SHOWN]}…"
    place = f"line {wrong.line}, column {wrong.column}"
    raise CannotRun(f"{shown} does not parse: {wrong.text} at {place}, in {line!r}.{hint}")


def _rule_name(account: Account, name: str) -> str:
    """Return the name of the new rule. Raises CannotRun for one that is taken, or that `start` could not be told."""
    shown = harmless_line(name)
    if not name or len(name) >= _NAME_LENGTH_END:
        raise CannotRun(f"The rule's name has 1 to {_NAME_LENGTH_END - 1} characters: give another with --rule.")
    if name.isascii() and name.isdigit():
        raise CannotRun(f"A rule cannot be called {shown}, which is a rule's number: give a name with --rule.")
    if _UNTYPABLE.search(name):
        raise CannotRun(f"A rule called {shown} could not be typed after start: give another name with --rule.")
    if any(rule.rule_name == name for rule in account.rules):
        raise CannotRun(f"The embedded world has a rule {shown} already: give another name with --rule.")
    return name


def _free(name: str, taken: Container[str]) -> str:
    """Return the name, short enough for a scenario, with a number behind it where it is taken."""
    behind = ("" if number == 1 else f"-{number}" for number in count(1))
    shortened = (name[: SCENARIO_NAME_CHARACTERS - len(each)] + each for each in behind)
    return next(each for each in shortened if each not in taken)
