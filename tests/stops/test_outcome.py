"""The words for the end of a stop."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.ports import Services
from bot.stops import session_standing, untaken_lines, what_to_do
from bot.stops._outcome import answer_words, history_words, is_stale, outcome_words
from bot.text import plain
from storage import history, sessions, stops
from storage.records import HistorySays, Session, State
from storage.scenario_checks import ScenarioCheck, Verdict
from storage.stop import Arrived
from tests.factories import a_session, a_stop, new_database, new_session

STOPPED = datetime(2026, 1, 31, 2, 14, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ended_s", "read_s", "says"),
    [
        pytest.param(47, 50, ", 47 s after the stop", id="two clocks that agree"),
        pytest.param(1, 0, ", 1 s after the stop", id="the history's seconds are rounded up"),
        pytest.param(-1, 3, ", 0 s after the stop", id="and down"),
        pytest.param(-600, 3, "", id="our clock is fast"),
        pytest.param(605, 8, "", id="our clock is slow"),
    ],
)
def test_how_long_it_took_is_said_where_it_can_be_true(ended_s: int, read_s: int, says: str) -> None:
    """An end that lies before the stop, or after the reading that told it, gives no time."""
    ended = replace(
        a_session(STOPPED, rule_name="obedient"),
        state=State.ended,
        finish_reason="Normal termination",
        stop=a_stop(STOPPED, arrived=Arrived.yes, delivered_at=STOPPED),
        ended_at=STOPPED + timedelta(seconds=ended_s),
        history_at=STOPPED + timedelta(seconds=read_s),
    )
    assert outcome_words(ended) == f"Confirmed: #1 obedient ended (Normal termination){says}."


@pytest.mark.parametrize(
    "set_by", [timedelta(hours=-2), timedelta(), timedelta(hours=2)], ids=["back", "not", "forward"]
)
def test_only_what_was_asked_after_the_stop_is_an_answer_to_it(set_by: timedelta) -> None:
    """A history asked before the stop was wanted, or delivered, says nothing of it, whatever the clock did between."""
    db = new_database()
    db.conn.isolation_level = None
    number, later = sessions.add(db, new_session(), now=STOPPED).id, STOPPED + set_by

    def now() -> Session:
        found = sessions.get(db, number)
        assert found is not None
        return found

    sessions.move(db, number, State.running, by="platform", event="Started.", now=STOPPED)
    history.record_answer(db, number, HistorySays.runs, asked=now().version, now=STOPPED)
    assert history_words(now()) == "The history says that it still runs."
    wanted = {"by": "U1", "reason": None, "command": None, "request_id": "r"}
    stops.take(db, number, **wanted, now=later)  # type: ignore[arg-type]
    asked = now().version
    stops.record_arrival(db, now(), Arrived.yes, by="U1", event="Delivered.", now=later)
    assert history_words(now()) == "The history could not be asked."
    history.record_answer(db, number, HistorySays.runs, asked=asked, now=later + timedelta(minutes=1))
    assert history_words(now()) == "The history could not be asked."
    history.record_answer(db, number, HistorySays.runs, asked=now().version, now=later)
    assert history_words(now()) == "The history says that it still runs."


def stopped(state: State = State.stopping, stop: dict[str, Any] | None = None, **values: Any) -> Session:
    """Return a session with a stop of these facts."""
    return replace(a_session(STOPPED), state=state, stop=a_stop(STOPPED, **(stop or {})), **values)


DELIVERED = {"arrived": Arrived.yes, "delivered_at": STOPPED}
GIVEN_UP = {**DELIVERED, "given_up_at": STOPPED}


@pytest.mark.parametrize(
    ("session", "ended", "stands"),
    [
        (
            stopped(State.failed),
            "#1 obedient never started, so there was nothing to stop.",
            "#1 obedient never started.",
        ),
        (stopped(State.ended), "Confirmed: #1 obedient ended.", "#1 obedient ended."),
        (
            stopped(State.ended, finish_reason="Normal"),
            "Confirmed: #1 obedient ended (Normal).",
            "#1 obedient ended (Normal).",
        ),
        (stopped(State.ended, DELIVERED), "Confirmed: #1 obedient ended after the stop.", "#1 obedient ended."),
        (
            stopped(State.stopping, GIVEN_UP, history_says=HistorySays.runs),
            "Not confirmed: #1 obedient may still run. The history says that it still runs.",
            "Not confirmed: #1 obedient may still run. The history says that it still runs.",
        ),
        (
            stopped(State.stopping, {**DELIVERED, "untaken_at": STOPPED}),
            "The stop of #1 obedient is not confirmed yet. Its scenario has not taken it up.",
            "#1 obedient is stopping.",
        ),
        (
            stopped(State.stopping, DELIVERED, end_seen_at=STOPPED),
            "The stop of #1 obedient is not confirmed yet.",
            "#1 obedient ended.",
        ),
        (
            stopped(State.abandoned, DELIVERED),
            "The stop of #1 obedient is not confirmed yet.",
            "The record of #1 obedient is closed; it may still run.",
        ),
    ],
)
def test_the_end_of_a_stop_is_one_sentence(session: Session, ended: str, stands: str) -> None:
    """What is known of its end is said, and no more; of any session its state is."""
    assert outcome_words(session) == ended
    assert session_standing(session) == stands


@pytest.mark.parametrize(("read", "is_old"), [(None, True), (6, True), (7, False), (8, False), (1000, False)])
def test_an_answer_is_old_that_was_asked_for_before_the_stop(read: int | None, *, is_old: bool) -> None:
    """The version at which the history was asked is compared with that of the stop; without a stop none is old."""
    session = stopped(stop={**DELIVERED, "version": 7}, history_version=read)
    assert is_stale(session) is is_old
    assert not is_stale(replace(session, stop=None))
    assert not is_stale(stopped(State.starting, {"version": 7}, history_version=read))


@pytest.mark.parametrize(
    ("stop", "says"),
    [
        ({}, None),
        ({"arrived": Arrived.nobody}, None),
        ({**DELIVERED, "arrived": Arrived.perhaps}, "Whether its scenario read it cannot be known."),
        (DELIVERED, None),
        ({**DELIVERED, "answer": ""}, "It kept silent: the answer was empty."),
        ({**DELIVERED, "answer": "no"}, "It answered: no"),
    ],
)
def test_what_a_scenario_answered_is_said_where_it_was_asked(stop: dict[str, Any], says: str | None) -> None:
    """An answer is quoted, silence is told, and of a stop that never arrived there is nothing to say."""
    words = answer_words(stopped(stop=stop))
    assert (None if words is None else plain(words)) == says


def services(
    *, stops_go_out: bool = True, sends_go_out: bool = True, presets: int = 0, runbook: bool = False
) -> Services:
    """Return the services that the next steps are made of, where URLs are open and these requests are allowed."""
    requests = SimpleNamespace(
        obstacle=lambda _: None if stops_go_out else "no", obstacle_to_send=lambda _: None if sends_go_out else "no"
    )
    rules = SimpleNamespace(
        presets=lambda _: {f"p{number}": "{}" for number in range(presets)},
        runbook=lambda _: "https://example.com/runbook" if runbook else None,
    )
    opener = SimpleNamespace(open=lambda _: "https://www-ru-1-1.voximplant.com:12093/request/A/B")
    parts = {"requests": requests, "rules": rules, "sealer": opener, "settings": SimpleNamespace(command="/session")}
    return cast("Services", SimpleNamespace(**parts))


DEAF = ScenarioCheck(
    digest="d", stop="s", verdict=Verdict.stops_otherwise, with_kit=None, has_kit=False, works='stop = "bye"',
    sentence="No.", checked_at=STOPPED,
)  # fmt: skip
ASK = "/session stop 1 asks again"
SEND = "/session send 1 <json> or --text … says it otherwise"
WORD = "/session send 1 --text bye ended it when it was checked"
SUPPORT = "The platform has no forced stop; its support can be asked"


def test_the_next_steps_are_those_that_can_be_taken() -> None:
    """A stop that is not confirmed is asked for again or said otherwise, as far as keys and settings allow it."""
    session = stopped(stop=GIVEN_UP, secure_url=b"sealed")

    def lines(check: ScenarioCheck | None = None, number: int | None = None, **allowed: bool) -> list[str]:
        numbered = replace(session, history_id=number)
        return [plain(each) for each in what_to_do(numbered, services(**allowed), check)]

    assert lines() == [f"What to do: {ASK}; {SEND}.", f"{SUPPORT}."]
    assert lines(number=77)[-1] == f"{SUPPORT} with its number h77."
    assert lines(stops_go_out=False)[0] == f"What to do: {SEND}."
    assert lines(sends_go_out=False)[0] == f"What to do: {ASK}."
    assert lines(stops_go_out=False, sends_go_out=False) == [f"{SUPPORT}."]
    assert lines(DEAF)[0] == f"What to do: {WORD}; {SEND}."
    assert lines(replace(DEAF, works=None))[0] == f"What to do: {SEND}."
    assert "Runbook of this rule" in lines(runbook=True)[1]


def test_a_stop_that_is_not_taken_up_is_said_otherwise() -> None:
    """The word that a check found is first, then the rule's presets, five of them, then any other body."""
    session = stopped(stop=DELIVERED, secure_url=b"sealed")

    def lines(check: ScenarioCheck | None = None, **given: Any) -> list[str]:
        return [plain(each) for each in untaken_lines(session, services(**given), check)]

    assert lines() == [f"What to do: {SEND}."]
    assert lines(DEAF, presets=6) == [
        f"What to do: {WORD}; /session send 1 has the presets p0, p1, p2, p3, p4; {SEND}."
    ]
    assert lines(DEAF, sends_go_out=False, presets=1) == []
    assert len(lines(runbook=True)) == 2
