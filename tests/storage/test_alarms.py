"""Alarms as rows: many in a channel, and those that are over before their session is."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlite_utils import Database

from storage import alarms, messages, sessions
from storage.alarms import Alarm, AlarmKind, Gathered
from storage.records import Session, State

AddSession = Callable[..., Session]


@pytest.mark.parametrize("how", ["heard of again", "ended"])
@pytest.mark.parametrize("line", [None, "silent"])
def test_the_alarm_of_a_silence_that_is_past_is_called_off_once(
    db: Database, now: datetime, add_session: AddSession, how: str, line: str | None
) -> None:
    """An alarm about a silence is over when the session is heard of again or ended, with its own message or a line."""
    session, other = (add_session(db) for _ in range(2))
    for each in (session, other):
        sessions.record_silently(db, each.id, silent_at=now)
    summary = messages.add_summary(db, "C1", {"text": "Silent."}, command=None, now=now).id
    for each, kind in ((session, AlarmKind.silence), (other, AlarmKind.silence), (session, None)):
        message = summary if kind else messages.add_summary(db, "C1", {"text": "Too long."}, command=None, now=now).id
        alarms.add(db, "C1", each.id, message, now=now, line=line, kind=kind)
    assert alarms.of_silence_past(db, limit=9) == []
    if how == "ended":
        sessions.move(db, session.id, State.failed, by="platform", event="Over.", now=now)
    else:
        sessions.record_silently(db, session.id, silent_at=None)
    (past,) = alarms.of_silence_past(db, limit=9)
    assert past == Alarm(id=1, session=session.id, message=summary, is_line=line is not None)
    for each in alarms.to_show(db):
        alarms.mark_shown(db, each)
    alarms.set_over(db, past, "heard of again")
    assert alarms.of_silence_past(db, limit=9) == []
    assert alarms.to_show(db) == ([] if line is None else [summary])
    lines = [] if line is None else ["silent", "heard of again"]
    assert alarms.gathered(db, summary, limit=9) == Gathered(calling=len(lines) // 2, over=len(lines) // 2, lines=lines)


def test_a_channel_has_many_alarms_within_a_time(db: Database, now: datetime, add_session: AddSession) -> None:
    """Alarms are counted by channel and from a moment on; those of a clock that was set back are not."""
    since, session = now - timedelta(minutes=1), add_session(db)
    for at, channel in ((since, "C1"), (now, "C1"), (now, "C1"), (now, "C2"), (now + timedelta(hours=1), "C1")):
        message = messages.add_summary(db, channel, {"text": "-"}, command=None, now=now).id
        alarms.add(db, channel, session.id, message, now=at)
    assert alarms.has_many(db, "C1", 2, since, now)
    assert not alarms.has_many(db, "C1", 3, since, now)
    assert alarms.newest_group(db, "C1", since, now) is None
    alarms.add(db, "C1", session.id, message, now=now, line="gathered")
    assert alarms.newest_group(db, "C1", since, now) == message
    assert alarms.newest_group(db, "C2", since, now) is None
    assert alarms.newest_group(db, "C1", now, now) is None
    assert alarms.sessions_in(db, message) == [session.id]
