"""Which version of the bot this is."""

from importlib.metadata import PackageNotFoundError, version
from platform import python_version


def in_words() -> str:
    """Return the program's name with its version and its Python's, as people quote it when they ask for help."""
    try:
        number = version("session-bot")
    except PackageNotFoundError:
        number = "of a folder that is not installed"
    return f"session-bot {number}, Python {python_version()}"
