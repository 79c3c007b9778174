"""The engine beneath: one SQLite file, its schema, the two threads over it, and whether it is whole."""

from storage.sqlite._audit_chain import add_functions
from storage.sqlite._connection import ThreadConnection
from storage.sqlite._integrity import Integrity, probe
from storage.sqlite._threads import Reader, Writer, data_version

__all__ = ["Integrity", "Reader", "ThreadConnection", "Writer", "add_functions", "data_version", "probe"]
