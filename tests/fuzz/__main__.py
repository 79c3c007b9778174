"""Search for so many minutes, in turns: what people, Slack and the platform write, ports, the whole bot.

It begins with the saved inputs of `corpus`, which belongs to the repository: for each reader a file, an input a line.
An input that breaks its reader, or leads to lines of the bot to which none before has led, is added to them; the tests
read them all. Of ports and the model a failing example is kept, in the form in which Hypothesis plays it again.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.http_ends import open_ends, search
from tests.fuzz.readers import READERS
from tests.fuzz.saved import CORPUS, Keeping, saved
from tests.model.machine import Model
from tests.postgres.programs import programs

_EXAMPLES: Final = 50
"""Of one turn: a minute or two of the model, some seconds of the ports, less of the readers."""


def main() -> int:
    """Search until the time is over or something breaks; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    until = time.monotonic() + 60 * parser.parse_args().minutes
    how = settings(
        max_examples=_EXAMPLES,
        stateful_step_count=40,
        database=DirectoryBasedExampleDatabase(CORPUS / "hypothesis"),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    before = sum(len(saved(name)) for name in READERS)
    searches: dict[str, Callable[[], object]] = {
        name: _search(Keeping(name, each.read), each.inputs, how) for name, each in READERS.items()
    }
    searches["the ports"] = lambda: asyncio.run(_search_ports(how))
    searches["the model"] = _model(how, on_server=False)
    if programs() is not None:
        searches["the model on PostgreSQL"] = _model(how, on_server=True)
    turns = 0
    while not turns or time.monotonic() < until:
        for each in searches.values():
            each()
        turns += 1
    kept = sum(len(saved(name)) for name in READERS)
    sys.stdout.write(
        f"{before} saved inputs, then {turns} turns of {_EXAMPLES} examples of each: {', '.join(searches)}.\n"
        f"Nothing broke; {kept - before} inputs were added.\n"
    )
    return 0


def _search(read: Keeping, inputs: st.SearchStrategy[Any], how: settings) -> Callable[[], object]:
    @how
    @given(inputs)
    def look(each: Any) -> None:
        read(each)

    def quietly() -> None:
        logging.disable(logging.WARNING)  # what cannot be read is told a thousand times
        try:
            look()
        finally:
            logging.disable(logging.NOTSET)

    return quietly


def _model(how: settings, *, on_server: bool) -> Callable[[], object]:
    return lambda: run_state_machine_as_test(lambda: Model(on_server=on_server), settings=how)  # type: ignore[no-untyped-call]


async def _search_ports(how: settings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_ends(Path(folder)) as ends:
            await asyncio.to_thread(search, ends, asyncio.get_running_loop(), how)


sys.exit(main())
