"""Claims and what becomes of them: heard of, taken up, running again, or from elsewhere – or nothing at all."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TypeVar, cast

import pytest

from bot.directory._intake import MOST
from bot.ports import RuleListing
from bot.process import cancel_and_wait
from bot.voximplant import SessionUrl
from storage import Connection, messages, sessions, stops
from storage.errors import StorageUnavailable
from storage.records import HistorySays, Origin, State
from storage.stop import Arrived, StopState
from storage.store import Store
from tests.directory.intake_world import HOTLINE, RULE, IntakeWorld, numbers, url_of

T = TypeVar("T")


async def test_a_known_session_is_heard_of(world: IntakeWorld) -> None:
    """A beat of a session that holds its URL is recorded without a question, a card or a line of the audit."""
    session = await world.started(history_id=7, secure_url=world.sealed(7))
    lines = await world.count("audit")
    beat = world.now - timedelta(seconds=40)
    await world.settles(world.claim(7, beat=beat, calls=2))
    after = await world.one()
    assert (after.heard_at, after.calls) == (beat, 2)
    assert (after.version, await world.count("audit")) == (session.version, lines)
    await world.settles(world.claim(7, beat=beat - timedelta(seconds=60), calls=9))
    assert (await world.one()).calls == 2
    assert world.history.calls == []


async def test_a_round_can_wait_for_its_beats(world: IntakeWorld) -> None:
    """It is told that all is recorded once it is, and not while a beat is on its way."""
    await world.started(history_id=7, secure_url=world.sealed(7))
    await world.intake.recorded()
    world.intake.offer([world.claim(7, beat=world.now)])
    waiting = asyncio.create_task(world.intake.recorded())
    await asyncio.sleep(0)
    assert not waiting.done()
    await world.intake.settle()
    await waiting
    assert (await world.one()).heard_at == world.now


async def test_of_very_many_claims_the_newest_are_kept(world: IntakeWorld) -> None:
    """What is offered while nothing can be recorded is kept up to the bound; a round offers the others again."""
    world.intake._pending = dict.fromkeys(((number, 1) for number in range(MOST)), world.claim(7))
    world.intake.offer([world.claim(4202753936)])
    assert len(world.intake._pending) == MOST
    assert (0, 1) not in world.intake._pending
    assert (4202753936, 1) in world.intake._pending


async def test_a_beat_is_never_in_the_future(world: IntakeWorld) -> None:
    """A beat by the platform's clock becomes a moment of ours, and one ahead of it becomes now."""
    await world.started(history_id=7, secure_url=world.sealed(7))
    world.history.clock.learn("Sun, 01 Mar 2026 01:14:00 GMT")  # an hour behind ours
    await world.settles(world.claim(7, beat=world.now - timedelta(hours=1, seconds=30)))
    assert (await world.one()).heard_at == world.now - timedelta(seconds=30)
    await world.settles(world.claim(7, beat=world.now))
    assert (await world.one()).heard_at == world.now


async def test_a_clock_that_was_set_back_stops_no_beat(world: IntakeWorld) -> None:
    """Beats on record that are in the future by now give way to those that come, and no session seems silent."""
    world.history.clock.learn("Sun, 01 Mar 2026 02:14:00 GMT")
    await world.started(history_id=7, secure_url=world.sealed(7))
    await world.settles(world.claim(7))
    await world.store.write(lambda db: sessions.record_silently(db, 1, silent_at=world.now))
    world.clock.set(timedelta(hours=-1))
    for _ in range(2):
        world.clock.let_pass(timedelta(minutes=1))
        await world.settles(world.claim(7, beat=world.history.clock.now()))
        after = await world.one()
        assert (after.heard_at, after.silent_at) == (world.now, None)


async def test_a_claim_never_takes_the_place_of_a_url(world: IntakeWorld) -> None:
    """A session that holds its URL keeps it, whatever another claim with its number says."""
    held = world.sealed(7)
    await world.started(history_id=7, secure_url=held)
    world.runs(7)
    forged = SessionUrl(url_of(7, "0000000000000000"))
    await world.settles(world.claim(7, url=forged), world.claim(7, url=forged, application_id=2))
    assert (await world.one()).secure_url == held
    assert world.refused == ["other_application"]


