"""The verbs at a terminal, for the day Slack is down: the arguments of a verb read the words of the shell."""

import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from bot.cli._option_styles import BothStyles
from bot.cli._streams import shown

USAGES: Final = {
    "list": "list [--state …] [--rule …] [--by …] [--origin …] [--silent 5m] [--channel C…]",
    "find": "find <words>",
    "status": "status <id>",
    "rules": "rules [filter]",
    "start": "start <rule> [data] --channel C… [--max 30m]",
    "send": "send <id> <json>, or send <id> --text …",
    "stop": "stop <id>… [reason]",
    "stop-all": ('stop-all [--older 30m] [--rule …] [--by …] [--origin …] [--silent 5m] [--reason "…"] [--channel C…]'),
    "close": "close <id> [reason]",
    "log": "log <id>",
}
"""The usage of each: for the table of the pages, and for the hint at an invalid command line."""

_LOOKS: Final = frozenset({"list", "find", "status", "rules", "log"})
"""The verbs that only show: without their output they have not been done."""

_CODES: Final = (
    "Exit code 0 when it is confirmed, delivered or shown, 3 when it is not confirmed, 4 when it was refused,"
    " 5 when nothing was reached, 2 when the command line, the settings, the key or the database are wrong, or what"
    " only shows could not be written."
)
_Session = Annotated[str, typer.Argument(metavar="ID", help="The session: 7, #7, or the platform's h4202753936.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask, where the bot would.")]
_Again = Annotated[bool, typer.Option("--again", help="Mean it, though the same was typed a moment ago.")]
_Channel = Annotated[str | None, typer.Option(metavar="ID", help="The channel, by its id, like C0123456789.")]
_Summary = Annotated[
    str | None, typer.Option(metavar="ID", help="Where the summary of several goes, by id; without it there is none.")
]
_State = Annotated[str | None, typer.Option(metavar="STATE", help="open, ended or any; without it: open.")]
_Rule = Annotated[str | None, typer.Option(metavar="RULE", help="Of this rule: a number, an alias or a name.")]
_By = Annotated[str | None, typer.Option(metavar="WHO", help="Started by me, or by a member, by id, like U0123456789.")]
_Origin = Annotated[
    str | None, typer.Option(metavar="ORIGIN", help="slack, or elsewhere: those that nobody started in Slack.")
]
_Silent = Annotated[
    str | None, typer.Option(metavar="5m", help="Those that announce themselves and were not heard of for so long.")
]
_Older = Annotated[str | None, typer.Option(metavar="30m", help="Those that have run for so long.")]
_Reason = Annotated[str | None, typer.Option(metavar="WORDS", help="Why, as one word of the shell.")]
_Others = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME=VALUE", help="The options can be written so, too: state=open.", show_default=False),
]


def list_(
    words: _Others = None,
    *,
    state: _State = None,
    rule: _Rule = None,
    by: _By = None,
    origin: _Origin = None,
    silent: _Silent = None,
    channel: _Channel = None,
    json: _Json = False,
) -> None:
    """Show sessions, of all channels or of one.

    For example `session-bot list --state any --rule support`.
    """
    options, where = _options(words, channel, state=state, rule=rule, by=by, origin=origin, silent=silent)
    _do("list", {"options": options}, channel=where, json=json, table=True)


def find(
    words: Annotated[list[str], typer.Argument(metavar="NUMBER|DATA", help="A number in any spelling, or words.")],
    *,
    json: _Json = False,
) -> None:
    """Find sessions by whatever is known of them.

    That is a phone number, a word of their data, a rule, an application or an id; all words have to fit. Phone numbers
    are cut to their last digits. For example `session-bot find 020 7946 0018`.
    """
    _do("find", {"what": words}, json=json)


def status(session: _Session, *, json: _Json = False) -> None:
    """Show everything known of one session."""
    _do("status", {"id": [session]}, json=json)


def rules(
    part: Annotated[list[str] | None, typer.Argument(metavar="FILTER", help="A part of the name.")] = None,
    *,
    json: _Json = False,
) -> None:
    """Show the rules that can be started."""
    _do("rules", {"filter": part or []}, json=json)


def start(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Its number, its alias, or its exact name.")],
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="The custom data, as one word of the shell.")
    ] = None,
    *,
    channel: Annotated[str, typer.Option(metavar="ID", help="Where its card goes, by id, like C0123456789.")],
    maximum: Annotated[
        str | None, typer.Option("--max", metavar="30m", help="When it is asked to stop for being too long.")
    ] = None,
    again: _Again = False,
    yes: _Yes = False,
    json: _Json = False,
) -> None:
    """Start a session of a rule, at once.

    The bot posts its card when Slack takes it. In a channel from which nothing has come yet it is asked about first.
    """
    words = {"rule": [rule], "max": _given(maximum), "data": _given(data)}
    _do("start", words, channel=channel, json=json, yes=yes, again=again)


