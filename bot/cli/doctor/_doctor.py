"""`session-bot doctor`: checks of everything that the bot depends on, before the night in which it matters."""

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.text import Text

from bot.cli._console import console_on, until_interrupted
from bot.cli._exit_codes import ExitCode
from bot.cli._secrets import secrets
from bot.cli.doctor import (
    _announcements as examine_announced,
)
from bot.cli.doctor import (
    _files as examine_files,
)
from bot.cli.doctor import (
    _network as examine_network,
)
from bot.cli.doctor import (
    _platform as examine_platform,
)
from bot.cli.doctor import (
    _policy as examine_policy,
)
from bot.cli.doctor import (
    _slack as examine_slack,
)
from bot.cli.doctor._findings import Finding, Level, ok, problem
from bot.config import Settings, SettingsProblems, load_settings
from bot.process import Clock, Redactor, install_logging
from bot.text import harmless_line

_STYLE: Final = {Level.ok: "green", Level.warning: "yellow", Level.problem: "bold red"}
_WIDTH: Final = 12


def doctor(environ: Mapping[str, str], cwd: Path, *, as_json: bool) -> int:
    """Check everything and print the findings; 0 without problems, 1 with some, 2 when the settings are wrong."""
    try:
        settings = load_settings(environ, cwd)
    except SettingsProblems as wrong:
        _show([problem("settings", each) for each in wrong.problems], as_json=as_json)
        return ExitCode.nothing_done
    install_logging(logging.CRITICAL, Redactor(secrets(settings)))
    return asyncio.run(until_interrupted(_examine(settings, environ, as_json=as_json), interrupted=ExitCode.problem))


async def _examine(settings: Settings, environ: Mapping[str, str], *, as_json: bool) -> int:
    found = await examine(settings, Clock(), environ)
    _show(found, as_json=as_json)
    return ExitCode.problem if any(each.level is Level.problem for each in found) else 0


async def examine(settings: Settings, clock: Clock, environ: Mapping[str, str]) -> list[Finding]:
    """Return the findings of every check; a failed check keeps no other from running."""
    source = settings.config.name if settings.config is not None else "no session-bot.toml"
    found = [ok("settings", f"They are in order, with {source}."), *examine_files.examine_files(settings)]
    found += [each async for each in examine_slack.examine_slack(settings, clock)]
    found += [each async for each in examine_network.examine_network(settings, environ)]
    of_platform, rules = await examine_platform.examine_platform(settings)
    found += [*of_platform, *examine_announced.examine_announcements(settings, clock.now())]
    return [*found, *examine_policy.examine_policy(settings, rules)]


def _show(found: list[Finding], *, as_json: bool) -> None:
    if as_json:
        rows = [{"level": each.level, "what": each.what, "says": each.says} for each in found]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    console = console_on(sys.stdout)
    for each in found:
        level = Text(f"{each.level:<{len(Level.warning) + 1}}", style=_STYLE[each.level])
        console.print(level + Text(f"{each.what:<{_WIDTH}} {harmless_line(each.says)}"), soft_wrap=True)