async def test_the_scenario_takes_a_stop_up(world: IntakeWorld) -> None:
    """Taken up is what carries the stop's own request id; it makes a doubtful delivery one, and never an end."""
    await world.started(history_id=7, secure_url=world.sealed(7))
    asked = await world.store.write(
        lambda db: stops.take(db, 1, by="U1", reason=None, command=None, request_id="r-1", now=world.now)
    )
    assert asked is not None
    await world.store.write(
        lambda db: stops.record_arrival(db, asked, Arrived.perhaps, by="U1", event="No answer.", now=world.now)
    )
    await world.settles(world.claim(7, taken="r-0"))
    assert (await world.one()).stop_state is StopState.perhaps_delivered
    await world.settles(world.claim(7, taken="r-1", ending=True))
    after = await world.one()
    assert after.stop is not None
    assert (after.stop_state, after.state, after.stop.taken_at) == (StopState.delivered, State.stopping, world.now)
    assert (after.ending_at, after.last_event) == (world.now, "The scenario says that it is ending.")
    assert (after.changed_by, after.version) == ("scenario", after.version)
    await world.settles(world.claim(7, taken="r-1", ending=True))
    assert (await world.one()).version == after.version


async def test_a_silent_session_is_heard_of_again(world: IntakeWorld) -> None:
    """A newer beat ends the silence, with an event; the same beat, read again, does not."""
    await world.started(history_id=7, secure_url=world.sealed(7))
    await world.settles(old := world.claim(7))
    world.clock.let_pass(timedelta(minutes=6))
    await world.store.write(lambda db: sessions.record_silently(db, 1, silent_at=world.now))
    world.intake = world.new_intake()  # which has forgotten what it has read
    await world.settles(old)
    assert (await world.one()).silent_at is not None
    await world.settles(world.claim(7))
    after = await world.one()
    assert (after.silent_at, after.last_event) == (None, "It is heard of again.")


async def test_what_is_over_stays_over(world: IntakeWorld) -> None:
    """A claim of a session that has ended changes nothing; the last one is nothing odd, a later one is counted."""
    session = await world.started(State.ended, history_id=7)
    world.runs(7)
    await world.settles(world.claim(7, ending=True))
    assert world.refused == []
    world.clock.let_pass(timedelta(minutes=2))
    await world.settles(world.claim(7))
    assert await world.one() == session
    assert (world.refused, world.history.calls) == (["ended"], [])


async def test_an_uncontrolled_session_runs_again(world: IntakeWorld) -> None:
    """The announced URL is sealed, the thread is told with a mention, and a kept stop goes out now."""
    await world.started(State.uncontrolled, history_id=7)
    await world.store.write(lambda db: sessions.record_silently(db, 1, stop_by="U2", stop_asked_at=world.now))
    await world.store.write(lambda db: sessions.record_silently(db, 1, stop_request_id="r-1"))
    world.runs(7)
    await world.settles(world.claim(7))
    after = await world.one()
    assert after.state is State.running
    assert after.secure_url is not None
    assert world.sealer.open(after.secure_url) == url_of(7)
    assert after.heard_at == world.now
    (reply,) = await world.replies()
    assert "can be stopped" in reply
    assert world.delivered == ["#1"]
    await world.settles(world.claim(7, url=SessionUrl(url_of(8))))
    assert len(await world.replies()) == 1


async def test_a_closed_record_takes_a_url_in_its_time_only(world: IntakeWorld) -> None:
    """After the days for which it can be stopped the URL would be wiped, announced, and told of again every minute."""
    for number in (7, 8):
        await world.started(State.abandoned, history_id=number)
        world.runs(number)
    long_ago = world.now - timedelta(days=1)
    await world.store.write(lambda db: sessions.record_silently(db, 2, changed_at=long_ago))
    await world.settles(world.claim(7), world.claim(8))
    assert [(each.state, each.has_url) for each in await world.all()] == [
        (State.abandoned, True), (State.abandoned, False),
    ]  # fmt: skip
    assert len(await world.replies()) == 1
    assert world.ids_asked() == {7}


