"""The figures: `python -m tests.benchmarks [module …]` measures them, and prints as it goes.

With no module named all are measured, and RESULTS.md beside this file and the plots of the README are written anew.
"""

import asyncio
import importlib
import sys
import time

from tests.benchmarks._figures import Figure, table
from tests.benchmarks._results import write_results

MODULES = {
    "ack": "Acks",
    "announced": "Acks while announced sessions are read",
    "answer": "Answers",
    "starts": "Starts at once",
    "bulk": "Stops of many sessions",
    "painting": "Painting under Slack's limits",
    "intents": "Starts per intent",
    "watching": "Watching very many sessions",
    "process": "The process",
    "engines": "On a file, on a server, and as three replicas",
    "growth": "Growth from a thousand to a million sessions",
    "server_growth": "The same growth on a server",
}
"""The modules in their order, each with the title of its table."""


async def main(named: list[str]) -> int:
    """Measure, print, and return the exit code: 1 where something that must be reached is not."""
    if unknown := set(named) - set(MODULES):
        raise SystemExit(f"No such module: {', '.join(sorted(unknown))}. There are: {', '.join(MODULES)}.")
    measured: dict[str, list[Figure]] = {}
    began = time.monotonic()
    for name in named or MODULES:
        print(f"## {MODULES[name]}", flush=True)  # noqa: T201 - for the person who runs it
        measured[name] = await importlib.import_module(f"tests.benchmarks.{name}").measure()
        print(table(measured[name]), f"\n({time.monotonic() - began:.0f} s so far)\n", flush=True)  # noqa: T201 - the same
    if not named:
        write_results({MODULES[name]: figures for name, figures in measured.items()}, time.monotonic() - began)
    return int(any(figure.reached is False for figures in measured.values() for figure in figures))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
