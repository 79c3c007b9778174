from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from storage import commands, history, sessions, stops
from storage.command import NewCommand
from storage.history import Ending
from storage.records import FINAL, NEXT, OPEN, HistorySays, Session, State
from storage.stop import Arrived
from tests.factories import new_database, new_session, update_session

from .conftest import NOW

AddSession = Callable[..., Session]
END = Ending(finish_reason="Normal termination", ended_at=NOW, duration_s=12.5, cost=Decimal("0.0200"), currency="USD")


def in_state(db: Database, session: Session, state: State, **columns: object) -> Session:
    """Put a session into a state directly, as no story would."""
    update_session(db, session.id, state=state, **columns)
    found = sessions.get(db, session.id)
    assert found is not None
    return found


@pytest.mark.parametrize("was", list(State))
@pytest.mark.parametrize("to", list(State))
def test_only_what_may_follow_follows(db: Database, add_session: AddSession, was: State, to: State) -> None:
    """A transition is made exactly when the table of states allows it, and else changes nothing."""
    session = in_state(db, add_session(db), was)
    moved = sessions.move(db, session.id, to, by="U1", event="Moved.", now=NOW)
    if to in NEXT[was]:
        assert moved is not None
        assert (moved.state, moved.version) == (to, session.version + 1)
    else:
        assert moved is None
        assert sessions.get(db, session.id) == session


@settings(deadline=None, database=None)
@given(st.lists(st.sampled_from(State), max_size=12))
def test_every_history_is_a_path(wanted: list[State]) -> None:
    """Whatever transitions are tried, in whatever order, the states that were reached are a path of the table."""
    db = new_database()
    session = sessions.add(db, new_session(), now=NOW)
    for to in wanted:
        sessions.move(db, session.id, to, by="U1", event="Tried.", now=NOW)
    path = [State(row["became"]) for row in db.query("select became from audit order by id")]
    db.close()
    assert path[0] is State.starting
    assert all(later in NEXT[earlier] for earlier, later in pairwise(path))


def test_the_table_of_states_is_the_designs() -> None:
    """What is over stays over, everything else can end, and nothing leads back to the start."""
    assert set(FINAL) == {State.ended, State.failed}
    assert all(State.starting not in after for after in NEXT.values())
    assert all(NEXT[state] & {State.ended, State.failed} for state in OPEN if state is not State.starting)


def test_the_end_takes_two_readings(db: Database, add_session: AddSession) -> None:
    """The first reading shows the end and keeps the URLs; the second settles it and wipes them."""
    session = in_state(db, add_session(db), State.running, secure_url=b"sealed", plain_url=b"sealed too")
    seen = history.record_first_end(db, session.id, END, event="It ended.", asked=session.version, now=NOW)
    assert seen is not None
    assert (seen.state, seen.seems_over, seen.has_url) == (State.running, True, True)
    settled = history.settle_end(db, session.id, END, event="It ended.", now=NOW)
    assert settled is not None
    assert (settled.state, settled.has_url) == (State.ended, False)
    assert (settled.cost, settled.currency, settled.duration) == (Decimal("0.0200"), "USD", timedelta(seconds=12.5))


def test_each_reading_of_an_end_is_kept_as_it_was_read(db: Database, add_session: AddSession) -> None:
    """The facts of the second reading replace those of the first; the moment of the end stays the first one's."""
    session = in_state(db, add_session(db), State.running, secure_url=b"sealed")
    seen = history.record_first_end(db, session.id, END, event="It ended.", asked=session.version, now=NOW)
    assert seen is not None
    assert (seen.finish_reason, seen.duration, seen.cost, seen.currency, seen.ended_at) == (
        "Normal termination", timedelta(seconds=12.5), Decimal("0.0200"), "USD", NOW,
    )  # fmt: skip
    later = NOW + timedelta(seconds=1)
    other = Ending(finish_reason="Timeout", ended_at=later, duration_s=13.0, cost=Decimal("0.03"), currency="EUR")
    settled = history.settle_end(db, session.id, other, event="It ended.", now=later)
    assert settled is not None
    assert (settled.finish_reason, settled.duration, settled.cost, settled.currency) == (
        "Timeout", timedelta(seconds=13), Decimal("0.03"), "EUR",
    )  # fmt: skip


def test_an_answer_about_many_leaves_out_whom_it_would_change(db: Database, add_session: AddSession) -> None:
    """That all of them run is recorded with its time; what was unknown, or seemed over, is left to a reading alone."""
    running, unknown, over = add_session(db), add_session(db), add_session(db)
    in_state(db, running, State.running)
    in_state(db, unknown, State.unknown)
    in_state(db, over, State.running, end_seen_at=NOW.isoformat())
    asked = {each.id: each.version for each in (running, unknown, over)}
    history.record_answers(db, HistorySays.runs, asked, now=NOW)
    found = [sessions.get(db, number) for number in asked]
    assert [None if each is None else each.history_says for each in found] == [HistorySays.runs, None, None]
    assert found[0] is not None
    assert (found[0].history_at, found[0].history_version) == (NOW, running.version)


def test_a_first_reading_can_be_taken_back(db: Database, add_session: AddSession) -> None:
    """One wrong reading does not make a live call unstoppable: the next one takes it back, the URL was kept."""
    session = in_state(db, add_session(db), State.running, secure_url=b"sealed")
    history.record_first_end(db, session.id, END, event="It ended.", asked=session.version, now=NOW)
    back = history.revoke_first_end(db, session.id, event="It runs.", asked=session.version + 1, now=NOW)
    assert back is not None
    assert (back.seems_over, back.has_url, back.finish_reason, back.history_says) == (
        False,
        True,
        None,
        HistorySays.runs,
    )


