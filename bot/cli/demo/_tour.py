"""`session-bot demo --tour`: the main job, played step by step, shown and checked."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from bot.cli._exit_codes import ExitCode
from bot.cli.demo._bot_process import FASTER, BotEnded, BotProcess, new_bot
from bot.cli.demo._hotline import add_quick_hotline
from bot.cli.demo._main_job import MAIN_JOB
from bot.cli.demo._play import StepFailed, play
from bot.cli.demo._screen import Screen
from bot.cli.demo._steps import Step
from bot.cli.demo._world import World, open_world
from bot.sandbox.voximplant import default_account

PATIENCE_S: Final = 60.0
"""The time limit of a step: Slack takes fifty updates a minute, and the tour is a night in half of one."""


async def tour(console: Console, steps: Sequence[Step] = MAIN_JOB, *, patience_s: float = PATIENCE_S) -> int:
    """Play the steps; return exit code 0 if every one passed and the bot neither died nor logged an error."""
    began = time.monotonic()
    account = default_account()
    hotline = add_quick_hotline(account)
    _say(console, "", FASTER, "")
    try:
        async with open_world(account=account) as world, new_bot(world, hotline).connected() as bot:
            try:
                await bot.unless_it_ends(_play_all(console, world, steps, patience_s))
                await _end(bot)
            except (StepFailed, BotEnded) as wrong:
                _say(console, "red", f"✗ {wrong}", *_evidence(world, bot))
                return ExitCode.problem
    except BotEnded as ended:
        _say(console, "red", f"✗ {ended}")
        return ExitCode.problem
    _say(console, "bold green", f"✓ All {len(steps)} steps came out right, in {time.monotonic() - began:.0f} s.")
    return 0


async def _play_all(console: Console, world: World, steps: Sequence[Step], patience_s: float) -> None:
    screen = Screen(console, world.slack, world.channel)
    following = asyncio.create_task(screen.follow())
    try:
        for number, step in enumerate(steps, 1):
            _say(console, "bold magenta", f"── {number}/{len(steps)} {step.title}", "")
            try:
                happened = await play(step, world, screen, patience_s=patience_s)
            finally:
                screen.show()
            _say(console, "green", f"✓ As expected; {happened}.", "")
    finally:
        following.cancel()


async def _end(bot: BotProcess) -> None:
    """Stop the bot as an operator would, and check its log for errors."""
    code = await bot.stop()
    if code != 0:
        raise StepFailed(expected="exit code 0 when the bot is told to stop", seen=str(code))
    if alarms := bot.alarms():
        raise StepFailed(expected="no error in the bot's log", seen="\n".join(alarms))


def _evidence(world: World, bot: BotProcess) -> Iterable[str]:
    return ["", "The conversation:", world.slack.conversation(), "", "The end of the bot's log:", *bot.last_words()]


def _say(console: Console, style: str, *lines: str) -> None:
    console.print(Text("\n".join(lines), style=style), soft_wrap=True)
