"""The database: records, and named transactions over them.

One module a table. Begin with `records` and `stop` for the data, `schema` for its tables, and `store` for
transactions. A job gets a `Connection`; the engine beneath is known in here only.
"""

from storage.connection import Connection

__all__ = ["Connection"]
