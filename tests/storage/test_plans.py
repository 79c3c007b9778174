"""The plans of statements over tables that grow: by an index, or over a part that does not grow."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlite_utils import Database

from storage import (
    alarms,
    announced,
    audit,
    bulks,
    commands,
    listing,
    messages,
    open_sessions,
    outbox,
    searching,
    sessions,
    stops,
    workspaces,
)
from storage.connection import Connection
from storage.listing import ListFilter
from storage.records import FINAL, OPEN, Origin, State
from tests.factories import a_session, new_database

NOW: Final = datetime(2026, 11, 20, 2, 14, tzinfo=UTC)
LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)
TABLES: Final = ("sessions", "commands", "command_sessions", "messages", "alarms", "bulks", "bulk_sessions", "audit")
BOUNDED: Final = (
    "sessions_open", "sessions_with_url", "sessions_unnumbered", "commands_unfinished", "messages_to_send",
    "bulks_open", "alarms_of_silence", "alarms_to_show",
)  # fmt: skip
"""Indexes on a part that does not grow with the past: going through all of it is no fault."""

EVERY: Final = ListFilter(team="T1", states=tuple(State))
HERE: Final = ListFilter(team="T1", states=tuple(State), channel="C1")

STATEMENTS: Final[dict[str, Callable[[Connection], Any]]] = {
    "list any, here": lambda db: listing.listed(db, HERE, limit=10),
    "list any, everywhere": lambda db: listing.listed(db, EVERY, limit=10),
    "list open": lambda db: listing.listed(db, ListFilter(team="T1", states=OPEN), limit=10),
    "list ended": lambda db: listing.listed(db, ListFilter(team="T1", states=FINAL, channel="C1"), limit=10),
    "list by": lambda db: listing.listed(db, ListFilter(team="T1", states=FINAL, starter="U1"), limit=10),
    "list elsewhere": lambda db: listing.listed(
        db, ListFilter(team="T1", states=FINAL, origin=Origin.elsewhere), limit=10
    ),
    "list rules": lambda db: listing.listed(db, ListFilter(team="T1", states=FINAL, rules=[(7, "x")]), limit=10),
    "rules": lambda db: listing.rules_of(db, EVERY),
    "rules, open": lambda db: listing.rules_of(db, ListFilter(team="T1", states=OPEN)),
    "stop all": lambda db: listing.oldest(db, ListFilter(team="T1", states=OPEN), limit=10),
    "find, open": lambda db: searching.open_before(db, "T1", before=99, limit=9),
    "find, over": lambda db: searching.over_before(db, "T1", before=99, limit=9),
    "find, history": lambda db: searching.of_history(db, "T1", [4]),
    "session": lambda db: sessions.get(db, 1),
    "number": lambda db: sessions.id_of(db, "T1", 7, of_platform=False),
    "newest": lambda db: sessions.find(db, "T1", states=tuple(State), channel="C1", limit=1),
    "watched": sessions.watched,
    "abandoned": lambda db: sessions.is_any(db, State.abandoned),
    "rivals": lambda db: sessions.rivals(db, a_session(NOW), within=timedelta(minutes=1)),
    "stranded": lambda db: sessions.without_outcome(db, ["start"]),
    "with URLs": sessions.with_urls,
    "has URLs": sessions.has_urls,
    "secure URLs": sessions.secure_urls,
    "states": sessions.count_by_state,
    "without channel": sessions.count_without_channel,
    "troubled": sessions.count_troubled,
    "wipe": lambda db: sessions.wipe_abandoned_urls(db, abandoned_before=NOW),
    "heard": announced.count_heard,
    "without number": announced.without_number,
    "standings": lambda db: announced.standings(db, [1]),
    "revision": open_sessions.revision,
    "ids": open_sessions.ids,
    "written": lambda db: open_sessions.written_since(db, 1, limit=9),
    "beats": open_sessions.beats,
    "stops on their way": stops.on_their_way,
    "thread": lambda db: messages.session_of_thread(db, "C1", "1.2"),
    "due": outbox.due,
    "count due": outbox.count_due,
    "key": lambda db: commands.by_key(db, "k"),
    "key prefix": lambda db: commands.with_key_prefix(db, "k"),
    "unfinished": commands.unfinished,
    "behind another": lambda db: commands.is_behind_another(db, 1, 1, "o"),
    "commands of a session": lambda db: commands.of_session(db, 1, without=["list"]),
    "last way": lambda db: commands.last_via(db, "slash"),
    "was seen": lambda db: commands.was_seen(db, "U1", "T1"),
    "channel seen": lambda db: workspaces.has_seen(db, "C1"),
    "audit, here": lambda db: audit.of_channel(db, team="T1", channel="C1", since=LONG_AGO, before=1, limit=15),
    "audit, here, own": lambda db: audit.of_channel(db, team="T1", channel="C1", since=LONG_AGO, by="U1", limit=15),
    "audit, session": lambda db: audit.of_session(db, team="T1", session=1, since=LONG_AGO, by=["U1", "bot"], limit=15),
    "audit, command": lambda db: audit.lines(db, command=1),
    "bulks": bulks.unclosed,
    "alarms to show": alarms.to_show,
    "alarms of silence": lambda db: alarms.of_silence_past(db, limit=9),
}


def scans(db: Database, sql: str, values: Any) -> list[str]:
    """Return the steps of a statement's plan that read a whole table that grows."""
    plan = [str(row[3]) for row in sqlite3.Cursor(db.conn).execute(f"explain query plan {sql}", values or [])]
    aliases = ("card", "parent", "meant", "below", "asked", "mine", "earlier", "others", "direct")
    return [
        step
        for step in plan
        if "AUTOMATIC" in step
        or (
            step.startswith("SCAN")
            and step.split()[1] in (*TABLES, *aliases)
            and step.rsplit(" ", 1)[-1] not in BOUNDED
        )
    ]


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_reads_a_table_that_grows(name: str) -> None:
    """However much is over, a statement finds its rows by an index, or goes through a part that does not grow."""

    class Recording(Database):
        """A database that keeps what it is asked."""

        def execute(self, sql: str, parameters: Any = None) -> sqlite3.Cursor:
            """Run a statement, and keep it."""
            asked.append((sql, parameters))
            return super().execute(sql, parameters)

        def query(self, sql: str, params: Any = None, **options: Any) -> Iterator[dict[str, Any]]:
            """Run a statement, and keep it."""
            asked.append((sql, params))
            return iter(list(super().query(sql, params, **options)))

    asked: list[tuple[str, Any]] = []
    db = Recording(new_database().conn)
    asked.clear()
    STATEMENTS[name](db)
    assert asked
    assert {sql: found for sql, values in asked if (found := scans(db, sql, values))} == {}
