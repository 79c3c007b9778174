"""One reading of the history, taken into the record of a session."""

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot import endings
from bot.voximplant.management import HistoryRow
from storage import sessions
from storage.records import HistorySays, Session, State


def read(
    db: Database, session_id: int, row: HistoryRow | None, currency: str | None, *, now: datetime
) -> Session | None:
    """Take one reading of the history into the record; give the session if people can see a change."""
    session = sessions.get(db, session_id)
    if session is None or session.state.is_over or session.state is State.starting:
        return None
    if row is None:
        sessions.quietly(db, session_id, history_says=HistorySays.absent, history_at=now)
        return None
    if row.has_ended:
        return endings.take(db, session, row, currency, now=now)
    if session.end_seen_at is not None:
        event = "The history took back that it ended: it still runs."
        return sessions.take_back_end(db, session_id, event=event, now=now)
    said: dict[str, Any] = {"history_says": HistorySays.runs, "history_at": now}
    if session.state is State.unknown:
        event = "Found in the history: it runs, but its URL was never received, so nobody can stop it from here."
        return sessions.move(db, session_id, State.uncontrolled, by="history", event=event, now=now, **said)
    sessions.quietly(db, session_id, **said)
    return None
