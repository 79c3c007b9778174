"""The commands `session-bot backup`, `restore` and `forget`. They import what they need when they run."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.cli._option_styles import BothStyles


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command(cls=BothStyles)
    def backup(to: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.", show_default=False)]) -> None:
        """Copy the database into a new file, beside a running bot.

        The copy is of one moment, for its owner alone to read, and verified: its pages and its audit. The key of the
        session URLs is not in it.
        Exit code 0, or 2 when no copy was made: the name is taken, the database cannot be read, or is not sound.
        """
        from bot.cli.database._backup import back_up_database  # noqa: PLC0415 - imported only where it is used

        raise typer.Exit(back_up_database(os.environ, Path.cwd(), to))

    @app.command(cls=BothStyles)
    def restore(backup: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.", show_default=False)]) -> None:
        """Put a backup in the place of the database.

        No bot may run on it. The backup is verified first, and stays as it is; the present database is kept under
        another name. It prints which sessions were started since the backup, and how to stop those that are not over.
        Exit code 0, or 2 when nothing was replaced: a bot or a terminal uses the database, or the backup is another
        program's, of a newer version, damaged, or its audit is not as it was written.
        """
        from bot.cli.database._restore import restore_database  # noqa: PLC0415 - imported only where it is used

        raise typer.Exit(restore_database(os.environ, Path.cwd(), backup))

    @app.command(cls=BothStyles)
    def forget(
        *,
        before: Annotated[
            str, typer.Option(metavar="AGE", help="Days, as 90d, or a date, as 2026-01-31.", show_default=False)
        ],
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be done, and change nothing.")] = (
            False
        ),
    ) -> None:
        """Remove what is personal from old sessions.

        From sessions that are over, and from commands of that age: data, reasons, words, digests of what was typed,
        names that nothing needs any more. The words of the audit go as well, and a line of it says which; it is still
        verified. A bot may run meanwhile.
        Exit code 0, or 2 when the age is not understood, the database cannot be written, or with --dry-run standard
        output.
        """
        from bot.cli.database._forget import forget as forget_old  # noqa: PLC0415 - imported only where it is used

        raise typer.Exit(forget_old(os.environ, Path.cwd(), before, is_dry=dry_run))
