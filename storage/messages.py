"""Our messages in Slack as rows: recorded first, posted later, updated instead of repeated."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from storage.connection import Connection
from storage.message import PAINTED_ANEW, RELEASED, Kind, Message
from storage.rows import message_of, to_column

_WITH_THREAD = """
    select messages.*, coalesce(card.ts, parent.ts) as thread_ts from messages
    left join messages card on card.session = messages.session and card.kind = 'card'
    left join messages parent on parent.id = messages.under
"""


def add_card(db: Connection, session_id: int, channel: str, *, now: datetime) -> Message:
    """Record the card of a session, to be posted."""
    return _add(db, session_id, channel, kind=Kind.card, body=None, command=None, now=now)


def call_for_card(db: Connection, session_id: int, channel: str, *, now: datetime) -> None:
    """Record the card of a session, unless it has one: a session from elsewhere has none until something happens."""
    sql = "select 1 from messages where session = ? and kind = 'card'"
    if db.execute(sql, [session_id]).fetchone() is None:
        add_card(db, session_id, channel, now=now)


def add_reply(
    db: Connection,
    session_id: int,
    channel: str,
    body: Mapping[str, Any],
    *,
    command: int | None,
    now: datetime,
) -> Message | None:
    """Record a reply in the thread of a session's card, to be posted, and the card first where there is none.

    A session without a channel has no thread: nothing is recorded then.
    """
    if not channel:
        return None
    call_for_card(db, session_id, channel, now=now)
    return _add(db, session_id, channel, kind=Kind.reply, body=body, command=command, now=now)


def add_summary(
    db: Connection, channel: str, body: Mapping[str, Any], *, command: int | None, now: datetime
) -> Message:
    """Record a message of its own in a channel, about several sessions, to be posted."""
    return _add(db, None, channel, kind=Kind.summary, body=body, command=command, now=now)


def add_under(db: Connection, summary: Message, body: Mapping[str, Any], *, now: datetime) -> Message:
    """Record a reply under a summary: `text`, or a `file` with its text, and the pages of text `instead`."""
    command = summary.command
    return _add(db, None, summary.channel, kind=Kind.reply, body=body, command=command, now=now, under=summary.id)


def add_direct(db: Connection, of: Message, person: str, body: Mapping[str, Any], *, now: datetime) -> None:
    """Record a direct message to a person, in the place of `of`, which its channel refuses."""
    kind = Kind.summary if of.session is None else Kind.reply
    _add(db, of.session, person, kind=kind, body=body, command=None, now=now, direct_of=of.id)


def has_direct(db: Connection, message_id: int) -> bool:
    """Return whether this message has direct messages already."""
    return bool(db.execute("select 1 from messages where direct_of = ? limit 1", [message_id]).fetchone())


def unposted(db: Connection, session_id: int) -> list[Message]:
    """Return the replies of a session's thread that are neither posted nor given up."""
    where = "messages.session = ? and messages.kind = 'reply' and messages.ts is null and messages.error is null"
    sql = f"{_WITH_THREAD} where {where} and messages.direct_of is null order by messages.id"
    return [message_of(row) for row in db.query(sql, [session_id])]


def amend(db: Connection, message_id: int, body: Mapping[str, Any]) -> None:
    """Record a new body of a message, posted or not, and of the direct messages in its place."""
    db.execute(
        "update messages set body = ?, wanted = wanted + 1 where id = ?",
        [to_column(body), message_id],
    )
    for direct_id, direct in db.execute("select id, body from messages where direct_of = ?", [message_id]).fetchall():
        kept = {**json.loads(direct), "text": str(body["text"])}
        db.execute("update messages set body = ?, wanted = wanted + 1 where id = ?", [to_column(kept), direct_id])


def get(db: Connection, message_id: int) -> Message | None:
    """Return the message with this id, or None."""
    return _first(db, f"{_WITH_THREAD} where messages.id = ?", [message_id])


def card_of(db: Connection, session_id: int) -> Message | None:
    """Return the card of a session, or None."""
    return _first(db, f"{_WITH_THREAD} where messages.session = ? and messages.kind = 'card'", [session_id])


def session_of_thread(db: Connection, channel: str, ts: str) -> int | None:
    """Return the session whose card has this ts, and so this thread."""
    row = db.execute(
        "select session from messages where channel = ? and ts = ? and kind = 'card'", [channel, ts]
    ).fetchone()
    return None if row is None else int(row[0])


