"""The beginning of a session in its rows: recorded with its card, called, running – started here, or adopted."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from storage import commands, messages, sessions
from storage.connection import Connection
from storage.records import Session, State
from storage.sealing import CannotOpen, Sealer
from storage.sessions import NewSession


def record_start(db: Connection, new: NewSession, *, command: int | None, now: datetime) -> Session:
    """Record a session that is to be started, its card, and its command."""
    session = sessions.add(db, new, now=now)
    messages.add_card(db, session.id, new.channel, now=now)
    if command is not None:
        commands.set_session(db, command, session.id)
    return session


def record_adoption(
    db: Connection,
    new: NewSession,
    url: str,
    sealer: Sealer,
    *,
    command: int | None,
    called_at: datetime | None,
    now: datetime,
    others: Collection[bytes] = (),
) -> tuple[Session, bool]:
    """Record a session that is to be adopted by its URL, or find the one that has it; return True if it was there.

    `others` are the seals of other URLs, opened before: thousands would keep the writer for a second. One writer:
    nobody adopts the same URL between the look and the row.
    """
    held = _with_url(db, url, sealer, others)
    if held is not None:
        return held, True
    session = record_start(db, new, command=command, now=now)
    sessions.record_silently(db, session.id, adopted=True, secure_url=sealer.seal(url), called_at=called_at)
    return session, False


def record_call(
    db: Connection, session_id: int, *, command: int | None, now: datetime, owner: str | None = None
) -> bool:
    """Record, before the call is sent, that the session may begin from now on.

    Return False where it must not be sent: its `owner` was taken for dead, and the start is settled.
    """
    if command is not None and not commands.mark_calling(db, command, now=now, owner=owner):
        return False
    sessions.record_silently(db, session_id, called_at=now)
    return True


def record_running(
    db: Connection, session_id: int, *, by: str, event: str, now: datetime, **columns: Any
) -> Session | None:
    """Record that it runs, with further columns; a record that was closed meanwhile keeps them, too."""
    moved = sessions.move(db, session_id, State.running, by=by, event=event, now=now, **columns)
    kept = sessions.get(db, session_id)
    if moved is None and kept is not None and not kept.state.is_final:
        return sessions.note(db, session_id, by=by, event=event, now=now, **columns)
    return moved


def record_number(db: Connection, session_id: int, history_id: int | None, **columns: Any) -> Session | None:
    """Record the platform's number, unless another session has it, and further columns; return the session."""
    if (number := free_number(db, history_id)) is not None:
        columns["history_id"] = number
    return sessions.record_facts(db, session_id, **columns) if columns else sessions.get(db, session_id)


def free_number(db: Connection, history_id: int | None) -> int | None:
    """Return the number unless another session has it: two cannot be one row of the history, so it is looked for.

    One writer: nobody takes the number between the look and the row.
    """
    taken = history_id is not None and sessions.by_history_id(db, history_id) is not None
    return None if taken else history_id


def seals_of_others(sealed: Iterable[tuple[int, bytes]], url: str, sealer: Sealer) -> frozenset[bytes]:
    """Return the seals of these that hold another URL; what no key opens is another one, as far as can be told."""
    return frozenset(seal for _, seal in sealed if not _holds(seal, url, sealer))


def _with_url(db: Connection, url: str, sealer: Sealer, others: Collection[bytes]) -> Session | None:
    """Return the session with this URL. Seals differ each time, so each is opened."""
    for session_id, seal in sessions.secure_urls(db):
        if seal not in others and _holds(seal, url, sealer):
            return sessions.get(db, session_id)
    return None


def _holds(seal: bytes, url: str, sealer: Sealer) -> bool:
    try:
        return sealer.open(seal).rstrip("/") == url.rstrip("/")
    except CannotOpen:
        return False
