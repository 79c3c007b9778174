"""The ways on which a record begins, and on which it is closed by hand."""

from typing import Final

from bot.process import Failpoint
from bot.sandbox.voximplant import Html
from storage.command import CommandState
from storage.records import State
from tests.faults.crashing import Crashes

from ._way import (
    ADMITTED,
    MESSAGES,
    OUTCOME,
    REQUEST,
    Way,
    called,
    calls_words,
    commands_of,
    newest,
    told,
)


async def _start(on: Crashes, number: int) -> None:
    await on.world.ann.slash(on.world.ops, f"start obedient start-{number}")


def _of_start(on: Crashes, number: int, point: Failpoint) -> str:
    """Return what came of a start: it was called once, or surely not, or it is *unknown*; and the card says so."""
    command, calls = commands_of(on.world, "start")[-1], called(on, f"start-{number}")
    state = None if command.session is None else on.world.session(command.session).state
    if point in ADMITTED:
        expected = (CommandState.failed, 0, None)
    elif point in {*MESSAGES, Failpoint.card_posted}:  # the first message is the card
        expected = (CommandState.failed, 0, State.failed)
    elif point is Failpoint.calling_marked:
        expected = (CommandState.unknown, 0, State.unknown)
    elif point in REQUEST:
        expected = (CommandState.unknown, 1, State.uncontrolled)
    else:
        expected = (CommandState.done, 1, State.running)
    assert (command.state, calls, state) == expected, command
    assert len(told(on, command)) == (point not in OUTCOME)  # else the card has told it before
    return f"{command.state}, {calls_words(calls)}"


async def _appear(on: Crashes, number: int) -> None:
    """Start a session elsewhere."""
    on.world.platform.start(on.world.platform.account.rules[0], f"elsewhere-{number}")


async def _adopt(on: Crashes, _: int) -> None:
    history_id, running = list(on.world.platform.started.items())[-1]
    await on.world.ann.slash(on.world.ops, f"adopt {running.access_secure_url} h{history_id}")


def _of_adopt(on: Crashes, _: int, point: Failpoint) -> str:
    """Return what came of an adoption: it runs and its URL is held, or neither."""
    command = commands_of(on.world, "adopt")[-1]
    is_adopted = point in {Failpoint.recorded, *OUTCOME}
    assert command.state is (CommandState.done if is_adopted else CommandState.failed)
    if command.session is not None:
        session = on.world.session(command.session)
        assert (session.state, session.has_url) == (State.running if is_adopted else State.failed, is_adopted)
    assert len(told(on, command)) == (point not in OUTCOME)
    return str(command.state)


async def _lose(on: Crashes, number: int) -> None:
    """Start a session of which nobody will know whether it began."""
    on.world.platform.faults.management("StartScenarios", Html())
    await on.world.ann.slash(on.world.ops, f"start obedient lost-{number}")
    await on.settled()


async def _close(on: Crashes, _: int) -> None:
    await on.world.bob.slash(on.world.ops, f"close {newest(on.world).id} nobody knows")


def _of_close(on: Crashes, _: int, point: Failpoint) -> str:
    """Return what came of closing a record: it is closed and done, with one reply, or neither."""
    command, session = commands_of(on.world, "close")[-1], newest(on.world)
    is_closed = point not in ADMITTED
    expected = (CommandState.done, State.abandoned) if is_closed else (CommandState.failed, State.unknown)
    assert (command.state, session.state) == expected
    assert len(told(on, command)) == 1
    return f"{command.state}, {session.state}"


START: Final = Way(
    points=(*ADMITTED, Failpoint.card_posted, *REQUEST, Failpoint.recorded, *OUTCOME, *MESSAGES),
    daily=(
        Failpoint.accepted,
        Failpoint.card_posted,
        *REQUEST,
        Failpoint.recorded,
        Failpoint.finished,
        Failpoint.posted_unmarked,
    ),
    crashed_twice_at=(Failpoint.request_sent, *ADMITTED, Failpoint.calling_marked),
    daily_twice=(Failpoint.request_sent,),
    act=_start,
    outcome=_of_start,
)
ADOPT: Final = Way(
    points=(*ADMITTED, Failpoint.card_posted, Failpoint.recorded, *OUTCOME, *MESSAGES),
    daily=(Failpoint.accepted, Failpoint.recorded),
    prepare=_appear,
    crashed_twice_at=(Failpoint.card_posted, *ADMITTED),
    daily_twice=(Failpoint.card_posted,),
    act=_adopt,
    outcome=_of_adopt,
    config='[[policy.grant]]\nverbs = ["look", "adopt"]\n',
)
CLOSE: Final = Way(
    points=(*ADMITTED, Failpoint.recorded, *OUTCOME, *MESSAGES),
    daily=(Failpoint.accepted, Failpoint.recorded),
    prepare=_lose,
    crashed_twice_at=(Failpoint.begun, Failpoint.accepted),
    daily_twice=(Failpoint.begun,),
    act=_close,
    outcome=_of_close,
)
