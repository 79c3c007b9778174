"""Which version of the bot this is."""

from importlib.metadata import PackageNotFoundError, version
from platform import python_version


def number() -> str:
    """Return the version, such as `0.1.0`; `unknown` where the bot runs from a folder and is not installed."""
    try:
        return version("session-bot")
    except PackageNotFoundError:
        return "unknown"


def in_words() -> str:
    """Return the program's name with its version and its Python's, as people quote it when they ask for help."""
    return f"session-bot {number()}, Python {python_version()}"
