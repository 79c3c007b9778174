"""Alarms: a reply in the session's thread, or, when there are many, one grouped message for all of them.

An unconfirmed stop, a session over its limit, an end that nobody asked for: after five of them in a
channel within a minute, the next go into one grouped message, which is edited while more come. It has
one line a session, the latest, which shows when the session is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.ports import Reply
from bot.text import calls, code, strong
from storage import Connection, alarms, messages
from storage.message import Message
from storage.records import Session

WITHIN: Final = timedelta(minutes=1)
ONE_BY_ONE: Final = 5
SHOWN: Final = 20


@dataclass(frozen=True)
class _Line:
    """One session's line in a grouped message; `over`, when nobody is needed any more."""

    session: int
    text: str
    over: bool = False


def raise_alarm(
    db: Connection, session: Session, reply: Reply, line: str, *, now: datetime, over: bool = False
) -> None:
    """Record `reply` in the session's thread, or `line` in the grouped message of its channel.

    `over` marks the end of an alarm: many of those are grouped, too. A session without a channel has neither.
    """
    channel, since = session.channel, now - WITHIN
    groups = alarms.groups_since(db, channel, since, now)
    # One writer: of alarms that come at once each counts those before it.
    if not groups and alarms.count_since(db, channel, since, now) < ONE_BY_ONE:
        message = messages.add_reply(db, session.id, channel, reply.body(), command=None, now=now)
    else:
        message = _add_to_group(db, channel, groups, _Line(session.id, line, over), now)
    if message is not None:
        alarms.add(db, channel, session.id, message.id, now=now)


def call_off_alarm(db: Connection, session: Session, says: str) -> bool:
    """Write the end of a session into each grouped message with an alarm about it.

    Returns False when there is none.
    """
    gathered = [messages.get(db, each) for each in alarms.groups_of(db, session.id)]
    for group in gathered:
        if group is not None:
            _set_line(db, group, _Line(session.id, says, over=True))
    return bool(gathered)


def _add_to_group(db: Connection, channel: str, groups: Sequence[int], line: _Line, now: datetime) -> Message:
    """Add a line to the newest grouped message, or to a new one if it mentions a person no other one has."""
    gathering = [found for found in (messages.get(db, each) for each in groups) if found is not None]
    told = {each for group in gathering for entry in _lines(group.body or {}) for each in calls(entry.text)}
    if not gathering or set(calls(line.text)) - told:  # an edit notifies nobody: who was not called needs a new message
        return messages.add_summary(db, channel, _body([line]), command=None, now=now)
    _set_line(db, gathering[-1], line)
    return gathering[-1]


def _set_line(db: Connection, group: Message, line: _Line) -> None:
    """Put a line into a grouped message, in the place of the session's earlier line."""
    lines = {each.session: each for each in _lines(group.body or {})} | {line.session: line}
    messages.amend(db, group.id, _body(list(lines.values())))


def _lines(body: Mapping[str, Any]) -> list[_Line]:
    return [_Line(**each) for each in body.get("lines", []) if isinstance(each, dict)]


def _body(lines: Sequence[_Line]) -> Mapping[str, Any]:
    return {"text": _text(lines), "lines": [asdict(each) for each in lines]}


def _text(lines: Sequence[_Line]) -> str:
    """Return the message: the number of open alarms, their lines first, then those that are over."""
    calling, over = ([each for each in lines if each.over is is_over] for is_over in (False, True))
    shown = [*calling, *over][:SHOWN]
    more = [f"… and {len(lines) - SHOWN} more; {code('list')} shows the open ones."] if len(lines) > SHOWN else []
    return "\n".join([_head(len(calling), len(over)), *(f"• {each.text}" for each in shown), *more])


def _head(calling: int, over: int) -> str:
    if not calling:
        which = "the session that called for somebody" if over == 1 else f"all {over} sessions that called for somebody"
        return f"{strong('Over')}: {which}."
    said = "1 more session calls" if calling == 1 else f"{calling} more sessions call"
    ended = f" {over} that did {'is' if over == 1 else 'are'} over." if over else ""
    return f"{strong(f'{said} for somebody')} in this channel; to keep it readable, they are gathered here.{ended}"
