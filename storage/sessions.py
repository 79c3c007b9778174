"""Sessions as rows: typed functions over a connection, every change of state compare-and-set."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from storage.connection import Connection
from storage.records import LARGEST, OPEN, Origin, Session, State, before
from storage.rows import IS_OPEN, IS_OVER, marks, session_of, to_column
from storage.session_changes import change
from storage.stop import NEED_A_PERSON, in_sql


@dataclass(frozen=True, kw_only=True)
class NewSession:
    """The facts of a session before its start."""

    team: str
    channel: str
    channel_private: bool
    channel_shared: bool
    rule_id: int
    rule_name: str | None
    application_id: int | None
    application_name: str | None
    starter: str
    custom_data: str | None = field(repr=False)
    max_s: float | None = None
    alias: str | None = None
    rule_fingerprint: str | None = None
    origin: Origin = Origin.slack


def add(db: Connection, new: NewSession, *, now: datetime, **known: Any) -> Session:
    """Record a session that is about to be started, in state `starting`; or one of which other columns are known."""
    columns = {
        **vars(new),
        "state": State.starting,
        "last_event": "Accepted; nothing has been started yet.",
        "changed_at": now,
        "changed_by": new.starter,
        "created_at": now,
        **known,
    }
    names = ", ".join(columns)
    marks = ", ".join(f":{name}" for name in columns)
    rows = db.query(
        f"insert into sessions ({names}) values ({marks}) returning *",
        {name: to_column(value) for name, value in columns.items()},
    )
    return session_of(next(iter(rows)))


def get(db: Connection, session_id: int) -> Session | None:
    """Return the session with this id, or None."""
    return _numbered(db, "id", session_id)


def get_each(db: Connection, ids: Iterable[int]) -> dict[int, Session]:
    """Return those of the sessions with these ids that there are, by their ids."""
    sql = "select sessions.* from json_each(?) as wanted join sessions on sessions.id = cast(wanted.value as bigint)"
    wanted = json.dumps([each for each in ids if _is_kept(each)])
    return {session.id: session for session in map(session_of, db.query(sql, [wanted]))}


def id_of(db: Connection, team: str, number: int, *, of_platform: bool) -> int | None:
    """Return the id of the session with this number; only the id is read.

    An ambiguous number is our own where there is one, since those are short and are the ones people type, and
    else the platform's.
    """
    if not _is_kept(number):
        return None
    own = None if of_platform else number
    sql = (
        "select id from sessions where id = ? and team = ?"
        " union all select id from sessions where history_id = ? and team = ? limit 1"
    )
    row = db.execute(sql, [own, team, number, team]).fetchone()
    return None if row is None else int(row[0])


def by_history_id(db: Connection, history_id: int) -> Session | None:
    """Return the session with the platform's history id, or None."""
    return _numbered(db, "history_id", history_id)


def find(
    db: Connection,
    team: str,
    *,
    states: Iterable[State] = OPEN,
    channel: str | None = None,
    limit: int = 100,
) -> list[Session]:
    """Return the newest sessions of a workspace in these states, in one channel if it is named."""
    wanted = list(states)
    where = f"team = ? and state in ({marks(wanted)})"
    values: list[Any] = [team, *wanted]
    if channel is not None:
        where += " and channel = ?"
        values.append(channel)
    found = list[Session]()
    for part in (IS_OPEN, IS_OVER):
        if any(each.is_final == (part == IS_OVER) for each in wanted):
            found += _all(db, f"{where} and {part} order by id desc limit ?", [*values, limit])
    return sorted(found, key=lambda each: -each.id)[:limit]


def watched(db: Connection) -> list[Session]:
    """Return every session whose end is not settled."""
    return sorted(_all(db, IS_OPEN, []), key=lambda each: each.id)


def is_any(db: Connection, state: State) -> bool:
    """Return whether any session is in this state."""
    part = IS_OVER if state.is_final else IS_OPEN
    return bool(db.execute(f"select 1 from sessions where state = ? and {part} limit 1", [state]).fetchone())


def rivals(db: Connection, session: Session, *, within: timedelta) -> list[Session]:
    """Return the other sessions without a history id that could have the same row, by rule and data.

    Of an adopted one the data is not known, so any could be its own.
    """
    called = session.called_at or session.created_at
    where = (
        "id <> ? and rule_id = ? and (custom_data is not distinct from ? or adopted = 1 or ? = 1)"
        " and history_id is null and state <> 'failed' and"
        " coalesce(called_at, created_at) between ? and ?"
    )
    window = [to_column(called - within), to_column(called + within)]
    return _all(db, where, [session.id, session.rule_id, session.custom_data, int(session.adopted), *window])


