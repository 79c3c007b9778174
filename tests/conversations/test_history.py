"""The history misbehaves, or says what nobody expected: what the card says, what is told, what is never done."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.config._loading import load_settings
from bot.sandbox.voximplant import ApiRequest, Edit, Error, Fault, FinishReason, Hang, Html, Status
from bot.watch._watch import IDS_A_CALL
from storage import sessions
from storage.records import HistorySays, Session, State
from storage.store import Store
from tests.factories import new_session

from .conftest import MakeWorld, World

ALWAYS = 100_000
OFTEN = {"SESSION_BOT_WATCH_SECONDS": "2"}
Answer = dict[str, Any]


def history(world: World, fault: Fault, times: int = ALWAYS) -> None:
    """Make the history misbehave."""
    world.platform.faults.management("GetCallHistory", fault, times=times)


def well_again(world: World) -> None:
    """Make the platform behave again."""
    world.platform.faults._orders.clear()


def look_ups(world: World) -> list[ApiRequest]:
    """Return the calls of GetCallHistory."""
    return [each for each in world.platform.requests if each.method == "GetCallHistory"]


def ids_of(request: ApiRequest) -> list[str]:
    """Return the numbers that a look-up asked about."""
    return request.parameters["call_session_history_id"].split(";")


def the_session(world: World) -> Any:
    """Return the only session at the platform."""
    (session,) = world.platform.sessions.values()
    return session


def with_rows(change: Callable[[Answer], Answer]) -> Edit:
    """Make an edit of each row of an answer."""
    return Edit(lambda answer: answer | {"result": [change(row) for row in answer["result"]]})


def says_ended(row: Answer) -> Answer:
    """Make a row say that its session ended, in every case."""
    return row | {"active": False, "duration": 5, "finish_reason": "Normal termination"}


async def test_a_session_that_ends_by_itself_changes_its_card_only(world: World) -> None:
    """A normal end that nobody asked for is seen on the card, with what it cost; nobody is called."""
    await world.started("obedient")
    the_session(world).end(FinishReason.NORMAL)
    card = await world.shows("It ended by itself.")
    assert "ended" in card.text
    assert "Normal termination" in card.text
    assert "duration" in card.text
    assert "USD" in card.text
    assert world.replies() == []
    assert [each.label for each in card.buttons()] == ["Start again"]


async def test_an_abnormal_end_calls_its_starter_once(world: World) -> None:
    """An abnormal end that nobody asked for is one reply that mentions who started it, and says why it ended."""
    await world.started("crash")
    the_session(world).end(FinishReason.INSUFFICIENT_FUNDS)
    reply = await world.replied("without being asked to")
    assert f"<@{world.ann.id}>" in reply.text
    assert "Insufficient funds" in reply.text
    card = await world.shows("abnormally")
    assert "Insufficient funds" in card.text
    assert len(world.replies()) == 1


async def test_a_scenario_that_breaks_on_what_was_sent_is_an_abnormal_end(world: World) -> None:
    """What was sent is delivered and told so; that the scenario broke on it is told when the history says it."""
    await world.started("crash")
    await world.says(world.ann, 'send 1 {"a": 1}', expect="Delivered to #1")
    reply = await world.replied("JS session error")
    assert f"<@{world.ann.id}>" in reply.text


async def test_the_url_of_a_session_is_never_probed(make_world: MakeWorld) -> None:
    """However often a session is looked at, nothing reaches its URL but what people sent."""
    async with make_world(environ=OFTEN) as world:
        await world.started("any-request")
        await world.until(lambda: len(look_ups(world)) >= 5, "five look-ups")
        await world.says(world.ann, "status 1", expect="running")
        assert world.platform.deliveries == []
        assert the_session(world).running


async def test_an_end_takes_two_readings_and_then_the_urls_are_wiped(world: World) -> None:
    """The first reading shows on the card and keeps the URLs; a second that agrees settles it and wipes both."""
    await world.started("obedient")
    history(world, with_rows(says_ended), times=1)
    history(world, Html(502))
    card = await world.shows("ended")
    assert "read once more" in card.text
    await world.until(lambda: world.session().history_says is HistorySays.silent, "a second reading that fails")
    seen = world.session()
    assert seen.state is State.running
    assert seen.secure_url is not None
    assert seen.plain_url is not None
    closed = "#1 obedient ended (Normal termination). There is nothing to close."
    await world.says(world.ann, "close 1", expect=closed)
    the_session(world).end(FinishReason.NORMAL)
    well_again(world)
    await world.until(lambda: world.session().state is State.ended, "the end to be settled")
    assert (world.session().secure_url, world.session().plain_url) == (None, None)
    assert world.replies() == []


async def test_an_end_that_is_taken_back_leaves_the_session_as_it_was(world: World) -> None:
    """When the second reading says that it runs, the card says so, and the session can be stopped like before."""
    await world.started("obedient")
    history(world, with_rows(says_ended), times=1)
    card = await world.shows("took back")
    assert "running" in card.text
    assert "Normal termination" not in card.text
    assert "Stop" in [each.label for each in card.buttons()]
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")
    assert not the_session(world).running


async def test_one_wrong_reading_does_not_make_a_live_call_unstoppable(world: World) -> None:
    """Between a first reading of an end and the second, a stop still goes out."""
    await world.started("obedient")
    history(world, with_rows(says_ended), times=1)
    history(world, Html(502))
    await world.shows("read once more")
    await world.says(world.bob, "stop 1", expect="Stop delivered to #1")
    well_again(world)
    await world.told(world.bob, "#1 obedient ended")
    assert json.loads(world.platform.deliveries[0].body) == {"command": "stop"}
    assert not the_session(world).running


@pytest.mark.parametrize(
    ("fault", "truth"),
    [
        (Html(502), "could not be asked"),
        (Status(429, headers={"Retry-After": "3600"}), "could not be asked"),
        (Error(150, "The 'call_session_history_id' parameter is invalid."), "does not know it yet"),
    ],
    ids=["html", "429", "unknown-id"],
)
async def test_an_unconfirmed_stop_says_which_truth_holds(make_world: MakeWorld, fault: Fault, truth: str) -> None:
    """A stop that is not confirmed in time says what was sent, what the history says, and what to do next."""
    config = '[rules.stuck]\nid = 1002\nrunbook = "https://example.com/runbook"\n'
    async with make_world(environ={"SESSION_BOT_CONFIRM_SECONDS": "15"}, config=config) as world:
        await world.started("stuck")
        history(world, fault)
        await world.says(world.bob, "stop 1 it hangs", expect="Stop delivered to #1")
        told = await world.told(world.bob, "Not confirmed")
        assert truth in told.text
        report = await world.replied("Stop not confirmed")
        assert truth in report.text
        assert report.broadcast
        for part in ('{"command": "stop"}', f"<@{world.bob.id}>", "stop 1", "Runbook", "no forced stop"):
            assert part in report.text
        assert f"h{the_session(world).history_id}" in report.text
        card = await world.shows("stop not confirmed")
        assert truth in card.text
        assert "Stop again" in [each.label for each in card.buttons()]
        assert world.session().state is State.stopping
        assert len(world.platform.deliveries) == 1


async def test_a_history_that_wants_a_pause_gets_it(make_world: MakeWorld) -> None:
    """After a 429 nothing is asked for as long as it says, whatever happens meanwhile; after that it is asked again."""
    async with make_world(environ=OFTEN | {"SESSION_BOT_CONFIRM_SECONDS": "15"}) as world:
        await world.started("obedient")
        history(world, Status(429, headers={"Retry-After": "600"}), times=1)
        await world.until(lambda: not world.platform.faults.pending, "the history to ask for a pause")
        count = len(look_ups(world))
        await world.says(world.bob, "stop 1", expect="Not confirmed")
        assert len(look_ups(world)) == count
        world.clock.jump(600)
        await world.presses(world.bob, world.card(), "Refresh", expect="The history is being asked now")
        await world.replied("Confirmed: #1 obedient ended")


async def test_a_late_confirmation_still_comes(make_world: MakeWorld) -> None:
    """A stop that was called unconfirmed is confirmed, on the card and in its reply, when the history says so."""
    environ = {"SESSION_BOT_CONFIRM_SECONDS": "10"}
    async with make_world(environ=environ, history_delay_seconds=30) as world:
        await world.started("obedient")
        await world.says(world.bob, "stop 1", expect="Stop delivered to #1")
        await world.shows("stop not confirmed")
        card = await world.shows("Confirmed by the history")
        assert "ended" in card.text
        reply = await world.replied("Confirmed: #1 obedient ended")
        assert "Delivered" in reply.text
        assert world.session().secure_url is None


async def test_a_hanging_history_holds_up_no_other_answer(make_world: MakeWorld) -> None:
    """While a search hangs for a session without number, another session's stop is confirmed all the same."""
    async with make_world(environ=OFTEN | {"VOXIMPLANT_READ_TIMEOUT": "8"}) as world:

        def nameless(answer: Answer) -> Answer:
            answer.pop("call_session_history_id")
            return answer

        world.platform.faults.management("StartScenarios", Edit(nameless))
        history(world, Hang(), times=1)
        await world.started("stuck")
        await world.until(lambda: not world.platform.faults.pending, "a question that hangs")
        await world.started("obedient")
        await world.says(world.bob, "stop 2", expect="#2 obedient ended")


