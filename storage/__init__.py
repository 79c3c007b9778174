"""The database: records, and named transactions over them.

Begin with `records` and `stop` for the data, `starts`, `stops` and `history` for what happens to a session, and
`store` for the transactions they run in; the tables are described in `sqlite.schema`. A job gets a `Connection`; the
engine beneath is known in here only.
"""

from storage.connection import Connection, Job

__all__ = ["Connection", "Job"]
