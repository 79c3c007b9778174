"""`session-bot scenario check` as it is typed. What it needs is imported when it runs."""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.cli._exit_codes import ExitCode
from bot.cli._streams import shown
from bot.cli._world_libraries import find_world_libraries, world_libraries


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="The scenarios of one rule, in its order.", show_default=False),
    ] = None,
    *,
    before: Annotated[
        list[Path] | None,
        typer.Option("--with", metavar="FILE", help="A scenario that stands before the files. May be repeated."),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            metavar="NAME",
            help="A rule of the account, instead of files: its name, alias or number. More can follow it.",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All rules of the account, instead of files.")] = False,
    stop: Annotated[
        str | None,
        typer.Option(
            metavar="BODY", help='The stop, as in session-bot.toml. Without it {"command": "stop"}, or the rule\'s own.'
        ),
    ] = None,
    stop_path: Annotated[
        str, typer.Option(metavar="PATH", help="What stands behind the session's URL in the stop: /stop, ?action=stop.")
    ] = "",
    stop_method: Annotated[str, typer.Option(metavar="METHOD", help="The method of the stop: POST or GET.")] = "POST",
    data: Annotated[str, typer.Option(metavar="TEXT", help="The custom data that each session is started with.")] = "",
    inbound: Annotated[
        bool, typer.Option("--inbound", help="A call comes in after the start of each session.")
    ] = False,
    answer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL=FILE",
            help="What a back-end answers at this URL; any other is not reached, nothing leaves this machine."
            " May be repeated.",
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=3600,
            metavar="N",
            help="When the request is sent, in seconds after the start. Without it 5, or later where a call or a"
            " handler comes later.",
        ),
    ] = None,
    no_kit: Annotated[bool, typer.Option("--no-kit", help="Do not try the scenarios with the kit in front.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")] = False,
) -> None:
    """Check whether a stop ends a rule's scenarios, in a simulator.

    They are run many times, alone, with its stop and with other requests, as it is and with the kit in front. It says
    which request stops it and what to write into session-bot.toml. Nothing is called, sent or changed; of an account
    the sources of its rules are read, and kept in memory only. For example `session-bot scenario check order.js`.
    Exit code 0 when a stop ends what was checked, 1 when it does not, or that cannot be told, 2 when nothing was
    checked: a file cannot be read, the command line, the settings or the credentials are wrong, or the libraries of
    the embedded world are not installed, 4 when the platform refused it or has no such rule, 5 when it was not reached.
    """
    with world_libraries():
        find_world_libraries()
    from bot.cli.scenario.check import (  # noqa: PLC0415 - imported only where it is used
        Options,
        check_account,
        check_files,
        typed_stop,
    )

    named, of_account = files or [], bool(rule) or every
    if (wrong := _misuse(named, before or [], rule or [], every=every)) is not None:
        _refuse(wrong)
    try:
        data.encode()
        options = Options(
            stop=typed_stop(stop, stop_path, stop_method), data=data, inbound=inbound, seconds=seconds,
            with_kit=not no_kit, json=as_json,
        )  # fmt: skip
    except UnicodeEncodeError:
        _refuse("--data holds what is no text in UTF-8.")
    except ValueError as problem:
        _refuse(str(problem))
    if of_account:
        names = None if every else [*(rule or ()), *named]
        code = check_account(os.environ, Path.cwd(), names, options, answer or ())
    else:
        code = check_files([*(before or ()), *map(Path, named)], options, answer or ())
    raise typer.Exit(shown(code))


def _misuse(named: list[str], before: list[Path], rule: list[str], *, every: bool) -> str | None:
    """Return what is wrong with what was named; None if nothing is."""
    if every and (rule or named):
        return "--all means every rule of the account, so nothing else is named."
    if (every or rule) and before:
        return "--with is for files: a rule of the account has its scenarios."
    if not (every or rule or named):
        return "Name the files of a rule's scenarios, in its order; or --rule NAME, or --all, for those of the account."
    return None


def _refuse(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(ExitCode.nothing_done)
