"""Open sessions as they change: a reading finds every row that was written since the last one."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlite_utils import Database

from storage import announced, history, open_sessions, sessions
from storage.announced import Beat
from storage.records import HistorySays, Session, State
from tests.factories import new_session

ENDING = history.Ending(finish_reason="x", ended_at=None, duration_s=None, cost=None, currency=None)
WRITES: dict[str, Callable[[Database, Session, datetime], object]] = {
    "an event": lambda db, one, now: sessions.note(db, one.id, now=now, by="bot", event="Something."),
    "a silent column": lambda db, one, now: sessions.record_silently(db, one.id, called_at=now),
    "its end": lambda db, one, now: sessions.move(db, one.id, State.failed, by="bot", event="Over.", now=now),
    "a first reading": lambda db, one, now: history.record_first_end(
        db, one.id, ENDING, event="It ended.", asked=1, now=now
    ),
    "any statement": lambda db, one, _: db.execute("update sessions set max_s = 1 where id = ?", [one.id]),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_was_written_is_found(db: Database, now: datetime, write: Callable[..., object]) -> None:
    """Whoever writes a row, and whichever column, it is read again, and no other is."""
    one, other = (sessions.add(db, new_session(), now=now) for _ in range(2))
    known = open_sessions.revision(db)
    assert open_sessions.written_since(db, known, limit=9) == ([], known)
    write(db, one, now)
    (found,), known = open_sessions.written_since(db, known, limit=9)
    assert (found, found.id) == (sessions.get(db, one.id), one.id)
    sessions.record_facts(db, other.id, max_s=5)
    (found,), _ = open_sessions.written_since(db, known, limit=9)
    assert found.id == other.id


def test_an_answer_that_changes_nothing_is_not_read_again(db: Database, now: datetime) -> None:
    """Thousands run on at every look: that the history said so once more is of no interest to a reader."""
    one = sessions.add(db, new_session(), now=now)
    known = open_sessions.revision(db)
    history.record_answer(db, one.id, HistorySays.runs, asked=one.version, now=now)
    assert open_sessions.written_since(db, known, limit=9) == ([], known)


def test_a_beat_is_read_by_itself(db: Database, now: datetime) -> None:
    """Thousands of beats come a minute: their sessions are not read again, and the beats alone are."""
    one, _ = (sessions.add(db, new_session(), now=now) for _ in range(2))
    known = open_sessions.revision(db)
    announced.record_beats(db, [Beat(id=one.id, at=now, calls=2)], now=now)
    assert open_sessions.written_since(db, known, limit=9) == ([], known)
    assert open_sessions.beats(db) == [(one.id, 1, now)]


def test_readings_are_cut_where_the_next_one_goes_on(db: Database, now: datetime) -> None:
    """A limit leaves the later writes to the next reading, and a row that was written twice comes once."""
    found = [sessions.add(db, new_session(), now=now) for _ in range(5)]
    sessions.record_facts(db, found[0].id, max_s=5)
    first, known = open_sessions.written_since(db, 0, limit=2)
    rest, _ = open_sessions.written_since(db, known, limit=9)
    assert [each.id for each in [*first, *rest]] == [2, 3, 4, 5, 1]


def test_a_url_is_not_read_and_known_to_be_there(db: Database, now: datetime) -> None:
    """The records hold no sealed URL, and tell whether there is one."""
    one, other = (sessions.add(db, new_session(), now=now) for _ in range(2))
    sessions.record_silently(db, one.id, secure_url=b"sealed")
    assert open_sessions.ids(db) == [one.id, other.id]
    found = {each.id: each for each in open_sessions.of_ids(db, [one.id, other.id])}
    assert [(found[each.id].has_url, found[each.id].secure_url) for each in (one, other)] == [
        (True, b""),
        (False, None),
    ]
