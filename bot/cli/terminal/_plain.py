"""Neutral text, rendered for a terminal."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.text import harmless_line, plain


def words(text: str, command: str | None = None, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the words of a neutral text; Slack's `command`, if given, is replaced by this program.

    People and channels are shown by their `names`, where these are known, with their ids beside them. Nothing that
    could steer the terminal is left in it.
    """
    text = plain(text, lambda id_: with_id(id_, names))
    return text if command is None else text.replace(f"{command} ", "session-bot ")


def with_id(id_: str, names: Mapping[str, str]) -> str:
    """Return a name with its id beside it, by which it can be typed; the id alone where no name is known."""
    return f"{harmless_line(names[id_])} ({id_})" if id_ in names else id_
