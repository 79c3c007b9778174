"""Removal of what is personal from sessions that are over: data, reasons, words, and digests of what was typed.

Rows stay, with their numbers, ids, states and times, and the audit stays verified: its words go, covered by a line that
says which (see `chain`). A session is forgotten when it is over, holds no URL, was settled before the moment, and
nothing about it waits to be shown. Tables are gone through by number, in small pieces that are read before they are
written: a bot beside it never waits for more than the rows of one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from storage import audit, workspaces
from storage.chain import FORGOTTEN, covering_words
from storage.connection import Connection
from storage.records import FINAL
from storage.rows import marks, to_column
from storage.stop import in_sql

AT_ONCE: Final = 200
"""The number of rows that one transaction looks at."""

_OLD: Final = (
    f"state in {in_sql(FINAL)} and forgotten_at is null and changed_at < :before and secure_url is null"
    " and plain_url is null"
)
_SETTLED: Final = (
    "not exists (select 1 from messages where session = sessions.id and shown < wanted and error is null)"
    " and not exists (select 1 from command_sessions join commands on commands.id = command_sessions.command"
    " where command_sessions.session = sessions.id and commands.state in ('accepted', 'calling'))"
    " and not exists (select 1 from bulk_sessions join bulks on bulks.id = bulk_sessions.bulk"
    " where bulk_sessions.session = sessions.id and bulks.closed_at is null)"
)
_OF_COMMANDS: Final = (
    "digest <> '' and state not in ('accepted', 'calling') and done_at < :before"
    " and (session is null or exists (select 1 from sessions where id = commands.session and forgotten_at is not null))"
    " and not exists (select 1 from command_sessions join sessions on sessions.id = command_sessions.session"
    " where command_sessions.command = commands.id and sessions.forgotten_at is null)"
    " and not exists (select 1 from bulks where command = commands.id and closed_at is null)"
)
_OF_MESSAGES: Final = (
    'session is null and body is distinct from \'{"text": ""}\' and created_at < :before'
    " and (shown >= wanted or error is not null)"
    " and (command is null or exists (select 1 from commands where id = messages.command and digest = ''))"
    " and not exists (select 1 from alarms where message = messages.id)"
)
_OF_LINES: Final = (
    f"words is not null and at < :before and not (subject = 'note' and became in ('{FORGOTTEN}', 'restored'))"
    " and (session is null or exists (select 1 from sessions where id = audit.session and forgotten_at is not null))"
    " and (command is null or exists (select 1 from commands where id = audit.command and digest = ''))"
)
_NAMED: Final = (
    "select starter from sessions where forgotten_at is null"
    " union select stop_by from sessions where forgotten_at is null and stop_by is not null"  # not in (…, null) is null
    " union select channel from sessions where forgotten_at is null"
    " union select actor from commands where digest <> '' union select channel from commands where digest <> ''"
)


@dataclass(frozen=True, kw_only=True)
class Due:
    """The sessions that would be forgotten, and those of the same age that are kept: still open, or not settled."""

    sessions: int
    still_open: int
    not_settled: int


def due(db: Connection, before: datetime) -> Due:
    """Return how many sessions can be forgotten."""
    values = {"before": to_column(before)}

    def count(where: str) -> int:
        return int(db.execute(f"select count(*) from sessions where {where}", values).fetchone()[0])

    ready, old = count(f"{_OLD} and {_SETTLED}"), "forgotten_at is null and changed_at < :before and state"
    over = count(f"{old} in {in_sql(FINAL)}")
    return Due(sessions=ready, still_open=count(f"{old} not in {in_sql(FINAL)}"), not_settled=over - ready)


class Part(StrEnum):
    """A table from which something is forgotten, in the order in which that is done."""

    sessions = "sessions"
    commands = "commands"
    messages = "messages"
    lines = "audit"


_DUE: Final = {
    Part.sessions: f"{_OLD} and {_SETTLED}",
    Part.commands: _OF_COMMANDS,
    Part.messages: _OF_MESSAGES,
    Part.lines: _OF_LINES,
}


def due_after(db: Connection, part: Part, before: datetime, after: int) -> tuple[list[int], int | None]:
    """Return the rows to forget among the next `AT_ONCE` after this one, and the last of these; None: there is none."""
    sql = f"select id, {_DUE[part]} from {part} where id > :after order by id limit {AT_ONCE}"
    rows = db.execute(sql, {"before": to_column(before), "after": after}).fetchall()
    return [number for number, is_due in rows if is_due], rows[-1][0] if rows else None


def forget(db: Connection, part: Part, ids: Sequence[int], before: datetime, *, actor: str, now: datetime) -> int:
    """Forget those of these rows that are still to be forgotten; return their number."""
    sql = f"select id from {part} where id in (select cast(value as bigint) from json_each(:ids)) and {_DUE[part]}"
    due = [number for (number,) in db.execute(sql, {"before": to_column(before), "ids": json.dumps(list(ids))})]
    if due:
        match part:
            case Part.sessions:
                _forget_sessions(db, due, now)
            case Part.commands:
                _forget_commands(db, due)
            case Part.messages:
                db.execute(f'update messages set body = \'{{"text": ""}}\' where id in ({marks(due)})', due)
            case Part.lines:
                _forget_words(db, due, before, actor, now)
    return len(due)


def _forget_sessions(db: Connection, ids: Sequence[int], now: datetime) -> None:
    """Forget sessions, with their messages and alarms."""
    some = marks(ids)
    db.execute(
        "update sessions set custom_data = null, stop_reason = null, stop_answer = null, finish_reason = null,"
        f" last_event = '', forgotten_at = ? where id in ({some})",
        [to_column(now), *ids],
    )
    db.execute(f"update messages set body = '{{\"text\": \"\"}}' where kind <> 'card' and session in ({some})", ids)
    db.execute(f"delete from alarms where session in ({some})", ids)
    db.execute(f"update bulk_sessions set why_not = '' where why_not is not null and session in ({some})", ids)


def _forget_commands(db: Connection, ids: Sequence[int]) -> None:
    some = marks(ids)
    db.execute(f"update commands set outcome = null, digest = '', intent = null where id in ({some})", ids)
    db.execute(f"update bulks set reason = null where command in ({some})", ids)


def _forget_words(db: Connection, ids: Sequence[int], before: datetime, actor: str, now: datetime) -> None:
    """Forget the words of lines of the audit, covered by a line that says so."""
    served = workspaces.known(db)
    audit.note(
        db,
        team="" if served is None else served.team,
        channel="",
        actor=actor,
        became=FORGOTTEN,
        words=f"What was older than {before:%Y-%m-%d} was forgotten: the words of {covering_words(ids)}",
        now=now,
    )
    note = db.execute("select max(id) from audit").fetchone()[0]
    db.execute(f"update audit set words = null, salt = null, forgotten_by = ? where id in ({marks(ids)})", [note, *ids])


def unnamed(db: Connection) -> list[str]:
    """Return the ids of people and channels whose names are kept, and that nothing names any more."""
    unnamed = " union ".join(
        f"select id from {table} where id not in (select id from named)" for table in ("people", "channels")
    )
    return [each for (each,) in db.execute(f"with named(id) as materialized ({_NAMED}) {unnamed}")]


def forget_names(db: Connection, ids: Sequence[str]) -> None:
    """Forget the names of these, and what Slack said of them."""
    for each in ids:
        db.execute("delete from slack_answers where kind in ('person', 'channel') and id = ?", [each])
        db.execute("delete from people where id = ?", [each])
        db.execute("delete from channels where id = ?", [each])
