"""What the delivery of a stop leaves in its session's row."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlite_utils import Database

from storage import sessions, stops
from storage.records import Session, State
from storage.stop import Arrived

WANTED = {"by": "U1", "reason": None, "command": None, "request_id": "r"}
DELIVERED = {"by": "U1", "event": "It was asked."}


@pytest.mark.parametrize(
    ("was", "arrived", "taken", "then", "is_given_up"),
    [
        (State.running, Arrived.yes, False, State.stopping, False),
        (State.running, Arrived.perhaps, False, State.stopping, False),
        (State.running, Arrived.nobody, False, State.unreachable, False),
        (State.running, Arrived.nobody, True, State.stopping, False),
        (State.abandoned, Arrived.yes, False, State.stopping, False),
        (State.abandoned, Arrived.nobody, False, State.abandoned, True),
        (State.ended, Arrived.yes, False, State.ended, False),
    ],
)
def test_an_arrival_moves_what_can_still_end(
    db: Database,
    now: datetime,
    add_session: Callable[..., Session],
    *,
    was: State,
    arrived: Arrived,
    then: State,
    taken: bool,
    is_given_up: bool,
) -> None:
    """Delivered it is stopping, with nobody there unreachable or closed as it was; an end stays an end."""
    session = add_session(db)
    db.execute("update sessions set state = 'running', secure_url = ? where id = ?", [b"\x00", session.id])
    assert stops.take(db, session.id, **WANTED, now=now) is not None  # type: ignore[arg-type]
    columns = {"stop_taken_at": now.isoformat()} if taken else {}
    sessions.record_silently(db, session.id, state=was, **columns)
    asked = sessions.get(db, session.id)
    assert asked is not None
    moved = stops.record_arrival(db, asked, arrived, **DELIVERED, now=now, answer="no")
    assert (moved is None) == (was is State.ended)
    found = sessions.get(db, session.id)
    assert found is not None
    assert found.stop is not None
    assert found.state is then
    assert found.stop.was_given_up is is_given_up
    if moved is not None:
        assert found.stop.arrived is (Arrived.yes if taken else arrived)
        assert (found.stop.answer, found.last_event) == ("no", "It was asked.")
