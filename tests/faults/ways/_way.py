"""The way of a command through the bot, the points that many of them share, and what is asked of a world after it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from bot.process import Failpoint
from bot.sandbox.slack import Message, Person
from bot.sandbox.voximplant import Account, default_account
from bot.stops._delivery import ATTEMPTS
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
    `crashed_twice_at` a command is left open, which the next process closes and is killed itself. Those of every day
    are `daily` and `daily_twice`. `orders` has a time of a point where the first one is not on this way.
    """

    points: Sequence[Failpoint]
    daily: Sequence[Failpoint]
    act: Callable[[Crashes, int], Awaitable[object]]
    outcome: Callable[[Crashes, int, Failpoint], str]
    prepare: Callable[[Crashes, int], Awaitable[object]] = nothing
    crashed_at: Sequence[Failpoint] = ()
    crashed_twice_at: Sequence[Failpoint] = ()
    daily_twice: Sequence[Failpoint] = ()
    orders: Mapping[Failpoint, str] = field(default_factory=dict)
    account: Callable[[], Account] = default_account
    environ: Mapping[str, str] = field(default_factory=dict)
    config: str = ""


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
    await on.world.ann.slash(on.world.ops, f"start {rule} running-{number}")
    await on.until(lambda: on.times(Failpoint.told) > told_before, "the session to run")
    assert commands_of(on.world, "start")[number].state is CommandState.done
    await on.settled()


async def is_told(on: Crashes, person: Person, line: str, words: str) -> None:
    """Type a line, and wait until its person is told these words; a busy machine may ack it late."""
    before = {each.ts: each.text for each in person.ephemerals(on.world.ops)}
    await person.slash(on.world.ops, line)
    await on.world.told(person, words, before=before)


def called(on: Crashes, data: str) -> int:
    """Return how often a session with this custom data was asked for at the platform."""
    requests = [each for each in on.world.platform.requests if each.method == "StartScenarios"]
    return sum(each.parameters.get("script_custom_data") == data for each in requests)


def calls_words(count: int) -> str:
    """Return a number of calls in words."""
    return f"{count} call{'' if count == 1 else 's'}"


def deliveries_words(count: int) -> str:
    """Return a number of deliveries in words."""
    return f"{count} deliver{'y' if count == 1 else 'ies'}"


def stops_words(on: Crashes, session: Session, *, is_doubtful: bool) -> str:
    """Return how often a session got its stop, in words, and assert that its scenario had it once.

    Where a process was killed on the way of a stop the next one repeats it with the same id, and finds nobody there.
    """
    arrived = [each for each in on.world.platform.deliveries if each.history_id == session.history_id]
    taken, *others = arrived
    assert {each.headers["X-Request-Id"] for each in others} <= {taken.headers["X-Request-Id"]}
    assert {each.status for each in others} <= {HTTPStatus.NOT_FOUND} != {taken.status}, arrived
    assert len(others) <= is_doubtful * ATTEMPTS
    return f"1 delivery{f', repeated to nobody with its id {len(others)} times' if others else ''}"


def told(on: Crashes, command: Command) -> list[int]:
    """Return the ids of the messages by which a command's outcome is told: its reply, or its message in the channel."""
    sql = "select id from messages where command = ? and under is null and kind <> 'card'"
    return on.found(sql, command.id)


def said(messages: Sequence[Message], words: str) -> set[object]:
    """Return which of these messages have such words in them: one that stands there twice is one."""
    return {(each.metadata or {})["event_payload"]["message"] for each in messages if words in each.text}
