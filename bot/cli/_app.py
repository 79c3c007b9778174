"""The command line, `session-bot`. A command imports what it needs when it runs, so start-up is short."""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from bot.cli._exit_codes import ExitCode
from bot.cli._option_styles import BothStyles, Program
from bot.cli._streams import install, report_lost_output, shown
from bot.cli._world_libraries import world_libraries
from bot.cli.database import add_to as add_database_to
from bot.cli.scenario import scenario
from bot.cli.terminal import add_to

_MOST_PORT: Final = 65_531  # the sandbox takes five in a row


_Scenario = Annotated[
    list[Path] | None,
    typer.Option(
        "--scenario",
        metavar="FILE",
        help="Your own scenario, as a rule beside those that ship. More files can follow it: one rule runs them in"
        " this order.",
    ),
]
_More = Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="More scenarios.", show_default=False)]
_Rule = Annotated[
    str | None, typer.Option(metavar="NAME", help="The name of that rule, by default that of the first file.")
]
_Answer = Annotated[
    list[str] | None,
    typer.Option(
        metavar="URL=FILE",
        help="What the scenarios' own requests to this URL get; elsewhere only this machine is asked. May be repeated.",
    ),
]

app = typer.Typer(
    name="session-bot",
    cls=Program,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="""Start, feed and stop Voximplant sessions from Slack.

    Exit codes: 0 when all went well; 1 when doctor, scenario check or audit --verify found a problem, or the demo or
    its tour came out wrong; 2 when nothing was done because of how it is set up or called, or what only shows could not
    be written, which a line on standard error says; and of what is done to sessions and rules 3 when it is not
    confirmed, 4 when it was refused, 5 when nothing was reached.
    """,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer's own way of calling
    if asked:
        from bot.process import version_words  # noqa: PLC0415 - imported only where it is used

        sys.stdout.write(f"{version_words()}\n")
        raise typer.Exit(shown(0))


@app.callback()
def _of_the_program(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Tell which version this is.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Read the options of the program itself."""


@app.command(cls=BothStyles)
def run() -> None:
    """Run the bot, until SIGTERM or Ctrl-C.

    Its settings are those of the environment and of session-bot.toml.
    Exit code 0 after a drained stop, 2 when the settings, tokens, credentials or the database are wrong.
    """
    gc.disable()  # nothing of what an import makes is garbage: looking for it is a tenth of the start
    from bot.cli._run import run as run_bot  # noqa: PLC0415 - imported only where it is used

    gc.freeze()  # nor will it ever be, so that no later search for garbage holds up an ack for it
    gc.enable()
    raise typer.Exit(run_bot(os.environ, Path.cwd()))


@app.command(cls=BothStyles)
def demo(
    more: _More = None,
    *,
    tour: Annotated[bool, typer.Option("--tour", help="Play the main job by itself, check it, and end.")] = False,
    text: Annotated[
        bool, typer.Option("--text", help="Type in this terminal, without a page: for a machine without a browser.")
    ] = False,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the page's address, and open no browser.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The page's port. 0 lets the system choose.")] = 0,
    scenario_file: _Scenario = None,
    rule: _Rule = None,
    stop: Annotated[
        str | None, typer.Option(metavar="BODY", help="The stop of that rule, as in session-bot.toml.")
    ] = None,
    answer: _Answer = None,
) -> None:
    """Run the bot in an embedded world, served as a page on 127.0.0.1.

    It needs no account and no network. The page opens in the browser, if there is one, and stays until Ctrl-C or
    SIGTERM, whatever standard input is. With --text commands are typed here instead, until quit or the end of input.
    Exit code 0 when it is ended, 1 when the bot did not start, died in the terminal or, with --tour, when a step came
    out wrong, 2 when the port, a file or the rule's name cannot be used, or the libraries of the embedded world are not
    installed.
    """
    with world_libraries():
        from bot.cli.demo import DemoOptions  # noqa: PLC0415 - imported only where it is used
        from bot.cli.demo import demo as run_demo  # noqa: PLC0415 - imported only where it is used

    options = DemoOptions(
        tour=tour,
        text=text,
        opens_browser=not no_open,
        port=port,
        scenarios=_in_order(scenario_file, more),
        rule=rule,
        stop=stop,
        answers=answer or (),
    )
    raise typer.Exit(run_demo(options))


@app.command(cls=BothStyles)
def sandbox(
    more: _More = None,
    *,
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=_MOST_PORT,
            help="The first of five ports in a row: Slack, Management API, sessions, sessions over TLS, the page."
            " 0 lets the system choose.",
        ),
    ] = 0,
    http: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="For HTTP mode: send Slack's requests to a bot at http://127.0.0.1:3000, say."
        ),
    ] = None,
    environment: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the environment to this new file, for you alone to read, instead of standard output;"
            " it is removed at the end.",
        ),
    ] = None,
    answers: Annotated[
        bool,
        typer.Option(
            "--answers",
            help="Answer a request to a session with what its scenario returns."
            " Without it the answer is an empty 200, as it is reported of the platform.",
        ),
    ] = False,
    scenario_file: _Scenario = None,
    rule: _Rule = None,
    answer: _Answer = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METHOD",
            help="A method of the Management API for which the service account has no role: it is refused with 104."
            " It can stand there for each.",
        ),
    ] = None,
) -> None:
    """Run the embedded world without a bot.

    It prints the environment that leads a bot, or any other client, to it, one NAME=value a line, and on standard
    error the address of its page. It stays until SIGTERM, Ctrl-C or quit; what is typed there is done as a person in
    Slack would do it.
    Exit code 0 when it is ended, 2 when a port, the URL, a file, the rule's name or a method cannot be used, or the
    libraries of the embedded world are not installed.
    """
    with world_libraries():
        from bot.cli.demo import SandboxOptions  # noqa: PLC0415 - imported only where it is used
        from bot.cli.demo import sandbox as run_sandbox  # noqa: PLC0415 - imported only where it is used

    options = SandboxOptions(
        port=port,
        http=http,
        environment=environment,
        answer_bodies=answers,
        answers=answer or (),
        scenarios=_in_order(scenario_file, more),
        rule=rule,
        forbidden=forbid or (),
    )
    raise typer.Exit(run_sandbox(options))


@app.command(cls=BothStyles)
def manifest(
    *,
    command: Annotated[str, typer.Option(metavar="/NAME", help="The slash command, as in SESSION_BOT_COMMAND.")] = (
        "/session"
    ),
    http: Annotated[
        str | None,
        typer.Option(metavar="URL", help="For HTTP mode: where Slack reaches the bot, like https://bot.example.com."),
    ] = None,
) -> None:
    """Print the Slack app's manifest.

    It is for Socket Mode or, with --http, for HTTP mode.
    Exit code 0, or 2 when Slack would not take the command's name or the URL, or it could not be written.
    """
    from bot.cli._manifest import CannotMake  # noqa: PLC0415 - imported only where it is used
    from bot.cli._manifest import manifest as make  # noqa: PLC0415 - imported only where it is used

    try:
        sys.stdout.write(make(command, http))
    except CannotMake as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - a person starts this at a terminal
        raise typer.Exit(ExitCode.nothing_done) from None
    raise typer.Exit(shown(0))


@app.command(cls=BothStyles)
def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON, for scripts.")] = False
) -> None:
    """Check everything that the bot depends on.

    One line each: ok, warning or problem, and what to do. Nothing is changed, posted or started.
    Exit code 0 without a problem, 1 with one or more, 2 when the settings are wrong, or the findings could not be
    written.
    """
    from bot.cli.doctor import doctor as examine  # noqa: PLC0415 - imported only where it is used

    raise typer.Exit(shown(examine(os.environ, Path.cwd(), as_json=as_json)))


add_to(app)
add_database_to(app)
app.add_typer(scenario)


def _in_order(given: Sequence[Path] | None, more: Sequence[Path] | None) -> tuple[Path, ...]:
    """Return the files of --scenario in their order; exit with a sentence where that order is not known."""
    if more and len(given or ()) != 1:
        says = (
            "Write --scenario before each file, or once before them all" if given else "A file goes behind --scenario"
        )
        sys.stderr.write(f"{says}: {more[0]} does not. Nothing was started.\n")
        raise typer.Exit(ExitCode.nothing_done)
    return (*(given or ()), *(more or ()))


def main() -> None:
    """Run the command line."""
    install()
    try:
        app(prog_name="session-bot")
    finally:
        report_lost_output()


if __name__ == "__main__":
    main()
