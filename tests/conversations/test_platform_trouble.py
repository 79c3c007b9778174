"""The platform misbehaves at a start, a send or a stop: what the person is told, and what is not done twice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.sandbox.voximplant import Edit, Error, Fault, Hang, Html, Redirect, Reset, Status
from storage.command import CommandState
from storage.records import State
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World

HANGS_S = "2"
"""The time of what hangs: connecting and TLS have to be done in it too, on a busy machine."""

EARLIER_S = 110.0
"""How far the bot's clock starts behind: it runs faster than the platform's, and a search compares the two."""


def slow_start() -> QuickClock:
    """Make a clock that stays behind the platform's for the first seconds."""
    clock = QuickClock()
    clock.jump(-EARLIER_S)
    return clock


def asked(world: World, method: str) -> int:
    """Count the calls of a Management API method."""
    return len([each for each in world.platform.requests if each.method == method])


def request_ids(world: World) -> list[str]:
    """Return the `X-Request-Id` of everything that reached a session's URL."""
    return [each.headers["X-Request-Id"] for each in world.platform.deliveries]


@pytest.mark.parametrize("fault", [Html(502), Hang(), Reset(), Error(1, "Internal error")], ids=str)
async def test_a_start_without_an_answer_is_called_unknown_and_never_repeated(
    make_world: MakeWorld, fault: Fault
) -> None:
    """A start whose outcome cannot be known is made once, says *unknown*, and stays so while no history tells."""
    environ = {"VOXIMPLANT_START_TIMEOUT": HANGS_S, "SESSION_BOT_WATCH_SECONDS": "2"}
    async with make_world(environ=environ, clock=slow_start()) as world:
        world.platform.faults.management("StartScenarios", fault)
        told = await world.says(world.ann, "start obedient", expect="#1")
        assert "not known" in told.text
        await world.shows("unknown")
        await world.until(lambda: asked(world, "GetCallHistory") >= 3, "the history to be searched")
        assert asked(world, "StartScenarios") == 1
        assert world.session().state is State.unknown
        assert world.commands()[0].state is CommandState.unknown
        assert ("starting", "unknown") in [(each.was, each.became) for each in world.audit()]
        assert "Stop" not in [each.label for each in world.card().buttons()]


@pytest.mark.parametrize(
    ("fault", "data"),
    [
        (Hang(applied=True), "ticket-12"),
        (Reset(applied=True), "ticket-12"),
        (Reset(applied=True), "https://h/request/AF30C0FFEE42CCA6.1580999958.1_1.2.3.4/90AB"),
    ],
    ids=["hang", "reset", "a session's URL as its data"],
)
async def test_a_start_that_was_made_without_an_answer_is_found_in_the_history(
    make_world: MakeWorld, fault: Fault, data: str
) -> None:
    """One fitting row of the history makes an unknown start *uncontrolled*, and its end is told like any other."""
    async with make_world(environ={"VOXIMPLANT_START_TIMEOUT": HANGS_S}, clock=slow_start()) as world:
        world.platform.faults.management("StartScenarios", fault)
        await world.says(world.ann, f"start obedient {data}", expect="not known")
        card = await world.shows("uncontrolled")
        (session,) = world.platform.sessions.values()
        assert f"h{session.history_id}" in card.text
        reply = await world.replied("was started after all")
        assert f"<@{world.ann.id}>" in reply.text
        told = await world.says(world.bob, "stop 1", expect="its URL was never received")
        assert f"h{session.history_id}" in told.text
        session.end()
        card = await world.shows("ended")
        assert "Terminated administratively" in card.text
        assert len(world.platform.starts()) == 1
        assert world.platform.deliveries == []


