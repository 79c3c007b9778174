import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.directory._reading import AT_ONCE, MOST_PAGES
from bot.directory._rounds import Rounds
from bot.voximplant import KEY_VALUE_PAGE, Application, KeyValueItem, KeyValuePage, Rows
from bot.voximplant.errors import ConnectionRefused, PlatformError, RoleMissing, TimedOut, TryLater

from .announced import NOW, PATH, SECONDS
from .reading import World, a_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return an account with one application, in which nothing is announced."""
    async with a_world(tmp_path) as made:
        yield made


ROLE = RoleMissing(104, "Forbidden command.")
NAMES = ("announcements in the application calls (3): The platform does not let this bot's service account read them.",)


def _failing(world: World, problem: PlatformError, times: int | None = None) -> None:
    """Make questions fail, so many of them or all."""
    left = [times]

    def fail(_application: int, _offset: int) -> PlatformError | None:
        if left[0] is None:
            return problem
        left[0] -= 1
        return problem if left[0] >= 0 else None

    world.platform.fail = fail


async def test_every_row_is_offered_once(world: World) -> None:
    """All pages are read until one is short; a row that has not changed is not offered again, a changed one is."""
    world.platform.announce(*range(1, 121))
    assert await world.round() == list(range(1, 121))
    assert sorted(offset for _, offset in world.platform.asked)[:3] == [0, 50, 100]
    assert await world.round() == []
    assert len(world.platform.asked) == 3
    world.platform.announce(7, 8, beat=SECONDS + 30)
    assert await world.round() == [7, 8]
    assert world.platform.most_at_once <= AT_ONCE


async def test_a_round_is_recorded(world: World) -> None:
    """What a whole round found is one row: when it began, its rows, the oldest beat, and what was refused and why."""
    world.platform.announce(1, beat=SECONDS - 40)
    world.platform.announce(2, beat=SECONDS - 10)
    world.platform.announce(3, url=f"https://evil.example/{PATH}")
    await world.round()
    record = await world.record()
    assert (record.application_name, record.read_at, record.announced_at) == ("calls", NOW, NOW)
    assert (record.row_count, record.oldest_beat_at) == (3, NOW - timedelta(seconds=40))
    assert (record.refused, record.problem) == ({"host": 1}, None)
    assert world.rounds.rows == {"believed": 2, "refused": 1}
    await world.round()
    assert (await world.record()).refused == {"host": 1}
    assert world.counted == ["host"]  # once: it has not changed
    world.platform.rows[3].pop()
    await world.round()
    assert (await world.record()).refused == {}


async def test_a_restart_offers_everything_again(world: World) -> None:
    """A new process has read nothing, but knows where something was announced, without the list of applications."""
    world.platform.announce(1, 2)
    await world.round()
    world.come_up()
    world.platform.listed = TimedOut(10)
    assert await world.round() == [1, 2]


async def test_rows_that_shift_between_pages_do_no_harm(world: World) -> None:
    """A row that is read twice is offered once; one that is missed is offered in the next round."""
    world.platform.announce(*range(1, 111))
    await world.round()
    rows, moved = world.platform.rows[3], []

    def shift(_application: int, offset: int) -> None:
        if offset == 0 and not moved:
            moved.append(rows.pop(0))  # what comes after it has moved up by one

    world.platform.fail = shift
    world.platform.announce(*range(1, 111), beat=SECONDS + 10)
    rows = world.platform.rows[3]
    first = await world.round()
    second = await world.round()
    assert len(first) == len(set(first))
    assert set(first) | set(second) | {1} == set(range(1, 111))
    assert await world.round() == []


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 501])
async def test_paging_ends_at_a_short_page(world: World, count: int) -> None:
    """However many rows there are, all are read, with few calls for pages that are not there."""
    world.platform.announce(*range(1, count + 1))
    assert await world.round() == list(range(1, count + 1))
    assert len(world.platform.asked) <= count // KEY_VALUE_PAGE + AT_ONCE
    world.platform.announce(*range(1, count + 1), beat=SECONDS + 1)
    assert await world.round() == list(range(1, count + 1))
    assert len(world.platform.asked) <= count // KEY_VALUE_PAGE + 1
    world.platform.rows[3] = world.platform.rows[3][: count // 2]
    await world.round()
    assert world.rounds.rows["believed"] == count // 2


async def test_new_rows_are_found_first(world: World) -> None:
    """The last page is asked for first, then those on which there was something new the last time."""
    world.platform.announce(*range(1, 201))
    await world.round()
    await world.round()
    assert world.platform.asked[0] == (3, 200)
    world.platform.rows[3].insert(60, KeyValueItem("session-bot:900", world.platform.rows[3][0].value))
    await world.round()
    await world.round()
    assert world.platform.asked[:2] == [(3, 200), (3, 50)]


async def test_calls_are_spread_over_the_round(world: World) -> None:
    """The first round goes at once; the next ones take most of the interval, by the number of pages of the last."""
    world.platform.announce(*range(1, 3_001))
    began = world.clock.monotonic()
    await world.round()
    assert world.rounds.took_s == 0
    await world.round()
    assert world.rounds.took_s is not None
    assert 15 < world.rounds.took_s < 30
    assert world.clock.monotonic() - began == pytest.approx(60)


async def test_a_burst_of_new_rows_is_read_at_once(world: World) -> None:
    """Pages that the last round did not have are not held up, so that a burst is found in one round."""
    world.platform.announce(1)
    await world.round()
    world.platform.announce(*range(1, 3_001))
    assert len(await world.round()) == 2_999
    assert world.rounds.took_s is not None
    assert world.rounds.took_s <= 1


async def test_a_burst_behind_many_is_read_before_them(world: World) -> None:
    """Where the last page of before has become full, the pages after it are read at once, and then the known ones."""
    world.platform.announce(*range(1, 1_001))
    await world.round()
    world.platform.announce(*range(1_001, 1_501))
    await world.round()
    first = [offset for _, offset in world.platform.asked[:14]]
    assert set(range(1_000, 1_501, 50)) <= set(first)


async def test_load_slows_the_rounds_down(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal for load is tried again after its pause, makes rounds longer, and is over when it is over."""
    caplog.set_level(logging.INFO)
    world.platform.announce(*range(1, 61))
    _failing(world, TryLater(340, "Too many.", 20), times=2)
    began = world.clock.monotonic()
    assert await world.round() == list(range(1, 61))
    assert world.clock.monotonic() - began >= 60
    assert "a round is now" in caplog.text
    assert (await world.record()).problem is None
    for _ in range(3):
        await world.round()
    before = world.clock.monotonic()
    await world.round()
    assert world.clock.monotonic() - before == pytest.approx(30)
    assert "back at 30 s" in caplog.text


