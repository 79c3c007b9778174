"""`python -m tests.benchmarks._admitting DATABASE NAME COMMITS`: a process that accepts commands through the store.

It prints `ready`, waits for a line, accepts so many hundreds of commands, and prints how many it accepted and in how
many seconds.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from storage import commands
from storage.address import ServerAddress
from storage.command import NewCommand
from storage.store import Store

IN_A_COMMIT: Final = 100


async def main(database: str, name: str, commits: int) -> None:
    """Accept the commands of this name."""
    store = Store(ServerAddress.of(database) or Path(database))
    await store.open()
    print("ready", flush=True)  # noqa: T201 - for the process that asked
    await asyncio.to_thread(sys.stdin.readline)
    accepted, began = 0, time.perf_counter()
    for commit in range(commits):
        jobs = (store.write(admission(f"{name}-{commit}-{n}"), first=True) for n in range(IN_A_COMMIT))
        told = await asyncio.gather(*jobs, return_exceptions=True)
        accepted += sum(not isinstance(each, BaseException) for each in told)
    print(accepted, time.perf_counter() - began, flush=True)  # noqa: T201 - the same
    await store.close()


def admission(number: str) -> Callable[..., commands.Admitted]:
    """Return the job that accepts a command of which there is no other."""
    new = NewCommand(
        key=f"slash:{number}", verb="start", actor="U1", team="T1", channel="C1", via="slash", digest=number,
        owner="run", at=datetime.now(UTC),
    )  # fmt: skip
    return lambda db: commands.admit(db, new, window=timedelta(seconds=30))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
