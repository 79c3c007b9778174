"""Sessions that nobody started in Slack: a back-end's and those of calls that come in, found and stopped by the bot."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from voximplant.apiclient import VoximplantAPI

from bot.sandbox.slack import Message
from bot.sandbox.voximplant import InboundCall, Rule, ScenarioSession, default_account
from storage.records import Session, State
from storage.rows import session_of
from tests.announcing import hotline
from tests.quick_clock import QuickClock
from tests.test_secrets import leaks, on_disk, told_in_slack

from .conftest import MakeWorld, World, is_card


@dataclass
class Elsewhere:
    """A world in which sessions begin behind the bot's back."""

    world: World
    rule: Rule

    def ring(self, number: str = "+15550177") -> ScenarioSession:
        """Start a session by a call that comes in."""
        return self.world.platform.ring(self.rule, InboundCall(caller_id=number))

    def start(self, data: str = "+15550142 order 77") -> ScenarioSession:
        """Start a session as a back-end does."""
        return self.world.platform.start(self.rule, data)

    def records(self) -> list[Session]:
        """Read every session from disk."""
        with self.world.database() as connection:
            return [session_of(row) for row in connection.query("select * from sessions order by id")]

    async def found(self, count: int, what: Callable[[Session], bool] = lambda _: True) -> list[Session]:
        """Wait until so many sessions are known of which this is true; give them."""
        await self.world.until(lambda: len(list(filter(what, self.records()))) >= count, f"{count} sessions")
        records = list(filter(what, self.records()))
        assert len(records) == count
        return records

    def calls(self, method: str) -> list[Mapping[str, str]]:
        """Return the parameters of every call of a method of the Management API."""
        return [each.parameters for each in self.world.platform.requests if each.method == method]

    async def rounds(self, count: int) -> None:
        """Wait until so many further rounds are recorded, the last of which began later than now."""
        for _ in range(count):
            before = self._last_round()
            await self.world.until(lambda before=before: self._last_round() != before, "a round")

    def _last_round(self) -> str:
        with self.world.database() as connection:
            found = connection.execute("select max(read_at) from announcements").fetchone()
        return str(found[0])

    def cards(self) -> list[Message]:
        """Return the cards that stand in the channel."""
        return [each for each in self.world.ops.messages if is_card(each)]


MakeElsewhere = Callable[..., "contextlib.AbstractAsyncContextManager[Elsewhere]"]


@pytest.fixture
def make_elsewhere(make_world: MakeWorld) -> MakeElsewhere:
    """Return a maker of worlds with a rule of such sessions, whose home is the channel `ops`, and whatever is given."""

    @contextlib.asynccontextmanager
    async def make(
        *, rule: str = "", environ: Mapping[str, str] | None = None, clock: QuickClock | None = None, **options: str
    ) -> AsyncIterator[Elsewhere]:
        account = default_account()
        made = hotline(account, **options)
        async with make_world(account=account, start=False, environ=environ, clock=clock) as world:
            home = f'[rules.line]\nid = {made.rule_id}\nhome = "{world.ops.id}"\n{rule}\n'
            (world.folder / "session-bot.toml").write_text(home)
            await world.start_bot()
            yield Elsewhere(world, made)

    return make


@pytest.fixture
async def elsewhere(make_elsewhere: MakeElsewhere) -> AsyncIterator[Elsewhere]:
    """Return a world with the bot running, and such a rule."""
    async with make_elsewhere() as made:
        yield made


REAL_TIME = {"SESSION_BOT_DIRECTORY_SECONDS": "1", "SESSION_BOT_WATCH_SECONDS": "1"}
"""Rounds for a clock like the wall's: the official client's tokens are of that, and live for seconds."""


