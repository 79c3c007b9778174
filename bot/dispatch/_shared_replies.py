"""Replies per outcome, until one person's sends come faster than people read: then the next share a reply.

After five in a session's thread within a minute, or while one still waits to be posted, the next outcome
is added to the last reply, which is edited. Each is there in full: an outcome that does not fit
begins a new reply.
"""

from datetime import datetime, timedelta
from typing import Final

from bot.ports import Reply
from storage import Connection, commands, messages
from storage.message import Message
from storage.records import Session

WITHIN: Final = timedelta(minutes=1)
ONE_BY_ONE: Final = 5
QUEUED: Final = timedelta(seconds=2)
"""A reply that Slack has not got for so long waits for its turn behind others."""

ROOM: Final = 3_000
"""The number of characters of outcomes in one reply."""


def record_reply(db: Connection, session: Session, reply: Reply, *, command: int | None, now: datetime) -> None:
    """Record the reply with a command's outcome: a reply of its own, or a part of the last one."""
    last = messages.last_reply(db, session.id) if reply.shares else None  # One writer: the last one stays the last
    if last is None or last.body is None or not _may_share(db, last, reply, command, now):
        messages.add_reply(db, session.id, session.channel, reply.body(), command=command, now=now)
        return
    told = {"text": f"{last.body['text']}\n{reply.text}", "gathers": True, "told_at": now.isoformat()}
    messages.amend(db, last.id, {**last.body, **told})


def _may_share(db: Connection, last: Message, reply: Reply, command: int | None, now: datetime) -> bool:
    body = last.body or {}
    if not body.get("shares") or last.error is not None or not _is_of_one_person(db, last.command, command):
        return False
    if len(body["text"]) + len(reply.text) >= ROOM:
        return False
    if body.get("gathers") and now - datetime.fromisoformat(body["told_at"]) < WITHIN:
        return True
    if last.ts is None and now - last.created_at > QUEUED:
        return True
    return messages.count_sharing(db, last, since=now - WITHIN) >= ONE_BY_ONE


def _is_of_one_person(db: Connection, one: int | None, other: int | None) -> bool:
    """Return whether two commands were given by the same person, who gets direct messages about a reply."""
    found = [None if each is None else commands.get(db, each) for each in (one, other)]
    actors = {None if each is None else each.actor for each in found}
    return len(actors) == 1 and None not in actors
