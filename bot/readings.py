"""One reading of the history, taken into the record of a session."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot import endings
from bot.mrkdwn import escape, person
from bot.verbs.board import Reply
from bot.voximplant.management import HistoryRow
from storage import messages, sessions
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
        return _found(db, session, said, now=now)
    sessions.quietly(db, session_id, **said)
    return None


def _found(db: Database, session: Session, said: Mapping[str, Any], *, now: datetime) -> Session | None:
    """Say that a start of which nothing was known did happen, to its starter above all: nobody can end it from here."""
    event = "Found in the history: it runs, but its URL was never received, so nobody can stop it from here."
    found = sessions.move(db, session.id, State.uncontrolled, by="history", event=event, now=now, **said)
    if found is not None:
        number = f" (h{found.history_id})" if found.history_id is not None else ""
        text = f"{person(found.starter)} {found.name} {escape(found.rule, 150)}{number} was started after all. {event}"
        messages.add_reply(db, found.id, found.channel, Reply(text=text).body(), command=None, now=now)
    return found
