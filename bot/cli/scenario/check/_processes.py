"""The child process of a check, as its parent sees it: jobs go in, results come out, and it ends with the parent."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from bot.cli.scenario.sessions import (
    Breakage,
    Broken,
    Job,
    Observation,
    Order,
    Parse,
    Parsed,
    Result,
    Run,
    Script,
    order_line,
    read_answer,
)

K = TypeVar("K")

_INHERITED: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT")
"""The variables that Python may need to start. No token and no key gets in."""

_OURS: Final = str(Path(__file__).parents[4])
"""The folder of this bot, from which the child process takes its modules, too."""

_END_S: Final = 5.0  # it runs no scenario itself, so that nothing keeps it

_LINE_BYTES: Final = 64 * 1024 * 1024  # an observation of a scenario that notes much


class Simulator:
    """The child process. Jobs may be given by several tasks at once; each gets its own results."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._waiting: dict[int, asyncio.Future[Result]] = {}
        self._last = 0
        self._reading = asyncio.create_task(self._read())

    async def run(self, runs: Mapping[K, Run]) -> dict[K, Observation | Broken]:
        """Return the observations of each session, in the order of the runs."""
        results = await self._results(runs.values())
        seen = (each if isinstance(each, Observation | Broken) else Broken(Breakage.lost) for each in results)
        return dict(zip(runs, seen, strict=True))

    async def parse(self, scripts: Iterable[Script]) -> list[Parsed | Broken]:
        """Return the result of parsing each scenario, without running it."""
        results = await self._results(Parse(script=each) for each in scripts)
        return [each if isinstance(each, Parsed | Broken) else Broken(Breakage.lost) for each in results]

    async def _results(self, jobs: Iterable[Job]) -> list[Result]:
        waiting = [self._order(job) for job in jobs]
        with contextlib.suppress(ConnectionError):  # it is gone: `_read` settles what waits
            await self._input.drain()
        return [await each for each in waiting]

    async def close(self) -> None:
        """End the process, which ends what it runs."""
        self._input.close()
        try:
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading

    @property
    def _input(self) -> asyncio.StreamWriter:
        assert self._process.stdin is not None  # noqa: S101 - it was started with one
        return self._process.stdin

    def _order(self, job: Job) -> "asyncio.Future[Result]":
        self._last += 1
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        if self._reading.done():
            future.set_result(Broken(Breakage.lost))
            return future
        self._waiting[self._last] = future
        self._input.write(order_line(Order(self._last, job)))
        return future

    async def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was started with one
        try:
            while line := await self._process.stdout.readline():
                answer = read_answer(line)
                _settle(self._waiting.pop(answer.number), answer.result)
        finally:
            for each in self._waiting.values():
                _settle(each, Broken(Breakage.lost))
            self._waiting.clear()


def _settle(future: "asyncio.Future[Result]", result: Result) -> None:
    """Settle what is waited for, unless nobody waits any more: the command was interrupted."""
    if not future.done():
        future.set_result(result)


@contextlib.asynccontextmanager
async def open_simulator() -> AsyncIterator[Simulator]:
    """Start the child process, and end it at the end, however that comes."""
    environ = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, (_OURS, environ.get("PYTHONPATH"))))
    process = await asyncio.create_subprocess_exec(
        # With -P no module is taken from the working directory, where the customer's files are.
        *(sys.executable, "-P", "-m", "bot.cli.scenario.sessions"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environ,
        limit=_LINE_BYTES,
        start_new_session=True,  # a Ctrl-C at the terminal is the command's, which then ends this process
    )
    simulator = Simulator(process)
    try:
        yield simulator
    finally:
        await simulator.close()