async def test_no_url_is_taken_of_what_has_ended(world: IntakeWorld) -> None:
    """Neither is one where the history says that it ended, or that it is of another application."""
    await world.started(State.uncontrolled, history_id=7)
    world.ends(7)
    await world.settles(world.claim(7))
    assert world.refused == []  # the last one of a session that has just ended
    world.clock.let_pass(timedelta(minutes=2))
    await world.settles(world.claim(7))
    world.runs(7)
    await world.later(1)
    await world.settles(world.claim(7, application_id=2))
    assert (await world.one()).state is State.uncontrolled
    assert world.refused == ["ended", "other_application"]


async def test_a_start_without_answer_runs(world: IntakeWorld) -> None:
    """The only session that the row could be gets its number and its URL; no second one is made."""
    await world.started(State.unknown, custom_data="a")
    await world.started(State.unknown, custom_data="b")
    world.runs(7, custom_data="b")
    await world.settles(world.claim(7, data="b"))
    assert [(each.state, each.history_id) for each in await world.all()] == [
        (State.unknown, None), (State.running, 7),
    ]  # fmt: skip
    (reply,) = await world.replies()
    assert "started after all" in reply


async def test_nothing_is_guessed_between_two(world: IntakeWorld) -> None:
    """Where two starts, or two rows, fit, it is one from elsewhere, and each thread names all in one reply."""
    for _ in range(2):
        await world.started(State.unknown)
    for number in (7, 8):
        world.runs(number)
        await world.settles(world.claim(number))
        await world.later(1)
    assert numbers(await world.all()) == [None, None, 7, 8]
    assert [each.history_says for each in await world.all()] == [HistorySays.several] * 2 + [None] * 2
    replies = await world.replies()
    assert len(replies) == 2
    assert all("#3 obedient (h7), #4 obedient (h8)." in each for each in replies)
    assert "#1 or #2" in (await world.one(3)).last_event


async def test_one_start_and_two_rows_are_not_guessed(world: IntakeWorld) -> None:
    """A row that announces itself is not taken for a lost start while another row could be it as well."""
    await world.started(State.unknown)
    world.runs(7)
    world.runs(8)
    await world.settles(world.claim(7))
    assert numbers(await world.all()) == [None, 7]
    await world.later(1)
    await world.settles(world.claim(8))
    assert numbers(await world.all()) == [None, 7, 8]
    assert len(await world.replies()) == 1


async def test_a_start_under_way_is_waited_for(world: IntakeWorld) -> None:
    """While a start of the rule is unanswered nothing is recorded; then the number belongs to one open session."""
    await world.started(State.starting, custom_data="a")
    world.runs(7)
    await world.settles(world.claim(7))
    await world.later(10)
    assert numbers(await world.all()) == [None]
    columns = {"state": State.running, "history_id": 7, "secure_url": world.sealed(7)}
    await world.store.write(lambda db: sessions.record_silently(db, 1, **columns))
    await world.later(10)
    assert numbers(await world.all()) == [7]


async def test_a_start_under_way_of_another_session(world: IntakeWorld) -> None:
    """Once the start has an answer of its own, what was waited with is recorded as from elsewhere."""
    await world.started(State.starting)
    world.runs(7)
    await world.settles(world.claim(7))
    columns = {"state": State.running, "history_id": 6, "secure_url": world.sealed(6)}
    await world.store.write(lambda db: sessions.record_silently(db, 1, **columns))
    await world.later(5)
    assert numbers(await world.all()) == [6, 7]


