"""`session-bot audit`, `backup`, `restore`, `copy` and `forget`. Each imports what it needs when it runs."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli._option_styles import BothStyles
from bot.cli._streams import shown


class Form(StrEnum):
    """The output format of the audit."""

    csv = "csv"
    json = "json"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command(cls=BothStyles)
    def audit(
        *,
        form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.csv,
        verify: Annotated[
            bool, typer.Option("--verify", help="Verify the hashes of all lines instead, and print the last, the head.")
        ] = False,
        head: Annotated[
            str | None,
            typer.Option(
                metavar="HASH", help="With --verify: a head that was kept elsewhere, which must still be there."
            ),
        ] = None,
    ) -> None:
        """Write out the whole audit, oldest line first, or verify it.

        Every command with its actor and its outcome, refused and denied ones included, and every change of a
        session. The database file is only read, beside a running bot or without one.
        Exit code 0; 1 when --verify found a line that is not as it was written; 2 when the database cannot be read, or
        not everything could be written.
        """
        from bot.cli.database._audit import export, verify_audit  # noqa: PLC0415 - imported only where it is used

        if head is not None and not verify:
            msg = "it goes with --verify."
            raise typer.BadParameter(msg, param_hint="--head")
        if verify:
            raise typer.Exit(shown(verify_audit(os.environ, Path.cwd(), head, sys.stdout)))
        raise typer.Exit(shown(export(os.environ, Path.cwd(), form.value, sys.stdout)))

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
    def copy(
        *,
        source: Annotated[
            str, typer.Option("--from", metavar="FILE|URL", help="The database that is copied.", show_default=False)
        ],
        target: Annotated[
            str | None,
            typer.Option(
                "--to",
                metavar="URL|FILE",
                help="The new database; without it, the one that SESSION_BOT_DATABASE names.",
                show_default=False,
            ),
        ] = None,
    ) -> None:
        """Copy the database from a file to a server, or back.

        No bot may run on either. Everything is copied, or nothing: sessions, cards, threads and the audit go on with
        the numbers that they have. The copy counts once all rows are there and its audit ends in the same hash. The
        source stays as it is. A password is better not written here, where others on this machine can see it for a
        moment: SESSION_BOT_DATABASE and libpq's own ways, such as PGPASSFILE, hide it.
        Exit code 0, or 2 when nothing was copied: a bot or a terminal uses one of them, the target is not empty, or the
        source cannot be read or is not sound.
        """
        from bot.cli.database._copy import copy_database  # noqa: PLC0415 - imported only where it is used

        raise typer.Exit(copy_database(os.environ, Path.cwd(), source, target))

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
