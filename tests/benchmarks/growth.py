"""The growth of each reading statement: with a million sessions behind it against a thousand, worst first.

The sessions are over but for a hundred, as after months of use; each has a command, a card and a line of the audit,
all of these in one channel: a page of the audit counts up to a thousand.
"""

import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from storage.sqlite import add_functions
from storage.sqlite.migrations import migrations
from tests.benchmarks._figures import Figure, Spread, ratios
from tests.storage.test_plans import STATEMENTS, WRITES

FEW, MANY = 1_000, 1_000_000
ROUNDS: Final = 5
MOST: Final = 1.5
LEAST_S: Final = 0.01
"""The time for which a statement is run in each round, over and over."""

FORGET: Final = "write: forget words"
ALIKE: Final = ("forget sessions", "forget commands", "forget messages")
"""Cases that are in the one of FORGET: it forgets some rows of all."""

SCATTERED: Final = (
    "a person's command, for a hundred sessions and a hundred commands at once. The digests of commands lie scattered"
    " over an index of a million, each on a page of its own; forgetting the sessions alone does not grow."
)

_NUMBERS: Final = "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {count})"
_AT: Final = "strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 1767225600 + n * 10, 'unixepoch')"
STATE: Final = "case when n > {count} - 100 then 'running' when n % 10 <> 0 then 'ended' else 'failed' end"
ROWS: Final = {
    "sessions (team, channel, channel_private, channel_shared, rule_id, rule_name, starter, state, history_id,"
    " history_says, last_event, changed_by, changed_at, created_at, version)": (
        "'T1', 'C' || (n % 50), 0, 0, 1 + n % 40, 'rule' || (n % 40), 'U' || (n % 25), {state}, 5000000 + n,"
        " 'runs', 'x', 'bot', {at}, {at}, 1"
    ),
    "commands (key, verb, actor, team, channel, via, digest, state, accepted_at, done_at, owner, session)": (
        "'slash:' || n, 'start', 'U' || (n % 25), 'T1', 'C' || (n % 50), 'slash', 'd' || n, 'done',"
        " {at}, {at}, 'run', n"
    ),
    "command_sessions (command, session)": "n, n",
    "messages (session, channel, kind, ts, wanted, shown, created_at)": (
        "n, 'C' || (n % 50), 'card', n || '.2', 1, 1, {at}"
    ),
    "audit (at, subject, command, session, team, channel, actor, became)": (
        "{at}, 'command', n, n, 'T1', 'C1', 'U1', 'done'"
    ),
}
"""The rows of each table, one for each number; `at` is an expression in the words of the engine."""


async def measure() -> list[Figure]:
    """Return the growth of each statement, worst first, and the seconds of the fifth step over the many."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as exits:
        few, _ = exits.enter_context(_filled(Path(name) / "few.db", FEW))
        many, seconds = exits.enter_context(_filled(Path(name) / "many.db", MANY))
        figures = [_growth(what, run, few, many) for what, run in STATEMENTS.items() if what != "wipe"]
        writes = {f"write: {what}": run for what, run in WRITES.items() if what not in ALIKE}
        figures += [_growth(what, _undone(run), few, many) for what, run in writes.items()]
    worst_first = sorted(figures, key=lambda each: -ratios(*_of_both(each)).median)
    step = Figure("the step of the schema for it, once", "", None, "s", {_many(): Spread([seconds])})
    return [*worst_first, step]


def _growth(what: str, run: Callable[[Any], Any], few: Database, many: Database) -> Figure:
    """Measure a statement over both, in turn."""
    run(few), run(many)
    rounds = [(_once(run, few), _once(run, many)) for _ in range(ROUNDS)]
    of_few, of_many = (Spread(values) for values in zip(*rounds, strict=True))
    growth = ratios(of_many, of_few)
    cells = {_few(): of_few, _many(): of_many, "growth": growth}
    note = SCATTERED if what == FORGET and growth.median > MOST else ""
    return Figure(what, f"{MOST} ×", growth.median <= MOST, "ms", cells, note)


def _undone(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a write that is rolled back: the next one finds the same rows."""

    def run_and_undo(db: Database) -> None:
        db.conn.execute("begin immediate")
        try:
            run(db)
        finally:
            db.conn.execute("rollback")

    return run_and_undo


def _once(run: Callable[[Any], Any], db: Database) -> float:
    """Return the median milliseconds of processor time of a statement that is run over and over."""
    taken, began = list[float](), time.perf_counter()
    while time.perf_counter() - began < LEAST_S:
        start = time.process_time()
        run(db)
        taken.append(time.process_time() - start)
    return statistics.median(taken) * 1000


@contextlib.contextmanager
def _filled(path: Path, count: int) -> Any:
    """Yield a database with so many sessions, as its bot leaves it, and the seconds that the fifth step took."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        connection.execute("pragma temp_store = memory")
        connection.execute("pragma cache_size = -131072")
        db = Database(connection)
        add_functions(connection)
        migrations.apply(db, stop_before="m005")
        triggers = {each.name: each.sql for each in db.triggers}
        for trigger in triggers:
            connection.execute(f"drop trigger {trigger}")
        connection.execute("begin")
        state = STATE.format(count=count)
        for table, row in ROWS.items():
            insert = f"insert into {table} {_NUMBERS} select {row} from numbers"  # noqa: S608 - our own words
            connection.execute(insert.format(count=count, at=_AT, state=state))
        connection.execute("commit")
        for sql in triggers.values():
            connection.execute(sql)
        began = time.perf_counter()
        migrations.apply(db, stop_before="m006")
        seconds = time.perf_counter() - began
        migrations.apply(db)
        connection.execute("pragma journal_mode = wal")
        yield db, seconds


def _few() -> str:
    return f"{FEW:,} sessions"


def _many() -> str:
    return f"{MANY:,} sessions"


def _of_both(figure: Figure) -> tuple[Spread, Spread]:
    return figure.cells[_many()], figure.cells[_few()]