async def test_a_session_that_was_adopted(world: IntakeWorld) -> None:
    """The session that was adopted by the same URL gets its number; another one has nothing to do with it."""
    for number in (7, 8):
        await world.started(secure_url=world.sealed(number), rule_id=0, rule_name=None, application_id=None)
    world.runs(8)
    await world.settles(world.claim(8, url=SessionUrl(url_of(8) + "/")))
    assert numbers(await world.all()) == [None, 8]
    assert await world.replies() == []


async def test_a_session_from_elsewhere(world: IntakeWorld) -> None:
    """It belongs to the home of its rule, runs since the history's start, and is announced by no card."""
    world.rules.homes = {HOTLINE.id: "G7"}
    began = world.now - timedelta(minutes=9)
    data = f"caller 4917, see {url_of(7)}"
    world.runs(7, rule_name=HOTLINE.name, start=began, custom_data=data)
    await world.settles(world.claim(7, data="caller", calls=3))
    session = await world.one()
    assert (session.channel, session.channel_private, session.channel_shared) == ("G7", True, False)
    assert (session.rule_id, session.rule_name, session.starter) == (HOTLINE.id, HOTLINE.name, "")
    assert (session.state, session.origin, session.history_id) == (State.running, Origin.elsewhere, 7)
    assert (session.started_at, session.heard_at, session.calls, session.team) == (began, world.now, 3, "T1")
    assert session.custom_data is not None
    assert session.custom_data.startswith("caller 4917")
    assert "AF30C0FFEE42CCA6" not in session.custom_data
    assert await world.count("messages") == 0


async def test_a_card_where_the_config_wants_one(world: IntakeWorld) -> None:
    """With all cards each has one at once, in its home; without a home it has none, and is closed to most."""
    world.rules.homes = {RULE.id: "C7"}
    world.rules.with_cards = {RULE.id, HOTLINE.id}
    world.runs(7)
    world.runs(8, rule_name=HOTLINE.name)
    await world.settles(world.claim(7), world.claim(8))
    cards = await world.store.read(lambda db: [messages.card_of(db, each) for each in (1, 2)])
    assert [card and card.channel for card in cards] == ["C7", None]
    homeless = await world.one(2)
    assert (homeless.channel, homeless.channel_private) == ("", True)