async def test_two_starts_that_cannot_be_told_apart_are_listed_once(make_world: MakeWorld) -> None:
    """When several rows could be the session, the thread lists them once, for a person to choose from."""
    async with make_world(clock=slow_start()) as world:
        world.platform.faults.management("StartScenarios", Reset(applied=True), times=2)
        world.platform.faults.management("GetCallHistory", Html(502), times=1_000)  # until both are looked for
        both = (world.says(each, "start obedient", expect="not known") for each in (world.ann, world.bob))
        await asyncio.gather(*both)  # at once: what lies long enough apart can be told apart by its time
        world.platform.faults.clear()
        for number in (0, 1):
            listed = await world.replied("nothing tells them apart", number)
            for history_id in world.platform.sessions:
                assert f"h{history_id}" in listed.text
        world.platform.faults.management("GetCallHistory", Html(502), times=2)
        before = asked(world, "GetCallHistory")
        await world.until(lambda: asked(world, "GetCallHistory") >= before + 6, "more searches for each")
        assert [len(world.replies(number)) for number in (0, 1)] == [1, 1]
        assert [world.session(number).state for number in (1, 2)] == [State.unknown, State.unknown]


async def test_a_stop_kept_for_a_start_that_became_unknown_is_called_unconfirmed(make_world: MakeWorld) -> None:
    """Who asked to stop a session whose URL never came is told that the stop was never sent."""
    async with make_world(clock=slow_start()) as world:
        world.platform.faults.management("StartScenarios", Hang())
        await world.ann.slash(world.ops, "start obedient")
        await world.shows("starting")
        await world.until(lambda: asked(world, "StartScenarios"), "the call to be on its way")
        await world.says(world.bob, "stop 1", expect="Your stop is kept")
        world.platform.faults.release()
        report = await world.replied("was never sent")
        assert report.broadcast
        assert f"<@{world.bob.id}>" in report.text
        await world.told(world.bob, "The stop was not sent: #1 obedient may still run.")
        assert "could not be asked" not in report.text


async def test_a_refused_start_says_why_in_a_sentence(world: World) -> None:
    """Each refusal of the platform is one sentence with what to do, a card that says so, and no session."""
    refusals = {
        100: "credentials",
        104: "lacks the role",
        127: "not enough money",
        131: "not activated",
        147: "no such rule",
        314: "as much at once as it may",
        375: "no scenario",
        456: "clock",
        484: "repetition",
        999: "code 999",
    }
    for number, (code, words) in enumerate(refusals.items()):
        tries = 2 if code == 456 else 1  # a token refused for its times is made anew, by the platform's clock
        world.platform.faults.management("StartScenarios", Error(code, "No."), times=tries)
        told = await world.says(world.ann, f"start obedient {code}", expect=f"#{number + 1} ")
        assert words in told.text
        assert "nothing was" in told.text.casefold() or "did nothing" in told.text
        await world.shows("not started", number)
    assert {each.state for each in world.commands()} == {CommandState.failed}
    assert not world.platform.sessions


@pytest.mark.parametrize(("headers", "when"), [({}, "in a minute"), ({"Retry-After": "7"}, "in 7 s")])
async def test_a_busy_platform_is_not_called_again_by_itself(world: World, headers: dict[str, str], when: str) -> None:
    """A 429 starts nothing, is not repeated, and the person is told when to try again."""
    world.platform.faults.management("StartScenarios", Status(429, headers=headers))
    told = await world.says(world.ann, "start obedient", expect="too busy")
    assert when in told.text
    await world.shows("not started")
    assert asked(world, "StartScenarios") == 1


class Relay:
    """A way to the platform that breaks the next `drops` connections before a byte of a request is through."""

    def __init__(self) -> None:
        self.drops = 0
        self.url = ""
        self._target: tuple[str, int] = ("", 0)

    @contextlib.asynccontextmanager
    async def to(self, url: str) -> AsyncIterator["Relay"]:
        """Serve on a port of its own, for connections to `url`."""
        parts = urlsplit(url)
        self._target = (str(parts.hostname), int(parts.port or 443))
        async with await asyncio.start_server(self._connected, "127.0.0.1", 0) as server:
            self.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}{parts.path}"
            yield self

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.drops:
            self.drops -= 1
            writer.transport.abort()
            return
        there, onward = await asyncio.open_connection(*self._target)
        async with asyncio.TaskGroup() as both:
            both.create_task(_pump(reader, onward))
            both.create_task(_pump(there, writer))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.close()


