"""Everything that is kept: records and the functions over them, one module a table, on one SQLite file.

Begin with `records` and `stop` for what there is, `schema` for how it is kept, and `store` for transactions. A job
gets a `Connection`; which engine is beneath is known in here only.
"""

from storage.connection import Connection

__all__ = ["Connection"]
