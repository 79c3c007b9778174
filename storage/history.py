"""Readings of the history in a session's row: running, absent, or an end seen, taken back or settled."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from storage import sessions
from storage.connection import Connection
from storage.records import HistorySays, Session, State
from storage.rows import to_column

_URL_COLUMNS: Final = ("secure_url", "plain_url")


@dataclass(frozen=True, kw_only=True)
class Ending:
    """An end in the history; `ended_at` is None without a duration."""

    finish_reason: str
    ended_at: datetime | None
    duration_s: float | None
    cost: Decimal | None
    currency: str | None


def record_answer(db: Connection, session_id: int, says: HistorySays, *, asked: int, now: datetime) -> None:
    """Record the history's answer about that version of the session."""
    sessions.record_silently(db, session_id, history_says=says, history_at=now, history_version=asked)


def record_answers(db: Connection, says: HistorySays, asked: Mapping[int, int], *, now: datetime) -> None:
    """Record one answer about many sessions, by their versions when it was asked for, in one statement.

    For a session that it would change since, it is left to `record_answer`: one that seems over, or was unknown.
    """
    same = "" if says is HistorySays.absent else " and end_seen_at is null and state <> 'unknown'"
    db.execute(
        "update sessions set history_says = ?, history_at = ?, history_version = asked.version"
        " from (select cast(key as bigint) as id, cast(value as bigint) as version from json_each(?))"
        f" as asked where sessions.id = asked.id and state not in ('starting', 'ended', 'failed'){same}",
        [says, to_column(now), json.dumps(dict(asked))],
    )


def record_no_answer(db: Connection, session_ids: Iterable[int]) -> None:
    """Record that the history could not be asked about these sessions."""
    db.execute(
        "update sessions set history_says = ? where id in (select cast(value as bigint) from json_each(?))",
        [HistorySays.silent, json.dumps(list(session_ids))],
    )


def record_first_end(
    db: Connection, session_id: int, ending: Ending, *, event: str, asked: int, now: datetime
) -> Session | None:
    """Record the first reading of *ended*: the card may show it, the URL is kept."""
    columns = {
        "finish_reason": ending.finish_reason,
        "duration_s": ending.duration_s,
        "cost": ending.cost,
        "currency": ending.currency,
        "end_seen_at": now,
        "ended_at": ending.ended_at,
        "history_says": HistorySays.ended,
        "history_at": now,
        "history_version": asked,
    }
    return sessions.note(db, session_id, now=now, by="history", event=event, **columns)


def revoke_first_end(db: Connection, session_id: int, *, event: str, asked: int, now: datetime) -> Session | None:
    """Undo a first reading that the second one contradicts."""
    columns = dict.fromkeys(("finish_reason", "duration_s", "cost", "currency", "end_seen_at", "ended_at"))
    said = {"history_says": HistorySays.runs, "history_at": now, "history_version": asked}
    return sessions.note(db, session_id, now=now, by="history", event=event, **columns, **said)


def settle_end(db: Connection, session_id: int, ending: Ending, *, event: str, now: datetime) -> Session | None:
    """Record the state `ended` on the second agreeing reading, and wipe both URLs in the same commit."""
    return sessions.move(
        db,
        session_id,
        State.ended,
        by="history",
        event=event,
        now=now,
        finish_reason=ending.finish_reason,
        duration_s=ending.duration_s,
        cost=ending.cost,
        currency=ending.currency,
        history_says=HistorySays.ended,
        history_at=now,
        **dict.fromkeys(_URL_COLUMNS),
    )