def reply_of(db: Connection, command_id: int, session_id: int) -> Message | None:
    """Return the reply with a command's outcome on a session."""
    where = "messages.command = ? and messages.session = ? and messages.kind = 'reply'"
    return _first(db, f"{_WITH_THREAD} where {where}", [command_id, session_id])


def posted(db: Connection, message_id: int, *, channel: str, ts: str | None, shown: int, was: int = 0) -> bool:
    """Record where Slack put it, if known, and the shown version; `was` is the version it showed before.

    If it was amended meanwhile, it stays due. Return False, and record nothing, where it stands elsewhere on record.
    """
    version = "case when shown < ? or shown >= ? then shown else ? end"
    done = db.execute(
        f"update messages set channel = ?, ts = coalesce(?, ts), shown = {version}, error = null"
        " where id = ? and coalesce(ts, ?, '') = coalesce(?, ts, '')",
        [channel, ts, was, shown, shown, message_id, ts, ts],
    )
    return bool(done.rowcount)


def last_reply(db: Connection, session_id: int) -> Message | None:
    """Return the newest reply in the thread of a session."""
    where = "messages.session = ? and messages.kind = 'reply' and messages.direct_of is null"
    return _first(db, f"{_WITH_THREAD} where {where} order by messages.id desc limit 1", [session_id])


def count_sharing(db: Connection, like: Message, *, since: datetime) -> int:
    """Return the number of replies in a thread, recorded after that moment, in which outcomes may share a reply."""
    sql = (
        "select count(*) from messages where session = ? and kind = 'reply' and direct_of is null"
        " and created_at > ? and cast(json_extract(body, '$.shares') as bigint) = 1"
    )
    return int(db.execute(sql, [like.session, to_column(since)]).fetchone()[0])


def refused(db: Connection, message_id: int, word: str) -> None:
    """Record Slack's error code of a card or a posted message: it stays due, and is retried."""
    db.execute("update messages set error = ? where id = ?", [word, message_id])


def given_up(db: Connection, message: Message, error: str) -> None:
    """Record why this version will not be retried; of a card, and of a posted message, a newer one will be.

    A change since the message was read is such a newer one.
    """
    version = "case when (kind = 'card' or ts is not null) and shown < ? then ? else shown end"
    values = [error, message.wanted, message.wanted, message.id]
    db.execute(f"update messages set error = ?, shown = {version} where id = ?", values)


def post_anew(db: Connection, message_id: int) -> None:
    """Record a message as due again that somebody deleted in Slack, also if it was given up."""
    db.execute("update messages set ts = null, shown = 0, error = null where id = ?", [message_id])


def repaint(db: Connection, session_id: int) -> list[int]:
    """Record a session's card and the replies with its buttons as due, as they are now; return their ids.

    Slack may show them otherwise, or have refused them once, or a bulk stop hold them back.
    """
    where = "session = ? and ts is not null and (kind = 'card' or cast(json_extract(body, '$.buttons') as bigint) = 1)"
    rows = db.query(
        f"update messages set shown = {PAINTED_ANEW}, error = null where {where} returning id", [session_id]
    )
    return [int(row["id"]) for row in rows]


def release_card(db: Connection, session_id: int) -> None:
    """Record a session's card as due now, also while a bulk stop holds it back."""
    where = "session = ? and kind = 'card' and ts is not null"
    db.execute(f"update messages set shown = {RELEASED} where {where} and shown >= 0", [session_id])


def give_up_replies(db: Connection, session_id: int, error: str) -> None:
    """Record the replies of a thread without a card as given up."""
    db.execute(
        "update messages set error = ? where session = ? and kind = 'reply' and ts is null and direct_of is null",
        [error, session_id],
    )


def _add(
    db: Connection,
    session_id: int | None,
    channel: str,
    *,
    kind: Kind,
    body: Mapping[str, Any] | None,
    command: int | None,
    now: datetime,
    under: int | None = None,
    direct_of: int | None = None,
) -> Message:
    if not channel:
        msg = f"session {session_id} has no channel for a {kind}"
        raise AssertionError(msg)
    rows = db.query(
        "insert into messages (session, command, channel, kind, body, wanted, created_at, under, direct_of) values"
        " (?, ?, ?, ?, ?, (select version from sessions where id = ? and ? = 'card'"
        "  union all select 1 limit 1), ?, ?, ?) returning *, null as thread_ts",
        [session_id, command, channel, kind, to_column(body), session_id, kind, to_column(now), under, direct_of],
    )
    return message_of(next(iter(rows)))


def _first(db: Connection, sql: str, values: list[object]) -> Message | None:
    row = next(iter(db.query(sql, values)), None)
    return None if row is None else message_of(row)
