"""A copy of the open sessions in memory, as last read, for the time when the file cannot be read.

A stop needs its session's row, above all the sealed URL. Where the file cannot be read any more, it is read here; every
other table is empty.
"""

import sqlite3
import time
from typing import Final

from sqlite_utils import Database

from storage.engine._engine import EngineConnection
from storage.records import OPEN
from storage.rows import IS_OPEN
from storage.sqlite import SqliteConnection
from storage.sqlite.migrations import migrations

_AT_MOST_S: Final = 2.0
_SHARE: Final = 0.05
"""The share of the reader's time for copying: many sessions, and many changes, are copied less often."""


class MemoryCopy:
    """A database in memory, for the thread that made it, with the open sessions of another one."""

    def __init__(self) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        migrations.apply(Database(connection))
        self._copy = SqliteConnection(connection)
        for trigger in self._copy.query("select name from sqlite_master where type = 'trigger'"):
            self._copy.execute(f"drop trigger {trigger['name']}")  # the copy keeps no audit
        table = self._copy.execute("pragma table_info(sessions)")  # without what is generated
        self._columns = ", ".join(name for _, name, *_ in table.fetchall())
        self._version: int | None = None
        self._revision = -1
        self._not_before = 0.0

    @property
    def database(self) -> SqliteConnection:
        """The copy, to read from."""
        return self._copy

    def keep_up(self, db: EngineConnection, version: int) -> None:
        """Read the sessions that were written since the last time, if the version says that something was committed."""
        began = time.thread_time()
        if version == self._version or time.monotonic() < self._not_before:
            return
        is_first = self._revision < 0
        wanted = IS_OPEN if is_first else "revision > ?"
        known = [] if is_first else [self._revision]
        with db.transaction():
            rows = list(db.query(f"select {self._columns} from sessions where {wanted}", known))
        self._copy.execute("begin")
        for row in rows:
            self._copy.execute("delete from sessions where id = ?", [row["id"]])
            if row["state"] in OPEN:
                names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
                self._copy.execute(f"insert into sessions ({names}) values ({values})", row)
        self._copy.execute("commit")
        self._revision = max([self._revision, 0, *(row["revision"] for row in rows)])
        self._version = version
        # Of this thread's own work: a machine that is busy with others makes nothing older.
        self._not_before = time.monotonic() + min((time.thread_time() - began) / _SHARE, _AT_MOST_S)

    def close(self) -> None:
        """Forget everything."""
        self._copy.close()
