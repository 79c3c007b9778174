"""The command line, `session-bot`. A command imports what it needs when it runs, so start-up is short."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

app = typer.Typer(
    name="session-bot",
    help="Start, feed and stop Voximplant sessions from Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

EXIT_SETTINGS: Final = 2
"""The bot cannot run as it is set up: settings, tokens, credentials, key, port or database."""


@app.callback()
def _callback() -> None:
    """Keep commands as commands, also while there are few."""


@app.command()
def run() -> None:
    """Run the bot with the settings of the environment, until SIGTERM or Ctrl-C.

    Exit code 0 after a drained stop, 2 when the settings, tokens, credentials or the database are wrong.
    """
    from bot.cli.run import run as run_bot  # noqa: PLC0415 - imported only where it is used

    raise typer.Exit(run_bot(os.environ, Path.cwd()))


@app.command()
def demo(
    *, tour: Annotated[bool, typer.Option("--tour", help="Play the main job by itself, check it, and end.")] = False
) -> None:
    """Run the bot in an embedded world: no account, no network. Type commands as a person in Slack would."""
    from bot.cli.demo import demo as run_demo  # noqa: PLC0415 - imported only where it is used

    raise typer.Exit(run_demo(tour=tour))


def main() -> None:
    """Run the command line."""
    app(prog_name="session-bot")


if __name__ == "__main__":
    main()
