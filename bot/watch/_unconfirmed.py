"""Deadlines: a stop becomes *unconfirmed*, and old secrets are wiped."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from bot.ports import Reply, Services, data_suffix, session_name
from bot.process import Failpoint, reach
from bot.stops import (
    answer_words,
    arrival_words,
    check_of,
    history_words,
    listening_lines,
    on_call,
    scenario_words,
    standing_words,
    stop_words,
    what_to_do,
)
from bot.text import BOT, moment, person, strong
from bot.watch._alarms import raise_alarm
from bot.watch._pieces import write_in_pieces
from storage import Connection, bulks, sessions, stops
from storage.records import Session, State
from storage.scenario_checks import ScenarioCheck
from storage.stop import StopState


def unconfirmed_at(session: Session, services: Services) -> float | None:
    """Return the moment at which this session's stop becomes unconfirmed, in monotonic seconds, or None."""
    at, stop_state = services.clock.at, session.stop_state
    if session.stop is None or not stop_state.is_waited_for or stop_state is StopState.on_its_way:
        return None  # on its way it is, also when it is taken up again after a restart
    since = session.stop.since
    if stop_state is StopState.kept:  # of a start that was not answered nothing more will happen to this stop
        return None if session.is_within_reach else at(since)
    latest = max(at(since), at(session.end_seen_at or since))  # an end that was seen once has as long to be confirmed
    return latest + services.settings.confirm_seconds


async def report_unconfirmed(
    found: Iterable[Session], services: Services, has_answered: Callable[[Session, float], bool]
) -> None:
    """Report the stops of these sessions that were not confirmed in time, in the thread and in the channel.

    `has_answered` returns whether the history was asked since a deadline: after a night's pause it is asked first.
    """
    now, moment = services.clock.now(), services.clock.monotonic()

    def is_overdue(session: Session) -> bool:
        deadline = unconfirmed_at(session, services)
        return deadline is not None and deadline <= moment and (not session.has_url or has_answered(session, deadline))

    def report(db: Connection, session_id: int) -> Session | None:  # One writer: what is overdue here is so when told
        session = sessions.get(db, session_id)
        return None if session is None or not is_overdue(session) else _report(db, session, services, now=now)

    overdue = [each.id for each in found if is_overdue(each)]
    await write_in_pieces(services.store, overdue, report, services.changes.publish)
    if overdue:
        reach(Failpoint.unconfirmed_marked)


def alarm_unconfirmed(db: Connection, session: Session, services: Services, *, now: datetime) -> None:
    """Post in a session's own channel that its stop is not confirmed, with the next steps."""
    check = check_of(db, session, services.rules.stop_request(session.rule_id))
    reply = Reply(text=_text(session, services, check, now), broadcast=True, buttons=True)
    raise_alarm(db, session, reply, _line(session, services, check), now=now)


async def wipe_old_urls(services: Services) -> None:
    """Wipe the URLs of records that were closed without confirmation, after their time by two clocks.

    A wiped URL is lost for good, and our clock may have been set forward: the platform's must agree.
    """
    there = services.management.clock.known()
    if there is None:
        return
    before = min(services.clock.now(), there) - timedelta(days=services.settings.limits.abandoned_url_days)
    if not await services.store.read(lambda db: sessions.is_any(db, State.abandoned)):
        return
    if await services.store.write(lambda db: sessions.wipe_abandoned_urls(db, abandoned_before=before)):
        reach(Failpoint.urls_wiped)


def _report(db: Connection, session: Session, services: Services, *, now: datetime) -> Session | None:
    event = f"The stop is not confirmed. {history_words(session)}"
    changed = stops.give_up(db, session.id, by=BOT, event=event, now=now)
    if not bulks.is_told_in_summary(db, session):
        alarm_unconfirmed(db, session, services, now=now)
    return changed


def _line(session: Session, services: Services, check: ScenarioCheck | None) -> str:
    """Return the alarm in one line, for the grouped message."""
    number = f" (h{session.history_id})" if session.history_id is not None else ""
    who = on_call(session, services, session.stop.by if session.stop else None)
    name = f"{session_name(session)}{number}{data_suffix(session)}"
    deaf = "" if check is None or not check.is_deaf else " Its scenario does not listen to a stop."
    return f"{name}: its stop is not confirmed. {standing_words(session)}{deaf} {who}".rstrip()


def _text(session: Session, services: Services, check: ScenarioCheck | None, now: datetime) -> str:
    """Return the body and time of the stop, both answers to it, what is known of its scenario, and the next steps."""
    who = on_call(session, services, session.stop.by if session.stop else None)
    fact = f"{strong('Stop not confirmed')}: {session_name(session)} may still run, and bill."
    lines = [
        f"{fact} {history_words(session)} {who}".rstrip(),
        _sent_words(session, services, now),
        *(listening_lines(session, check) if session.stop is not None and session.stop.may_have_arrived else []),
        *what_to_do(session, services, check),
    ]
    return "\n".join(lines)


def _sent_words(session: Session, services: Services, now: datetime) -> str:
    stop = session.stop
    by, when = person(stop.by) if stop else "the bot", moment(stop.since if stop else now)
    if not session.has_url:
        return f"The stop that {by} asked for, {when}, was never sent: the bot did not receive the session's URL."
    body = stop_words(services.rules.stop_request(session.rule_id), 200)
    if stop is None or not stop.may_have_arrived:
        return f"The stop by {by} ({body}), {when}, reached nobody at its URL."
    sent = f"The stop by {by} ({body}) {arrival_words(stop.arrived)} {when}."
    return " ".join(filter(None, [sent, scenario_words(session), answer_words(session)]))
