"""Databases of the shared server, for one test each: empty ones, and copies of a template.

A copy is used by one test after the other: it is emptied in between, which takes a tenth of the time of CREATE
DATABASE. One whose schema was changed, or that has grown, is dropped.
"""

import asyncio
import base64
import contextlib
import functools
import hashlib
import hmac
import itertools
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from storage.address import ServerAddress
from storage.postgres._connection import PostgresConnection
from storage.store import Store
from tests.postgres.programs import OLDEST, version
from tests.postgres.server import shared_server

BOT: Final = "bot"
"""The role that owns the databases of tests: no superuser, as an operator makes it."""

ITERATIONS: Final = 64
"""The rounds of hashing at each log-in. The server's default, 4,096, costs a test some milliseconds a connection."""

GROWN_BYTES: Final = 16 * 1024 * 1024
ONE_AT_A_TIME: Final = 1  # the advisory lock of who makes the role, or a template

SCHEMA: Final = """
with ours as (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')
select md5(string_agg(concat_ws(' ', kind, oid, written), ', ' order by kind, oid, written::text)) from (
  select 'relation', oid, xmin from pg_class where relnamespace in (select oid from ours)
  union all select 'trigger', oid, xmin from pg_trigger
  union all select 'function', oid, xmin from pg_proc where pronamespace in (select oid from ours)
  union all select 'constraint', oid, xmin from pg_constraint where connamespace in (select oid from ours)
  union all select 'column', attrelid, xmin from pg_attribute where attrelid >= 16384
  union all select 'default', oid, xmin from pg_attrdef
  union all select 'namespace', oid, xmin from pg_namespace
) row (kind, oid, written)
"""
"""A text that changes with every change of the schema: the rows of the catalogue, and who wrote them."""

SIZE: Final = """
select coalesce(sum(pg_relation_size(oid)), 0) from pg_class where relkind in ('r', 'i', 't') and oid >= 16384
"""
TABLES: Final = """
select format('%I.%I', schemaname, tablename) from pg_tables
where schemaname !~ '^pg_' and schemaname <> 'information_schema' order by 1
"""
SEQUENCES: Final = """
select format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value is not null
from pg_sequences
"""
END_OTHERS: Final = """
select pg_terminate_backend(pid, 10000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""

END_BOTS: Final = """
select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database() and usename = %s
"""


@dataclass(frozen=True)
class Database:
    """A database of the shared server: its name, and its address as the bot is given it."""

    name: str
    address: str = field(repr=False)

    def connect(self, *, admin: bool = False, **options: Any) -> psycopg.Connection[Any]:
        """Return a connection that commits each statement, as the bot's role or as the superuser."""
        address = shared_server().address(self.name) if admin else self.address
        return psycopg.connect(address, autocommit=True, **options)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of who writes, as another program or a replica that hangs would."""
        with self.connect(admin=True) as holding:
            holding.execute("begin; lock table audit_head in exclusive mode")
            yield
            holding.execute("rollback")

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        """Refuse all writes, as a server that has become a standby."""
        with self._set("set default_transaction_read_only = on", "reset default_transaction_read_only"):
            yield

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse all connections but the superuser's."""
        with self._set("connection limit 0", "connection limit -1"):
            yield

    @contextlib.contextmanager
    def _set(self, there: str, back: str) -> Iterator[None]:
        """Alter the database for a time, for all connections of the bot's."""
        with self.connect(admin=True) as admin:
            admin.execute(f"alter database {self.name} {there}")
            admin.execute(END_BOTS, [BOT])
            try:
                yield
            finally:
                admin.execute(f"alter database {self.name} {back}")
                admin.execute(END_BOTS, [BOT])


@dataclass(frozen=True)
class Template:
    """The first content of copies: `bring_up` makes it, once in a run of the tests, in the database of an address."""

    name: str
    bring_up: Callable[[str], None]


def _bring_up(address: str) -> None:
    """Bring a database to the bot's schema as the bot does; in a thread of its own, since a test's loop may run."""

    async def opened() -> None:
        store = Store(ServerAddress(address))
        await store.open()
        await store.close()

    bringing = threading.Thread(target=asyncio.run, args=(opened(),))
    bringing.start()
    bringing.join()


WITH_SCHEMA: Final = Template("with_schema", _bring_up)
"""The bot's schema, with nothing in it."""


@contextlib.contextmanager
def connection_to(database: Database) -> Iterator[PostgresConnection]:
    """Connect as a job of the bot's is connected, but that each statement is committed."""
    with database.connect() as connection:
        yield PostgresConnection(_Lent(), query_only=False, begun=connection)


def contents(database: Database) -> Iterator[tuple[str, bytes]]:
    """Yield each table that has rows, with all that is in it as a text: bytes are read as such, and not as hex."""
    with database.connect(admin=True) as connection:
        for (name,) in connection.execute(TABLES).fetchall():
            with connection.cursor().copy(f"copy {name} to stdout (format binary)") as copy:
                yield f"the table {name}", b"".join(bytes(each) for each in copy)


