"""The commands of `session-bot scenario`. Each imports what it needs when it runs."""

import inspect
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from bot.cli._exit_codes import ExitCode
from bot.cli._option_styles import BothStyles, Program
from bot.cli._streams import shown
from bot.cli.scenario._check_command import check

_CODES: Final = (
    "Exit code 0 when every chosen rule is as it should be, or with --dry-run could be made so, 2 when the command"
    " line, the settings or the credentials are wrong, 3 when it is not confirmed, 4 when it was refused: by the"
    " platform, by you, or for one of the rules, 5 when the platform was not reached."
)
_Rule = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="NAME", help="A rule: its name, its alias or its number. More can follow it."),
]
_More = Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="More rules.", show_default=False)]
_All = Annotated[bool, typer.Option("--all", help="All rules of the account.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
_Announce = Annotated[
    bool | None,
    typer.Option(
        "--announce/--no-announce",
        help="Switch announcing on or off in the kit: sessions that write themselves into their application's storage.",
        show_default=False,
    ),
]

scenario = typer.Typer(
    name="scenario",
    cls=Program,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="""Make scenarios stoppable, and see which are.

    Exit code as each command has it: 0 when all went well, 2 when nothing was done because of how it is set up or
    called.
    """,
    no_args_is_help=True,
)


@scenario.command(cls=BothStyles)
def kit(*, announce: _Announce = None) -> None:
    """Print the kit, which makes the scenarios of its rule stoppable.

    Bind it to a rule before your own scenario, or paste it on top of that.
    Exit code 0, or 2 when it could not be written.
    """
    from bot.scenario import kit_source_with  # noqa: PLC0415 - imported only where it is used

    sys.stdout.write(kit_source_with(announce=announce))
    raise typer.Exit(shown(0))


def install(
    more: _More = None,
    *,
    rule: _Rule = None,
    every: _All = False,
    dry_run: _DryRun = False,
    yes: _Yes = False,
    json: _Json = False,
    announce: _Announce = None,
) -> None:
    """Add the kit to the account, and put it first in rules.

    It says first what will change, and asks. Your scenarios are not touched and keep their order; an older kit is
    updated with your options in it. For example `session-bot scenario install --rule support`.
    """
    _change("install", rule, more, every=every, dry_run=dry_run, yes=yes, json=json, announce=announce)


def uninstall(
    more: _More = None,
    *,
    rule: _Rule = None,
    every: _All = False,
    dry_run: _DryRun = False,
    yes: _Yes = False,
    json: _Json = False,
) -> None:
    """Unbind the kit from rules, and delete it when none has it.

    It says first what will change, and asks. Your scenarios are not touched and keep their order. For example
    `session-bot scenario uninstall --all --dry-run`.
    """
    _change("uninstall", rule, more, every=every, dry_run=dry_run, yes=yes, json=json)


def _change(what: str, rule: list[str] | None, more: list[str] | None, *, every: bool, **options: Any) -> None:
    from bot.cli.scenario._change import Change, ChangeOptions, change  # noqa: PLC0415 - imported where it is used

    names = tuple(each for each in (*(rule or ()), *(more or ())) if each.strip())
    if every == bool(names):
        wrong = "--all means every rule, so no other is named." if every else "Name rules with --rule, or choose --all."
        sys.stderr.write(f"{wrong} Nothing was changed.\n")
        raise typer.Exit(ExitCode.nothing_done)
    chosen = ChangeOptions(names=None if every else names, **options)
    raise typer.Exit(change(os.environ, Path.cwd(), Change(what), chosen))


for _each in (install, uninstall):
    scenario.command(_each.__name__, cls=BothStyles, help=f"{inspect.getdoc(_each)}\n\n{_CODES}")(_each)
scenario.command(cls=BothStyles)(check)
