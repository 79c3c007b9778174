"""The real bot as a process of its own, for the demo: started, watched, killed, started again, and always ended."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any, Final, Self, TypeVar

from bot.cli.demo._hotline import BEAT_S, hotline_config, hotline_environ
from bot.cli.demo._world import World
from bot.process import Redactor
from bot.sandbox.voximplant import Rule

T = TypeVar("T")

STOP_S: Final = 20.0
"""The time limit of draining after SIGTERM; the bot promises 17 s: acks, work, and its last messages."""

PUT_ON: Final = "on"
"""The word of a line on its standard input: `on 300` puts its clock on by 300 s."""

CONFIRM_S: Final = 5
WATCH_S: Final = 1
DIRECTORY_S: Final = 2
"""Shorter than in life (60 s, 15 s, 30 s), so that nobody has to wait for the truth about a stuck session."""

FASTER: Final = (
    f"Faster than life: a stop counts as not confirmed after {CONFIRM_S} s (60 s), sessions of the hotline announce"
    f" themselves every {BEAT_S} s (60 s), and the bot reads that every {DIRECTORY_S} s (30 s)."
)

_CONNECTED_WITHIN_S: Final = 30.0
_CUT_OFF_WITHIN_S: Final = 5.0
"""The time for which a killed process may still look connected."""

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
_LINES_OF_STATE: Final = 3


class BotEnded(Exception):  # noqa: N818 - it is what happened; the text says how
    """The bot's process ended while the demo still needed it; its last words may give the reason."""

    def __init__(self, code: int, last_words: list[str]) -> None:
        super().__init__(_said_at_its_end(code, last_words))


class BotProcess:
    """`session-bot run` in this world, as in production; what is started again has the same database and settings.

    Its log goes to a file and is shown only on request.
    """

    def __init__(self, world: World, environ: dict[str, str]) -> None:
        self._world = world
        self._environ = environ
        self._log_file = world.folder / "bot.log"
        self._redactor = Redactor([environ[name] for name in environ if name.endswith(("_TOKEN", "_SECRET"))])
        self._process: asyncio.subprocess.Process | None = None
        self._exit: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._starting = asyncio.Lock()
        self.state = "The bot starts."
        """The process in a sentence; of one that ended also its exit code and the end of its log."""

    @property
    def running(self) -> bool:
        """True while the process runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """The exit code of the process; None while it runs."""
        return self._exit.result() if self._exit.done() else None

    async def start(self) -> None:
        """Start the process, unless it runs, and wait until it is connected, has ended, or takes too long."""
        async with self._starting:
            if self.running:
                return
            with contextlib.suppress(AssertionError):  # it says that another bot is connected, too
                await self._world.slack.disconnected(_CUT_OFF_WITHIN_S)
            with self._log_file.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "bot.cli.demo._child", str(self._world.clock.ahead_s),
                    env=self._environ, cwd=self._world.folder,
                    stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log,
                    process_group=0,  # Ctrl-C is for the demo, which then stops the bot itself
                )  # fmt: skip
            self.state = "The bot runs."
            self._exit = asyncio.ensure_future(self._process.wait())
            self._exit.add_done_callback(self._show_end)
            with contextlib.suppress(BotEnded, AssertionError):  # its state says so
                await self.unless_it_ends(self._world.slack.connected(_CONNECTED_WITHIN_S))

    async def unless_it_ends(self, work: Awaitable[T]) -> T:
        """Wait for `work`; raises BotEnded as soon as the bot ends before that."""
        task = asyncio.ensure_future(work)
        try:
            either: set[asyncio.Future[Any]] = {task, self._exit}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise BotEnded(self._exit.result(), self.last_words())
            return task.result()
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def put_on(self, seconds: float) -> None:
        """Put the clock of the process on by these seconds; one that is started later goes by the world's."""
        if self._process is not None and self._process.stdin is not None and self.running:
            with contextlib.suppress(OSError):  # it has just ended
                self._process.stdin.write(f"{PUT_ON} {seconds}\n".encode())
                await self._process.stdin.drain()

    def alarms(self) -> list[str]:
        """Return the lines of its log that should not be there: errors, and the first line of tracebacks."""
        return [line for line in self._log() if any(alarm in line for alarm in _ALARMS)]

    def last_words(self) -> list[str]:
        """Return the end of its log, without any secret."""
        return self._log()[-_LAST_LINES:]

    async def stop(self) -> int:
        """Send SIGTERM, wait until it has drained, return its exit code; one that stays is killed."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                return await asyncio.shield(self._exit)
        self._signal(signal.SIGKILL)
        return await asyncio.shield(self._exit)

    async def kill(self) -> None:
        """Kill the process, as a crash would."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            await asyncio.shield(self._exit)

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[Self]:
        """Start the bot and wait until it is connected; it always ends with this context, however often it is started.

        Raises BotEnded when it does not start.
        """
        try:
            await self.start()
            if self.exit_code is not None:
                raise BotEnded(self.exit_code, self.last_words())
            yield self
            await self.stop()
        finally:
            await self.kill()

    def _show_end(self, ended: asyncio.Future[int]) -> None:
        if not ended.cancelled():
            self.state = _said_at_its_end(ended.result(), self.last_words()[-_LINES_OF_STATE:])
            self._world.slack.workspace.changes.notify()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.running:
            with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                self._process.send_signal(number)

    def _log(self) -> list[str]:
        text = self._log_file.read_text(encoding="utf-8", errors="replace")
        return self._redactor.scrub(text).splitlines()


def new_bot(world: World, hotline: Rule, config: str = "") -> BotProcess:
    """Return the bot of this world, with its settings and no others; it is not started yet.

    Its `session-bot.toml` has the world's channel as the home of the hotline's sessions, and then this `config`.
    """
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    home = hotline_config(hotline, world.channel)
    (world.folder / "session-bot.toml").write_text(f"{home}\n{config}", encoding="utf-8")
    of_the_hotline = hotline_environ(world.platform.account)
    return BotProcess(world, {**inherited, **world.environ, **_OF_THE_DEMO, **of_the_hotline})


def _said_at_its_end(code: int, last_words: Sequence[str]) -> str:
    if code == -signal.SIGKILL:
        return f"The bot ended with exit code {code}: it was killed, and could say nothing more."
    by = f", by signal {-code}" if code < 0 else ""
    return "\n".join([f"The bot ended with exit code {code}{by}. The last that it said:", *last_words])