async def test_an_account_that_cannot_be_asked_for_its_currency_delays_no_verdict(world: World) -> None:
    """The currency is for people only: without it the end is told all the same, with its cost as a number."""
    world.platform.faults.management("GetAccountInfo", Error(104, "No role."), times=ALWAYS)
    await world.started("obedient")
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")
    card = await world.shows("ended")
    assert "cost " in card.text
    assert "USD" not in card.text


@pytest.fixture
async def world_of_many(make_world: MakeWorld) -> AsyncIterator[World]:
    """Return a world with the bot running, that looks often."""
    async with make_world(environ=OFTEN) as made:
        yield made


async def test_one_id_that_the_platform_refuses_does_not_blind_the_rest(world_of_many: World) -> None:
    """When one number makes the platform refuse a whole batch, it is found and asked about alone from then on."""
    world = world_of_many
    for _ in range(3):
        await world.started("stuck", world.slack.person(f"starter-{_}"))
    strange = str(world.session(2).history_id)

    def refuse_strange(answer: Answer) -> Answer:
        if strange in ids_of(look_ups(world)[-1]):
            return {"error": {"code": 150, "msg": "The 'call_session_history_id' parameter is invalid."}}
        return answer

    history(world, Edit(refuse_strange))
    others = [str(world.session(number).history_id) for number in (1, 3)]
    await world.until(lambda: others in [ids_of(each) for each in look_ups(world)], "the others to be asked together")
    await world.until(lambda: [strange] in [ids_of(each) for each in look_ups(world)], "it to be asked alone")
    for number in (1, 3):
        world.platform.sessions[world.session(number).history_id or 0].end(FinishReason.NORMAL)
        await world.shows("ended", number - 1)
    assert "running" in world.card(1).text
    assert world.session(2).history_says is HistorySays.absent
    well_again(world)
    world.platform.sessions[int(strange)].end(FinishReason.NORMAL)
    await world.shows("ended", 1)


