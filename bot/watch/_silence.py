"""Silence: a session that announced itself, and was not heard of for long although its application was read.

It is judged by what was read, not by the clock on the wall: where nothing is read nobody is silent. A wrong clock alone
calls nobody: this process itself must have read the application for a while without hearing of the session.
"""

import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.ports import SILENT_AFTER, Reply, Services, data_suffix, live_calls_words, session_name
from bot.process import Failpoint, reach
from bot.stops import on_call, session_standing
from bot.text import BOT, code, duration_words, link, moment, strong
from bot.watch._alarms import raise_alarm
from bot.watch._last_words import is_ending
from bot.watch._pieces import in_pieces, write_in_pieces
from bot.watch._seen_rounds import SeenRounds
from storage import Connection, alarms, messages, open_sessions, sessions
from storage.alarms import Alarm, AlarmKind
from storage.records import HistorySays, Session, State

READ_FOR_S: Final = 90.0
"""The time for which this process must have read on without hearing of it: a beat and a round."""

_CALLED_OFF_AT_ONCE: Final = 100


class Beats:
    """The newest beats as they are recorded, and when this process first read each of them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._read: dict[int, tuple[datetime, float]] = {}

    async def read(self, applications: Collection[int]) -> list[int]:
        """Read them anew; return the sessions of these applications."""
        now, before = self._services.clock.monotonic(), self._read
        found = await self._services.store.read(open_sessions.beats)
        self._read = {}
        for session_id, _, heard_at in found:
            known = before.get(session_id)
            self._read[session_id] = known if known is not None and known[0] == heard_at else (heard_at, now)
        return [session_id for session_id, application, _ in found if application in applications]

    def of(self, session_id: int) -> tuple[datetime, float]:
        """Return the beat of a session, and since when this process knows of no newer one, in monotonic seconds."""
        return self._read[session_id]


async def report_silence(services: Services, announced: Sequence[Session], rounds: SeenRounds, beats: Beats) -> None:
    """Mark the sessions that have fallen silent, once, and call the people of rules that set `silent`."""
    silent: dict[int, timedelta] = {}
    async for some in in_pieces(announced):
        for session in some:
            lasts = _silent_for(session, services, rounds, *beats.of(session.id))
            if lasts is not None:
                silent[session.id] = lasts
    now = services.clock.now()
    await write_in_pieces(
        services.store,
        silent,
        lambda db, each: _mark(db, each, silent[each], services, now),
        services.changes.publish,
    )
    if silent:
        reach(Failpoint.silence_marked)


async def call_off_silence(services: Services) -> None:
    """Call off the alarms about sessions that are heard of again, or ended."""
    past = await services.store.read(lambda db: alarms.of_silence_past(db, limit=_CALLED_OFF_AT_ONCE))
    await write_in_pieces(services.store, past, _call_off)


def _silent_for(
    session: Session, services: Services, rounds: SeenRounds, heard_at: datetime, known_since: float
) -> timedelta | None:
    """Return for how long a session was not heard of as of the last round, if that counts as silence now."""
    read = rounds.read_until(session.application_id)
    patience = services.rules.limits(session.rule_id).silent or SILENT_AFTER
    if read - known_since < min(READ_FOR_S, patience.total_seconds()) or not _may_be_silent(session, services):
        return None
    seconds = read - services.clock.at(heard_at)
    if seconds < patience.total_seconds():
        return None
    return timedelta(seconds=seconds) if math.isfinite(seconds) else patience


def _may_be_silent(session: Session, services: Services) -> bool:
    """Return whether its silence means something: one that ends, or is being stopped, falls silent anyway.

    Of one whose record was closed nobody wants to hear.
    """
    is_over = session.seems_over or session.state is State.abandoned or is_ending(session, services.clock)
    return not (session.silent_at is not None or is_over or session.stop_state.is_waited_for)


def _mark(db: Connection, session_id: int, lasts: timedelta, services: Services, now: datetime) -> Session | None:
    session = sessions.get(db, session_id)
    if session is None or session.heard_at is None or not _may_be_silent(session, services):
        return None
    says = f"{_HISTORY_WORDS[session.history_says]}, and it has not been heard of for {duration_words(lasts)}"
    if services.rules.limits(session.rule_id).silent is not None:
        who = on_call(session, services)
        last = f"It was heard of last {moment(session.heard_at)}{live_calls_words(session)}."
        fact = f"{strong('Silent')}: {session_name(session)}. {says}. {last} {who}".rstrip()
        reply = Reply(text="\n".join([fact, *_ways(session, services)]), broadcast=True, buttons=True)
        line = f"{session_name(session)}{data_suffix(session)}: {says}. {who}".rstrip()
        raise_alarm(db, session, reply, line, now=now, kind=AlarmKind.silence)
    return sessions.note(db, session_id, now=now, by=BOT, event=f"{says}.", silent_at=now)


_HISTORY_WORDS: Final = {
    HistorySays.runs: "The history says that it runs",
    HistorySays.absent: "The history does not know it yet",
    HistorySays.several: "The history knows several sessions that could be it",
    HistorySays.ended: "The history said once that it ended",
    HistorySays.silent: "The history could not be asked",
    None: "The history has not been asked yet",
}


def _ways(session: Session, services: Services) -> list[str]:
    """Return the next steps, on one line."""
    ways = []
    if session.stop_refusal is None:
        ways.append(f"{code(f'{services.settings.command} stop {session.id}')} asks it to stop.")
    if (runbook := services.rules.runbook(session.rule_id)) is not None:
        ways.append(f"{link(runbook, 'Runbook of this rule')}.")
    return [" ".join(ways)] if ways else []


def _call_off(db: Connection, alarm: Alarm) -> None:
    session = sessions.get(db, alarm.session)
    if session is None or not (session.silent_at is None or session.state.is_final):
        return
    is_over = session.state.is_final
    says = session_standing(session) if is_over else f"{session_name(session)} is heard of again."
    alarms.set_over(db, alarm, says)
    if not alarm.is_line and (said := messages.get(db, alarm.message)) is not None and said.body is not None:
        messages.amend(db, said.id, {**said.body, "text": f"{said.body['text']}\n{strong(says)}"})
