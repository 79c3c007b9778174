"""The engine for databases on servers: it is imported where one is named, and has to be installed for that."""

from typing import TYPE_CHECKING

from storage.errors import StorageError

if TYPE_CHECKING:
    from types import ModuleType

_MISSING = "A database on a server needs more libraries: pip install 'session-bot[postgres]', and start again."


def postgres() -> "ModuleType":
    """Return `storage.postgres`; raises StorageError where its libraries are not installed."""
    try:
        from storage import postgres  # noqa: PLC0415 - a bot on a file loads none of it
    except ModuleNotFoundError as problem:
        if problem.name is not None and problem.name.startswith("psycopg"):
            raise StorageError(_MISSING) from None
        raise
    return postgres
