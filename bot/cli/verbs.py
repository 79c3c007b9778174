"""The verbs at a terminal, for the day Slack is down: what follows a verb is typed as in Slack."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

_CODES: Final = (
    "Exit code 0 when it is confirmed, delivered or shown, 3 when it is not confirmed, 4 when it was refused,"
    " 5 when nothing was reached, 2 when the settings, the key or the database are wrong."
)
_Words = Annotated[list[str] | None, typer.Argument(help="As in Slack.", show_default=False)]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask, where the bot would.")]
_Again = Annotated[bool, typer.Option("--again", help="Mean it, though the same was typed a moment ago.")]
_Channel = Annotated[str | None, typer.Option(metavar="ID", help="The channel, by its id, like C0123456789.")]

_Summary = Annotated[
    str | None, typer.Option(metavar="ID", help="Where the summary of several goes, by id; without it there is none.")
]


def list_(words: _Words = None, *, channel: _Channel = None, json: _Json = False) -> None:
    """Show sessions, of all channels or of one, for example `session-bot list state=any rule=support`."""
    _do(["list", *_options(words, channel)], channel=channel, json=json, table=True)


def status(session: str, *, json: _Json = False) -> None:
    """Show everything known of one session."""
    _do(["status", _one_word(session)], json=json)


def start(
    rule: str,
    data: Annotated[str | None, typer.Argument(help="The custom data, as one word of the shell.")] = None,
    *,
    channel: Annotated[str, typer.Option(metavar="ID", help="Where its card goes, by id, like C0123456789.")],
    maximum: Annotated[
        str | None, typer.Option("--max", metavar="30m", help="When it is stopped for being too long.")
    ] = None,
    again: _Again = False,
    json: _Json = False,
) -> None:
    """Start a session of a rule, at once; the bot posts its card when Slack takes it."""
    from bot.cli.as_typed import rule_word  # noqa: PLC0415 - imported only where it is used

    limit = [] if maximum is None else ["--max", _one_word(maximum)]
    _do(["start", rule_word(rule), *limit, *([] if data is None else [data])], channel=channel, json=json, again=again)


def send(session: str, body: str, *, again: _Again = False, json: _Json = False) -> None:
    """Pass JSON, as one word of the shell, to a running session, exactly as typed."""
    _do(["send", _one_word(session), body], json=json, again=again)


def stop(words: Annotated[list[str], typer.Argument(metavar="ID... [REASON]")], *, channel: _Summary = None,
         yes: _Yes = False, json: _Json = False) -> None:  # fmt: skip
    """Ask sessions to end, and wait until it is confirmed that they did or clear that it is not."""
    from bot.cli.as_typed import stop_words  # noqa: PLC0415 - imported only where it is used

    _do(["stop", *stop_words(words)], channel=channel, json=json, yes=yes)


def stop_all(words: _Words = None, *, channel: _Channel = None, yes: _Yes = False, json: _Json = False) -> None:
    """Stop all open sessions, or those that the words choose, for example `session-bot stop-all older=30m`."""
    _do(["stop", "all", *_options(words, channel)], channel=channel, json=json, yes=yes)


def log(session: str, *, again: _Again = False, json: _Json = False) -> None:
    """Print the platform's log of a session, without its secrets."""
    _do(["log", _one_word(session)], json=json, again=again)


def add_to(app: typer.Typer) -> None:
    """Make each of them a command; all have the same exit codes."""
    functions: dict[str, Callable[..., None]] = {
        "list": list_,
        "status": status,
        "start": start,
        "send": send,
        "stop": stop,
        "stop-all": stop_all,
        "log": log,
    }
    for name, function in functions.items():
        app.command(name, help=f"{function.__doc__}\n\n{_CODES}")(function)


def _one_word(word: str) -> str:
    from bot.cli.as_typed import one_word  # noqa: PLC0415 - imported only where it is used

    return one_word(word)


def _options(words: list[str] | None, channel: str | None) -> list[str]:
    """Write options as the bot reads them; where no channel is named, all are meant."""
    options = [_one_word(each) for each in words or []]
    everywhere = [] if channel or any(each.casefold().startswith("channel=") for each in options) else ["channel=all"]
    return [*options, *everywhere]


def _do(words: list[str], *, channel: str | None = None, again: bool = False, **way: Any) -> None:
    from bot.cli.at_terminal import Typed  # noqa: PLC0415 - imported only where it is used
    from bot.cli.typed import Way, do  # noqa: PLC0415 - imported only where it is used

    typed = Typed(text=" ".join(words), channel=channel, again=again)
    raise typer.Exit(do(os.environ, Path.cwd(), typed, Way(**way)))