async def test_a_home_that_others_read_is_none(world: IntakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of a session is posted where another workspace reads it, and the log says so once."""
    world.rules.homes = {RULE.id: "C7"}
    world.rules.with_cards = {RULE.id}
    world.shared_channels = {"C7"}
    for number in (7, 8):
        world.runs(number)
        await world.settles(world.claim(number))
        await world.later(1)
    assert [each.channel for each in await world.all()] == ["", ""]
    assert await world.count("messages") == 0
    assert sum("shared with another workspace" in each.message for each in caplog.records) == 1


async def test_slack_is_waited_for_and_not_for_ever(world: IntakeWorld) -> None:
    """What Slack says of a home is recorded for good, so its answer is waited for; without one the home is closed."""
    world.rules.homes = {RULE.id: "C7"}
    world.has_slack = False
    world.runs(7)
    await world.settles(world.claim(7))
    await world.later(30)
    assert await world.all() == []
    world.has_slack = True
    await world.later(3)
    world.has_slack = False
    world.runs(8)
    await world.settles(world.claim(8))
    await world.later(63)
    assert [(each.channel, each.channel_private) for each in await world.all()] == [("C7", False), ("C7", True)]


async def test_an_unknown_rule_is_named_by_the_history(world: IntakeWorld) -> None:
    """A rule that is not in the list is 0; while the list has gaps its reading is waited for, and not for ever."""
    world.runs(7, rule_name="deleted since")
    world.rules.listed = RuleListing(rules=(), lacks="The rules could not be read.")
    await world.settles(world.claim(7))
    await world.later(30)
    assert await world.all() == []
    await world.later(60)
    session = await world.one()
    assert (session.rule_id, session.rule) == (0, "deleted since")


async def test_a_session_that_the_history_does_not_know_yet(world: IntakeWorld) -> None:
    """It is asked about again, less and less often, and recorded as soon as the history knows it."""
    await world.settles(world.claim(7))
    await world.later(20)
    asked = len(world.history.calls)
    assert 3 <= asked <= 6
    assert await world.all() == []
    world.runs(7)
    await world.later(20)
    assert numbers(await world.all()) == [7]
    assert len(world.history.calls) == asked + 1


async def test_what_the_history_refuses_is_asked_about_seldom(world: IntakeWorld) -> None:
    """A refused claim that comes again and again with new beats costs hardly any question."""
    world.ends(7)
    for _ in range(60):
        await world.settles(world.claim(7))
        await world.later(60)
    assert await world.all() == []
    assert len(world.history.calls) <= 8
    assert set(world.refused) == {"ended"}


async def test_two_rows_for_one_number(world: IntakeWorld) -> None:
    """Of claims in two applications the one where the history has it is believed, in whatever order they come."""
    world.runs(7)
    forged = world.claim(7, application_id=2, url=SessionUrl(url_of(9)), beat=world.now + timedelta(minutes=1))
    await world.settles(forged, world.claim(7), replace(forged, beat=world.now + timedelta(minutes=2)))
    (session,) = await world.all()
    assert session.secure_url is not None
    assert world.sealer.open(session.secure_url) == url_of(7)
    assert "other_application" in world.refused


async def test_what_came_by_the_inbox_is_of_the_historys_application(world: IntakeWorld) -> None:
    """A claim without an application is of the one that the history names."""
    world.runs(7)
    await world.settles(world.claim(7, application_id=0, application_name=""))
    (session,) = await world.all()
    assert (session.application_id, session.application_name) == (1, "demo")


async def test_numbers_that_break_a_batch_are_set_apart(world: IntakeWorld) -> None:
    """Where an unknown number breaks a call, it holds the true ones up for a moment, and is then asked about seldom."""
    for number in range(1, 301):
        world.runs(number, rule_name=HOTLINE.name)
    world.history.breaks = {1000, 77_000}
    await world.settles(*(world.claim(each) for each in (*range(1, 301), 1000, 77_000)))
    await world.later(30)
    assert len(await world.all()) == 300
    await world.later(300)
    asked = len(world.history.calls)
    await world.later(240)
    assert len(world.history.calls) <= asked + 4
    assert world.refused.count("not_in_history") == 2


async def test_a_new_session_may_break_a_call_at_first(world: IntakeWorld) -> None:
    """A session that the history refuses to know for some seconds is recorded soon after it does know it."""
    world.history.breaks = {7}
    await world.settles(world.claim(7))
    await world.later(8)
    assert await world.all() == []
    world.history.breaks = set()
    world.runs(7)
    await world.later(12)
    assert numbers(await world.all()) == [7]


async def test_forged_numbers_that_break_every_call_cost_few(world: IntakeWorld) -> None:
    """Thousands of invented numbers, each of which breaks its call, keep no true session out, at a bounded price."""
    invented = range(500_000, 503_000)
    world.history.breaks = set(invented)
    await world.settles(*(world.claim(each) for each in invented))
    await world.later(60)
    for number in range(1, 51):
        world.runs(number, rule_name=HOTLINE.name)
    await world.settles(*(world.claim(each) for each in range(1, 51)))
    await world.later(5)
    assert len(await world.all()) == 50
    assert len(world.history.calls) <= 120


async def test_a_loaded_platform_is_left_alone(world: IntakeWorld) -> None:
    """While the history cannot be asked it is asked less often, and nothing is forgotten."""
    world.runs(7)
    world.history.is_loaded = True
    await world.settles(world.claim(7))
    await world.later(60)
    assert len(world.history.calls) <= 6
    world.history.is_loaded = False
    await world.later(60)
    assert numbers(await world.all()) == [7]


async def test_while_nothing_can_be_recorded_the_history_is_left_alone(world: IntakeWorld) -> None:
    """A session that cannot be recorded costs two questions a minute, and is recorded once that can be done."""
    broken, store = True, world.store

    async def write(job: Callable[[Connection], T]) -> T:
        if broken:
            msg = "disk full"
            raise StorageUnavailable(msg)
        return await store.write(job)

    world.store = cast("Store", SimpleNamespace(read=store.read, write=write))
    world.intake, world.store = world.new_intake(), store
    world.runs(7)
    world.intake.offer([world.claim(7)])
    for _ in range(60):
        world.clock.let_pass(timedelta(seconds=1))
        with suppress(StorageUnavailable):
            await world.intake.settle()
            await world.intake.verify()
    assert len(world.history.calls) <= 3
    broken = False
    await world.later(30)
    assert numbers(await world.all()) == [7]


async def test_a_history_that_hangs_holds_up_no_beat(world: IntakeWorld) -> None:
    """A session of which the history need not be asked is heard of while the history does not answer about another."""
    await world.started(history_id=7, secure_url=world.sealed(7))
    world.runs(8)
    world.history.answers.clear()
    world.intake.offer([world.claim(8)])
    await world.intake.settle()
    asking = asyncio.create_task(world.intake.verify())
    await asyncio.sleep(0)
    assert world.history.calls
    world.intake.offer([world.claim(7)])
    await world.intake.settle()
    assert (await world.one()).heard_at == world.now
    assert not asking.done()
    world.history.answers.set()
    await asking
    assert numbers(await world.all()) == [7, 8]


async def test_forged_claims_change_nothing(world: IntakeWorld) -> None:
    """Ten thousand claims of sessions that do not exist, have ended or are another application's cost few calls."""
    for number in range(2000):
        world.runs(50_000 + number, application_id=3)
        world.ends(60_000 + number)
    before = [await world.count(each) for each in ("sessions", "messages", "audit")]
    numbers_ = [*range(1, 6001), *range(50_000, 52_000), *range(60_000, 62_000)]
    for _ in range(3):
        await world.settles(*(world.claim(each) for each in numbers_))
        await world.later(60)
    assert [await world.count(each) for each in ("sessions", "messages", "audit")] == before
    assert len(world.history.calls) <= 100


async def test_one_that_cannot_be_planned_holds_up_no_other(world: IntakeWorld) -> None:
    """An error that nobody expects leaves out one session, and is made up for by its next beat."""
    world.rules.homes = {HOTLINE.id: "C8"}
    world.odd_channels = {"C8"}
    world.runs(1, rule_name=HOTLINE.name)
    world.runs(2)
    await world.settles(world.claim(1), world.claim(2))
    assert numbers(await world.all()) == [2]
    world.odd_channels = set()
    await world.later(1)
    await world.settles(world.claim(1))
    assert numbers(await world.all()) == [2, 1]


async def test_new_sessions_are_settled_in_pieces(world: IntakeWorld) -> None:
    """A burst of new sessions is many small commits, and asks about each channel once."""
    world.rules.homes = {RULE.id: "C7"}
    for number in range(1, 201):
        world.runs(number)
    await world.settles(*(world.claim(each) for each in range(1, 201)))
    assert len(await world.all()) == 200
    assert world.asked_about_channels == ["C7"]
    assert await world.count("audit") == 200


async def test_a_database_that_refuses_is_logged_once(world: IntakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be recorded is tried again, with no further line, also where the history is asked in between."""
    attempted, store = asyncio.Event(), world.store
    await world.started(history_id=7, secure_url=world.sealed(7))

    async def write(_job: object) -> None:
        attempted.set()
        msg = "disk full"
        raise StorageUnavailable(msg)

    world.store = cast("Store", SimpleNamespace(read=store.read, write=write))
    world.intake, world.store = world.new_intake(), store
    for _ in range(2):
        world.intake.offer([world.claim(7)])
        attempted.clear()
        recording = asyncio.create_task(world.intake.step())
        await attempted.wait()
        asking = asyncio.create_task(world.intake.verify_step())
        await asyncio.sleep(0)
        await asyncio.gather(cancel_and_wait(recording), cancel_and_wait(asking))
    assert caplog.text.count("cannot be recorded") == 1
