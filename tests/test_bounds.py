"""The bounds of what a process keeps: beyond each the oldest goes, and the page on operating says which they are."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Final, cast

import pytest

from bot.account import _kits as kits
from bot.account._kits import KitReader
from bot.directory import _inbox as inbox
from bot.directory import _intake as intake
from bot.directory import _reading as reading
from bot.directory import _refusal as refusal
from bot.directory import _request_limits as request_limits
from bot.directory import _seen_signatures as signatures
from bot.directory import _verification as verification
from bot.dispatch import _dispatch as dispatch
from bot.ports import _repeats as repeats
from bot.scenario import KIT_NAME, KIT_VERSION, kit_source
from bot.verbs import _stop as stop
from bot.voximplant import Management, Rule, Scenario, ScenarioRef
from storage import drafts
from tests.docs.pages import read
from tests.manual_clock import ManualClock

NOW: Final = datetime(2026, 11, 27, tzinfo=UTC)
BOUNDS: Final = {
    "Records in memory": (dispatch._REFUSALS_KEPT, dispatch.RECORDS_KEPT),
    "Sessions of one stop": (stop.MOST_AT_ONCE,),
    "Contents of buttons": (drafts.MOST, drafts.MOST_OF_ONE),
    "Announcements": (intake.MOST, verification.MOST, refusal.MOST_KEPT, reading.MOST_PAGES),
    "The inbox": (inbox.ROOM, signatures.MOST, request_limits.MOST_ADDRESSES),
}


@pytest.mark.parametrize("what", BOUNDS)
def test_the_bounds_that_are_told_are_those_of_the_code(what: str) -> None:
    """Each number of the table on operating is the one that holds."""
    (row,) = [line for line in read("docs/how-to/operate.md").splitlines() if line.startswith(f"| {what}")]
    assert all(f"{bound:,}" in row for bound in BOUNDS[what])


def test_of_very_many_responses_the_oldest_is_news_again() -> None:
    """Whether a person has just read the same words is known of the last thousand."""
    recent = repeats.RecentResponses(ManualClock())
    assert recent.is_news("U1", "C1", "first")
    assert not recent.is_news("U1", "C1", "first")
    for number in range(repeats._REMEMBERED):
        assert recent.is_news("U1", "C1", str(number))
    assert recent.is_news("U1", "C1", "first")
    assert len(recent._told) == repeats._REMEMBERED


async def test_of_very_many_copies_of_the_kit_the_first_is_read_again() -> None:
    """A copy is read once while it is known, and no more are known than the bound says."""
    asked: list[int] = []

    async def with_source(scenario: int) -> Scenario:
        asked.append(scenario)
        return Scenario(scenario, KIT_NAME, source=kit_source())

    reader = KitReader(cast("Management", SimpleNamespace(scenarios=SimpleNamespace(with_source=with_source))))
    rule = Rule(1, "obedient", 1, "demo", (ScenarioRef(7, KIT_NAME, NOW),))
    for _ in range(2):
        assert (await reader.of([rule]))[1].version == str(KIT_VERSION)
    assert asked == [7]
    reader._read = dict.fromkeys(((number, NOW) for number in range(kits.KEPT)), reader._read[7, NOW])
    await reader.of([replace(rule, scenarios=(ScenarioRef(4202753936, KIT_NAME, NOW),))])
    assert len(reader._read) == kits.KEPT
    assert (0, NOW) not in reader._read
