"""Slack's markup, rendered as plain text for a terminal."""

import html
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.text import harmless_line, plain

_DATE: Final = re.compile(r"<!date\^[^<|>]*\|([^<>]*)>")
_GROUP: Final = re.compile(r"<!subteam\^([^<|>]*)[^<>]*>")
_NAME: Final = re.compile(r"<([@#])([^<|>]+)(?:\|[^<>]*)?>")
_THREAD: Final = re.compile(r" <[^<>|]*\|Thread>")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2066-\u2069\u202a-\u202e]")


def words(text: str, command: str | None = None, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a text without its markup; Slack's `command`, if given, is replaced by this program.

    People and channels are shown by their `names`, where these are known, with their ids beside them. Nothing that
    could steer the terminal is left in it.
    """

    def named(found: re.Match[str]) -> str:
        return f"{found[1]}{with_id(found[2], names)}"

    text = _THREAD.sub("", text)
    text = _NAME.sub(named, _GROUP.sub(r"\1", _DATE.sub(r"\1", text)))
    text = html.unescape(plain(text))
    text = _UNPRINTABLE.sub("", text)
    return text if command is None else text.replace(f"{command} ", "session-bot ")


def with_id(id_: str, names: Mapping[str, str]) -> str:
    """Return a name with its id beside it, by which it can be typed; the id alone where no name is known."""
    return f"{html.escape(harmless_line(names[id_]))} ({id_})" if id_ in names else id_
