"""The engine for more than one host: a database on a PostgreSQL server, which replicas share."""

from storage.postgres._engine import PostgresEngine

__all__ = ["PostgresEngine"]
