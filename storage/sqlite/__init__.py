"""The engine that is always there: one SQLite file, its schema, and whether it is whole."""

from storage.sqlite import statements
from storage.sqlite._audit_chain import add_functions
from storage.sqlite._connection import SqliteConnection
from storage.sqlite._engine import SqliteEngine, connect
from storage.sqlite._integrity import Integrity
from storage.sqlite._membership import file_membership
from storage.sqlite._receiving import receiving

__all__ = [
    "Integrity", "SqliteConnection", "SqliteEngine", "add_functions", "connect", "file_membership", "receiving",
    "statements",
]  # fmt: skip
