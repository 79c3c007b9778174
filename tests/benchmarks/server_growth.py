"""The growth of each statement on a server: with a million sessions behind it against a thousand, worst first.

The sessions are those of `growth`. The time is that of a client: a transaction that reads, or one that writes and is
undone, with its way to the server and back.
"""

import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import psycopg

from storage.address import ServerAddress
from storage.postgres import PostgresEngine
from storage.pulse import Pulse
from tests.benchmarks._figures import Figure, Spread, ratios
from tests.benchmarks._replicas import ONE, Databases, databases
from tests.benchmarks.growth import ALIKE, FEW, LEAST_S, MANY, MOST, ROUNDS, ROWS, STATE
from tests.storage.test_plans import STATEMENTS, WRITES

RUNS: Final = 10
"""The number of runs in each round at least: a statement is prepared at its third, and others use the cores, too."""

_AT: Final = (
    "to_char(timestamp '2026-01-01' + n * interval '10 seconds', 'YYYY-MM-DD\"T\"HH24:MI:SS') || '.000000+00:00'"
)
_FILLED: Final = """
    insert into session_counts (state, number)
        select state, count(*) from sessions where state in ('ended', 'failed') group by state
        on conflict (state) do update set number = excluded.number;
    insert into session_rules (team, rule_id, rule_name) select distinct team, rule_id, rule_name from sessions;
    insert into seen_channels (channel) select distinct channel from commands;
    update sessions set revision = id where state = 'running';
    select setval('session_revisions', {count});
    update audit_head set last = {count}, hash = sha256('x')
"""
"""What triggers do of each row; none runs while the rows are put in."""

_INDEXES: Final = """
    select indexname, indexdef from pg_indexes
    where schemaname = 'public' and indexname not in (select conname from pg_constraint)
"""
"""Those that are no constraint's: made after the rows, they take a fraction of the time."""

Run = Callable[[Any], Any]


async def measure() -> list[Figure]:
    """Return the growth of each statement, worst first."""
    with databases() as some:
        async with _filled(some, FEW) as few, _filled(some, MANY) as many:
            reads = {what: _read(run) for what, run in STATEMENTS.items() if what != "wipe"}
            writes = {f"write: {what}": _undone(run) for what, run in WRITES.items() if what not in ALIKE}
            rounds: dict[str, list[tuple[float, float]]] = {what: [] for what in reads | writes}
            for _ in range(ROUNDS):  # of all in turn: one of the server's processes may have a worse core for seconds
                for what, run in (reads | writes).items():
                    rounds[what].append((_once(run, few), _once(run, many)))
    return sorted(map(_growth, rounds, rounds.values()), key=lambda each: -each.cells["growth"].median)


def _growth(what: str, rounds: Sequence[tuple[float, float]]) -> Figure:
    """Return the growth of a statement by its milliseconds over few and over many."""
    of_few, of_many = (Spread(list(values)) for values in zip(*rounds, strict=True))
    growth = ratios(of_many, of_few)
    cells = {f"{FEW:,} sessions": of_few, f"{MANY:,} sessions": of_many, "growth": growth}
    return Figure(f"{what}, on a server", f"{MOST} ×", growth.median <= MOST, "ms", cells)


def _once(run: Run, db: Any) -> float:
    """Return the milliseconds of the quickest of a transaction that is run over and over: others use the cores, too."""
    taken, began = list[float](), time.perf_counter()
    while len(taken) < RUNS or time.perf_counter() - began < LEAST_S:
        start = time.perf_counter()
        run(db)
        taken.append(time.perf_counter() - start)
    return min(taken) * 1000


def _read(run: Run) -> Run:
    def read(db: Any) -> None:
        with db.transaction():
            run(db)

    return read


def _undone(run: Run) -> Run:
    def run_and_undo(db: Any) -> None:
        db.begin()
        try:
            run(db)
        finally:
            db.roll_back()

    return run_and_undo


@contextlib.asynccontextmanager
async def _filled(some: Databases, count: int) -> AsyncIterator[Any]:
    """Yield a connection to a database with so many sessions, as its bot leaves it."""
    with tempfile.TemporaryDirectory() as name:
        address = some.make(ONE, Path(name))
    engine = PostgresEngine(ServerAddress(address), Pulse())
    await engine.prepare()
    with psycopg.connect(address, autocommit=True) as connection:
        fill(connection, count)
    db = engine.connect()
    try:
        yield db
    finally:
        db.close()
        await engine.close()


def fill(connection: psycopg.Connection[Any], count: int) -> None:
    """Put so many sessions into an empty database, as a superuser: without triggers and foreign keys."""
    connection.execute("set session_replication_role = replica")
    connection.execute("set synchronous_commit = off")
    connection.execute("set maintenance_work_mem = '256MB'")
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f"drop index {name}")  # type: ignore[call-overload] # a name of ours
    state = STATE.format(count=count)
    for table, row in ROWS.items():
        into, values = table, row.format(at=_AT, state=state)
        if table.startswith("audit "):
            into, values = table.replace("(at,", "(id, hash, at,"), f"n, sha256('x'), {values}"
        rows = f"select {values} from generate_series(1, {count}) as n order by n"  # noqa: S608 - our own words
        insert = f"insert into {into} {rows}"
        connection.execute(insert)  # type: ignore[call-overload] # the same
    for _, definition in indexes:
        connection.execute(definition)
    connection.execute(_FILLED.format(count=count))  # type: ignore[call-overload] # the same
    connection.execute("vacuum analyze")
