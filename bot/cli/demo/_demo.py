"""`session-bot demo`: the bot in an embedded world, as a page, in the terminal or, with `--tour`, by itself."""

import asyncio
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.cli._console import console_on, until_interrupted
from bot.cli._exit_codes import ExitCode
from bot.cli._streams import STDIN
from bot.cli.demo._bot_process import FASTER, BotEnded, BotProcess, new_bot
from bot.cli.demo._browser import open_in_browser
from bot.cli.demo._hotline import add_quick_hotline
from bot.cli.demo._own_rule import CannotRun, add_rule, canned_answers, stop_config
from bot.cli.demo._prompt import Prompt
from bot.cli.demo._serving import CannotServe, options_of_the_demo, serve
from bot.cli.demo._tour import tour as play_tour
from bot.cli.demo._workplace import LIMITS, furnish, workplace_config
from bot.cli.demo._world import World, open_world
from bot.sandbox.voximplant import default_account

_WORLD: Final = "A small Slack, a small Voximplant, and the real bot between them, all on this machine."
_AT: Final = """\
{world} Open in a browser:

    {url}

{notes}
Ctrl-C ends it all.
"""


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """The options of the demo. The page is served on `port`, where 0 lets the system choose, unless `text` is asked."""

    tour: bool
    text: bool
    opens_browser: bool
    port: int
    scenarios: Sequence[Path]
    rule: str | None
    stop: str | None
    answers: Sequence[str]


def demo(options: DemoOptions) -> int:
    """Run the demo; return the exit code.

    The tour: 0 only if every step passed. The demo: 0 when the person ends it, 1 when the bot does not start or, in the
    terminal, dies. 2 when a rule of the scenarios cannot be made, an answer cannot be read, there is no rule for the
    stop, the port cannot be used, or the tour, which has its own, should play a rule.
    """
    console = console_on(sys.stdout)
    if misuse := _misuse(options):
        return _nothing_done(misuse)
    account = default_account()
    try:
        line = add_rule(account, options.scenarios, options.rule)
        config = "" if options.stop is None else stop_config(account, options.stop)
        hotline = add_quick_hotline(account)
        opened = open_world(account=account, answers=canned_answers(options.answers))
    except CannotRun as problem:
        return _nothing_done(str(problem))
    if options.tour:
        return asyncio.run(until_interrupted(play_tour(console), interrupted=ExitCode.problem))
    notes = [FASTER, LIMITS] if line is None else [FASTER, LIMITS, f"Your rule: {line}", _hint(options.scenarios)]

    def bot_of(world: World) -> BotProcess:
        return new_bot(world, hotline, f"{workplace_config(world)}\n{config}")

    stay = (
        _as_text(console, opened, bot_of, notes) if options.text else _as_page(console, opened, bot_of, notes, options)
    )
    try:
        code = asyncio.run(until_interrupted(stay, interrupted=0))
    except CannotServe as problem:
        return _nothing_done(str(problem))
    except BotEnded as ended:
        console.print(Text(str(ended), style="red"), soft_wrap=True)
        code = ExitCode.problem
    console.print("\nThe demo is over, and nothing of it is left.")
    return code


def _misuse(options: DemoOptions) -> str | None:
    """Return a sentence about options that have no effect together."""
    of_a_rule = bool(options.scenarios or options.answers) or options.rule is not None or options.stop is not None
    of_the_page = bool(options.port) or not options.opens_browser
    if options.tour and (of_a_rule or options.text or of_the_page):
        return "The tour plays the scenarios that ship, in the terminal: leave all other options away."
    if options.text and of_the_page:
        return "--text has no page: leave --port and --no-open away."
    if options.stop is not None and not options.scenarios:
        return "--stop is that of the rule of --scenario files, and there are none."
    return None


def _nothing_done(why: str) -> int:
    console_on(sys.stderr).print(Text(why), soft_wrap=True)
    return ExitCode.nothing_done


def _hint(scenarios: Sequence[Path]) -> str:
    return f"Whether it listens to a stop: session-bot scenario check {shlex.join(map(str, scenarios))}"


async def _as_page(
    console: Console,
    opened: AbstractAsyncContextManager[World],
    bot_of: Callable[[World], BotProcess],
    notes: Sequence[str],
    options: DemoOptions,
) -> int:
    """Serve the page until a signal, whatever becomes of the bot once it was connected, or of standard input."""
    async with opened as world:
        furnish(world)
        bot = bot_of(world)
        async with (
            serve(world, options_of_the_demo(world, bot, [_WORLD, *notes], options.port)) as page,
            bot.connected(),
        ):
            console.print(Text(_AT.format(world=_WORLD, url=page.url, notes="\n".join(notes))), soft_wrap=True)
            if options.opens_browser:
                open_in_browser(page.url)
            await asyncio.Event().wait()  # until a signal cancels it
    return 0


async def _as_text(
    console: Console,
    opened: AbstractAsyncContextManager[World],
    bot_of: Callable[[World], BotProcess],
    notes: Sequence[str],
) -> int:
    """Run typed lines until `quit` or the end of input, after which nobody could reach this world any more.

    Lines typed before are still run. Raises BotEnded when the bot dies.
    """
    async with opened as world:
        furnish(world)
        async with bot_of(world).connected() as bot:
            console.print(Text("\n".join(notes)), soft_wrap=True)
            await bot.unless_it_ends(_play(Prompt(console, world, STDIN)))
    return 0


async def _play(prompt: Prompt) -> None:
    if not await prompt.run():
        await prompt.until_quiet()
