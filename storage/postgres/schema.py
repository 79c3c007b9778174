"""The schema of PostgreSQL: its steps, appended for ever and never edited, and how a database is brought up to date.

One writer: a transaction that writes begins with a lock of `audit_head`, the row behind which the audit goes on. Taken
before the transaction sees anything, it makes each writer see what the one before has committed, and makes of
conflicts of SERIALIZABLE transactions what only programs besides the bot can cause.

Two neighbouring versions run side by side while hosts are upgraded one after another. A step says whether the version
before it can go on: it adds, and neither renames nor removes, so that it can. A version meets no step that says no.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from storage.errors import StorageError
from storage.postgres._audit import AUDIT
from storage.postgres._functions import FUNCTIONS
from storage.postgres._replicas import REPLICAS
from storage.postgres._tables import TABLES
from storage.postgres._triggers import TRIGGERS

_UPGRADE_LOCK: Final = 0x53424F54
"""The advisory lock of the process that brings the schema up to date; the number marks the files of SQLite, too."""

_PATIENCE_MS: Final = 30_000

OLDEST: Final = 140_000
"""The oldest server, as it numbers itself: it has idle_session_timeout, which frees a dead leader's lock."""


@dataclass(frozen=True)
class Step:
    """One step; while `readable` is true, the version before it can run on its result."""

    name: str
    script: str
    readable: bool = True


STEPS: Final = (Step("p001", f"{FUNCTIONS}{TABLES}{AUDIT}{TRIGGERS}{REPLICAS}", readable=False),)

_FIRST_TABLES: Final = ("sessions", "commands", "messages", "audit")


def bring_up(connection: psycopg.Connection[Any], label: str) -> None:
    """Make the steps that are missing; of several processes one does it, and the others wait.

    Raises StorageError with a sentence for a database of another program, or of a version too new for this one.
    """
    _refuse_server(connection, label)
    with connection.transaction():
        connection.execute(f"set local lock_timeout = {_PATIENCE_MS}")
        connection.execute("select pg_advisory_xact_lock(%s)", [_UPGRADE_LOCK])
        made = _made(connection, label)
        known = {each.name for each in STEPS}
        if any(name not in known and not readable for name, readable in made):
            raise StorageError(f"The database {label} was written by a newer version of this bot; run that version.")
        names = {name for name, _ in made}
        for step in STEPS:
            if step.name not in names:
                connection.execute(step.script)
                connection.execute(
                    "insert into schema_steps (name, readable) values (%s, %s)", [step.name, int(step.readable)]
                )


def _refuse_server(connection: psycopg.Connection[Any], label: str) -> None:
    """Raise StorageError for a server that is too old, or a database that keeps not every character."""
    if (there := connection.info.server_version) < OLDEST:
        msg = f"The server of {label} is PostgreSQL {there // 10_000}; the bot needs {OLDEST // 10_000} or newer."
        raise StorageError(msg)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        msg = f"The database {label} has the encoding {encoding}; make one with UTF8."
        raise StorageError(msg)


def _made(connection: psycopg.Connection[Any], label: str) -> Sequence[tuple[str, bool]]:
    if _has(connection, "schema_steps"):
        rows = connection.execute("select name, readable from schema_steps").fetchall()
        return [(name, bool(readable)) for name, readable in rows]
    if any(_has(connection, table) for table in _FIRST_TABLES):
        msg = f"The database {label} belongs to another program; name one of the bot's own in SESSION_BOT_DATABASE."
        raise StorageError(msg)
    connection.execute("create table schema_steps (name text primary key, readable integer not null)")
    return []


def _has(connection: psycopg.Connection[Any], table: str) -> bool:
    row = connection.execute("select to_regclass(%s)", [table]).fetchone()
    return row is not None and row[0] is not None