async def test_a_start_that_surely_did_not_leave_is_tried_again(make_world: MakeWorld) -> None:
    """A connection that breaks before the request is made again, and starts one session."""
    async with make_world(start=False) as world, Relay().to(world.platform.api_url) as relay:
        world.environ["VOXIMPLANT_API_URL"] = relay.url
        await world.start_bot()
        relay.drops = 2  # the look-up of the rule's name, and the first attempt
        await world.says(world.ann, "start 1001", expect="Started #1")
        assert relay.drops == 0
        assert len(world.platform.starts()) == 1


async def test_a_platform_that_cannot_be_reached_starts_nothing(make_world: MakeWorld, closed_port: int) -> None:
    """When no connection can be made, the card says *not started* and the person that nothing was sent."""
    async with make_world(start=False) as world:
        world.environ["VOXIMPLANT_API_URL"] = f"https://127.0.0.1:{closed_port}/platform_api"
        await world.start_bot()
        told = await world.says(world.ann, "start 1001", expect="was not started")
        assert "nothing was sent" in told.text
        card = await world.shows("not started")
        assert "Nothing was started" in card.text
        told = await world.says(world.ann, "start obedient", expect="could not be looked up")
        assert "nothing was started" in told.text


async def test_a_name_that_cannot_be_looked_up_starts_nothing(make_world: MakeWorld) -> None:
    """A broken look-up of a rule's name is no unknown start: nothing was started, and a number still works."""
    async with make_world(environ={"VOXIMPLANT_READ_TIMEOUT": HANGS_S}) as world:
        world.platform.faults.management("GetApplications", Html(502))
        told = await world.says(world.ann, "start obedient", expect="could not be looked up")
        assert "nothing was started" in told.text
        assert world.commands()[0].state is CommandState.failed
        world.platform.faults.management("GetApplications", Error(104, "No role."))
        told = await world.says(world.ann, "rules", expect="could not be read")
        assert "lacks the role" in told.text
        world.platform.faults.management("GetApplications", Hang())
        await world.says(world.ann, "start 1001", expect="Started #1")
        assert len(world.platform.starts()) == 1


async def test_an_answer_without_history_id_is_found_and_its_end_confirmed(make_world: MakeWorld) -> None:
    """A session of which the platform named no number is found by its rule, data and time, and its stop confirmed."""
    async with make_world(clock=slow_start()) as world:
        world.platform.faults.management("StartScenarios", Edit(without("call_session_history_id")))
        told = await world.says(world.ann, "start obedient find-me", expect="Started #1")
        assert "gave no number for it" in told.text
        await world.shows("running")
        reply = await world.replied("its end cannot be confirmed")
        assert f"<@{world.ann.id}>" in reply.text
        (session,) = world.platform.sessions.values()
        await world.until(lambda: world.session().history_id == session.history_id, "its row to be found")
        await world.says(world.bob, "stop 1", expect="#1 obedient ended")
        assert not session.running


async def test_an_answer_without_any_url_is_an_unknown_start(world: World) -> None:
    """Without a URL nothing can be stopped: the person is told so, and the history's number is kept."""
    urls = ("media_session_access_secure_url", "media_session_access_url")
    world.platform.faults.management("StartScenarios", Edit(without(*urls)))
    told = await world.says(world.ann, "start obedient", expect="without a URL")
    assert "nobody can reach" in told.text
    card = await world.shows("uncontrolled")
    assert f"h{next(iter(world.platform.sessions))}" in card.text


