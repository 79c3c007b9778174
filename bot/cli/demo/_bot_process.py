"""The real bot as a process of its own, for the demo: started, watched while it runs, and always ended."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Final, TypeVar

from bot.cli.demo._hotline import BEAT_S, hotline_config, hotline_environ
from bot.cli.demo._world import World
from bot.process import Redactor
from bot.sandbox.voximplant import Rule

T = TypeVar("T")

STOP_S: Final = 20.0
"""The time limit of draining after SIGTERM; the bot promises 17 s: acks, work, and its last messages."""

CONFIRM_S: Final = 5
WATCH_S: Final = 1
DIRECTORY_S: Final = 2
"""Shorter than in life (60 s, 15 s, 30 s), so that nobody has to wait for the truth about a stuck session."""

FASTER: Final = (
    f"Faster than in life: the bot reads every {DIRECTORY_S} s which sessions announce themselves (30 s), those of the"
    f" hotline do so every {BEAT_S} s (60 s), and a stop counts as not confirmed after {CONFIRM_S} s (60 s)."
)

_CONNECTED_WITHIN_S: Final = 30.0
_INHERITED: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH")
"""The variables that Python may need to start. No others: no proxy, and no token of a real workspace, gets in."""

_OF_THE_DEMO: Final = {
    "SESSION_BOT_OPS_PORT": "0",
    "SESSION_BOT_CONFIRM_SECONDS": str(CONFIRM_S),
    "SESSION_BOT_WATCH_SECONDS": str(WATCH_S),
    "SESSION_BOT_DIRECTORY_SECONDS": str(DIRECTORY_S),
}

_ALARMS: Final = ("Traceback (most recent call last)", " ERROR ", " CRITICAL ")
_LAST_LINES: Final = 20


class BotEnded(Exception):  # noqa: N818 - it is what happened; the text says how
    """The bot's process ended while the demo still needed it; its last words may give the reason."""

    def __init__(self, code: int, last_words: list[str]) -> None:
        super().__init__("\n".join([f"The bot ended with exit code {code}. The last that it said:", *last_words]))


class BotProcess:
    """`session-bot run`, as in production. Its log goes to a file and is shown only on request."""

    def __init__(self, process: asyncio.subprocess.Process, log_file: Path, redactor: Redactor) -> None:
        self._process = process
        self._log_file = log_file
        self._redactor = redactor
        self._exit = asyncio.ensure_future(process.wait())

    async def unless_it_ends(self, work: Awaitable[T]) -> T:
        """Wait for `work`; raises BotEnded as soon as the bot ends before that."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task, self._exit}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise BotEnded(self._exit.result(), self.last_words())
            return task.result()
        finally:
            task.cancel()
            await asyncio.wait({task})

    def alarms(self) -> list[str]:
        """Return the lines of its log that should not be there: errors, and the first line of tracebacks."""
        return [line for line in self._log() if any(alarm in line for alarm in _ALARMS)]

    def last_words(self) -> list[str]:
        """Return the end of its log, without any secret."""
        return self._log()[-_LAST_LINES:]

    async def stop(self) -> int:
        """Send SIGTERM, wait until it has drained, return its exit code; one that stays is killed."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                return await asyncio.shield(self._exit)
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        """Kill it, if it still runs; return its exit code."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        return await asyncio.shield(self._exit)

    def _log(self) -> list[str]:
        text = self._log_file.read_text(encoding="utf-8", errors="replace")
        return self._redactor.scrub(text).splitlines()


@contextlib.asynccontextmanager
async def bot_in(world: World, hotline: Rule, config: str = "") -> AsyncIterator[BotProcess]:
    """Run the bot in this world, with its settings and no others, and wait until it is connected.

    Its `session-bot.toml` has the world's channel as the home of the hotline's sessions, and then this `config`.
    The process always ends with this context. Raises BotEnded when it does not start.
    """
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    home = hotline_config(hotline, world.channel)
    (world.folder / "session-bot.toml").write_text(f"{home}\n{config}", encoding="utf-8")
    of_the_hotline = hotline_environ(world.platform.account)
    log_file = world.folder / "bot.log"
    with log_file.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli.demo._child", "run",
            env={**inherited, **world.environ, **_OF_THE_DEMO, **of_the_hotline}, cwd=world.folder,
            stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log,
            process_group=0,  # Ctrl-C is for the demo, which then stops the bot itself
        )  # fmt: skip
    bot = BotProcess(process, log_file, Redactor((world.slack.bot_token, world.slack.app_token)))
    try:
        await bot.unless_it_ends(world.slack.connected(_CONNECTED_WITHIN_S))
        yield bot
        await bot.stop()
    finally:
        await bot.kill()
