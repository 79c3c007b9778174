"""What is said in Slack's markup, as a terminal shows it."""

import html
import re
from typing import Final

from bot.mrkdwn import plain

_DATE: Final = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_GROUP: Final = re.compile(r"<!subteam\^([^|>]*)[^>]*>")
_NAME: Final = re.compile(r"<([@#])([^|>]+)(?:\|[^>]*)?>")
_THREAD: Final = re.compile(r" <[^<>|]*\|Thread>")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2066-\u2069\u202a-\u202e]")


def words(text: str, command: str | None = None) -> str:
    """Take the markup out; where Slack's `command` is named, if it is given, this program is.

    Names of people and channels are their ids: only Slack knows how they are called. Nothing that could steer
    the terminal is left in it.
    """
    text = _THREAD.sub("", text)
    text = _NAME.sub(r"\1\2", _GROUP.sub(r"\1", _DATE.sub(r"\1", text)))
    text = html.unescape(plain(text))
    text = _UNPRINTABLE.sub("", text)
    return text if command is None else text.replace(f"{command} ", "session-bot ")
