"""One reading of the history, applied to the record of a session."""

from datetime import datetime

from bot.ports import Reply
from bot.text import call, escape
from bot.voximplant import HistoryRow
from bot.watch._ended import take_ended_reading
from storage import Connection, history, messages, sessions
from storage.records import HistorySays, Session, State


def apply_reading(
    db: Connection, session_id: int, row: HistoryRow | None, currency: str | None, *, asked: int, now: datetime
) -> Session | None:
    """Record one reading of the history; return the session if people can see a change.

    `asked` is the session's version when the history was asked.
    """
    session = sessions.get(db, session_id)
    if session is None or session.state.is_over or session.state is State.starting:
        return None
    if row is None:
        history.hear(db, session_id, HistorySays.absent, asked=asked, now=now)
        return None
    if row.has_ended:
        return take_ended_reading(db, session, row, currency, asked=asked, now=now)
    if session.end_seen_at is not None:
        event = "The history took back that it ended: it still runs."
        return history.take_back_end(db, session_id, event=event, asked=asked, now=now)
    history.hear(db, session_id, HistorySays.runs, asked=asked, now=now)
    return _found(db, session, now=now) if session.state is State.unknown else None


def _found(db: Connection, session: Session, *, now: datetime) -> Session | None:
    """Record that an unknown start did happen, and notify its starter: nobody can end it from here."""
    event = "Found in the history: it runs, but its URL was never received, so nobody can stop it from here."
    found = sessions.move(db, session.id, State.uncontrolled, by="history", event=event, now=now)
    if found is not None:
        number = f" (h{found.history_id})" if found.history_id is not None else ""
        text = f"{found.name} {escape(found.rule, 150)}{number} was started after all. {event} {call(found.starter)}"
        messages.add_reply(db, found.id, found.channel, Reply(text=text, buttons=True).body(), command=None, now=now)
    return found
