"""The way of a command through the bot, the points that many of them share, and what is asked of a world after it."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.process import Failpoint
from bot.sandbox.voximplant import Account, default_account
from storage.command import Command, CommandState
from storage.records import Session
from tests.conversations.conftest import World
from tests.faults.crashing import Crashes

MESSAGES: Final = (Failpoint.posted_unmarked, Failpoint.posted)
ADMITTED: Final = (Failpoint.accepted, Failpoint.begun)
OUTCOME: Final = (Failpoint.finished, Failpoint.told)
REQUEST: Final = (Failpoint.calling_marked, Failpoint.request_sent, Failpoint.answer_received)
END_SEEN: Final = (Failpoint.reading_recorded,)
DOUBTFUL: Final = (*MESSAGES, Failpoint.request_sent, Failpoint.answer_received)
"""The points at which a stop may have left and is not on record: a card may be repainted before its answer is."""


async def nothing(on: Crashes, number: int) -> None:
    """Prepare nothing."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """The way of a command: `prepare` and `act` set the n-th one off, and `outcome` returns what came of it, in words.

    `points` are those on it, and `crashed_at` those of them where it is killed: all, unless named; at
    `crashed_twice_at` a command is left open, which the next process closes and is killed itself. `orders` has a time
    of a point where the first one is not on this way. One that `is_long` is left to `make soak`.
    """

    points: Sequence[Failpoint]
    act: Callable[[Crashes, int], Awaitable[object]]
    outcome: Callable[[Crashes, int, Failpoint], str]
    prepare: Callable[[Crashes, int], Awaitable[object]] = nothing
    crashed_at: Sequence[Failpoint] = ()
    crashed_twice_at: Sequence[Failpoint] = ()
    orders: Mapping[Failpoint, str] = field(default_factory=dict)
    account: Callable[[], Account] = default_account
    environ: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    is_long: bool = False


def commands_of(world: World, verb: str) -> list[Command]:
    """Return the commands of a verb, the oldest first."""
    return [each for each in world.commands() if each.verb == verb]


def newest(world: World) -> Session:
    """Return the session that was recorded last."""
    with_session = [each.session for each in world.commands() if each.session is not None]
    return world.session(max(with_session))


async def running(on: Crashes, number: int, rule: str = "obedient") -> None:
    """Start a session, and wait until the start's process has nothing more to do for it."""
    told_before = on.times(Failpoint.told)
    typed = await on.world.ann.slash(on.world.ops, f"start {rule} running-{number}")
    assert typed.acked
    await on.world.until(lambda: on.times(Failpoint.told) > told_before, "the session to run")
    assert commands_of(on.world, "start")[number].state is CommandState.done
    await on.settled()


def called(on: Crashes, data: str) -> int:
    """Return how often a session with this custom data was asked for at the platform."""
    requests = [each for each in on.world.platform.requests if each.method == "StartScenarios"]
    return sum(each.parameters.get("script_custom_data") == data for each in requests)


def calls_words(count: int) -> str:
    """Return a number of calls in words."""
    return f"{count} call{'' if count == 1 else 's'}"


def stops_of(on: Crashes, session: Session) -> list[str]:
    """Return the ids of the stops that reached a session."""
    sent = on.world.platform.deliveries
    return [each.headers["X-Request-Id"] for each in sent if each.history_id == session.history_id]


def deliveries_words(count: int) -> str:
    """Return a number of deliveries in words."""
    return f"{count} deliver{'y' if count == 1 else 'ies'}"


def told(on: Crashes, command: Command) -> list[int]:
    """Return the ids of the messages by which a command's outcome is told: its reply, or its message in the channel."""
    with contextlib.closing(on.world.database().conn) as connection:
        sql = "select id from messages where command = ? and under is null and kind <> 'card'"
        return [row[0] for row in connection.execute(sql, [command.id])]
