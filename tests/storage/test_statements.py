"""The statements that differ from engine to engine stand by the same names in both."""

import inspect
from types import FunctionType, ModuleType

from storage.postgres import statements as of_postgres
from storage.sqlite import statements as of_sqlite


def test_both_engines_have_the_same_statements() -> None:
    """What one engine can be asked, the other can be asked in the same words."""
    assert _signatures(of_sqlite) == _signatures(of_postgres)


def _signatures(module: ModuleType) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(value)
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__ and not name.startswith("_")
    }
