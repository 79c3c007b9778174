"""A rule of the person's own scenario files, which are read before anything of the world is started."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.cli._canned_answers import read_answers
from bot.cli._source_files import Unreadable, read_text
from bot.sandbox.voximplant import (
    Account,
    CannedAnswer,
    CannotMakeRule,
    Source,
    UnfitRuleName,
    add_own_rule,
    scenario_name_of,
)
from bot.text import harmless_line

_ONE_WORD: Final = re.compile(r"[\w.-]+")
_BLANK: Final = re.compile(r"\s")


class CannotRun(Exception):  # noqa: N818 - it says what it is about
    """A rule cannot be made of what was given; the text is one sentence."""


def add_rule(account: Account, files: Sequence[Path], name: str | None) -> str | None:
    """Add one rule with the scenarios of these files, in their order; return the line that starts a session of it.

    Its name is by default that of the first file. Without files nothing is added, and None is returned. Raises
    CannotRun for a file that cannot be a scenario, and for a name that cannot be typed or is taken.
    """
    if not files:
        if name is not None:
            msg = "--rule names the rule of --scenario files, and there are none."
            raise CannotRun(msg)
        return None
    try:
        sources = [Source(str(file), read_text(file)) for file in files]
        _check_distinct(files)
        rule = add_own_rule(account, sources, scenario_name_of(sources[0].name) if name is None else name)
    except Unreadable as problem:
        raise CannotRun(str(problem)) from None
    except UnfitRuleName as problem:
        raise CannotRun(f"{harmless_line(str(problem))} Give another name with --rule.") from None
    except CannotMakeRule as problem:
        raise CannotRun(harmless_line(str(problem))) from None
    quoted = f'"{rule.rule_name}"' if _BLANK.search(rule.rule_name) else rule.rule_name
    return f"/session start {quoted}"


def _check_distinct(files: Sequence[Path]) -> None:
    real = [file.resolve() for file in files]
    if twice := [file for place, file in enumerate(files) if real[place] in real[:place]]:
        raise CannotRun(f"{harmless_line(str(twice[0]))} stands there twice: a rule runs a scenario once.")


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
