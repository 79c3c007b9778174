"""`session-bot scenario check`: files or rules, checked and told, with the exit code."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from bot.cli._canned_answers import read_answers
from bot.cli._console import console_on, until_interrupted
from bot.cli._exit_codes import ExitCode
from bot.cli._secrets import secrets
from bot.cli._setup_problems import report_problems, report_setting_problems
from bot.cli._source_files import Unreadable
from bot.cli.scenario.check._account_table import account_data, show_account
from bot.cli.scenario.check._checking import check, subject_of
from bot.cli.scenario.check._data import as_data
from bot.cli.scenario.check._files import read_scripts, script
from bot.cli.scenario.check._keeping import keep
from bot.cli.scenario.check._options import Options, stop_of
from bot.cli.scenario.check._plan import Subject
from bot.cli.scenario.check._processes import open_simulator
from bot.cli.scenario.check._rules import check_rules
from bot.cli.scenario.check._table import WORD, show, show_verdict
from bot.cli.scenario.check._words import RuleName
from bot.config import DEFAULT_STOP, Settings, SettingsProblems, load_settings
from bot.ports import NoSuchRule, RulesUnreadable
from bot.process import Redactor, install_logging
from bot.text import plain
from bot.voximplant.errors import CredentialsUnusable, PlatformError, Refused, RoleMissing

_ROLE = "The platform does not let this service account read scenarios: that needs the role Developer."


def check_files(files: Sequence[Path], options: Options, answers: Sequence[str]) -> int:
    """Check files as the scenarios of one rule, in their order; print the report, return the exit code."""
    try:
        scripts, canned = read_scripts(files), read_answers(answers)
    except Unreadable as problem:
        return report_problems(str(problem))
    options = replace(options, answers=canned)
    subject = subject_of(scripts, stop_of(options.stop or DEFAULT_STOP), options)
    return asyncio.run(until_interrupted(_check_files(subject, options), interrupted=ExitCode.nothing_done))


async def _check_files(subject: Subject, options: Options) -> int:
    async with open_simulator() as simulator:
        found = await check(simulator, subject)
    if options.json:
        _print_json(as_data(found))
    else:
        console = console_on(sys.stdout)
        show(console, found, " + ".join(each.name for each in subject.scripts), RuleName())
        console.print(Text(f"\n{WORD}", style="dim"), soft_wrap=True)
    return ExitCode.done if found.is_good else ExitCode.problem


async def check_sources(sources: Sequence[tuple[str, str]], columns: int) -> str:
    """Check sources, each with its name, as the scenarios of one rule, in their order; return the report as text."""
    scripts = [script(name, text) for name, text in sources]
    async with open_simulator() as simulator:
        found = await check(simulator, subject_of(scripts, stop_of(DEFAULT_STOP), Options()))
    written = io.StringIO()
    show_verdict(console_on(written, columns), found, RuleName())
    lines = [line.rstrip() for line in written.getvalue().splitlines()]
    return "\n".join([*lines, "", WORD]).strip()


def check_account(
    environ: Mapping[str, str], cwd: Path, names: Sequence[str] | None, options: Options, answers: Sequence[str]
) -> int:
    """Check rules of the account, None for all; print one table, keep what was learnt, return the exit code."""
    try:
        options = replace(options, answers=read_answers(answers))
        settings = load_settings(environ, cwd, slack=False)
    except Unreadable as problem:
        return report_problems(str(problem))
    except SettingsProblems as wrong:
        return report_setting_problems(wrong.problems)
    install_logging(logging.ERROR, Redactor(secrets(settings)))
    work = _check_account(settings, names, options)
    return asyncio.run(until_interrupted(work, interrupted=ExitCode.nothing_done))


async def _check_account(settings: Settings, names: Sequence[str] | None, options: Options) -> int:
    try:
        found = await check_rules(settings, names, options, _progress)
    except CredentialsUnusable as problem:
        return report_problems(str(problem))
    except (NoSuchRule, RulesUnreadable) as problem:
        return _refused(ExitCode.refused, plain(problem.sentence))
    except PlatformError as problem:
        code = ExitCode.refused if isinstance(problem, Refused) else ExitCode.not_reached
        return _refused(code, f"Nothing was checked. {_ROLE if isinstance(problem, RoleMissing) else problem.sentence}")
    lost = await keep(settings, found.rows, datetime.now(UTC))
    notes = [each for each in (found.lacks, lost) if each is not None]
    if options.json:
        _print_json(account_data(found.rows) | {"notes": notes})
    else:
        console = console_on(sys.stdout)
        show_account(console, found.rows, every=names is None)
        for each in notes:
            console.print(Text(each), soft_wrap=True)
        console.print(Text(f"\n{WORD}", style="dim"), soft_wrap=True)
    is_good = all(row.report is not None and row.report.is_good for row in found.rows)
    return ExitCode.done if is_good else ExitCode.problem


def _progress(says: str) -> None:
    """Print progress where a person reads, and nowhere else: it is no part of the result."""
    if sys.stderr.isatty():
        console_on(sys.stderr).print(Text(says, style="dim"), soft_wrap=True)


def _refused(code: ExitCode, sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


def _print_json(data: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps({**data, "note": WORD}, indent=2) + "\n")
