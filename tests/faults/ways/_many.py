"""The way of a stop of several sessions, from its button to its one summary."""

from typing import Final

from bot.process import Failpoint
from storage.command import CommandState
from storage.records import State
from tests.faults.crashing import Crashes

from ._way import (
    ADMITTED,
    DOUBTFUL,
    END_SEEN,
    MESSAGES,
    OUTCOME,
    REQUEST,
    Way,
    commands_of,
    is_told,
    newest,
    said,
    stops_words,
    told,
)

_ONE_IS_ON_ITS_WAY: Final = {*DOUBTFUL, Failpoint.recorded, Failpoint.bulk_part_told}
"""The points at which the stop of one of them may have left and is not on record."""


async def _two_running(on: Crashes, number: int) -> None:
    """Start two sessions, and have a stop of both previewed."""
    for each in ("a", "b"):
        await on.world.ann.slash(on.world.ops, f"start obedient {each}-{number}")
    await on.settled()
    await is_told(on, on.world.bob, "stop all", "Stop 2 sessions?")


async def _confirm(on: Crashes, _: int) -> None:
    previews = [each for each in on.world.bob.ephemerals(on.world.ops) if each.buttons()]
    await on.world.bob.click(previews[-1], "Stop 2 sessions")


def _of_bulk(on: Crashes, _: int, point: Failpoint) -> str:
    """Return what came of a stop of two: each got one, with one id, and the one summary says that both ended."""
    command = commands_of(on.world, "stop")[-1]
    assert command.state in {CommandState.done, CommandState.unknown}, command
    last, is_doubtful = newest(on.world).id, point in _ONE_IS_ON_ITS_WAY
    both = on.world.session(last - 1), on.world.session(last)
    assert [each.state for each in both] == [State.ended, State.ended]
    counts = " and ".join(stops_words(on, each, is_doubtful=is_doubtful) for each in both)
    (summary,) = told(on, command)
    assert summary in said(on.world.ops.messages, "2 confirmed ended")
    return f"{command.state}, one summary, both confirmed ended, {counts}"


BULK_STOP: Final = Way(
    points=(
        *ADMITTED,
        Failpoint.bulk_recorded,
        *REQUEST,
        Failpoint.recorded,
        Failpoint.bulk_part_told,
        *OUTCOME,
        *END_SEEN,
        *MESSAGES,
    ),
    daily=(Failpoint.bulk_recorded, Failpoint.request_sent, Failpoint.bulk_part_told),
    prepare=_two_running,
    crashed_twice_at=(Failpoint.request_sent, Failpoint.bulk_recorded, *ADMITTED),
    act=_confirm,
    outcome=_of_bulk,
)