def test_two_stops_have_one_place(
    db: Database, add_session: AddSession, new_command: Callable[..., NewCommand]
) -> None:
    """Of two stops at once one gets the place; the command that holds it keeps it, with its request id."""
    ids = [commands.admit(db, new_command(f"slash:{n}"), window=None).command.id for n in range(2)]
    session = in_state(db, add_session(db), State.running)

    def want(command: int, request_id: str) -> Session | None:
        return stops.take(db, session.id, by="U1", reason=None, command=command, request_id=request_id, now=NOW)

    first, second, again = want(ids[0], "one"), want(ids[1], "two"), want(ids[0], "three")
    assert first is not None
    assert second is None
    assert again is not None
    assert again.stop is not None
    assert again.stop.request_id == "one"
    stops.record_arrival(db, session, Arrived.yes, by="U1", event="Delivered.", now=NOW)
    stops.give_up(db, session.id, by="bot", event="Not confirmed.", now=NOW)
    assert want(ids[0], "four") is None, "a command whose stop was delivered asks no second time"
    assert want(ids[1], "two") is not None


@pytest.mark.parametrize(
    ("state", "columns"),
    [
        (State.stopping, {"stop_given_up_at": "2026-03-01T02:14:00+00:00"}),
        (State.unreachable, {"stop_arrived": "nobody"}),
    ],
)
def test_a_stop_that_was_given_up_makes_room(
    db: Database, add_session: AddSession, state: State, columns: dict[str, str]
) -> None:
    """A stop that stayed unconfirmed, or found nobody, can be asked for again, and starts from the beginning."""
    session = in_state(db, add_session(db), state, stop_asked_at="2026-03-01T02:00:00+00:00", **columns)
    wanted = stops.take(db, session.id, by="U2", reason="again", command=None, request_id="new", now=NOW)
    assert wanted is not None
    assert wanted.stop is not None
    assert (wanted.stop.by, wanted.stop.request_id, wanted.stop.given_up_at) == ("U2", "new", None)


def test_half_done_stops_are_found(db: Database, add_session: AddSession) -> None:
    """A stop that was asked for and is not known to be delivered is found, wherever it can still be brought."""
    asked = {"stop_asked_at": "2026-03-01T02:00:00+00:00"}
    half = in_state(db, add_session(db), State.running, **asked)
    again = in_state(db, add_session(db), State.stopping, **asked)
    in_state(db, add_session(db), State.stopping, **asked, stop_arrived="yes")
    in_state(db, add_session(db), State.unreachable, **asked, stop_arrived="nobody")
    in_state(db, add_session(db), State.ended, **asked)
    assert {session.id for session in stops.on_their_way(db)} == {half.id, again.id}


def test_old_urls_of_abandoned_records_are_wiped(db: Database, add_session: AddSession) -> None:
    """A record that was closed long ago loses its URLs; a fresh one, and a running one, keep them."""
    old = {"changed_at": "2026-02-01T00:00:00+00:00", "secure_url": b"sealed"}
    gone = in_state(db, add_session(db), State.abandoned, **old)
    kept = [
        in_state(db, add_session(db), State.abandoned, secure_url=b"sealed"),
        in_state(db, add_session(db), State.running, **old),
    ]
    assert sessions.wipe_abandoned_urls(db, abandoned_before=NOW - timedelta(days=7)) == 1
    found = sessions.get(db, gone.id)
    assert found is not None
    assert not found.has_url
    assert all(each == sessions.get(db, each.id) for each in kept)


def test_sessions_are_found_by_place_and_state(db: Database, add_session: AddSession) -> None:
    """A list is of one workspace, of one channel if it is named, newest first; what is over is not watched."""
    here = add_session(db)
    there = add_session(db, channel="C2")
    over = in_state(db, add_session(db), State.ended)
    add_session(db, team="T2")
    assert [each.id for each in sessions.find(db, "T1")] == [there.id, here.id]
    assert [each.id for each in sessions.find(db, "T1", channel="C1")] == [here.id]
    assert [each.id for each in sessions.find(db, "T1", states=FINAL)] == [over.id]
    assert over.id not in {each.id for each in sessions.watched(db)}
    assert sessions.count_by_state(db) == {"starting": 3, "ended": 1}


def test_one_row_of_the_history_is_one_session(db: Database, add_session: AddSession) -> None:
    """The platform's number belongs to one session only, up to the largest that is stored."""
    first, second = add_session(db), add_session(db)
    for number in (42, 2**63 - 1):
        sessions.record_silently(db, first.id, history_id=number)
        found = sessions.by_history_id(db, number)
        assert found is not None
        assert found.id == first.id
        with pytest.raises(Exception, match=r"(?i)unique"):
            sessions.record_silently(db, second.id, history_id=number)


@pytest.mark.parametrize("number", [-1, 0, 2, 2**63 - 1, 2**63, 10**100])
def test_a_number_that_nobody_has_is_nobodys(db: Database, add_session: AddSession, number: int) -> None:
    """Any number may be typed, also one that is larger than what a column holds: it finds nothing."""
    session = add_session(db)
    assert sessions.id_of(db, session.team, number, of_platform=False) is None
    assert sessions.id_of(db, session.team, number, of_platform=True) is None
    assert sessions.by_history_id(db, number) is None
    assert sessions.get(db, number) is None