async def test_lasting_load_makes_rounds_rare(world: World) -> None:
    """A platform that refuses everything is asked ever less often, down to a bound, and nobody counts as read."""
    world.platform.announce(1)
    _failing(world, TryLater(429, ""))
    for _ in range(6):
        assert await world.round() == []
        assert len(world.platform.asked) <= 5
    began = world.clock.monotonic()
    await world.round()
    assert 300 < world.clock.monotonic() - began <= 1_000
    record = await world.record()
    assert record.read_at is None
    assert record.problem is not None
    assert "busy" in record.problem
    world.platform.fail = lambda *_: None
    assert await world.round() == [1]
    assert (await world.record()).problem is None


async def test_a_role_that_does_not_suffice_is_told_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """An application that may not be read is one line in the log, and is tried again every ten minutes."""
    world.platform.announce(1)
    await world.round()
    _failing(world, ROLE)
    for _ in range(15):
        await world.round()
    assert sum("does not let" in each for each in caplog.messages) == 1
    record = await world.record()
    assert record.read_at == NOW
    assert record.problem is not None
    assert "Developer" in record.problem
    asked = 0
    for _ in range(40):
        await world.round()
        asked += len(world.platform.asked)
    assert asked == 2  # in twenty minutes
    world.platform.fail = lambda *_: None
    world.platform.announce(1, beat=SECONDS + 1)
    for _ in range(20):
        if await world.round():
            break
    else:
        pytest.fail("it was not read again")
    assert (await world.record()).problem is None


async def test_a_network_that_is_down_is_told_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Without a network every round tries twice, the log has a line at the beginning and one at the end."""
    caplog.set_level(logging.INFO)
    world.platform.announce(1)
    _failing(world, ConnectionRefused("api.voximplant.com"))
    for _ in range(4):
        await world.round()
        assert len(world.platform.asked) == 2
    assert sum("cannot be read" in each for each in caplog.messages) == 1
    world.platform.fail = lambda *_: None
    assert await world.round() == [1]
    assert "announcements are read again" in caplog.messages


async def test_a_page_that_hangs_costs_no_other_page(world: World) -> None:
    """A page without an answer is asked for once more; if that fails, the round is not a whole one."""
    world.platform.announce(*range(1, 121))
    await world.round()
    _failing(world, TimedOut(10), times=1)
    world.platform.announce(*range(1, 121), beat=SECONDS + 20)
    assert await world.round() == list(range(1, 121))
    read_at = (await world.record()).read_at
    world.platform.fail = lambda _application, offset: TimedOut(10) if offset == 50 else None
    world.platform.announce(*range(1, 121), beat=SECONDS + 40)
    assert set(await world.round()) >= set(range(101, 121))
    record = await world.record()
    assert record.read_at == read_at
    assert record.problem == "The platform gave no usable answer. It is tried again."


async def test_an_endless_list_ends(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A storage with a million rows is read up to a bound, which is told, and in which nobody counts as silent."""
    world.platform.announce(1)
    (row,) = world.platform.rows[3]

    async def endless(_application: int, offset: int) -> KeyValuePage:
        world.platform.asked.append((3, offset))
        return KeyValuePage([row] * KEY_VALUE_PAGE, 0, is_last=False)

    world.platform.items = endless  # type: ignore[method-assign]
    assert await world.round() == [1]
    assert len(world.platform.asked) == MOST_PAGES
    record = await world.record()
    assert record.read_at is None
    assert record.problem == "More than 200,000 rows are announced, and those after them are not read."
    await world.round()
    assert len(world.platform.asked) == MOST_PAGES
    assert sum("200,000" in each for each in caplog.messages) == 1


