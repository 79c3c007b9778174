"""The ways of what nobody types: a limit that passes, and a session that announces itself."""

import contextlib
from typing import Final

from bot.process import Failpoint
from bot.sandbox.slack import Channel
from bot.sandbox.voximplant import Account, default_account
from bot.text import BOT
from storage.records import Origin, State
from tests.announcing import hotline
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
    stops_of,
)


async def _start_limited(on: Crashes, number: int) -> None:
    """Start a session over its limit soon, in a channel of its own: many alarms in one would be gathered."""
    await on.world.ann.slash(_room(on, number), f"start obedient --max 1s limited-{number}")
    await on.world.until(lambda: _is_ended(on, f"limited-{number}"), "the limit to be kept")


def _room(on: Crashes, number: int) -> Channel:
    return on.world.slack.channel(f"limited-{number}", members=[on.world.ann, on.world.bob])


def _is_ended(on: Crashes, data: str) -> bool:
    with contextlib.closing(on.world.database().conn) as connection:
        sql = "select 1 from sessions where custom_data = ? and state = 'ended'"
        return connection.execute(sql, [data]).fetchone() is not None


def _of_limit(on: Crashes, number: int, _: Failpoint) -> str:
    """Return what came of a limit: it was told once, and the bot's one stop ended the session."""
    (command, *others) = [each for each in commands_of(on.world, "stop") if each.session == newest(on.world).id]
    assert command.actor == BOT
    assert not others
    assert sum("Over its limit" in each.text for each in on.world.replies(0, _room(on, number))) == 1
    session = newest(on.world)
    arrived = stops_of(on, session)
    assert session.state is State.ended
    assert len(set(arrived)) == 1
    return f"{command.state}, confirmed ended, {deliveries_words(len(arrived))} with one id"


def _announcing() -> Account:
    account = default_account()
    hotline(account)
    return account


async def _arrive(on: Crashes, number: int) -> None:
    """Start a session as another client of the account does; it announces itself, and then no more."""
    rule = next(each for each in on.world.platform.account.rules if each.rule_name == "hotline")
    on.world.platform.start(rule, f"elsewhere-{number}")
    await on.world.until(lambda: _silent(on) == number + 1, "it to be silent")


def _silent(on: Crashes) -> int:
    with contextlib.closing(on.world.database().conn) as connection:
        return int(connection.execute("select count(*) from sessions where silent_at is not null").fetchone()[0])


def _of_arrival(on: Crashes, number: int, point: Failpoint) -> str:
    """Return what came of a session that announced itself: one record with its URL, one card, one alarm."""
    session = on.world.session(number + 1)
    assert (session.state, session.has_url, session.origin) == (State.running, True, Origin.elsewhere)
    alarms = [each for each in on.world.replies(number) if "Silent" in each.text]
    assert len(alarms) <= 1 + (point is Failpoint.posted_unmarked)
    return "one record, one card, one alarm"


LIMIT: Final = Way(
    points=(
        Failpoint.limit_passed,
        *ADMITTED,
        Failpoint.card_posted,
        *REQUEST,
        Failpoint.recorded,
        *OUTCOME,
        *END_SEEN,
        *MESSAGES,
    ),
    crashed_at=(Failpoint.limit_passed, *ADMITTED, *REQUEST, Failpoint.recorded, *OUTCOME),
    orders={each: f"{each}:2" for each in (*ADMITTED, *REQUEST, Failpoint.recorded, *OUTCOME)},
    act=_start_limited,
    outcome=_of_limit,
    is_long=True,
)
DIRECTORY: Final = Way(
    points=(Failpoint.announced_taken_up, Failpoint.silence_marked, *MESSAGES),
    act=_arrive,
    outcome=_of_arrival,
    account=_announcing,
    config='[directory]\nchannel = "{ops}"\n[rules.hotline]\nid = 1006\ncards = "all"\nsilent = "2s"\n',
)