def send(
    session: _Session,
    body: Annotated[
        str | None, typer.Argument(metavar="JSON", help="An object or an array, as one word of the shell.")
    ] = None,
    *,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Any text instead, sent as it is: a word of the shell.")
    ] = None,
    again: _Again = False,
    json: _Json = False,
) -> None:
    """Pass JSON or text to a running session, exactly as typed.

    For example `session-bot send 7 --text 0`.
    """
    _do("send", {"id": [session], "text": _given(text), "json": _given(body)}, json=json, again=again)


def stop(
    words: Annotated[list[str], typer.Argument(metavar="ID... [REASON]", help="Which sessions, and why.")],
    *,
    channel: _Summary = None,
    yes: _Yes = False,
    json: _Json = False,
) -> None:
    """Ask sessions to end, and wait for the truth.

    That is until it is confirmed that they did, or clear that it is not. Several are asked about first.
    `session-bot stop-all` chooses them by rule, age, person, origin or silence.
    """
    _do("stop", {"which": words}, channel=channel, json=json, yes=yes)


def stop_all(
    words: _Others = None,
    *,
    older: _Older = None,
    rule: _Rule = None,
    by: _By = None,
    origin: _Origin = None,
    silent: _Silent = None,
    reason: _Reason = None,
    channel: _Channel = None,
    yes: _Yes = False,
    json: _Json = False,
) -> None:
    """Stop all open sessions, or those that are chosen.

    For example `session-bot stop-all --older 30m`.
    """
    narrowed = {"older": older, "rule": rule, "by": by, "origin": origin, "silent": silent, "reason": reason}
    options, where = _options(words, channel, **narrowed)
    _do("stop-all", {"which": ["all", *options]}, channel=where, json=json, yes=yes)


def close(
    session: _Session,
    reason: Annotated[list[str] | None, typer.Argument(metavar="REASON", help="Why.")] = None,
    *,
    json: _Json = False,
) -> None:
    """Close the record of a session that nobody can confirm.

    Nothing is sent. Its end is still watched for, and it can still be stopped while its URL is held.
    """
    _do("close", {"id": [session], "reason": reason or []}, json=json)


def log(session: _Session, *, again: _Again = False, json: _Json = False) -> None:
    """Print the platform's log of a session, cleaned.

    Session URLs, keys and whole phone numbers are taken out. What else is said goes to standard error.
    """
    _do("log", {"id": [session]}, json=json, again=again, aside=True)


def add_to(app: typer.Typer) -> None:
    """Add each verb as a command; all have the same exit codes."""
    functions: dict[str, Callable[..., None]] = {
        "list": list_,
        "find": find,
        "status": status,
        "rules": rules,
        "start": start,
        "send": send,
        "stop": stop,
        "stop-all": stop_all,
        "close": close,
        "log": log,
    }
    for name, function in functions.items():
        app.command(name, cls=BothStyles, help=f"{inspect.getdoc(function)}\n\n{_CODES}")(function)


def _given(word: str | None) -> list[str]:
    return [] if word is None else [word]


def _options(words: list[str] | None, channel: str | None, **given: str | None) -> tuple[list[str], str | None]:
    """Return options as the bot reads them, and the channel that is named; where none is, all are meant."""
    options = [f"{name}={value}" for name, value in given.items() if value is not None]
    options += words or []
    if channel is None or channel.casefold() in {"all", "here"}:
        return [*options, f"channel={channel or 'all'}"], None
    return options, channel


def _do(
    name: str, words: Mapping[str, list[str]], *, channel: str | None = None, again: bool = False, **options: Any
) -> None:
    """Execute the command with these words, by the names of the verb's arguments."""
    from bot.cli.terminal._command import OutputOptions, do  # noqa: PLC0415 - imported only where it is used
    from bot.cli.terminal._execution import TypedCommand, read_words  # noqa: PLC0415 - imported only where it is used

    verb, usage = name.partition("-")[0], f"session-bot {USAGES[name]}"
    typed = TypedCommand(verb=verb, asked=read_words(verb, words), channel=channel, again=again, usage=usage)
    code = do(os.environ, Path.cwd(), typed, OutputOptions(**options))
    raise typer.Exit(shown(code) if name in _LOOKS else code)