async def test_other_applications_are_probed_in_turn(world: World) -> None:
    """Where nothing was ever announced, two are asked for a page in a round, each every ten minutes at the latest."""
    quiet = range(100, 150)
    world.platform.listed = Rows([Application(3, "calls"), *(Application(number, "quiet") for number in quiet)])
    world.platform.announce(1)
    await world.round()
    assert {number for number, _ in world.platform.asked} == {3, *quiet}
    asked = []
    for _ in range(25):
        await world.round()
        asked.append({number for number, _ in world.platform.asked})
    assert {len(each) for each in asked[:19]} == {3}
    assert set().union(*asked[:20]) == {3, *quiet}
    assert all(3 in each for each in asked)


async def test_a_first_announcement_is_found_and_read_from_then_on(world: World) -> None:
    """Of an application that was probed, every row is read in the same round, and in every further one."""
    world.platform.listed = Rows([Application(number, "quiet") for number in range(100, 110)])
    await world.round()
    world.platform.announce(*range(1, 61), application=105)
    found = [await world.round() for _ in range(5)]
    assert list(range(1, 61)) in found
    for _ in range(3):
        await world.round()
        assert (105, 0) in world.platform.asked


@pytest.mark.parametrize("name", ["named", "109", None])
async def test_named_applications_and_those_with_the_kit_are_read_every_round(world: World, name: str | None) -> None:
    """The config names one by its name or its number; a rule that is known to have the kit counts as much."""
    quiet = [Application(number, "quiet") for number in range(100, 109)]
    world.platform.listed = Rows([*quiet, Application(109, "named")])
    world.settings.directory.applications = () if name is None else (name,)
    world.rules.kits = {109} if name is None else set()
    for _ in range(4):
        await world.round()
        assert (109, 0) in world.platform.asked


async def test_a_number_of_the_config_needs_no_list(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Where the account's role may not list the applications, those that the config names by number are read."""
    world.platform.listed = ROLE
    world.settings.directory.applications = ("3", "calls")
    world.platform.announce(1)
    assert await world.round() == [1]
    for _ in range(10):
        await world.round()
    assert sum("cannot be listed" in each for each in caplog.messages) == 1


async def test_a_removed_application_is_forgotten(world: World) -> None:
    """What the account does not have any more is not read, and its row is gone."""
    world.platform.listed = Rows([Application(3, "calls"), Application(4, "old")])
    world.platform.announce(1)
    world.platform.announce(2, application=4)
    await world.round()
    world.platform.listed = Rows([Application(3, "calls of the night")])
    for _ in range(21):
        await world.round()
    assert {number for number, _ in world.platform.asked} == {3}
    assert (await world.record()).application_name == "calls of the night"
    with pytest.raises(KeyError):
        await world.record(4)


async def test_a_name_that_the_account_does_not_have_is_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A misspelt application of the config is one line in the log."""
    world.settings.directory.applications = ("cals",)
    for _ in range(30):
        await world.round()
    assert sum("cals" in each for each in caplog.messages) == 1


async def test_an_unexpected_failure_leaves_nothing_under_way(world: World) -> None:
    """A round that breaks ends its calls, in all applications, and the next one reads everything."""
    world.platform.listed = Rows([Application(3, "calls"), Application(4, "others")])
    world.platform.announce(*range(1, 121))
    world.platform.announce(*range(1_000, 1_500), application=4)
    broken: Any = RuntimeError("broken")
    await world.round()
    _failing(world, broken, times=1)
    with pytest.raises(ExceptionGroup):
        await world.round()
    assert isinstance(world.rounds, Rounds)
    assert world.platform.at_once == 0
    world.platform.announce(1, beat=SECONDS + 50)
    assert 1 in await world.round()


async def test_a_round_is_recorded_after_its_beats(world: World) -> None:
    """While beats are on their way into the records, the round does not count: nobody is called silent for that."""
    world.platform.announce(1)
    await world.round()
    world.platform.announce(1, beat=SECONDS + 20)
    world.recording.clear()
    world.is_waiting.clear()
    reading = asyncio.create_task(world.rounds.step())
    await world.is_waiting.wait()
    assert (await world.record()).read_at == NOW
    world.recording.set()
    await reading
    read_at = (await world.record()).read_at
    assert read_at is not None
    assert read_at > NOW
