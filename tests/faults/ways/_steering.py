"""The ways of what is sent to one session that runs, or is about to."""

from typing import Final

from bot.process import Failpoint
from bot.sandbox.voximplant import Slow
from bot.sandbox.voximplant._faults import Side
from bot.stops._delivery import ATTEMPTS
from storage.command import CommandState
from storage.records import State
from storage.stop import StopState
from tests.faults.crashing import Crashes
from tests.nothing_lost import waiting

from ._way import (
    ADMITTED,
    DOUBTFUL,
    END_SEEN,
    MESSAGES,
    OUTCOME,
    REQUEST,
    Way,
    called,
    commands_of,
    deliveries_words,
    newest,
    nothing,
    running,
    stops_of,
    told,
)


async def _send(on: Crashes, number: int) -> None:
    await on.world.ann.slash(on.world.ops, f'send 1 {{"number": {number}}}')


def _of_send(on: Crashes, number: int, point: Failpoint) -> str:
    """Return what came of a send: it left once at most, and its one reply says what is known of that."""
    command, body = commands_of(on.world, "send")[-1], f'{{"number": {number}}}'.encode()
    sent = [each.body for each in on.world.platform.deliveries].count(body)
    assert (command.state, sent) in {
        (CommandState.failed, 0),
        (CommandState.unknown, 0),
        (CommandState.unknown, 1),
        (CommandState.done, 1),
    }, (command.state, sent)
    assert (command.state is CommandState.failed) == (point in ADMITTED), command
    assert (command.state is CommandState.unknown) == (point in REQUEST), command
    assert len(told(on, command)) == 1
    return f"{command.state}, {deliveries_words(sent)}"


async def _stop(on: Crashes, _: int) -> None:
    await on.world.bob.slash(on.world.ops, f"stop {newest(on.world).id} it hangs")


def _of_stop(on: Crashes, _: int, point: Failpoint) -> str:
    """Return what came of a stop: it arrived, again with the same id where nobody knew, and the end is confirmed."""
    command, session = commands_of(on.world, "stop")[-1], newest(on.world)
    arrived = stops_of(on, session)
    perhaps_twice = point in DOUBTFUL
    assert command.state is CommandState.done or (perhaps_twice and command.state is CommandState.unknown), command
    assert session.state is State.ended, (session.state, session.stop_state, session.last_event)
    assert not session.has_url
    assert len(set(arrived)) == 1
    assert len(arrived) <= 1 + perhaps_twice * ATTEMPTS  # of the second process: so many, where nobody is there now
    assert len(told(on, command)) == 1
    return f"{command.state}, confirmed ended, {deliveries_words(len(arrived))} with one id"


def _of_unconfirmed(on: Crashes, *_: object) -> str:
    """Return what came of a stop that was not confirmed: one alarm."""
    session = newest(on.world)
    assert session.stop_state is StopState.unconfirmed
    assert sum("Stop not confirmed" in each.text for each in on.world.replies(session.id - 1)) == 1
    return "one alarm"


async def _keep_a_stop(on: Crashes, number: int) -> None:
    """Start a session whose answer does not come, and have a stop kept for it."""
    on.world.platform.faults.management("StartScenarios", Slow(60))
    await on.world.ann.slash(on.world.ops, f"start obedient kept-{number}")
    await on.world.until(lambda: called(on, f"kept-{number}"), "the start to be on its way")
    await on.world.says(on.world.bob, f"stop {newest(on.world).id}", expect="Your stop is kept")
    await on.world.until(lambda: not any("message" in each for each in waiting(on.world)), "the card to say so")
    await on.quiet()


async def _answer(on: Crashes, _: int) -> None:
    on.world.platform.faults.stand(Side.MANAGEMENT, Slow(0))  # what is slow is let go where that ends
    on.world.platform.faults.stand(Side.MANAGEMENT, None)


def _of_kept(on: Crashes, number: int, point: Failpoint) -> str:
    """Return what came of a kept stop: it arrived once the URL was on record, or never, which its person is told."""
    session, start = newest(on.world), commands_of(on.world, "start")[-1]
    arrived = stops_of(on, session)
    assert called(on, f"kept-{number}") == 1
    assert len(set(arrived)) == (session.state is State.ended)
    if point is Failpoint.answer_received:
        assert (start.state, session.state, session.stop_state) == (
            CommandState.unknown, State.uncontrolled, StopState.not_sent,
        )  # fmt: skip
        return "unknown, uncontrolled, the stop is said to be never sent"
    assert (start.state, session.state) == (CommandState.done, State.ended)
    return f"done, confirmed ended, {deliveries_words(len(arrived))} with one id"


SEND: Final = Way(
    points=(*ADMITTED, *REQUEST, *OUTCOME, *MESSAGES),
    prepare=lambda on, number: running(on, number) if number == 0 else nothing(on, number),
    crashed_twice_at=(Failpoint.request_sent, *ADMITTED),
    act=_send,
    outcome=_of_send,
)
STOP: Final = Way(
    points=(*ADMITTED, *REQUEST, Failpoint.recorded, *OUTCOME, *END_SEEN, *MESSAGES),
    crashed_twice_at=(Failpoint.request_sent, *ADMITTED, Failpoint.calling_marked),
    prepare=running,
    act=_stop,
    outcome=_of_stop,
    is_long=True,
)
KEPT_STOP: Final = Way(
    points=(
        Failpoint.answer_received,
        Failpoint.recorded,
        Failpoint.kept_stop_due,
        Failpoint.request_sent,
        *OUTCOME,
        *END_SEEN,
        *MESSAGES,
    ),
    prepare=_keep_a_stop,
    act=_answer,
    outcome=_of_kept,
)
UNCONFIRMED: Final = Way(
    points=(*ADMITTED, *REQUEST, Failpoint.recorded, *OUTCOME, Failpoint.unconfirmed_marked, *MESSAGES),
    crashed_at=(Failpoint.unconfirmed_marked,),
    prepare=lambda on, number: running(on, number, "stuck"),
    act=_stop,
    outcome=_of_unconfirmed,
    environ={"SESSION_BOT_CONFIRM_SECONDS": "1"},
)