@pytest.mark.parametrize(
    ("setting", "sent", "stopped"),
    [("never", False, False), ("stop", False, True), ("always", True, True)],
)
async def test_an_unencrypted_url_is_used_only_as_the_setting_allows(
    make_world: MakeWorld,
    setting: str,
    sent: bool,  # noqa: FBT001 - a column of the table above
    stopped: bool,  # noqa: FBT001 - and another
) -> None:
    """Without a secure URL, VOXIMPLANT_PLAIN_HTTP decides; what went unencrypted says so in the thread."""
    async with make_world(environ={"VOXIMPLANT_PLAIN_HTTP": setting}) as world:
        world.platform.faults.management("StartScenarios", Edit(without("media_session_access_secure_url")))
        await world.says(world.ann, "start obedient", expect="Started #1")
        told = await world.told(world.ann, "Started #1")
        assert ("neither send to it nor stop it" in told.text) is not stopped
        assert ("only an unencrypted URL, which VOXIMPLANT_PLAIN_HTTP allows for a stop" in told.text) is (
            stopped and not sent
        )
        if not sent:
            reply = await world.replied("VOXIMPLANT_PLAIN_HTTP")
            assert f"<@{world.ann.id}>" in reply.text
        await world.says(world.ann, 'send 1 {"a": 1}', expect="#1")
        await world.replied("Delivered:" if sent else "Not delivered:")
        await world.says(world.ann, "stop 1", expect="#1 obedient ended" if stopped else "did not reach")
        if sent or stopped:
            await world.replied("unencrypted")
        if not stopped:
            assert world.platform.deliveries == []
            await world.replied("VOXIMPLANT_PLAIN_HTTP")


async def test_a_url_to_another_host_is_told_at_the_start(world: World) -> None:
    """A session whose URL this bot may not contact runs, and its starter is told at once, not at the first stop."""
    world.platform.faults.management("StartScenarios", Edit(elsewhere))
    told = await world.says(world.ann, "start obedient", expect="Started #1")
    assert "elsewhere.example" in told.text
    assert "VOXIMPLANT_SESSION_HOSTS" in told.text
    reply = await world.replied("elsewhere.example")
    assert f"<@{world.ann.id}>" in reply.text
    assert "/request/" not in world.slack.conversation()
    await world.shows("running")
    await world.says(world.bob, "stop 1", expect="did not reach #1")
    await world.shows("stop not confirmed")
    await world.replied("Not delivered")
    assert world.platform.deliveries == []


async def test_a_redirect_is_not_followed(world: World) -> None:
    """A redirect from the session's URL is never followed; the stop counts as perhaps delivered."""
    await world.started("stuck")
    world.platform.faults.session(Redirect("https://elsewhere.example/request/x/y"), times=3)
    told = await world.says(world.bob, "stop 1", expect="perhaps delivered")
    assert "never followed" in told.text
    await world.replied("Perhaps delivered after 3 attempts")
    assert len(world.platform.deliveries) == 3
    assert len(set(request_ids(world))) == 1
    assert "elsewhere" not in world.slack.conversation()


async def test_a_doubtful_stop_is_repeated_with_the_same_request_id(world: World) -> None:
    """A stop without a clear answer goes out again under its id, up to three times, until one is clear."""
    await world.started("slow-stop 0.1")
    world.platform.faults.session(Status(500))
    world.platform.faults.session(Hang())
    typed = await world.bob.slash(world.ops, "stop 1")
    assert typed.acked
    await world.until(lambda: len(world.platform.deliveries) == 2, "the attempt that hangs")
    world.platform.faults.release()
    await world.told(world.bob, "#1 slow-stop ended")
    reply = await world.replied("Confirmed")
    assert "attempt 3" in reply.text
    assert len(world.platform.deliveries) == 3
    assert len(set(request_ids(world))) == 1


async def test_a_stop_that_may_have_arrived_once_stays_perhaps_delivered(world: World) -> None:
    """When nobody is there any more at the second attempt, the first may be why: nothing is called undelivered."""
    await world.started("stuck")
    world.clock.jump(10)
    world.platform.faults.session(Status(500))
    world.platform.faults.session(Status(404), times=2)
    await world.says(world.bob, "stop 1", expect="perhaps delivered")
    await world.replied("Perhaps delivered after 2 attempts")
    assert world.session().state is State.stopping
    assert world.stop_of().is_doubtful


async def test_a_send_without_a_clear_answer_is_not_repeated(make_world: MakeWorld) -> None:
    """A send that may have arrived is reported so, once, and goes out once."""
    async with make_world(environ={"VOXIMPLANT_SESSION_TIMEOUT": HANGS_S}) as world:
        await world.started("stuck")
        for number, fault in enumerate([Status(500), Hang(applied=True), Reset(applied=True), Html(502)], 1):
            world.platform.faults.session(fault)
            expect = "perhaps delivered, and not repeated"
            told = await world.says(world.ann, f'send 1 {{"n": {number}}}', expect=expect)
            assert "not known" in told.text
            assert len(world.platform.deliveries) == number
        assert [each.state for each in world.commands()[1:]] == [CommandState.unknown] * 4


