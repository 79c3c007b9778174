"""`session-bot` as a process of its own, forked from one that has its modules: reading them takes half a second.

A test asks such a process the same as any: for its id, its streams and its exit code, by signals, too. That the
program starts from nothing is asked where only that is, by `python -m bot`.
"""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import IO, Any, Final

_SERVER: Final = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [
        __name__,
        "bot.cli.database._audit",
        "bot.cli._run",
        "bot.cli.demo",
        "bot.cli.doctor._doctor",
        "bot.cli.scenario.check",
        "bot.cli.terminal._command",
    ]
)


CLOSED: Final = -9
"""A stream that the process has not got: its descriptor is closed."""


class Forked:
    """A process that was started here, as `subprocess.Popen` would give it; its streams are text."""

    def __init__(
        self, arguments: Sequence[str], *, environ: Mapping[str, str], cwd: Path | None = None,
        stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL, stderr: int = subprocess.DEVNULL,
        user: int | None = None,
    ) -> None:  # fmt: skip
        """Start `session-bot` with nothing but this environment.

        A stream is a descriptor, CLOSED, or one of PIPE, DEVNULL and STDOUT.
        """
        self.stdin: IO[str] | None = None
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None
        with ExitStack() as theirs:
            streams = [self._stream(theirs, *each) for each in (("stdin", stdin), ("stdout", stdout))]
            streams.append(streams[1] if stderr == subprocess.STDOUT else self._stream(theirs, "stderr", stderr))
            sent = [None if each == CLOSED else _Sent(each) for each in streams]
            self._process: ForkServerProcess = _SERVER.Process(
                target=_main, args=(list(arguments), str(cwd or Path.cwd()), dict(environ), sent, user)
            )
            self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def _stream(self, theirs: ExitStack, name: str, wanted: int) -> int:
        """Return the process's end of a stream; this one's end of a pipe becomes an attribute."""
        if wanted >= 0 or wanted == CLOSED:
            return wanted
        if wanted == subprocess.DEVNULL:
            opened = os.open(os.devnull, os.O_RDWR)
        else:
            ours, opened = os.pipe() if name != "stdin" else os.pipe()[::-1]
            setattr(self, name, open(ours, "w" if name == "stdin" else "r", encoding="utf-8"))  # noqa: PTH123, SIM115 - a pipe
        theirs.callback(os.close, opened)
        return opened

    @property
    def returncode(self) -> int | None:
        """Return the exit code, None while it runs; of a process that a signal ended it is below 0."""
        return self._process.exitcode

    def send_signal(self, told: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, told)

    def kill(self) -> None:
        """End it at once, and close what is left of its streams."""
        self.send_signal(signal.SIGKILL)
        self.wait()
        for each in (self.stdin, self.stdout, self.stderr):
            if each is not None:
                each.close()

    def communicate(self, typed: str) -> str:
        """Type, end the input, and read standard output to its end."""
        assert self.stdin is not None
        assert self.stdout is not None
        self.stdin.write(typed)
        self.stdin.close()
        read = self.stdout.read()
        self.wait()
        return read

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends; return its exit code."""
        self._process.join(timeout)
        assert self.returncode is not None, "it did not end in time"
        return self.returncode

    async def ended(self) -> int:
        """Wait until it ends, while other tasks run; return its exit code."""
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        return self.wait()


class _Sent:
    """A descriptor that goes along to the process when that is started."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (DupFd(self._descriptor),)


def _received(sent: Any) -> int:
    return int(sent.detach())


def _main(arguments: list[str], cwd: str, environ: dict[str, str], streams: list[int | None], user: int | None) -> None:
    """Be `session-bot` in a process that was made for it."""
    from bot.cli import main  # noqa: PLC0415 - what starts a process need not have it

    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    for number, (name, given) in enumerate(zip(("stdin", "stdout", "stderr"), streams, strict=True)):
        if given is None:  # as Python finds it when it starts
            os.close(number)
            setattr(sys, name, None)
            continue
        os.dup2(given, number)
        os.close(given)
        setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115 - as long as the process
    sys.argv = ["session-bot", *arguments]
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    main()
