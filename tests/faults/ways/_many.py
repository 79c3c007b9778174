"""The way of a stop of several sessions, from its button to its one summary."""

from typing import Final

from bot.process import Failpoint
from storage.command import CommandState
from storage.records import State
from tests.faults.crashing import Crashes

from ._way import (
    ADMITTED,
    END_SEEN,
    MESSAGES,
    OUTCOME,
    REQUEST,
    Way,
    commands_of,
    deliveries_words,
    newest,
    told,
)


async def _two_running(on: Crashes, number: int) -> None:
    """Start two sessions, and have a stop of both previewed."""
    for each in ("a", "b"):
        await on.world.ann.slash(on.world.ops, f"start obedient {each}-{number}")
    await on.settled()
    await on.world.says(on.world.bob, "stop all", expect="Stop 2 sessions?")


async def _confirm(on: Crashes, _: int) -> None:
    previews = [each for each in on.world.bob.ephemerals(on.world.ops) if each.buttons()]
    await on.world.bob.click(previews[-1], "Stop 2 sessions")


def _of_bulk(on: Crashes, _: int, point: Failpoint) -> str:
    """Return what came of a stop of two: each got one, with one id, and the one summary says that both ended."""
    command = commands_of(on.world, "stop")[-1]
    assert command.state in {CommandState.done, CommandState.unknown}, command
    last, counts = newest(on.world).id, list[int]()
    for session in (on.world.session(last - 1), on.world.session(last)):
        assert session.state is State.ended
        ids = [
            each.headers["X-Request-Id"]
            for each in on.world.platform.deliveries
            if each.history_id == session.history_id
        ]
        assert len(set(ids)) == 1
        counts.append(len(ids))
    summaries = [each for each in on.world.ops.messages if "Stop of 2 sessions" in each.text]
    assert "2 confirmed ended" in summaries[-1].text, summaries[-1].text
    assert len(told(on, command)) == 1, point
    return f"{command.state}, one summary, both confirmed ended, {counts[0]} + {deliveries_words(counts[1])}"


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
    prepare=_two_running,
    crashed_twice_at=(Failpoint.request_sent, Failpoint.bulk_recorded, *ADMITTED),
    act=_confirm,
    outcome=_of_bulk,
    is_long=True,
)
