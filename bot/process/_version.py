"""The version of the bot."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from platform import python_version


@cache
def version_number() -> str:
    """Return the version, such as `0.1.0`; `unknown` where the bot runs from a folder and is not installed."""
    try:
        return version("session-bot")
    except PackageNotFoundError:
        return "unknown"


def version_words() -> str:
    """Return the program's name with its version and its Python's, for a request for help."""
    return f"session-bot {version_number()}, Python {python_version()}"