async def test_a_hundred_are_found_and_stopped_by_one_bulk_stop(
    make_elsewhere: MakeElsewhere, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """50 of the official client and 50 of calls that come in are listed, and one press stops them; no URL gets out."""
    caplog.set_level(logging.INFO)
    async with make_elsewhere(environ=REAL_TIME, clock=QuickClock(times=1)) as elsewhere:
        world = elsewhere.world
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(world.folder / "ca.pem"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        api = VoximplantAPI(
            world.environ["VOXIMPLANT_CREDENTIALS"], endpoint=urlsplit(world.environ["VOXIMPLANT_API_URL"]).netloc
        )
        starts = [
            asyncio.to_thread(
                api.start_scenarios, rule_id=elsewhere.rule.rule_id, script_custom_data=f"+1555{number:07} order"
            )
            for number in range(50)
        ]
        rung = [elsewhere.ring(f"+1444{number:07}") for number in range(50)]
        began = {answer["call_session_history_id"] for answer in await asyncio.gather(*starts)}
        began |= {session.history_id for session in rung}
        found = await elsewhere.found(100)
        assert {each.history_id for each in found} == began
        assert {(each.state, each.origin, each.channel, each.starter) for each in found} == {
            (State.running, "elsewhere", world.ops.id, "")
        }
        await world.says(world.bob, "list origin=elsewhere", expect="100 sessions are open")
        assert elsewhere.cards() == []
        shown = await world.says(
            world.bob, "stop all origin=elsewhere", expect="Stop 100 sessions, none of them started in Slack?"
        )
        await world.presses(world.bob, shown, "Stop 100 sessions", expect="were asked to stop")
        await world.told(world.bob, "100 confirmed ended")
        assert not any(session.running for session in world.platform.sessions.values())
        assert elsewhere.cards() == []
        told = [("Slack", told_in_slack(world).encode()), ("the log", caplog.text.encode())]
        assert leaks(world, [*on_disk(world.folder), *told]) == []


async def test_one_complaint_is_two_lines(elsewhere: Elsewhere) -> None:
    """Who only knows that a customer's line is stuck finds the session by a part of its data, and stops it."""
    for number in range(3):
        elsewhere.start(f"+155501{number}42 order {number}")
    stuck = elsewhere.start("+15550177 order 7714")
    await elsewhere.found(4)
    world = elsewhere.world
    told = await world.says(world.bob, "find 7714", expect="#")
    (record,) = [each for each in elsewhere.records() if each.history_id == stuck.history_id]
    assert f"#{record.id}" in told.text
    assert not any(f"#{other.id}" in told.text for other in elsewhere.records() if other.id != record.id)
    await world.says(world.bob, f"stop {record.id} the line is stuck", expect=f"Confirmed: #{record.id}")
    assert stuck.finish_reason == "Normal termination"
    assert sum(session.running for session in world.platform.sessions.values()) == 3


def announcement(world: World, history_id: int, **changed: Any) -> str:
    """Return what a session announces of itself, as the kit writes it, with these members changed."""
    now = int(world.clock.true().timestamp())
    url = f"{world.platform._engine._addresses.media_tls}/request/AF30AF30AF30AF30.1.{history_id}/90AB90AB90AB90AB"
    if history_id in world.platform._engine.started:
        url = world.platform._engine.started[history_id].access_secure_url
    members = {
        "v": 1, "url": url, "session": str(history_id), "data": "order", "started": now, "beat": now, "calls": 1,
        **changed,
    }  # fmt: skip
    return json.dumps(members, ensure_ascii=True)


def put(world: World, key: object, value: str, application: int = 0) -> None:
    """Write a row into an application's storage, as anybody with the customer's role can."""
    account = world.platform.account
    store = account.key_values(account.applications[application])
    store.put(f"session-bot:{key}", value, 86_400, world.clock.true())


HOSTILE: Mapping[str, Callable[[World, int], tuple[object, str]]] = {
    "an id of nobody, or of another account": lambda world, id_: (id_ + 999, announcement(world, id_ + 999)),
    "the metadata host": lambda world, id_: (id_, announcement(world, id_, url="https://169.254.169.254/request/a/b")),
    "a host of somebody else": lambda world, id_: (
        id_, announcement(world, id_, url="https://sessions.attacker.example:12093/request/A.1.2/B"),
    ),
    "markup and mentions": lambda _world, id_: (id_, ("<!channel> <@U1> *x* `y` <https://a.example|b> " * 50)[:2000]),
    "markup in the data": lambda world, id_: (
        id_ + 999, announcement(world, id_ + 999, data="<!channel> <@U1> " * 11),
    ),
    "an id that is no number": lambda world, id_: ("abc", announcement(world, id_, session="abc")),
    "a beat in the future": lambda world, id_: (id_, announcement(world, id_, beat=4_000_000_000)),
    "a second row for one id": lambda world, id_: (f"{id_}:2", announcement(world, id_)),
    "another key than its own": lambda world, id_: (id_ + 1, announcement(world, id_)),
    "a list": lambda _world, id_: (id_, "[" * 2000),
}  # fmt: skip
"""Rows that must change nothing, each made of the world and the id of a session that runs and does not announce."""


async def test_hostile_rows_change_nothing(elsewhere: Elsewhere) -> None:
    """Nobody is called, nothing is asked of their URLs, no session comes of them, and an honest one is found."""
    world = elsewhere.world
    plain = world.platform.account.rules[1]
    for number, make in enumerate(HOSTILE.values()):
        put(world, *make(world, world.platform.start(plain, f"not announced {number}").history_id))
    over = world.platform.start(plain, "")
    over.end()
    put(world, over.history_id, announcement(world, over.history_id))
    honest = elsewhere.start()
    await elsewhere.found(1)
    await elsewhere.rounds(2)
    (record,) = elsewhere.records()
    assert record.history_id == honest.history_id
    assert world.platform.deliveries == []
    assert world.ops.messages == []


async def test_a_row_does_not_move_the_url_of_a_session_that_is_held(elsewhere: Elsewhere) -> None:
    """A row that names another session's URL for one that the bot started moves no stop there."""
    world = elsewhere.world
    await world.started("obedient")
    (mine,) = world.platform.sessions.values()
    other = world.platform.start(world.platform.account.rules[0], "somebody else's")
    url = world.platform._engine.started[other.history_id].access_secure_url
    put(world, mine.history_id, announcement(world, mine.history_id, url=url))
    await world.until(lambda: world.session().heard_at is not None, "the row to be read")
    await world.says(world.bob, "stop 1", expect="Confirmed: #1")
    assert (mine.running, other.running) == (False, True)


async def test_ten_thousand_forged_rows_hide_nobody(make_elsewhere: MakeElsewhere) -> None:
    """10,000 claims that are not true change nothing, cost a bounded number of calls, and 100 honest ones are found."""
    async with make_elsewhere(environ={"SESSION_BOT_DIRECTORY_SECONDS": "5"}) as elsewhere:
        world = elsewhere.world
        plain = world.platform.account.rules[1]
        ended = [world.platform.start(plain, "over") for _ in range(20)]
        for session in ended:
            session.end()
        honest = [world.platform.start(plain, f"honest {number}") for number in range(100)]
        first = honest[-1].history_id + 1
        forged = [*range(first, first + 9_000), *(session.history_id for session in ended)]
        now = int(world.clock.true().timestamp())
        for number, history_id in enumerate(forged):
            put(world, history_id, announcement(world, history_id, beat=now - 86_400 * (number % 2)))
        for number in range(980):
            put(world, f"x{number}", announcement(world, first, data="<!channel>"))
        for session in honest:
            put(world, session.history_id, announcement(world, session.history_id))
        asked = len(elsewhere.calls("GetCallHistory"))
        await elsewhere.found(100)
        await elsewhere.rounds(2)
        assert {each.history_id for each in elsewhere.records()} == {session.history_id for session in honest}
        assert len(elsewhere.calls("GetCallHistory")) - asked < 100
        assert world.platform.deliveries == []
        assert world.ops.messages == []
        with world.database() as connection:
            told = connection.execute("select count(*) from audit").fetchone()[0]
        assert told <= 2 * 100 + 20
