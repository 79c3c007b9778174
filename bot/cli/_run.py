"""`session-bot run`: settings, logging, signals, and the exit code."""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Mapping
from pathlib import Path

from bot.cli._secrets import secrets
from bot.cli._setup_problems import report_problems, report_setting_problems, storage_sentence
from bot.config import Settings, SettingsProblems, load_settings, misspelt_variables, setting_descriptions
from bot.life.app import Bot
from bot.process import AcceptErrorHandler, Clock, Redactor, Tasks, install_logging, raise_descriptor_limit
from bot.process.ops import CannotListen
from bot.slack.api import WrongToken
from bot.voximplant.errors import CredentialsUnusable
from storage.errors import StorageError
from storage.sealing import BadKey

_CANNOT_RUN = (CannotListen, WrongToken, CredentialsUnusable, BadKey, StorageError)


def run(environ: Mapping[str, str], cwd: Path, clock: Clock | None = None) -> int:
    """Run until a signal, by this clock or the machine's; return the exit code."""
    try:
        settings = load_settings(environ, cwd)
    except SettingsProblems as wrong:
        return report_setting_problems(wrong.problems)
    install_logging(settings.log_level, Redactor(secrets(settings)))
    raise_descriptor_limit()
    for doubt in misspelt_variables(environ, setting_descriptions()):
        logging.getLogger(__name__).warning("%s", doubt)
    return asyncio.run(_run_until_signal(settings, clock))


async def _run_until_signal(settings: Settings, clock: Clock | None) -> int:
    """Start, wait for SIGTERM or SIGINT (also while starting), and stop; Bolt handles no signals itself."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(AcceptErrorHandler())
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, told.set)
    tasks = Tasks()
    tasks.acks.hold_up(gc.disable, gc.enable)
    bot = Bot(settings, clock, tasks)
    starting, waiting = asyncio.create_task(bot.start()), asyncio.create_task(told.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        try:
            await starting
        except (*_CANNOT_RUN, OSError) as problem:
            waiting.cancel()
            return report_problems(_sentence(problem))
        await waiting
    logging.getLogger(__name__).info("stopping: what runs may finish")
    await bot.stop()
    return 0


def _sentence(problem: Exception) -> str:
    """Return the problem in one line; the system's own errors name their file, if there is one."""
    if isinstance(problem, StorageError):
        return storage_sentence(problem)
    if not isinstance(problem, OSError) or isinstance(problem, _CANNOT_RUN):
        return str(problem)
    place = f" ({problem.filename})" if problem.filename else ""
    return f"The bot cannot start: {problem.strerror or type(problem).__name__}{place}."
