"""The engine for more than one host: a database on a PostgreSQL server, which replicas share."""

from storage.postgres._engine import PostgresEngine
from storage.postgres._membership import server_membership
from storage.postgres._reading import read_only
from storage.postgres._receiving import receiving

__all__ = ["PostgresEngine", "read_only", "receiving", "server_membership"]