def without_outcome(db: Connection, verbs: Sequence[str]) -> list[Session]:
    """Return the sessions in `starting` without an unfinished command of these verbs."""
    unfinished = (
        "select 1 from commands where commands.session = sessions.id and commands.state in ('accepted', 'calling')"
        f" and commands.verb in ({marks(verbs)})"
    )
    return _all(db, f"state = 'starting' and {IS_OPEN} and not exists ({unfinished}) order by id", verbs)


def with_urls(db: Connection) -> list[Session]:
    """Return every session whose URL is held."""
    return _all(db, "secure_url is not null or plain_url is not null order by id", [])


def has_urls(db: Connection) -> bool:
    """Return whether the URL of any session is held."""
    sql = "select 1 from sessions where secure_url is not null or plain_url is not null limit 1"
    return db.execute(sql).fetchone() is not None


def secure_urls(db: Connection) -> list[tuple[int, bytes]]:
    """Return the sealed secure URLs that are held, with the ids of their sessions."""
    return db.execute("select id, secure_url from sessions where secure_url is not null order by id").fetchall()


def count_by_state(db: Connection) -> dict[str, int]:
    """Return the number of sessions by state, for the metrics; those that are over are counted as they end."""
    sql = (
        f"select state, count(*) from sessions where {IS_OPEN} group by state"
        " union all select state, number from session_counts where number > 0"
    )
    return dict(db.execute(sql).fetchall())


def count_without_channel(db: Connection) -> int:
    """Return the number of open sessions that belong to no channel: nobody is told of them."""
    sql = f"select count(*) from sessions where {IS_OPEN} and channel = ''"
    return int(db.execute(sql).fetchone()[0])


def count_troubled(db: Connection) -> tuple[int, int]:
    """Return the numbers of open sessions with an unconfirmed stop, and over their limit, for the metrics."""
    sql = (
        f"select count(*) filter (where stop_state in {in_sql(NEED_A_PERSON)}), count(over_max_at) from sessions"
        f" where {IS_OPEN} and end_seen_at is null"
    )
    unconfirmed, over_limit = db.execute(sql).fetchone()
    return unconfirmed, over_limit


def move(
    db: Connection,
    session_id: int,
    to: State,
    *,
    by: str,
    event: str,
    now: datetime,
    **columns: Any,
) -> Session | None:
    """Change the state if the present state allows it; None means that another change was faster."""
    allowed = before(to)
    changes = {"state": to, "last_event": event, "changed_at": now, "changed_by": by, **columns}
    return change(db, session_id, changes, f"state in ({_named(allowed)})", _named_values(allowed))


def note(db: Connection, session_id: int, *, now: datetime, by: str, event: str, **columns: Any) -> Session | None:
    """Record an event without a change of state; the card is updated."""
    changes = {"last_event": event, "changed_at": now, "changed_by": by, **columns}
    return change(db, session_id, changes)


def record_facts(db: Connection, session_id: int, **columns: Any) -> Session | None:
    """Record facts about a session without an event; the card is updated."""
    return change(db, session_id, columns)


def record_silently(db: Connection, session_id: int, **columns: Any) -> None:
    """Record columns that no card shows, such as the last time the history was asked."""
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    db.execute(
        f"update sessions set {assignments} where id = :id",
        {"id": session_id, **{name: to_column(value) for name, value in columns.items()}},
    )


def wipe_abandoned_urls(db: Connection, *, abandoned_before: datetime) -> int:
    """Wipe the URLs of records closed before that time; return their number. Their cards offer no stop then."""
    cursor = db.execute(
        "update sessions set version = version + 1, secure_url = null, plain_url = null where state = 'abandoned'"
        f" and {IS_OPEN} and changed_at < ? and (secure_url is not null or plain_url is not null)",
        [to_column(abandoned_before)],
    )
    return int(cursor.rowcount)


def _named(states: Sequence[State]) -> str:
    return ", ".join(f":from{place}" for place in range(len(states))) or "null"


def _named_values(states: Sequence[State]) -> dict[str, Any]:
    return {f"from{place}": state for place, state in enumerate(states)}


def _numbered(db: Connection, column: str, number: int) -> Session | None:
    """Return the session with this number, which people type: some are larger than any that is stored."""
    return _first(db, f"{column} = ?", [number]) if _is_kept(number) else None


def _is_kept(number: int) -> bool:
    return 0 < number <= LARGEST


def _all(db: Connection, where: str, values: Sequence[Any]) -> list[Session]:
    return [session_of(row) for row in db.query(f"select * from sessions where {where}", values)]


def _first(db: Connection, where: str, values: Sequence[Any]) -> Session | None:
    return next(iter(_all(db, where, values)), None)
