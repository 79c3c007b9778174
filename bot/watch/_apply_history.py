"""One reading of the history, applied to the record of a session."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.ports import Reply, RuleLookup, data_suffix, session_name
from bot.stops import outcome_words, session_standing
from bot.text import call, cut, duration_words, notified, strong
from bot.voximplant import HistoryRow
from bot.watch._alarms import call_off_alarm, raise_alarm
from storage import Connection, bulks, history, messages, sessions
from storage.records import NORMAL_TERMINATION, HistorySays, Session, State


def apply_reading(
    db: Connection,
    session_id: int,
    row: HistoryRow | None,
    currency: str | None,
    rules: RuleLookup,
    *,
    asked: int,
    now: datetime,
) -> Session | None:
    """Record one reading of the history; return the session if people can see a change.

    `asked` is the session's version when the history was asked.
    """
    session = sessions.get(db, session_id)
    if session is None or session.state.is_final or session.state is State.starting:
        return None
    if row is None:
        history.record_answer(db, session_id, HistorySays.absent, asked=asked, now=now)
        return None
    if row.has_ended:
        return take_ended_reading(db, session, row, currency, rules, asked=asked, now=now)
    if session.end_seen_at is not None:
        event = "The history took back that it ended: it still runs."
        return history.revoke_first_end(db, session_id, event=event, asked=asked, now=now)
    history.record_answer(db, session_id, HistorySays.runs, asked=asked, now=now)
    return _record_found_start(db, session, now=now) if session.state is State.unknown else None


def changes_nothing(session: Session, row: HistoryRow | None) -> bool:
    """Return whether a reading says what is recorded: it is absent, or runs as before."""
    if row is None:
        return True
    return not row.has_ended and session.end_seen_at is None and session.state is not State.unknown


def _record_found_start(db: Connection, session: Session, *, now: datetime) -> Session | None:
    """Record that an unknown start did happen, and notify its starter: nobody can end it from here."""
    event = "Found in the history: it runs, but its URL was never received, so nobody can stop it from here."
    found = sessions.move(db, session.id, State.uncontrolled, by="history", event=event, now=now)
    if found is not None:
        number = f" (h{found.history_id})" if found.history_id is not None else ""
        text = f"{found.name} {cut(found.rule, 150)}{number} was started after all. {event} {call(found.starter)}"
        messages.add_reply(db, found.id, found.channel, Reply(text=text, buttons=True).body(), command=None, now=now)
    return found


_REASON_SHOWN: Final = 150


def take_ended_reading(
    db: Connection,
    session: Session,
    row: HistoryRow,
    currency: str | None,
    rules: RuleLookup,
    *,
    asked: int,
    now: datetime,
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
        return history.record_first_end(db, session.id, ending, event=event, asked=asked, now=now)
    ended = history.settle_end(db, session.id, ending, event=_event(session, ending), now=now)
    if ended is not None:
        _report_end(db, ended, rules.limits(ended.rule_id).notify, now)
    return ended


def _event(session: Session, ending: history.Ending) -> str:
    if session.stop is not None and session.stop.may_have_arrived:
        return f"Confirmed by the history: ended ({_reason(ending)})."
    if session.stop is not None:
        return f"It ended ({_reason(ending)}); a stop was asked for, and is not known to have arrived."
    if ending.finish_reason == NORMAL_TERMINATION:
        return "It ended by itself."
    return f"It ended by itself, abnormally: {_reason(ending)}."


def _reason(ending: history.Ending) -> str:
    return cut(ending.finish_reason, _REASON_SHOWN)


def _report_end(db: Connection, ended: Session, notify: Sequence[str], now: datetime) -> None:
    """Write the outcome into the stop's reply; mention the starter of an end that nobody asked for, else `notify`.

    An alarm that was shown in the channel is called off there: an edit would notify nobody. A grouped
    one has it in its line.
    """
    stop = ended.stop
    said = None if stop is None or stop.command is None else messages.reply_of(db, stop.command, ended.id)
    if said is not None and said.body is not None:
        text = f"{said.body['text']}\n{strong(outcome_words(ended))}"
        messages.amend(db, said.id, {**said.body, "text": text})
    was_gathered = call_off_alarm(db, ended, session_standing(ended))
    was_given_up = stop is not None and stop.was_given_up
    if was_given_up and not was_gathered and not bulks.is_told_in_summary(db, ended):
        over = f"{outcome_words(ended)} The alarm is over."
        raise_alarm(db, ended, Reply(text=over, broadcast=True), over, now=now, over=True)
    people = (
        [ended.starter] if ended.starter else notify
    )  # of an end that nobody here knows of, only these want to hear
    if stop is None and not ended.ended_normally and people:
        ran = f" after {duration_words(ended.duration)}" if ended.duration is not None else ""
        how = (
            f" ended{ran} without being asked to: "
            f"{cut(ended.finish_reason or '', _REASON_SHOWN)}. {' '.join(map(notified, people))}"
        )
        line = f"{session_name(ended)}{data_suffix(ended)}{how}"
        raise_alarm(db, ended, Reply(text=f"{session_name(ended)}{how}"), line, now=now)
