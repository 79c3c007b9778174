"""A copy of the open sessions in memory, as last read, for the time when the database cannot be read.

A stop needs its session's row, above all the sealed URL. Where the database cannot be read any more, it is read here.
Of one on a server, which can be away while Slack is, too, the people of whom a command was carried out are kept, too:
they may stop. It has no other table: a question about one fails as the database did, and is not answered with nothing.
"""

import sqlite3
import time
from typing import Any, Final

from sqlite_utils import Database

from storage.engine._engine import EngineConnection
from storage.records import OPEN
from storage.rows import IS_OPEN
from storage.sqlite import SqliteConnection
from storage.sqlite.migrations import migrations

_AT_MOST_S: Final = 2.0
_SHARE: Final = 0.05
"""The share of the reader's time for copying: many sessions, and many changes, are copied less often."""

MOST: Final = 50_000
"""The number of open sessions in it; of more the oldest are left out."""

COMMANDS_READ: Final = 20_000
"""The number of the newest commands whose people are known at the start."""

_NOT_IN_IT: Final = (
    "select type, name from sqlite_master where type in ('trigger', 'view')"
    " or (type = 'table' and name not like 'sqlite%' and name <> 'sessions') order by type = 'table'"
)
_PEOPLE: Final = "create table commands (actor, team, state default 'done', primary key (actor, team))"
_SEEN: Final = "insert or ignore into commands (actor, team) values (:actor, :team)"


class MemoryCopy:
    """A database in memory, for the thread that made it, with the open sessions of another one."""

    def __init__(self, *, with_people: bool = False) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        migrations.apply(Database(connection))
        self._copy = SqliteConnection(connection)
        for kind, name in self._copy.execute(_NOT_IN_IT).fetchall():
            self._copy.execute(f"drop {kind} {name}")
        self._copy.execute(_PEOPLE)
        table = self._copy.execute("pragma table_info(sessions)")  # without what is generated
        self._columns = ", ".join(name for _, name, *_ in table.fetchall())
        self._with_people = with_people
        self._version: int | None = None
        self._revision = -1
        self._command = -1
        self._not_before = 0.0

    @property
    def database(self) -> SqliteConnection:
        """The copy, to read from."""
        return self._copy

    def keep_up(self, db: EngineConnection, version: int) -> None:
        """Read what was written since the last time, if the version says that something was committed."""
        began = time.thread_time()
        if version == self._version or time.monotonic() < self._not_before:
            return
        with db.transaction():
            rows = self._written(db)
            people = self._people(db) if self._with_people else []
        self._copy.execute("begin")
        for row in rows:
            self._copy.execute("delete from sessions where id = ?", [row["id"]])
            if row["state"] in OPEN:
                names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
                self._copy.execute(f"insert into sessions ({names}) values ({values})", row)
        for person in people:
            self._copy.execute(_SEEN, person)
        self._copy.execute("commit")
        self._revision = max([self._revision, 0, *(row["revision"] for row in rows)])
        self._version = version
        # Of this thread's own work: a machine that is busy with others makes nothing older.
        self._not_before = time.monotonic() + min((time.thread_time() - began) / _SHARE, _AT_MOST_S)

    def _written(self, db: EngineConnection) -> list[dict[str, Any]]:
        """Return the sessions that were written since the last time, or the newest that are open."""
        if self._revision < 0:
            return list(db.query(f"select {self._columns} from sessions where {IS_OPEN} order by id desc limit {MOST}"))
        return list(db.query(f"select {self._columns} from sessions where revision > ?", [self._revision]))

    def _people(self, db: EngineConnection) -> list[dict[str, Any]]:
        """Return the people of the commands that were recorded since the last time, or of the newest."""
        last = int(db.execute("select coalesce(max(id), 0) from commands").fetchone()[0])
        after = max(last - COMMANDS_READ, 0) if self._command < 0 else self._command
        # One that is still being done counts the next time: its outcome comes with its own commit
        sql = "select distinct actor, team from commands where id > ? and state = 'done'"
        unfinished = db.execute("select min(id) from commands where state in ('accepted', 'calling')").fetchone()[0]
        self._command = last if unfinished is None else min(last, int(unfinished) - 1)
        return list(db.query(sql, [after]))

    def close(self) -> None:
        """Forget everything."""
        self._copy.close()
