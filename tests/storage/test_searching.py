"""Sessions for a search: in bounded parts, of one workspace, each once."""

from datetime import UTC, datetime

from sqlite_utils import Database

from storage import searching, sessions
from storage.records import State
from tests.factories import new_session

NOW = datetime(2026, 11, 20, 2, 14, tzinfo=UTC)


def add(db: Database, state: State, team: str = "T1", **columns: object) -> int:
    """Put a session on record in this state; give its id."""
    session = sessions.add(db, new_session(team=team), now=NOW)
    sessions.record_silently(db, session.id, state=state, **columns)
    return session.id


def test_every_session_is_in_one_part(db: Database) -> None:
    """Each part begins where the one before ended, open ones and others apart; another workspace's never come."""
    running = [add(db, State.running) for _ in range(3)]
    over = [add(db, State.ended) for _ in range(3)]
    add(db, State.running, team="T2")
    lost = add(db, State.unknown, history_id=4202753936)
    parts = [searching.open_before(db, "T1", before=before, limit=2) for before in (99, running[2], running[0])]
    assert [[each.id for each in part] for part in parts] == [[lost, running[2]], running[1::-1], []]
    parts = [searching.over_before(db, "T1", before=before, limit=2) for before in (99, over[1], over[0])]
    assert [[each.id for each in part] for part in parts] == [over[:0:-1], over[:1], []]
    assert [each.id for each in searching.of_history(db, "T1", [1, 4202753936])] == [lost]
    assert searching.of_history(db, "T2", [4202753936]) == []


def test_a_row_has_what_is_looked_for_and_its_place(db: Database) -> None:
    """The columns are those of the session, and what needs attention is said as in a list."""
    add(db, State.running, silent_at=NOW, custom_data="x", alias="support", history_id=7)
    (row,) = searching.open_before(db, "T1", before=9, limit=9)
    assert (row.is_open, row.needs_attention, row.is_silent) == (True, True, True)
    assert (row.custom_data, row.alias, row.history_id, row.rule_id, row.rule_name) == (
        "x",
        "support",
        7,
        1001,
        "obedient",
    )
    assert (row.application_id, row.application_name) == (1, "demo")


def test_sessions_come_in_the_order_of_their_ids_as_given(db: Database) -> None:
    """The order is the caller's, and an id that is gone is left out."""
    first, second = add(db, State.running), add(db, State.ended)
    assert [each.id for each in searching.by_ids(db, [second, 99, first])] == [second, first]
