"""Search for a session in the history without its number: when a start's answer was lost, or had none."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bot.account import AFTER, possible_rows, with_rule
from bot.ports import Reply, RuleLookup, Services, session_name
from bot.text import cut, moment
from bot.voximplant import HistoryRow
from bot.watch._apply_history import apply_reading
from storage import Connection, history, messages, sessions
from storage.records import HistorySays, Origin, Session, State

_SHOWN: Final = 10
_UNKNOWN: Final = datetime.max.replace(tzinfo=UTC)


class Search:
    """Looks for sessions by rule, application, data and time window."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def look_for(self, session: Session) -> None:
        """Search the history for this session; exactly one row identifies it."""
        session = await with_rule(session, self._services)
        rows = await possible_rows(session, self._services)
        if rows is None or (rows.unread and not rows):  # it could be one of those that cannot be read
            await self._record_silence(session)
            return
        now = self._services.clock.now()
        changed = await self._services.store.write(
            lambda db: _apply_rows(db, session.id, rows, self._services.rules, asked=session.version, now=now)
        )
        self._services.changes.publish(changed)

    async def _record_silence(self, session: Session) -> None:
        """Record that the history could not be asked; its earlier candidates stay, they are listed once."""

        def job(db: Connection) -> None:
            kept = sessions.get(db, session.id)
            if kept is not None and kept.history_says is not HistorySays.several:
                history.record_no_answer(db, [session.id])

        await self._services.store.write(job)


def _apply_rows(
    db: Connection, session_id: int, rows: list[HistoryRow], rules: RuleLookup, *, asked: int, now: datetime
) -> Session | None:
    """Apply the only possible row; never guess between two, nor take another session's row."""
    session = sessions.get(db, session_id)
    if session is None or session.seems_over or session.history_id is not None:
        return None
    # One writer: nobody takes a row, and no rival begins, between here and what is recorded.
    holders = {row.history_id: sessions.by_history_id(db, row.history_id) for row in rows}
    free = [row for row in rows if holders[row.history_id] is None]
    # What announced itself and could not be told from this one is recorded as from elsewhere: it could still be it.
    possible = [row for row in rows if (held := holders[row.history_id]) is None or held.origin is Origin.elsewhere]
    rivals = sessions.rivals(db, session, within=AFTER)
    if any(rival.state is State.starting for rival in rivals):
        return None  # its answer is on the way, and will say which row is its own
    if not possible:
        history.record_answer(db, session_id, HistorySays.absent, asked=asked, now=now)
        return None
    if len(free) == len(possible) == 1 and not rivals:
        sessions.record_silently(db, session_id, history_id=free[0].history_id)
        return apply_reading(db, session_id, free[0], None, rules, asked=asked, now=now)
    if session.history_says is not HistorySays.several:
        reply = Reply(text=_listed(session, possible, rivals, holders))
        messages.add_reply(db, session_id, session.channel, reply.body(), command=None, now=now)
    history.record_answer(db, session_id, HistorySays.several, asked=asked, now=now)
    return None


def _listed(
    session: Session, rows: list[HistoryRow], rivals: list[Session], holders: Mapping[int, Session | None]
) -> str:
    """Return the candidates, for a person to choose from."""
    lines = [
        f"• h{row.history_id}{_as_well(holders[row.history_id])}{_since(row)}: {_state(row)}"
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


def _as_well(held: Session | None) -> str:
    return "" if held is None else f", which is {session_name(held)}"


def _since(row: HistoryRow) -> str:
    return "" if row.start is None else f", since {moment(row.start)}"


def _state(row: HistoryRow) -> str:
    return f"ended ({row.finish_reason or ''})" if row.has_ended else "runs"
