"""The end of a session in the history: its record, and its messages."""

from datetime import datetime
from typing import Final

from bot.ports import Reply, data_suffix, session_name
from bot.stops import outcome_words, session_standing
from bot.text import call, duration_words, escape
from bot.voximplant import HistoryRow
from bot.watch._alarms import call_for_somebody, call_off
from storage import Connection, bulks, history, messages
from storage.records import NORMAL_TERMINATION, Session

_REASON_SHOWN: Final = 150


def take_ended_reading(
    db: Connection, session: Session, row: HistoryRow, currency: str | None, *, asked: int, now: datetime
) -> Session | None:
    """Apply a reading of *ended*: the first one shows on the card, the second settles it and posts replies."""
    ending = history.Ending(
        finish_reason=row.finish_reason or "",
        ended_at=row.end,
        duration_s=None if row.duration is None else row.duration.total_seconds(),
        cost=session.cost if row.cost is None else row.cost,
        currency=currency,
    )
    if session.end_seen_at is None:
        event = f"The history says that it ended ({_reason(ending)}); that is read once more."
        return history.see_end(db, session.id, ending, event=event, asked=asked, now=now)
    ended = history.settle_end(db, session.id, ending, event=_event(session, ending), now=now)
    if ended is not None:
        _tell(db, ended, now)
    return ended


def _event(session: Session, ending: history.Ending) -> str:
    if session.stop is not None and session.stop.delivered_at is not None:
        return f"Confirmed by the history: ended ({_reason(ending)})."
    if session.stop is not None:
        return f"It ended ({_reason(ending)}); a stop was asked for, and is not known to have arrived."
    if ending.finish_reason == NORMAL_TERMINATION:
        return "It ended by itself."
    return f"It ended by itself, abnormally: {_reason(ending)}."


def _reason(ending: history.Ending) -> str:
    return escape(ending.finish_reason, _REASON_SHOWN)


def _tell(db: Connection, ended: Session, now: datetime) -> None:
    """Write the outcome into the stop's reply; mention the starter of an end that nobody asked for.

    An alarm that was shown in the channel is called off there: an edit would notify nobody. A grouped
    one has it in its line.
    """
    stop = ended.stop
    said = None if stop is None or stop.command is None else messages.reply_of(db, stop.command, ended.id)
    if said is not None and said.body is not None:
        text = f"{said.body['text']}\n*{outcome_words(ended)}*"
        messages.amend(db, said.id, {**said.body, "text": text})
    was_gathered = call_off(db, ended, session_standing(ended))
    was_given_up = stop is not None and stop.given_up_at is not None
    if was_given_up and not was_gathered and not bulks.is_told_in_summary(db, ended):
        over = f"{outcome_words(ended)} The alarm is over."
        call_for_somebody(db, ended, Reply(text=over, broadcast=True), over, now=now, over=True)
    if stop is None and not ended.ended_normally:
        ran = f" after {duration_words(ended.duration)}" if ended.duration is not None else ""
        how = (
            f" ended{ran} without being asked to: "
            f"{escape(ended.finish_reason or '', _REASON_SHOWN)}. {call(ended.starter)}"
        )
        line = f"{session_name(ended)}{data_suffix(ended)}{how}"
        call_for_somebody(db, ended, Reply(text=f"{session_name(ended)}{how}"), line, now=now)
