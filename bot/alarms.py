"""What calls for somebody: a reply in the session's thread, or, when there are many, one message for all of them.

A stop that is not confirmed, a session over its limit, an end that nobody asked for: after five of them in a
channel within a minute, the next go into one grouped message (DESIGN §6), which is edited while more come.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlite_utils import Database

from bot.verbs.board import Reply
from storage import alarms, messages
from storage.records import Message, Session

WITHIN: Final = timedelta(minutes=1)
ONE_BY_ONE: Final = 5
SHOWN: Final = 20

_MENTION: Final = re.compile(r"<[@!][^>]*>")


def call_for_somebody(db: Database, session: Session, reply: Reply, line: str, *, now: datetime) -> None:
    """Want `reply` in the session's thread, or `line` in the grouped message of its channel."""
    channel, since = session.channel, now - WITHIN
    groups = alarms.groups_since(db, channel, since, now)
    if not groups and alarms.count_since(db, channel, since, now) < ONE_BY_ONE:
        message = messages.add_reply(db, session.id, channel, reply.body(), command=None, now=now)
    else:
        message = _grouped(db, channel, groups, line, now)
    alarms.add(db, channel, session.id, message.id, now=now)


def _grouped(db: Database, channel: str, groups: Sequence[int], line: str, now: datetime) -> Message:
    """Put it into the newest message that gathers, or into a new one if it mentions whom none has mentioned."""
    gathering = [found for found in (messages.get(db, each) for each in groups) if found is not None]
    mentioned = {each for group in gathering for each in _mentions(str((group.body or {}).get("text", "")))}
    if not gathering or _mentions(line) - mentioned:
        body = {"text": _text([line], 1), "lines": [line], "count": 1}
        return messages.add_summary(db, channel, body, command=None, now=now)
    found = gathering[-1]
    before = found.body or {}
    count = int(before.get("count", 0)) + 1
    lines = [*before.get("lines", []), line][:SHOWN]
    messages.amend(db, found.id, {"text": _text(lines, count), "lines": lines, "count": count})
    return found


def _mentions(text: str) -> set[str]:
    """Give who is mentioned: an edit notifies nobody, so whoever was not mentioned yet needs a new message."""
    return set(_MENTION.findall(text))


def _text(lines: Sequence[str], count: int) -> str:
    said = "1 more session calls" if count == 1 else f"{count} more sessions call"
    head = f"*{said} for somebody* in this channel; to keep it readable, they are gathered here."
    more = [f"… and {count - len(lines)} more; `list` shows the open ones."] if count > len(lines) else []
    return "\n".join([head, *(f"• {line}" for line in lines), *more])
