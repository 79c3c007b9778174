"""The ways of what nobody types: a limit that passes, and a session that announces itself, and falls silent."""

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
    DOUBTFUL,
    END_SEEN,
    MESSAGES,
    OUTCOME,
    REQUEST,
    Way,
    commands_of,
    newest,
    said,
    stops_words,
)

_READ_OFTEN: Final = {"SESSION_BOT_DIRECTORY_SECONDS": "1"}
_HOTLINE: Final = '[directory]\nchannel = "{ops}"\n[rules.hotline]\nid = 1006\ncards = "all"\n'


async def _start_limited(on: Crashes, number: int) -> None:
    """Start a session over its limit soon, in a channel of its own: many alarms in one would be gathered."""
    await on.world.ann.slash(_room(on, number), f"start obedient --max 1s limited-{number}")
    ended = "select 1 from sessions where custom_data = ? and state = 'ended'"
    await on.until(lambda: on.found(ended, f"limited-{number}"), "the limit to be kept")


def _room(on: Crashes, number: int) -> Channel:
    return on.world.slack.channel(f"limited-{number}", members=[on.world.ann, on.world.bob])


def _of_limit(on: Crashes, number: int, point: Failpoint) -> str:
    """Return what came of a limit: it was told once, and the bot's one stop ended the session."""
    (command, *others) = [each for each in commands_of(on.world, "stop") if each.session == newest(on.world).id]
    assert command.actor == BOT
    assert not others
    assert len(said(on.world.replies(0, _room(on, number)), "Over its limit")) == 1
    session = newest(on.world)
    assert session.state is State.ended
    return f"{command.state}, confirmed ended, {stops_words(on, session, is_doubtful=point in DOUBTFUL)}"


def _announcing() -> Account:
    account = default_account()
    hotline(account)
    return account


async def _arrive(on: Crashes, number: int) -> None:
    """Start a session as another client of the account does; it announces itself."""
    rule = next(each for each in on.world.platform.account.rules if each.rule_name == "hotline")
    on.world.platform.start(rule, f"elsewhere-{number}")
    cards = "select id from messages where kind = 'card' and ts is not null"
    await on.until(lambda: len(on.found(cards)) == number + 1, "its card")


async def _fall_silent(on: Crashes, number: int) -> None:
    """Start a session that announces itself, and then no more."""
    await _arrive(on, number)
    silent = "select id from sessions where silent_at is not null"
    await on.until(lambda: len(on.found(silent)) == number + 1, "it to be silent")


def _of_arrival(on: Crashes, number: int, _: Failpoint) -> str:
    """Return what came of a session that announced itself: one record with its URL, one card."""
    session = on.world.session(number + 1)
    assert (session.state, session.has_url, session.origin) == (State.running, True, Origin.elsewhere)
    assert on.found("select max(id) from sessions") == [session.id]
    assert len(on.found("select id from messages where kind = 'card' and session = ?", session.id)) == 1
    return "one record, one card"


def _of_silence(on: Crashes, number: int, point: Failpoint) -> str:
    """Return what came of a session that fell silent: one alarm."""
    assert len(said(on.world.replies(number), "Silent")) == 1
    return f"{_of_arrival(on, number, point)}, one alarm"


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
    daily=(Failpoint.limit_passed, Failpoint.request_sent),
    crashed_at=(Failpoint.limit_passed, *ADMITTED, *REQUEST, Failpoint.recorded, *OUTCOME),
    orders={each: f"{each}:2" for each in (*ADMITTED, *REQUEST, Failpoint.recorded, *OUTCOME)},
    act=_start_limited,
    outcome=_of_limit,
)
DIRECTORY: Final = Way(
    points=(Failpoint.announced_taken_up, *MESSAGES),
    daily=(Failpoint.announced_taken_up, Failpoint.posted_unmarked),
    act=_arrive,
    outcome=_of_arrival,
    account=_announcing,
    environ=_READ_OFTEN,
    config=_HOTLINE,
)
SILENCE: Final = Way(
    points=(Failpoint.announced_taken_up, Failpoint.silence_marked, *MESSAGES),
    daily=(Failpoint.silence_marked,),
    crashed_at=(Failpoint.silence_marked,),
    act=_fall_silent,
    outcome=_of_silence,
    account=_announcing,
    environ=_READ_OFTEN,
    config=f'{_HOTLINE}silent = "1s"\n',
)
