"""`session-bot demo`: the bot in an embedded world, for a person or, with `--tour`, by itself."""

import asyncio
import contextlib
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.cli._console import console_on, until_interrupted
from bot.cli._exit_codes import ExitCode
from bot.cli._streams import STDIN
from bot.cli.demo._bot_process import FASTER, BotEnded, BotProcess, bot_in
from bot.cli.demo._hotline import add_quick_hotline
from bot.cli.demo._own_rule import CannotRun, add_rule, canned_answers, stop_config
from bot.cli.demo._prompt import Prompt
from bot.cli.demo._tour import tour as play_tour
from bot.cli.demo._world import World, open_world
from bot.sandbox.voximplant import default_account


def demo(*, tour: bool, scenarios: Sequence[Path], rule: str | None, stop: str | None, answers: Sequence[str]) -> int:
    """Run the demo; return the exit code.

    The tour: 0 only if every step passed. The demo: 0 when the person ends it, 1 when the bot dies. 2 when a rule of
    the `scenarios` cannot be made, an answer cannot be read, there is no rule for the `stop`, or the tour, which has
    its own, should play one.
    """
    console = console_on(sys.stdout)
    if tour and (scenarios or rule is not None or stop is not None or answers):
        return _nothing_done("The tour plays the scenarios that ship: leave all other options away.")
    if stop is not None and not scenarios:
        return _nothing_done("--stop is that of the rule of --scenario files, and there are none.")
    account = default_account()
    try:
        line = add_rule(account, scenarios, rule)
        config = "" if stop is None else stop_config(account, stop)
        hotline = add_quick_hotline(account)
        opened = open_world(account=account, answers=canned_answers(answers))
    except CannotRun as problem:
        return _nothing_done(str(problem))
    if tour:
        return asyncio.run(until_interrupted(play_tour(console), interrupted=ExitCode.problem))
    says = FASTER if line is None else f"{FASTER}\n\nYour rule: {line}\n{_hint(scenarios)}\n"
    run_bot = partial(bot_in, hotline=hotline, config=config)
    code = asyncio.run(until_interrupted(_stay(console, STDIN, opened, says, run_bot), interrupted=0))
    console.print("\nThe demo is over, and nothing of it is left.")
    return code


def _nothing_done(why: str) -> int:
    console_on(sys.stderr).print(Text(why), soft_wrap=True)
    return ExitCode.nothing_done


def _hint(scenarios: Sequence[Path]) -> str:
    return f"Whether it listens to a stop: session-bot scenario check {shlex.join(map(str, scenarios))}"


async def _stay(
    console: Console,
    descriptor: int,
    opened: AbstractAsyncContextManager[World],
    says: str,
    run_bot: Callable[[World], AbstractAsyncContextManager[BotProcess]],
) -> int:
    """Run typed lines until `quit` or the end of input; exit code 1 only when the bot dies.

    The end of input is the end of the demo, also where there never was a terminal (CI, `< /dev/null`): nothing
    else can reach this world, so that waiting would never end. Lines typed before are still run.
    """
    try:
        async with contextlib.AsyncExitStack() as exits:
            world = await exits.enter_async_context(opened)
            bot = await exits.enter_async_context(run_bot(world))
            console.print(Text(says), soft_wrap=True)
            await bot.unless_it_ends(_play(Prompt(console, world, descriptor)))
    except BotEnded as ended:
        console.print(Text(str(ended), style="red"), soft_wrap=True)
        return ExitCode.problem
    return 0


async def _play(prompt: Prompt) -> None:
    if not await prompt.run():
        await prompt.until_quiet()
