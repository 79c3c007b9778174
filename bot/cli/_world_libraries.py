"""The libraries of the embedded world: those of the extra `demo`, which a bot in life does without."""

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from typing import Final

import typer

from bot.cli._exit_codes import ExitCode

_LIBRARIES: Final = {"quickjs": "quickjs-ng", "trustme": "trustme"}
"""The modules, and the names that they are installed by."""


@contextlib.contextmanager
def world_libraries() -> Iterator[None]:
    """Exit with a sentence where the libraries of the embedded world are not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if missing.name not in _LIBRARIES:
            raise
        libraries = " and ".join(_LIBRARIES.values())
        sys.stderr.write(
            f"The embedded world needs {libraries}, and {_LIBRARIES[missing.name]} is not installed: in the bot's"
            " clone, `make setup` installs both, and `pip install --constraint constraints.txt '.[demo]'` does, too.\n"
        )
        raise typer.Exit(ExitCode.nothing_done) from None


def find_world_libraries() -> None:
    """Raise ModuleNotFoundError for the first library that is not installed; none of them is loaded."""
    for name in _LIBRARIES:
        if importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(name=name)
