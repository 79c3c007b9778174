"""Search for a session in the history without its number: when a start's answer was lost, or had none."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.ports import Reply, Services
from bot.process import HIDDEN, without_urls
from bot.text import cut, moment
from bot.voximplant import HistoryRow
from bot.voximplant.errors import PlatformError
from bot.watch._apply_history import apply_reading
from storage import Connection, history, messages, sessions
from storage.records import HistorySays, Session, State

log = logging.getLogger(__name__)

BEFORE: Final = timedelta(seconds=5)
AFTER: Final = timedelta(seconds=120)
"""The largest distance of a session's start, by the platform's clock and queue, from the moment of our call."""

_SHOWN: Final = 10
_UNKNOWN: Final = datetime.max.replace(tzinfo=UTC)


class Search:
    """Looks for sessions by rule, application, data and time window."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def look_for(self, session: Session) -> None:
        """Search the history for this session; exactly one row identifies it."""
        session = await self._with_rule(session)
        nowhere = session.adopted and session.called_at is None  # its URL did not say when it began
        if session.application_id is None or session.rule_name is None or nowhere:
            await self._record_silence(session)
            return
        management = self._services.management
        called = management.clock.at(session.called_at or session.created_at)
        try:
            rows = await management.search_history(
                application_id=session.application_id,
                rule_name=session.rule_name,
                custom_data=None if HIDDEN in (session.custom_data or "") else session.custom_data,
                start=called - BEFORE,
                end=called + AFTER,
            )
        except PlatformError as problem:
            log.warning("the history could not be searched for %s: %s", session.name, type(problem).__name__)
            await self._record_silence(session)
            return
        now = self._services.clock.now()
        wanted = session.custom_data or None  # of an adopted one it is not known
        exact = [row for row in rows if session.adopted or (without_urls(row.custom_data or "") or None) == wanted]
        if rows.unread and not exact:  # it could be one of those that cannot be read
            await self._record_silence(session)
            return
        changed = await self._services.store.write(
            lambda db: _apply_rows(db, session.id, exact, asked=session.version, now=now)
        )
        self._services.changes.publish(changed)

    async def _with_rule(self, session: Session) -> Session:
        """Return the session with its rule's name and application, which a start by number may lack."""
        if session.application_id is not None and session.rule_name is not None:
            return session
        rule = await self._services.rules.named(session.rule_id)
        if rule is None or rule.name is None:
            return session
        columns = {
            "rule_name": rule.name,
            "application_id": rule.application_id,
            "application_name": rule.application_name,
        }
        await self._services.store.write(lambda db: sessions.record_silently(db, session.id, **columns))
        again = await self._services.store.read(lambda db: sessions.get(db, session.id))
        return again or session

    async def _record_silence(self, session: Session) -> None:
        """Record that the history could not be asked; its earlier candidates stay, they are listed once."""
        if session.history_says is not HistorySays.several:
            await self._services.store.write(lambda db: history.record_no_answer(db, [session.id]))


def _apply_rows(
    db: Connection, session_id: int, rows: list[HistoryRow], *, asked: int, now: datetime
) -> Session | None:
    """Apply the only possible row; never guess between two, nor take another session's row."""
    session = sessions.get(db, session_id)
    if session is None or session.seems_over or session.history_id is not None:
        return None
    # One writer: nobody takes a row, and no rival begins, between here and what is recorded.
    free = [row for row in rows if sessions.by_history_id(db, row.history_id) is None]
    rivals = sessions.rivals(db, session, within=AFTER)
    if any(rival.state is State.starting for rival in rivals):
        return None  # its answer is on the way, and will say which row is its own
    if not free:
        history.record_answer(db, session_id, HistorySays.absent, asked=asked, now=now)
        return None
    if len(free) == 1 and not rivals:
        sessions.record_silently(db, session_id, history_id=free[0].history_id)
        return apply_reading(db, session_id, free[0], None, asked=asked, now=now)
    if session.history_says is not HistorySays.several:
        reply = Reply(text=_listed(session, free, rivals))
        messages.add_reply(db, session_id, session.channel, reply.body(), command=None, now=now)
    history.record_answer(db, session_id, HistorySays.several, asked=asked, now=now)
    return None


def _listed(session: Session, rows: list[HistoryRow], rivals: list[Session]) -> str:
    """Return the candidates, for a person to choose from."""
    lines = [
        f"• h{row.history_id}{_since(row)}: {_state(row)}"
        for row in sorted(rows, key=lambda row: row.start or _UNKNOWN)[:_SHOWN]
    ]
    count = "one session" if len(rows) == 1 else f"{len(rows)} sessions"
    others = ", ".join(rival.name for rival in rivals[:_SHOWN])
    as_well = f", or {others} just as well" if others else ""
    says = (
        f"The history knows {count} of {cut(session.rule, 150)} that could be {session.name}{as_well}, "
        "and nothing tells them apart. Look at their numbers in the platform's control panel:"
    )
    return "\n".join([says, *lines])


def _since(row: HistoryRow) -> str:
    return "" if row.start is None else f", since {moment(row.start)}"


def _state(row: HistoryRow) -> str:
    return f"ended ({row.finish_reason or ''})" if row.has_ended else "runs"
