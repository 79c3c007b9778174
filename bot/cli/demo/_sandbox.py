"""`session-bot sandbox`: the embedded world without a bot, and the environment for a bot or any other client.

Standard output has that environment and nothing else; people read standard error. The secrets it prints are the
sandbox's own, made to be handed out.
"""

import asyncio
import contextlib
import errno
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.cli._console import console_on, until_interrupted
from bot.cli._exit_codes import ExitCode
from bot.cli._manifest import CannotMake, request_url
from bot.cli._streams import STDIN
from bot.cli.demo._check import check_scenarios
from bot.cli.demo._hotline import add_hotline
from bot.cli.demo._own_rule import CannotRun, add_rule, canned_answers
from bot.cli.demo._prompt import Prompt
from bot.cli.demo._workplace import furnish
from bot.cli.demo._world import Ports, World, open_world, write_secret
from bot.sandbox.page import Page, PageOptions
from bot.sandbox.slack import Channel
from bot.sandbox.voximplant import METHODS, Account, default_account

_HINT: Final = """\
A small Slack and a small Voximplant run on this machine. Their secrets, {where}, are made for this sandbox and
end with it; none of them opens anything else.

{how}

Its page is {url}: choose there whom to act as.
Its channel #{channel.name} is {channel.id}: the home, say, of sessions of the rule hotline, which announce themselves.
Until a bot is there, Slack answers a command with "dispatch_failed". Ctrl-C or quit ends it all.
"""
_BY_HAND: Final = """\
Put these variables into the environment of a second terminal, and start a bot there: session-bot run
(The option --environment FILE writes them to a file for that.)"""
_BY_FILE: Final = """\
In a second terminal:
    set -a; . {file}; set +a
    session-bot run"""


class CannotStart(Exception):  # noqa: N818 - it says what it is about
    """The sandbox cannot be set up with these options; the text is one sentence."""


@dataclass(frozen=True, kw_only=True)
class SandboxOptions:
    """The options of the sandbox. `port` is the first of five in a row, or 0 for ports of the system's choice.

    With `http` Slack sends payloads there, instead of waiting for a connection. With `environment` the lines go to
    that file, which must not exist yet and is removed at the end. With `answer_bodies` a request to a session is
    answered with its scenario's return value; `answers` say URL=FILE, for the scenarios' own requests. `forbidden` are
    the methods for which the service account has no role.
    """

    port: int
    http: str | None
    environment: Path | None
    answer_bodies: bool
    answers: Sequence[str]
    scenarios: Sequence[Path]
    rule: str | None
    forbidden: Sequence[str]


def sandbox(options: SandboxOptions) -> int:
    """Run the sandbox until a signal or `quit`; return the exit code."""
    ports = Ports.starting_at(options.port) if options.port else Ports()
    console = console_on(sys.stderr)
    account = default_account()
    try:
        url = "" if options.http is None else request_url(options.http)
        line = add_rule(account, options.scenarios, options.rule)
        add_hotline(account)
        _forbid(account, options.forbidden)
        canned = canned_answers(options.answers)
        opened = open_world(ports, url, answer_bodies=options.answer_bodies, account=account, answers=canned)
        stay = _stay(console, opened, ports, options.environment, line)
        return asyncio.run(until_interrupted(stay, interrupted=0))
    except (CannotStart, CannotRun, CannotMake) as problem:
        console.print(Text(str(problem)), soft_wrap=True)
        return ExitCode.nothing_done


def _forbid(account: Account, methods: Sequence[str]) -> None:
    """Remove the role for these methods from the service account. Raises CannotStart for what is no method."""
    for method in methods:
        if method not in METHODS:
            near = "".join(f" Did you mean {each}?" for each in get_close_matches(method, METHODS, n=1))
            raise CannotStart(f"The sandbox has no method {method} to forbid.{near}")
    account.forbidden.update(methods)


async def _stay(
    console: Console,
    opened: AbstractAsyncContextManager[World],
    ports: Ports,
    environment: Path | None,
    line: str | None,
) -> int:
    """Stay until `quit`: after the end of input the sandbox is still served on its ports."""
    async with contextlib.AsyncExitStack() as exits:
        try:
            world = await exits.enter_async_context(opened)
            furnish(world)
            shown = PageOptions(port=ports.page, clock=world.clock, check=check_scenarios)
            page = await exits.enter_async_context(Page(world.slack, world.platform, shown))
        except OSError as problem:
            raise CannotStart(_why_no_world(problem, ports)) from None
        exits.enter_context(_published(world, environment))
        console.print(Text(_hint(environment, world.channel, page.url)), soft_wrap=True)
        if line is not None:
            console.print(Text(f"Your rule: {line}\n"), soft_wrap=True)
        prompt = Prompt(console, world, STDIN)
        if not await prompt.run():
            await prompt.follow()
    return 0


@contextlib.contextmanager
def _published(world: World, environment: Path | None) -> Iterator[None]:
    """Publish the environment, and remove its file at the end."""
    text = lines(world.environ)
    if environment is None:
        print(text, end="", flush=True)  # noqa: T201 - this is what the command prints
        yield
        return
    try:
        write_secret(environment, text)
    except FileExistsError:
        msg = f"{environment} is there already, and nothing was written over it: remove it, or name another file."
        raise CannotStart(msg) from None
    except OSError as problem:
        raise CannotStart(f"{environment} cannot be written: {problem.strerror}.") from None
    try:
        yield
    finally:
        environment.unlink(missing_ok=True)


def lines(environ: Mapping[str, str]) -> str:
    """Return an environment as a shell reads it, one `NAME=value` a line; only unusual values are quoted."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in environ.items())


def _hint(environment: Path | None, channel: Channel, url: str) -> str:
    if environment is None:
        return _HINT.format(where="above", how=_BY_HAND, channel=channel, url=url)
    file = shlex.quote(str(environment.resolve()))
    return _HINT.format(where=f"in {file}", how=_BY_FILE.format(file=file), channel=channel, url=url)


def _why_no_world(problem: OSError, ports: Ports) -> str:
    if ports == Ports() or problem.errno not in {errno.EADDRINUSE, errno.EACCES}:
        return f"The sandbox cannot start: {problem.strerror}."
    what = "in use" if problem.errno == errno.EADDRINUSE else "not for everybody to use"
    return f"A port of {ports.slack} to {ports.page} is {what}: give another --port."