async def test_a_404_in_the_first_moments_is_waited_out(make_world: MakeWorld) -> None:
    """Right after a start a 404 may be the platform's own delay: the send is made again until it arrives."""
    async with make_world(clock=QuickClock(times=1.5)) as world:
        await world.started("obedient")
        world.platform.faults.session(Status(404), times=2)
        told = await world.says(world.ann, 'send 1 {"a": 1}', expect="Delivered to #1")
        assert len(world.platform.deliveries) == 3
        assert "at attempt 3." in told.text
        assert "at attempt 3." in (await world.replied("Delivered")).text


async def test_a_404_that_does_not_pass_is_told_with_the_attempts(make_world: MakeWorld) -> None:
    """A young session that is not there until it is young no longer: the send is told with all that was tried."""
    async with make_world(clock=QuickClock(times=1)) as world:
        world.platform.faults.session(Status(404), times=1_000)
        await world.started("obedient")
        assert (await world.ann.slash(world.ops, 'send 1 {"a": 1}')).acked
        await world.until(lambda: len(world.platform.deliveries) >= 2, "a second attempt")
        world.clock.jump(200)
        told = await world.told(world.ann, "#1 obedient: not delivered after ")
        assert f"not delivered after {len(world.platform.deliveries)} attempts" in told.text
        await world.replied(f"Not delivered after {len(world.platform.deliveries)} attempts: ")


async def test_a_404_later_is_told_after_one_attempt(world: World) -> None:
    """Once a session is no longer young, a 404 is told at once, with what it most likely means."""
    await world.started("obedient")
    world.clock.jump(10)
    world.platform.faults.session(Status(404))
    told = await world.says(world.ann, 'send 1 {"a": 1}', expect="not delivered")
    assert "Most likely the session has ended" in told.text
    assert len(world.platform.deliveries) == 1


async def test_a_stop_that_finds_nobody_makes_the_session_unreachable(make_world: MakeWorld) -> None:
    """Two times 410 is *unreachable*, not *ended*; while the history says that it runs, the stop is unconfirmed."""
    async with make_world(environ={"SESSION_BOT_CONFIRM_SECONDS": "20"}) as world:
        await world.started("obedient")
        world.clock.jump(10)
        world.platform.faults.session(Status(410), times=2)
        told = await world.says(world.bob, "stop 1", expect="Nobody answers")
        assert "ended, which is being checked" in told.text
        await world.shows("unreachable")
        report = await world.replied("reached nobody at its URL")
        assert "The history says that it still runs" in report.text
        assert report.broadcast
        card = await world.shows("stop not confirmed")
        assert "Stop again" in [each.label for each in card.buttons()]
        await world.says(world.bob, "stop 1", expect="#1 obedient ended")


async def test_a_refused_connection_makes_the_session_unreachable(world: World, closed_port: int) -> None:
    """When nobody listens at the session's URL, the stop says so, and the history has the last word."""

    def moved(answer: dict[str, object]) -> dict[str, object]:
        parts = urlsplit(str(answer["media_session_access_secure_url"]))
        return answer | {"media_session_access_secure_url": f"https://127.0.0.1:{closed_port}{parts.path}"}

    world.platform.faults.management("StartScenarios", Edit(moved))
    await world.started("obedient")
    await world.says(world.bob, "stop 1", expect="Nobody answers at #1")
    await world.shows("unreachable")
    next(iter(world.platform.sessions.values())).end()
    await world.told(world.bob, "#1 obedient ended")
    await world.shows("Terminated administratively")


def without(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Make an edit that takes fields out of an answer."""
    return lambda answer: {name: value for name, value in answer.items() if name not in names}


def elsewhere(answer: dict[str, object]) -> dict[str, object]:
    """Make both URLs lead to another host."""
    names = ("media_session_access_secure_url", "media_session_access_url")
    moved = {name: str(answer[name]).replace("127.0.0.1", "elsewhere.example") for name in names}
    return answer | moved
