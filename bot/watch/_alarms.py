"""Alarms: a reply in the session's thread, or, when there are many, one grouped message for all of them.

An unconfirmed stop, a session over its limit, an end that nobody asked for: after five of them in a
channel within a minute, the next go into one grouped message, which is edited while more come. It has
one line a session, the latest, which shows when the session is over. Its lines are rows, and each look of the watch
writes it once, however many came.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Reply, Services, data_suffix
from bot.text import calls, code, plain, strong
from storage import Connection, alarms, messages
from storage.alarms import AlarmKind, Gathered
from storage.message import Message
from storage.records import Session

log = logging.getLogger(__name__)

WITHIN: Final = timedelta(minutes=1)
ONE_BY_ONE: Final = 5
SHOWN: Final = 20


def raise_alarm(
    db: Connection,
    session: Session,
    reply: Reply,
    line: str,
    *,
    now: datetime,
    over: bool = False,
    kind: AlarmKind | None = None,
) -> None:
    """Record `reply` in the session's thread, or `line` in the grouped message of its channel.

    `over` marks the end of an alarm: many of those are grouped, too. Without a channel there is only the log, which has
    nothing of the data: that may be a caller's number.
    """
    channel, since = session.channel, now - WITHIN
    if not channel:
        log.warning("of a session in no channel, told to nobody: %s", plain(line.replace(data_suffix(session), "", 1)))
        return
    group = alarms.newest_group(db, channel, since, now)
    # One writer: of alarms that come at once each counts those before it.
    if group is None and not alarms.has_many(db, channel, ONE_BY_ONE, since, now):
        said = messages.add_reply(db, session.id, channel, reply.body(), command=None, now=now)
        if said is not None:
            alarms.add(db, channel, session.id, said.id, now=now, over=over, kind=kind)
        return
    message = _group_for(db, channel, group, line, now)
    alarms.add(db, channel, session.id, message.id, now=now, line=line, over=over, kind=kind)


def call_off_alarm(db: Connection, session: Session, says: str) -> bool:
    """Write the end of a session into each grouped message with an alarm about it.

    Returns False when there is none.
    """
    return alarms.call_off(db, session.id, says)


async def show_gathered(services: Services) -> None:
    """Write the grouped messages anew of which a line was written."""
    if await services.store.read(alarms.to_show):
        await services.store.write(write_gathered)


def write_gathered(db: Connection) -> None:
    """Write the grouped messages anew of which a line was written, each once."""
    for each in alarms.to_show(db):
        group = messages.get(db, each)
        if group is not None:
            text = _text(alarms.gathered(db, each, limit=SHOWN))
            messages.amend(db, each, {**(group.body or {}), "text": text})
        alarms.mark_shown(db, each)


def _group_for(db: Connection, channel: str, newest: int | None, line: str, now: datetime) -> Message:
    """Return the newest grouped message, or a new one for a line that calls somebody whom none of them has called.

    An edit notifies nobody. `called` are those whom it and the grouped messages before it called.
    """
    group = None if newest is None else messages.get(db, newest)
    called = set() if group is None else set((group.body or {}).get("called", ()))
    new = {each.letters for each in calls(line)} - called
    if group is not None and not new:
        return group
    body = {"text": _text(Gathered(calling=1, over=0, lines=[line])), "called": sorted(called | new)}
    return messages.add_summary(db, channel, body, command=None, now=now)


def _text(group: Gathered) -> str:
    """Return the message: the number of open alarms, their lines first, then those that are over."""
    more = group.calling + group.over - len(group.lines)
    rest = [f"… and {more} more; {code('list')} shows the open ones."] if more else []
    return "\n".join([_head(group), *(f"• {each}" for each in group.lines), *rest])


def _head(group: Gathered) -> str:
    calling, over = group.calling, group.over
    if not calling:
        which = "the session that called for somebody" if over == 1 else f"all {over} sessions that called for somebody"
        return f"{strong('Over')}: {which}."
    said = "1 more session calls" if calling == 1 else f"{calling} more sessions call"
    ended = f" {over} that did {'is' if over == 1 else 'are'} over." if over else ""
    return f"{strong(f'{said} for somebody')} in this channel; to keep it readable, they are gathered here.{ended}"