class _Lent:
    """The pool of a connection that is lent for good."""

    def borrow(self) -> psycopg.Connection[Any]:
        """Never lend another one."""
        raise AssertionError

    def give_back(self, connection: psycopg.Connection[Any], *, is_lost: bool) -> None:
        """Keep it: the test that has it closes it."""

    @contextlib.contextmanager
    def within(self, connection: psycopg.Connection[Any], seconds: float) -> Iterator[None]:  # noqa: ARG002 - no test waits for it
        """Wait as long as it takes."""
        yield

    def was_committed(self, transaction: str) -> bool:
        """Never ask: each statement is committed at once."""
        raise AssertionError(transaction)


@contextlib.contextmanager
def empty_database() -> Iterator[Database]:
    """Make a database with nothing in it, and drop it afterwards."""
    made = _create(_free_name(), "template0")
    try:
        yield made
    finally:
        _drop(made.name)


@contextlib.contextmanager
def fresh_database(template: Template = WITH_SCHEMA) -> Iterator[Database]:
    """Lend a copy of a template that nothing was written to."""
    unused = _UNUSED.setdefault(template.name, [])
    used = unused.pop() if unused else _Copy(template)
    try:
        yield used.database
    finally:
        if used.is_emptied():
            unused.append(used)
        else:
            used.drop()


class _Copy:
    """A copy of a template, and how the rows of a test are removed from it."""

    def __init__(self, template: Template) -> None:
        _make(template)
        self.database = _create(_free_name(), template.name)
        self._admin = self.database.connect(admin=True)
        self._admin.execute("set session_replication_role = replica")  # no trigger and no foreign key forbids it
        self._schema = self._value(SCHEMA)
        tables = [name for (name,) in self._admin.execute(TABLES)]
        self._first_rows = {name: self._rows(name) for name in tables if self._value(f"select exists (table {name})")}
        sequences = self._admin.execute(SEQUENCES).fetchall()
        self._emptying = "; ".join(
            [
                *(f"delete from {name}" for name in tables),  # noqa: S608 - names from the catalogue
                *(f"select setval('{name}', {value}, {is_called})" for name, value, is_called in sequences),
            ]
        )

    def is_emptied(self) -> bool:
        """End the test's connections and remove its rows; return False where the copy is no fresh one by that."""
        self._admin.execute(END_OTHERS)
        if self._value(SCHEMA) != self._schema or self._value(SIZE) > GROWN_BYTES:
            return False
        with self._admin.transaction():
            self._admin.execute(self._emptying)
            for name, rows in self._first_rows.items():
                with self._admin.cursor().copy(f"copy {name} from stdin (format binary)") as copy:
                    copy.write(rows)
        return True

    def drop(self) -> None:
        """Drop it."""
        self._admin.close()
        _drop(self.database.name)

    def _value(self, query: str) -> Any:
        row = self._admin.execute(query).fetchone()
        assert row is not None
        return row[0]

    def _rows(self, table: str) -> bytes:
        with self._admin.cursor().copy(f"copy {table} to stdout (format binary)") as copy:
            return b"".join(bytes(each) for each in copy)


_UNUSED: Final[dict[str, list[_Copy]]] = {}
_NUMBERS: Final = itertools.count(1)


def _free_name() -> str:
    return f"bot_{os.getpid()}_{next(_NUMBERS)}"


def _create(name: str, template: str) -> Database:
    made = Database(name, shared_server().address(name, user=BOT, password=_password()))
    copying = "strategy file_copy" if version() > OLDEST else ""
    _admin().execute(f"create database {name} owner {BOT} template {template} {copying}")
    return made


def _drop(name: str) -> None:
    _admin().execute(f"drop database {name} (force)")


def _make(template: Template) -> None:
    """Make a template, unless it was made in this run."""
    exists = "select 1 from pg_database where datname = %s"
    if _admin().execute(exists, [template.name]).fetchone():
        return
    with _alone():
        if not _admin().execute(exists, [template.name]).fetchone():
            made = _create(f"{template.name}_being_made", "template0")
            template.bring_up(made.address)
            _admin().execute(f"alter database {made.name} rename to {template.name}")


@functools.cache
def _admin() -> psycopg.Connection[Any]:
    """Return this process's connection as the superuser."""
    return psycopg.connect(shared_server().address("postgres"), autocommit=True)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock of all workers."""
    _admin().execute(f"select pg_advisory_lock({ONE_AT_A_TIME})")
    try:
        yield
    finally:
        _admin().execute(f"select pg_advisory_unlock({ONE_AT_A_TIME})")


@functools.cache
def _password() -> str:
    """Return the password of the bot's role, which the first who asks makes."""
    kept = shared_server().folder / "bot-password"
    with _alone():
        if not kept.exists():
            password = secrets.token_urlsafe(24)
            _admin().execute(f"create role {BOT} login password '{_verifier(password)}'")
            kept.touch(mode=0o600)
            kept.write_text(password, encoding="utf-8")
        return kept.read_text(encoding="utf-8")


def _verifier(password: str) -> str:
    """Return what the server keeps of a password (RFC 5803), with few rounds."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    served = hmac.digest(salted, b"Server Key", "sha256")
    salt_words, stored_words, served_words = (base64.b64encode(each).decode() for each in (salt, stored, served))
    return f"SCRAM-SHA-256${ITERATIONS}:{salt_words}${stored_words}:{served_words}"
