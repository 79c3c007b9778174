"""The command `session-bot backup`. It imports what it needs when it runs."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.cli._option_styles import BothStyles


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(cls=BothStyles)
    def backup(to: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.", show_default=False)]) -> None:
        """Copy the database into a new file, beside a running bot.

        The copy is of one moment, for its owner alone to read, and verified: its pages and its audit. The key of the
        session URLs is not in it.
        Exit code 0, or 2 when no copy was made: the name is taken, the database cannot be read, or is not sound.
        """
        from bot.cli._backup import back_up_database  # noqa: PLC0415 - imported only where it is used

        raise typer.Exit(back_up_database(os.environ, Path.cwd(), to))
