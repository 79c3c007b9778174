"""What is kept: records, and the named transactions over one database.

One module a table. Begin with `records` and `stop` for what there is, `schema` for how it is kept, and `store` for
transactions. A job gets a `Connection`; which engine is beneath is known in here only.
"""

from storage.connection import Connection

__all__ = ["Connection"]
