"""Search for so many minutes, in turns: texts that people and platforms write, ports, the model of the whole bot.

A failing example is kept in `corpus`, which belongs to the repository: the next search begins with it. What was found
before is a test of its own, beside the part that was mended.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.http_ends import open_ends, search
from tests.fuzz.texts import SEARCHES
from tests.model.machine import Model

CORPUS: Final = Path(__file__).parent / "corpus"
_EXAMPLES: Final = 50
"""Of one turn: some seconds of the model and of the ports, less of the texts."""


def main() -> int:
    """Search until the time is over or something breaks; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    until = time.monotonic() + 60 * parser.parse_args().minutes
    how = settings(
        max_examples=_EXAMPLES,
        stateful_step_count=40,
        database=DirectoryBasedExampleDatabase(CORPUS),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    searches: dict[str, Callable[[], object]] = {name: how(search) for name, search in SEARCHES.items()}
    searches["the ports"] = lambda: asyncio.run(_search_ports(how))
    searches["the model"] = lambda: run_state_machine_as_test(Model, settings=how)  # type: ignore[no-untyped-call]
    turns = 0
    while time.monotonic() < until:
        for each in searches.values():
            each()
        turns += 1
    sys.stdout.write(f"{turns} turns of {_EXAMPLES} examples of each: {', '.join(searches)}. Nothing broke.\n")
    return 0


async def _search_ports(how: settings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_ends(Path(folder)) as ends:
            await asyncio.to_thread(search, ends, asyncio.get_running_loop(), how)


sys.exit(main())
