"""The database as jobs see it: statements and their rows, without the engine beneath."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Values = Sequence[Any] | dict[str, Any]
"""The values of a statement's places: `?` in order, or `:name` by name."""


class Result(Protocol):
    """The result of a statement: its rows as tuples, and the number of rows it changed."""

    @property
    def rowcount(self) -> int:
        """The number of changed rows."""
        ...

    def fetchone(self) -> Any:
        """Return the next row, None if there is none."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection within a transaction. A job has no effect but through it, so that it may run again."""

    def execute(self, sql: str, values: Values | None = None, /) -> Result:
        """Run a statement."""
        ...

    def query(self, sql: str, values: Values | None = None, /) -> Iterator[dict[str, Any]]:
        """Run a statement and return its rows by the names of their columns."""
        ...


Job = Callable[[Connection], T]
"""A piece of a transaction, with its result."""
