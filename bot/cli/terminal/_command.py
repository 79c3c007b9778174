"""A command of the command line: open what it needs, execute it, and show its result.

Lines go to standard output as they come; with `--json` one object comes at the end instead, and the lines do not.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from rich.table import Table
from rich.text import Text

from bot.cli._console import agrees, console_on, until_interrupted
from bot.cli._exit_codes import ExitCode
from bot.cli._secrets import secrets
from bot.cli._setup_problems import report_problems, report_setting_problems, storage_sentence
from bot.cli.terminal._execution import TypedCommand, execute, open_terminal
from bot.cli.terminal._plain import words
from bot.cli.terminal._result import as_json, exit_code
from bot.config import Settings, SettingsProblems, load_settings
from bot.ports import Offer, Response, data_excerpt, rule_name, state_sign, state_words
from bot.process import Redactor, install_logging
from bot.text import ago, channel, harmless_line, person
from bot.voximplant.errors import CredentialsUnusable
from storage.errors import StorageError
from storage.records import Origin, Session
from storage.sealing import BadKey


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """The options of output: JSON, and no confirmation (`yes`).

    With `table` the sessions are drawn as one. With `aside` sentences go to standard error: a file is asked for.
    """

    json: bool
    yes: bool = False
    table: bool = False
    aside: bool = False


def do(environ: Mapping[str, str], cwd: Path, typed: TypedCommand, options: OutputOptions) -> int:
    """Run one command; return the exit code. Nothing of Slack's is needed."""
    try:
        settings = load_settings(environ, cwd, slack=False)
    except SettingsProblems as wrong:
        return report_setting_problems(wrong.problems)
    install_logging(logging.ERROR, Redactor(secrets(settings)))
    return asyncio.run(until_interrupted(_do(settings, typed, options), interrupted=ExitCode.not_confirmed))


async def _do(settings: Settings, typed: TypedCommand, options: OutputOptions) -> int:
    here = _TerminalOutput(settings.command, options)
    try:
        async with open_terminal(settings) as context:
            here.names = context.names
            result = await execute(typed, context, here.show, here.confirm, here.progress)
            files = [(file.name, file.content.decode()) for file in context.files.kept]
    except StorageError as problem:
        return report_problems(storage_sentence(problem))
    except (BadKey, CredentialsUnusable) as problem:
        return report_problems(str(problem))
    except OSError as problem:
        place = f" ({problem.filename})" if problem.filename else ""
        return report_problems(f"Not done: {problem.strerror or type(problem).__name__}{place}.")
    if options.json:
        found = as_json(result, settings.command, here.names) | ({"files": dict(files)} if files else {})
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        if options.table and result.sessions:
            console_on(sys.stdout).print(table(result.sessions, datetime.now(UTC), here.names))
            here.show_notes(result.responses)
        for _, content in files:
            sys.stdout.write(content)
    return exit_code(result)


class _TerminalOutput:
    """The terminal of a command: shows replies, and asks for confirmation, before the end."""

    def __init__(self, command: str, options: OutputOptions) -> None:
        self._command = command
        self._options = options
        self._console = console_on(sys.stderr if options.aside else sys.stdout)
        self.names: Mapping[str, str] = {}

    def show(self, response: Response) -> None:
        """Print a reply, unless it comes in another form at the end."""
        if not (self._options.json or (self._options.table and response.rows)):
            for each in (response.text, *(row.text for row in response.rows)):
                self._console.print(Text(words(each, self._command, self.names)), soft_wrap=True)

    def show_notes(self, responses: Sequence[Response]) -> None:
        """Print what a table lacks, and why: the lines behind the first one of a response, which counts its rows."""
        for each in responses:
            notes = words(each.text, self._command, self.names).partition("\n")[2]
            if notes:
                console_on(sys.stderr).print(Text(notes), soft_wrap=True)

    def confirm(self, offer: Offer) -> bool:
        """Return whether the command is confirmed: by an option, or by an answer now."""
        return self._options.yes or (not self._options.json and agrees(offer.label))

    def progress(self, says: str) -> None:
        """Print progress where a person reads, and nowhere else: it is no part of the result."""
        if sys.stderr.isatty():
            console_on(sys.stderr).print(Text(says, style="dim"), soft_wrap=True)


def table(sessions: list[Session], now: datetime, names: Mapping[str, str] = MappingProxyType({})) -> Table:
    """Return sessions as a table, one a row."""
    drawn = Table(box=None, pad_edge=False)
    for column in ("id", "rule", "state", "started", "by", "channel", "at the platform", "data"):
        drawn.add_column(column, no_wrap=column == "id")
    for each in sessions:
        started = ago(now - (each.started_at or each.created_at))
        there = "" if each.history_id is None else f"h{each.history_id}"
        by = "not in Slack" if each.origin is Origin.elsewhere else words(person(each.starter), names=names)
        where = words(channel(each.channel), names=names) if each.channel else ""
        state, given = f"{state_sign(each)} {state_words(each)}", words(data_excerpt(each) or "")
        row = (each.name, words(rule_name(each)), state, started, by, where, there, given)
        drawn.add_row(*(Text(harmless_line(cell)) for cell in row))
    return drawn
