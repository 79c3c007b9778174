"""Announcements in the rows of sessions: heard of, the word about a stop, and sessions from elsewhere.

Nothing here makes a session ended: that is the history's word alone.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage import messages, sessions, starts
from storage.connection import Connection
from storage.records import Origin, Session, State
from storage.rows import IS_OPEN, session_of, to_column
from storage.session_changes import change
from storage.sessions import NewSession
from storage.stop import Arrived


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A session as far as its announcements concern it; light, since ten thousand are read every round.

    `awaits_word` is the request id of a stop that it has not said to have taken up.
    """

    id: int
    history_id: int
    application_id: int | None
    origin: Origin
    state: State
    changed_at: datetime
    has_url: bool
    heard_at: datetime | None
    calls: int | None
    is_silent: bool
    is_ending: bool
    awaits_word: str | None


@dataclass(frozen=True, kw_only=True)
class Beat:
    """The newest sign of life of a session, as a moment of our clock, and its calls then."""

    id: int
    at: datetime
    calls: int


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A session from elsewhere, as it is recorded: who it is, its sealed URL, and what it announced."""

    new: NewSession
    history_id: int
    secure_url: bytes = field(repr=False)
    started_at: datetime
    heard_at: datetime
    calls: int


def standings(db: Connection, history_ids: Iterable[int]) -> list[Standing]:
    """Return the sessions with these numbers of the platform."""
    rows = db.execute(
        "select id, history_id, application_id, origin, state, changed_at,"
        " secure_url is not null or plain_url is not null, heard_at, calls, silent_at is not null,"
        " ending_at is not null, case when stop_taken_at is null then stop_request_id end"
        " from sessions where history_id in (select cast(value as bigint) from json_each(?))",
        [json.dumps(list(history_ids))],
    )
    return [_standing(row) for row in rows.fetchall()]


def count_heard(db: Connection) -> tuple[int, int]:
    """Return the number of open sessions that announced themselves, and of those among them that are silent."""
    sql = f"select count(*), count(silent_at) from sessions where {IS_OPEN} and heard_at is not null"
    heard, silent = db.execute(sql).fetchone()
    return int(heard), int(silent)


def without_number(db: Connection) -> list[Session]:
    """Return the sessions whose end is not settled, and whose number the platform did not tell."""
    sql = f"select * from sessions where history_id is null and state <> 'failed' and {IS_OPEN} order by id"
    return [session_of(row) for row in db.query(sql)]


def record_beats(db: Connection, beats: Sequence[Beat], *, now: datetime) -> None:
    """Record the newest beats of many sessions: never an older one, and without a new version of any.

    A moment in the future is by a clock that was set back since, and so is no newer one.
    """
    db.execute(
        "update sessions set heard_at = beat.at, calls = beat.calls"
        " from (select cast(json_extract(value, '$[0]') as bigint) as id, json_extract(value, '$[1]') as at,"
        " cast(json_extract(value, '$[2]') as bigint) as calls from json_each(:beats)) as beat"
        f" where sessions.id = beat.id and {IS_OPEN}"
        " and (heard_at is null or heard_at < beat.at or heard_at > :now"
        " or heard_at = beat.at and sessions.calls is distinct from beat.calls)",
        {"beats": json.dumps([[each.id, to_column(each.at), each.calls] for each in beats]), "now": to_column(now)},
    )


def record_heard_again(db: Connection, session_id: int, *, by: str, event: str, now: datetime) -> Session | None:
    """Record that a session that had fallen silent is heard of again; None where it had not."""
    return _note_if(db, session_id, "silent_at is not null", {"silent_at": None}, by=by, event=event, now=now)


def record_ending(db: Connection, session_id: int, *, by: str, event: str, now: datetime) -> Session | None:
    """Record that a session says that it is ending; None where it said so before."""
    return _note_if(db, session_id, "ending_at is null", {"ending_at": now}, by=by, event=event, now=now)


def record_taken(
    db: Connection, session_id: int, request_id: str, *, by: str, event: str, now: datetime
) -> Session | None:
    """Record that the scenario took up the present stop; None where it said so before, or took up another one.

    What was taken up did arrive, whatever its delivery could tell; one that is being delivered is left to that.
    """
    session = sessions.get(db, session_id)
    stop = None if session is None else session.stop
    if session is None or stop is None or stop.request_id != request_id or stop.taken_at is not None:
        return None
    if session.state.is_final:
        return None
    changes: dict[str, Any] = {"stop_taken_at": now}
    is_under_way = stop.arrived is None and not stop.was_given_up
    if stop.arrived is not Arrived.yes and not is_under_way:
        changes["stop_arrived"] = Arrived.yes
        if stop.delivered_at is None:
            changes["stop_delivered_at"] = now
    moved = None
    if not is_under_way and session.state is not State.abandoned:  # a record that was closed stays so
        moved = sessions.move(db, session_id, State.stopping, by=by, event=event, now=now, **changes)
    return moved or sessions.note(db, session_id, by=by, event=event, now=now, **changes)


def record_url(
    db: Connection, session_id: int, url: bytes, history_id: int, *, by: str, event: str, now: datetime, **columns: Any
) -> Session | None:
    """Record the URL of a session that held none, and that it runs; None where it holds one, or has another number.

    A record that was closed meanwhile keeps the URL, too.
    """
    session = sessions.get(db, session_id)
    if session is None or session.has_url or session.state.is_final:
        return None
    if session.history_id != history_id and (session.history_id or starts.free_number(db, history_id) is None):
        return None
    columns |= {"secure_url": url, "history_id": history_id}
    return starts.record_running(db, session_id, by=by, event=event, now=now, **columns)


def record_arrival(
    db: Connection, arrival: Arrival, *, by: str, event: str, with_card: bool, now: datetime
) -> Session | None:
    """Record a session from elsewhere, which runs; None where its number is known. A card needs a channel."""
    if starts.free_number(db, arrival.history_id) is None:
        return None
    session = sessions.add(
        db,
        arrival.new,
        now=now,
        state=State.running,
        last_event=event,
        changed_by=by,
        history_id=arrival.history_id,
        secure_url=arrival.secure_url,
        started_at=arrival.started_at,
        heard_at=arrival.heard_at,
        calls=arrival.calls,
    )
    if with_card and session.channel:
        messages.add_card(db, session.id, session.channel, now=now)
    return session


def settle_in(db: Connection, session_id: int, *, channel: str, private: bool, shared: bool) -> Session | None:
    """Record the channel of a session without a home; None where it has one, so that the first one stays."""
    if not channel:
        raise AssertionError(session_id)
    columns = {"channel": channel, "channel_private": private, "channel_shared": shared}
    return change(db, session_id, columns, "channel = ''")


def _standing(row: Sequence[Any]) -> Standing:
    (id_, history_id, application_id, origin, state, changed_at, *said) = row
    has_url, heard_at, calls, is_silent, is_ending, awaits_word = said
    return Standing(
        id=id_,
        history_id=history_id,
        application_id=application_id,
        origin=Origin(origin),
        state=State(state),
        changed_at=datetime.fromisoformat(changed_at),
        has_url=bool(has_url),
        heard_at=None if heard_at is None else datetime.fromisoformat(heard_at),
        calls=calls,
        is_silent=bool(is_silent),
        is_ending=bool(is_ending),
        awaits_word=awaits_word,
    )


def _note_if(
    db: Connection,
    session_id: int,
    condition: str,
    changes: dict[str, Any],
    *,
    by: str,
    event: str,
    now: datetime,
) -> Session | None:
    changes = {**changes, "last_event": event, "changed_at": now, "changed_by": by}
    return change(db, session_id, changes, f"{condition} and {IS_OPEN}")
