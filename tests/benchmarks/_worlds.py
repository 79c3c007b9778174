"""The world outside in a process of its own: Slack, the platform, or both, so that a contender has its core alone.

    async with world(folder, "slack", "platform") as outside:
        async with running(folder, [sys.executable, "-m", "bot", "run"], outside.environ) as bot:
            await outside.ask("connected")
            acks = await outside.type(["status"] * 100)

It is driven by JSON lines over its streams; `_world_process` has the actions that it knows.
"""

import asyncio
import contextlib
import itertools
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks._figures import MISSED_MS

_LONGEST_LINE = 2**26


class World:
    """The world of one process. `environ` are the settings with which a program finds it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.environ: Mapping[str, str] = {}
        self._process = process
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())

    async def ask(self, action: str, **given: Any) -> Any:
        """Do an action there, and return its result; several may run at once. Raise RuntimeError if it fails."""
        number, result = next(self._numbers), asyncio.get_running_loop().create_future()
        self._waiting[number] = result
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"number": number, "action": action, "given": given}).encode() + b"\n")
        await self._process.stdin.drain()
        return await result

    async def type(self, texts: Sequence[str], *, per_second: float | None = None) -> list[float]:
        """Type slash commands, all at once or so many a second; return the milliseconds until each ack."""
        acks = await self.ask("type", texts=list(texts), per_second=per_second)
        return [MISSED_MS if each is None else each for each in acks]

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            waiting = self._waiting.pop(told["number"])
            if "error" in told:
                waiting.set_exception(RuntimeError(told["error"]))
            else:
                waiting.set_result(told["result"])
        for waiting in self._waiting.values():
            waiting.set_exception(RuntimeError("the world has ended"))


class Program:
    """A running program, and the part of it that can be seen from outside."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._seen = psutil.Process(process.pid)
        self.began = time.monotonic()

    @property
    def cpu_s(self) -> float:
        """Return the seconds of processor time so far."""
        spent = self._seen.cpu_times()
        return float(spent.user + spent.system)

    @property
    def memory_mb(self) -> float:
        """Return the memory that it has now."""
        return float(self._seen.memory_info().rss / 2**20)

    @property
    def descriptors(self) -> int:
        """Return the number of its open descriptors."""
        return int(self._seen.num_fds())


@contextlib.asynccontextmanager
async def world(folder: Path, *sides: str) -> AsyncIterator[World]:
    """Run a world with these sides, `slack` and `platform`; it puts what a program must read into the folder."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks._world_process", folder, *sides,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE,
    )  # fmt: skip
    outside = World(process)
    try:
        outside.environ = await outside.ask("environ")
        yield outside
    finally:
        await _end(process)


@contextlib.asynccontextmanager
async def running(folder: Path, command: Sequence[str | Path], environ: Mapping[str, str]) -> AsyncIterator[Program]:
    """Run a program in the folder, with this environment and its errors in a file, and kill it at the end."""
    everyone = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())}
    with (folder / "errors.log").open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env={**everyone, **environ}, stdout=asyncio.subprocess.DEVNULL, stderr=errors
        )
    try:
        yield Program(process)
    finally:
        await _end(process)


def bot() -> list[str]:
    """Return the command that runs the bot."""
    return [sys.executable, "-m", "bot", "run"]


def slow_commits() -> list[str]:
    """Return the command that runs the bot on a disk with slow commits."""
    return [sys.executable, "-m", "tests.benchmarks._slow_commits", "run"]


def contender(name: str) -> list[str]:
    """Return the command that runs one of `_contenders`."""
    return [sys.executable, str(Path(__file__).parent / "_contenders" / f"{name}.py")]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