async def test_more_than_a_thousand_sessions_are_asked_about_in_batches(make_world: MakeWorld) -> None:
    """The platform takes 1000 numbers a call: more open sessions are more calls, and none is left out."""
    async with make_world(start=False) as world:
        numbers = await many_running(world, IDS_A_CALL + 100)
        await world.start_bot()
        await world.until(lambda: len(look_ups(world)) >= 2, "two look-ups")
        first, second = (ids_of(each) for each in look_ups(world)[:2])
        assert max(len(first), len(second)) <= IDS_A_CALL
        assert sorted([*first, *second]) == sorted(map(str, numbers))


async def many_running(world: World, count: int) -> list[int]:
    """Put running sessions into the database, as an earlier process has left them."""
    now = datetime.now(UTC)
    new = new_session(team=world.slack.team_id, channel=world.ops.id, starter=world.ann.id)

    def add(db: Any, number: int) -> Session | None:
        session = sessions.add(db, new, now=now)
        return sessions.move(
            db, session.id, State.running, by="test", event="Started.", now=now, started_at=now, history_id=number
        )

    store = Store(load_settings(world.environ, world.folder).database)
    await store.open()
    numbers = list(range(9_000_001, 9_000_001 + count))
    await asyncio.gather(*(store.write(lambda db, number=number: add(db, number)) for number in numbers))
    await store.close()
    return numbers
