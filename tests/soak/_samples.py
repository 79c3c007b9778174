"""Samples of the bot's process while it works, and the trend of each over the second half of the run."""

import asyncio
import contextlib
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import psutil

from tests.soak._world import SoakWorld

EVERY_S: Final = 2.0
_SETTLED: Final = 0.55
"""The samples before this part of the run are its warm-up, its burst and its bulk stop."""

_LANES: Final = ("platform", "send", "stop", "announcements")


@dataclass(frozen=True)
class Sample:
    """One moment. `waiting` are requests that wait for a lane, `due` messages that Slack has not got yet.

    `starved_s` are the seconds for which the event loop's thread has waited for a core since the process began.
    """

    at: float
    starved_s: float
    memory_mb: float
    descriptors: int
    threads: int
    tasks: float
    waiting: float
    due: float
    wal_mb: float
    log_mb: float


@dataclass(frozen=True)
class Trend:
    """The course of one figure: its median, its peak, and the growth over the second half by its fitted line."""

    median: float
    peak: float
    growth: float


@dataclass
class Samples:
    """The samples of one process; `open_files` are its descriptors by kind, at the first sample and at the last."""

    taken: list[Sample] = field(default_factory=list)
    open_files: list[Counter[str]] = field(default_factory=list)

    async def take_forever(self, world: SoakWorld, pid: int) -> None:
        """Add a sample every two seconds until the process has ended."""
        process = psutil.Process(pid)
        with contextlib.suppress(psutil.NoSuchProcess):
            while True:
                await asyncio.sleep(EVERY_S)
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    self.taken.append(_sample(world, process, await world.metrics()))
                self.open_files[1:] = [_open_files(pid)]

    def starved(self) -> float:
        """Return the share of the time for which the event loop's thread waited for a core."""
        if len(self.taken) < 2:
            return 0.0
        first, last = self.taken[0], self.taken[-1]
        return (last.starved_s - first.starved_s) / (last.at - first.at)

    def trend(self, of: Callable[[Sample], float]) -> Trend:
        """Return the course of a figure; its growth is that of the settled part."""
        values = [of(each) for each in self.taken]
        settled = self.taken[int(len(self.taken) * _SETTLED) :]
        if len(settled) < 2:
            return Trend(statistics.median(values or [0]), max(values, default=0), 0.0)
        slope = statistics.linear_regression([each.at for each in settled], [of(each) for each in settled]).slope
        return Trend(statistics.median(values), max(values), slope * (settled[-1].at - settled[0].at))


def _sample(world: SoakWorld, process: psutil.Process, metrics: dict[str, float]) -> Sample:
    wal = world.database.with_name(f"{world.database.name}-wal")
    return Sample(
        at=time.monotonic(),
        starved_s=_starved_s(process.pid),
        memory_mb=process.memory_info().rss / 2**20,
        descriptors=process.num_fds(),
        threads=process.num_threads(),
        tasks=metrics.get("session_bot_tasks", 0.0),
        waiting=sum(metrics[f'session_bot_lane_waiting{{lane="{each}"}}'] for each in _LANES),
        due=metrics["session_bot_messages_waiting"],
        wal_mb=wal.stat().st_size / 2**20 if wal.exists() else 0.0,
        log_mb=world.log_file.stat().st_size / 2**20,
    )


def _starved_s(pid: int) -> float:
    """Return the seconds for which a process's first thread has waited for a core; 0 where the system does not say."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0


def _open_files(pid: int) -> Counter[str]:
    """Return the number of a process's descriptors by kind; none where the system does not say."""
    kinds = Counter[str]()
    with contextlib.suppress(OSError):
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # it is closed by now
                target = str(each.readlink())
                kinds["files" if target.startswith("/") else target.partition(":")[0]] += 1
    return kinds
