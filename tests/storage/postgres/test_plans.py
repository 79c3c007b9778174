"""The plans of statements on a server: by an index that bounds what is read, as they are on a file."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from storage.address import ServerAddress
from storage.postgres import PostgresEngine
from storage.postgres._connection import PostgresConnection
from storage.pulse import Pulse
from tests.benchmarks.server_growth import fill
from tests.postgres.databases import empty_database
from tests.storage.test_plans import BOUNDED, LONG_AGO, OF_ONE, STATEMENTS, TABLES, WRITES

pytestmark = pytest.mark.postgres

BY_RANGE: Final = ("sessions_pkey", "commands_pkey", "messages_pkey", "audit_pkey")
"""Indexes that are gone through in the order of the numbers, up to a limit."""

SESSIONS: Final = 5_000
BULKS: Final = """
    insert into bulks (command, summary, channel, actor, began_at, closed_at, told_at)
    select n, n, 'C1', 'U1', $at, $at, $at from generate_series(1, 50) n;
    insert into bulk_sessions (bulk, session, place) select 1 + n % 50, n, n from generate_series(1, 5000) n;
    insert into alarms (channel, session, at, message) select 'C1', n, $at, n from generate_series(1, 5000) n;
    analyze
""".replace("$at", f"'{LONG_AGO.isoformat()}'")


@pytest.fixture(scope="module")
def db() -> Iterator[PostgresConnection]:
    """Yield a replica's connection to a database with months of sessions, most of them over, which the server knows."""
    with empty_database() as database:
        engine = PostgresEngine(ServerAddress(database.address), Pulse())
        asyncio.run(engine.prepare())
        with database.connect(admin=True) as admin:
            fill(admin, SESSIONS)
            admin.execute(BULKS)
        connection = engine.connect()
        try:
            yield connection
        finally:
            connection.close()
            asyncio.run(engine.close())


def asked(db: PostgresConnection, run: Any) -> list[tuple[str, Any]]:
    """Return the statements of a job, which is undone."""
    kept = list[tuple[str, Any]]()

    class Recording(PostgresConnection):
        def execute(self, sql: str, values: Any = None, /) -> Any:
            kept.append((sql, values))
            return super().execute(sql, values)

    db.begin()
    db.execute("set constraints all deferred")  # the rows that it refers to are not there
    recording = Recording(db._lender, query_only=False, begun=db._borrowed)
    try:
        run(recording)
    finally:
        db.roll_back()
    return kept


def unbounded(db: PostgresConnection, sql: str, values: Any) -> Iterator[str]:
    """Yield the steps of a plan that read all of a table that grows."""
    with db.transaction():
        plan = [row[0].strip() for row in db.execute(f"explain (costs off) {sql}", values).fetchall()]
    for number, step in enumerate(plan):
        if scan := re.search(r"Seq Scan on (\w+)", step):
            if scan[1] in TABLES:
                yield step
        elif scan := re.search(r"Index (?:Only )?Scan (?:Backward )?using (\w+) on (\w+)", step):
            is_bounded = scan[1] in (*BOUNDED, *OF_ONE, *BY_RANGE)
            if scan[2] in TABLES and not is_bounded and not plan[number + 1].startswith("Index Cond"):
                yield step


@pytest.mark.parametrize("name", [*STATEMENTS, *WRITES])
def test_no_statement_reads_a_table_that_grows(db: PostgresConnection, name: str) -> None:
    """However much is over, a statement finds its rows by an index, or goes through a part that does not grow."""
    found = asked(db, (STATEMENTS | WRITES)[name])
    assert found
    assert {sql: steps for sql, values in found if (steps := list(unbounded(db, sql, values)))} == {}


def test_a_whole_table_is_found(db: PostgresConnection) -> None:
    """A statement for which there is no index is one that fails above."""
    assert list(unbounded(db, "select * from sessions where last_event = ?", ["x"]))
