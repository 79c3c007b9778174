"""The commands of `session-bot scenario`. Each imports what it needs when it runs."""

import sys

import typer

from bot.cli._option_styles import BothStyles, Program
from bot.cli._streams import shown

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
def kit() -> None:
    """Print the kit, a scenario that makes those of its rule stoppable.

    Bind it to a rule before your own scenario, or paste it on top of that.
    Exit code 0, or 2 when it could not be written.
    """
    from bot.scenario import kit_source  # noqa: PLC0415 - imported only where it is used

    sys.stdout.write(kit_source())
    raise typer.Exit(shown(0))
