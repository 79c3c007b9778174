"""Every situation of a session × every event: the table `states.txt`, run against the whole bot."""

import functools
import logging
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

import pytest

from storage.records import NEXT, State
from storage.stop import NEXT as NEXT_OF_STOPS
from storage.stop import StopState
from tests.model.events import EVENTS, happen
from tests.model.situations import SITUATIONS, words
from tests.model.world import World

_TABLE: Final = Path(__file__).parent / "states.txt"

T = TypeVar("T", State, StopState)

Row = tuple[str, str]
"""The following situation, and words that the person who typed reads; empty where nobody typed."""


@functools.cache
def table() -> dict[str, dict[str, Row]]:
    """Return the rows by event and situation."""
    rows: dict[str, dict[str, Row]] = {}
    event = ""
    for line in _TABLE.read_text().splitlines():
        if line.startswith("# "):
            event = line.removeprefix("# ")
            assert event not in rows, event
            rows[event] = {}
        elif line and event:
            was, becomes, told = ([each.strip() for each in line.split("|")] + [""])[:3]
            assert was not in rows[event], (event, was)
            rows[event][was] = (becomes, told)
    return rows


def _arrows() -> Iterator[tuple[str, str]]:
    for rows in table().values():
        yield from ((was, becomes) for was, (becomes, _) in rows.items())


def _state(situation: str) -> State:
    return State(situation.split(", ", maxsplit=1)[0])


def _stop(situation: str) -> StopState:
    if _state(situation).is_final:
        return StopState.settled
    found = [each for each in situation.split(", ") if each in list(StopState)]
    return StopState(found[0]) if found else StopState.not_asked


def test_the_table_is_whole() -> None:
    """Each event has a row for each situation, and each state of sessions and of stops is in a situation."""
    assert list(table()) == list(EVENTS)
    for event, rows in table().items():
        assert list(rows) == list(SITUATIONS), event
    assert {_state(each) for each in SITUATIONS} == set(State)
    assert {_stop(each) for each in SITUATIONS} == set(StopState)


def test_the_table_has_the_arrows_of_the_reference() -> None:
    """Each arrow between states in the reference happens in the table, and nothing else but several of them."""
    arrows = {(_state(was), _state(becomes)) for was, becomes in _arrows()}
    drawn = {(was, becomes) for was, following in NEXT.items() for becomes in following}
    assert drawn <= arrows, drawn - arrows
    for was, becomes in arrows:
        assert becomes in _reached(NEXT, was), f"{was} → {becomes}"


def test_a_stop_goes_the_ways_of_the_reference() -> None:
    """A stop comes from one state to another by the arrows of the reference, one or several."""
    for was, becomes in _arrows():
        assert _stop(becomes) in _reached(NEXT_OF_STOPS, _stop(was)), f"{was} → {becomes}"


def _reached(arrows: Mapping[T, Collection[T]], first: T) -> set[T]:
    reached, fresh = {first}, {first}
    while fresh:
        fresh = {following for each in fresh for following in arrows[each]} - reached
        reached |= fresh
    return reached


@pytest.mark.parametrize("event", EVENTS)
def test_what_follows_is_in_the_table(event: str, model_world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A session in any situation becomes what the table says, people are told so, and no stop goes out twice."""
    caplog.set_level(logging.ERROR)
    scene = happen(model_world, event)
    became = {situation: words(scene.became[situation]) for situation in SITUATIONS}
    assert became == {situation: becomes for situation, (becomes, _) in table()[event].items()}
    for situation, (_, told) in table()[event].items():
        said = scene.told(situation)
        assert told in said if told else not said, f"{situation}: {said!r}"
    assert all(count == 1 for count in model_world.platform.sends.values())
    assert not [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert not model_world.slack.objections
