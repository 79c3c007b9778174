"""The page of the embedded world, served, or one sentence about why it cannot be."""

import contextlib
import errno
from collections.abc import AsyncIterator, Sequence

from bot.cli.demo._bot_process import BotProcess
from bot.cli.demo._check import check_scenarios
from bot.cli.demo._commands import command_helps
from bot.cli.demo._workplace import ABOUT, FIRST_STEPS
from bot.cli.demo._world import World
from bot.sandbox.page import Page, PageOptions


class CannotServe(Exception):  # noqa: N818 - it says what it is about
    """The page's port cannot be used; the text is one sentence."""


def options_of_the_demo(world: World, bot: BotProcess, notes: Sequence[str] = (), port: int = 0) -> PageOptions:
    """Return the options of a page that has all the demo has: its people, first steps, commands, check and bot."""
    return PageOptions(
        port=port,
        notes=notes,
        steps=FIRST_STEPS,
        about=ABOUT,
        clock=world.clock,
        commands=command_helps(),
        check=check_scenarios,
        bot=bot,
    )


@contextlib.asynccontextmanager
async def serve(world: World, options: PageOptions) -> AsyncIterator[Page]:
    """Serve the page of this world. Raises CannotServe."""
    async with contextlib.AsyncExitStack() as exits:
        try:
            page = await exits.enter_async_context(Page(world.slack, world.platform, options))
        except OSError as problem:
            raise CannotServe(_why_not(problem, options.port)) from None
        yield page


def _why_not(problem: OSError, port: int) -> str:
    if port == 0 or problem.errno not in {errno.EADDRINUSE, errno.EACCES}:
        return f"The page cannot be served: {problem.strerror}."
    what = "in use" if problem.errno == errno.EADDRINUSE else "not for everybody to use"
    return f"The port {port} is {what}: give another --port."
