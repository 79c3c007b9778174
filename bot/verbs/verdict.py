"""The words for the end of a stop: confirmed, or which of the three truths holds when it is not."""

from datetime import timedelta

from bot.mrkdwn import escape
from bot.verbs.times import lasting
from bot.verbs.verb import Context
from storage.records import HistorySays, Session, State


async def verdict(session: Session, on: Context) -> str:
    """Wait until the stop of this session is confirmed or given up, and say which."""
    now = await on.services.changes.until(session, _is_settled)
    return words(now)


def _is_settled(session: Session) -> bool:
    return session.is_over or session.unconfirmed_at is not None


def words(session: Session) -> str:
    """Say in a sentence what is known of the end of a session that was to stop."""
    name = f"{session.name} {escape(session.rule)}"
    if session.state is State.failed:
        return f"{name} never started, so there was nothing to stop."
    if session.is_over:
        return f"Confirmed: {name} ended{_after(session)}."
    if session.unconfirmed_at is not None:
        return f"Not confirmed: {name} may still run. {truth(session)}"
    return f"The stop of {name} is not confirmed yet."


def truth(session: Session) -> str:
    """Say which of the three truths holds for a stop that is not confirmed."""
    return {
        HistorySays.runs: "The history says that it still runs.",
        HistorySays.absent: "The history does not know it yet.",
        HistorySays.several: "The history knows several sessions that could be it.",
        HistorySays.ended: "The history said once that it ended, which is being read again.",
        HistorySays.silent: "The history could not be asked.",
        None: "The history could not be asked.",
    }[session.history_says]


def _after(session: Session) -> str:
    reason = f" ({escape(session.finish_reason)})" if session.finish_reason else ""
    if session.stop_delivered_at is None or session.ended_at is None:
        return reason
    return f"{reason}, {lasting(max(session.ended_at - session.stop_delivered_at, timedelta()))} after the stop"
