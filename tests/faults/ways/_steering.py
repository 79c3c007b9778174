"""The ways of what is sent to one session that runs, or is about to."""

from typing import Final

from bot.process import Failpoint
from bot.sandbox.voximplant import Slow
from bot.sandbox.voximplant._faults import Side
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
    is_told,
    newest,
    running,
    said,
    stops_words,
    told,
)


async def _send(on: Crashes, number: int) -> None:
    await on.world.ann.slash(on.world.ops, f'send {newest(on.world).id} {{"number": {number}}}')


def _of_send(on: Crashes, number: int, point: Failpoint) -> str:
    """Return what came of a send: it left once, or surely not, or it is *unknown*; and its one reply says so."""
    command, body = commands_of(on.world, "send")[-1], f'{{"number": {number}}}'.encode()
    sent = [each.body for each in on.world.platform.deliveries].count(body)
    if point in ADMITTED:
        expected = (CommandState.failed, 0)
    elif point in REQUEST:
        expected = (CommandState.unknown, int(point is not Failpoint.calling_marked))
    else:
        expected = (CommandState.done, 1)
    assert (command.state, sent) == expected, command
    assert len(told(on, command)) == 1
    return f"{command.state}, {deliveries_words(sent)}"


async def _stop(on: Crashes, _: int) -> None:
    await on.world.bob.slash(on.world.ops, f"stop {newest(on.world).id} it hangs")


def _of_stop(on: Crashes, _: int, point: Failpoint) -> str:
    """Return what came of a stop: its scenario had it once, and the end is confirmed, once, and the URL is gone."""
    command, session = commands_of(on.world, "stop")[-1], newest(on.world)
    assert command.state is CommandState.done or (point in DOUBTFUL and command.state is CommandState.unknown), command
    assert session.state is State.ended, (session.state, session.stop_state, session.last_event)
    assert not session.has_url
    assert len(told(on, command)) == 1
    return f"{command.state}, confirmed ended, {stops_words(on, session, is_doubtful=point in DOUBTFUL)}"


def _of_unconfirmed(on: Crashes, *_: object) -> str:
    """Return what came of a stop that was not confirmed: one alarm."""
    session = newest(on.world)
    assert session.stop_state is StopState.unconfirmed
    assert len(said(on.world.replies(session.id - 1), "Stop not confirmed")) == 1
    return f"one alarm, {stops_words(on, session, is_doubtful=False)}"


async def _keep_a_stop(on: Crashes, number: int) -> None:
    """Start a session whose answer does not come, and have a stop kept for it."""
    on.world.platform.faults.management("StartScenarios", Slow(60))
    await on.world.ann.slash(on.world.ops, f"start obedient kept-{number}")
    await on.until(lambda: called(on, f"kept-{number}"), "the start to be on its way")
    await is_told(on, on.world.bob, f"stop {newest(on.world).id}", "Your stop is kept")
    await on.until(lambda: not any("message" in each for each in waiting(on.world)), "the card to say so")
    await on.quiet()


async def _answer(on: Crashes, _: int) -> None:
    on.world.platform.faults.stand(Side.MANAGEMENT, Slow(0))  # what is slow is let go where that ends
    on.world.platform.faults.stand(Side.MANAGEMENT, None)


def _of_kept(on: Crashes, number: int, point: Failpoint) -> str:
    """Return what came of a kept stop: it arrived once the URL was on record, or never, which its person is told."""
    session, start = newest(on.world), commands_of(on.world, "start")[-1]
    assert called(on, f"kept-{number}") == 1
    if point is Failpoint.answer_received:
        assert (start.state, session.state, session.stop_state) == (
            CommandState.unknown, State.uncontrolled, StopState.not_sent,
        )  # fmt: skip
        assert session.history_id not in {each.history_id for each in on.world.platform.deliveries}
        return "unknown, uncontrolled, the stop is said to be never sent"
    assert (start.state, session.state) == (CommandState.done, State.ended)
    return f"done, confirmed ended, {stops_words(on, session, is_doubtful=point in DOUBTFUL)}"


SEND: Final = Way(
    points=(*ADMITTED, *REQUEST, *OUTCOME, *MESSAGES),
    daily=(Failpoint.accepted, *REQUEST, Failpoint.finished, Failpoint.posted_unmarked),
    prepare=running,  # one each: in one thread many sends would share their replies
    crashed_twice_at=(Failpoint.request_sent, *ADMITTED),
    daily_twice=(Failpoint.request_sent,),
    act=_send,
    outcome=_of_send,
)
STOP: Final = Way(
    points=(*ADMITTED, *REQUEST, Failpoint.recorded, *OUTCOME, *END_SEEN, *MESSAGES),
    daily=(Failpoint.accepted, Failpoint.request_sent, Failpoint.answer_received),
    crashed_twice_at=(Failpoint.request_sent, *ADMITTED, Failpoint.calling_marked),
    prepare=running,
    act=_stop,
    outcome=_of_stop,
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
    daily=(Failpoint.answer_received, Failpoint.kept_stop_due, Failpoint.request_sent),
    prepare=_keep_a_stop,
    act=_answer,
    outcome=_of_kept,
)
UNCONFIRMED: Final = Way(
    points=(*ADMITTED, *REQUEST, Failpoint.recorded, *OUTCOME, Failpoint.unconfirmed_marked, *MESSAGES),
    daily=(Failpoint.unconfirmed_marked,),
    crashed_at=(Failpoint.unconfirmed_marked,),
    prepare=lambda on, number: running(on, number, "stuck"),
    act=_stop,
    outcome=_of_unconfirmed,
    environ={"SESSION_BOT_CONFIRM_SECONDS": "1"},
)
