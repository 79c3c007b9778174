"""What is recorded of a delivered stop: its reply, the look-up of its session, and no card that nobody called for."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.config import DEFAULT_STOP
from bot.ports import Changes, RuleLimits, Services, WriteBehind
from bot.process import Tasks
from bot.slack.render import render_mrkdwn
from bot.stops import deliver_stop, new_request_id
from bot.text import BOT
from bot.voximplant import SessionAnswer
from bot.voximplant.errors import Gone, OutcomeUnknown
from storage import Connection, commands, messages, sessions, stops
from storage.command import NewCommand
from storage.records import Origin, Session, State
from storage.stop import Arrived
from storage.store import Store
from tests.factories import new_session
from tests.manual_clock import ManualClock


class Delivering:
    """The services of a delivery, whose URL gives these answers one after the other."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = ManualClock()
        self.answers: list[SessionAnswer | Exception] = []
        self.looked_up: list[int] = []
        self.services = cast(
            "Services",
            SimpleNamespace(
                clock=self.clock,
                store=store,
                settings=SimpleNamespace(confirm_seconds=60, command="/session"),
                rules=SimpleNamespace(
                    stop_request=lambda _: DEFAULT_STOP,
                    limits=lambda _: RuleLimits(),
                    runbook=lambda _: None,
                ),
                known_name=lambda _: None,
                sealer=SimpleNamespace(open=lambda _: "https://www-ru-1-1.voximplant.com:12093/request/A/B"),
                requests=SimpleNamespace(stop=self._stop),
                write_behind=WriteBehind(store, self.clock, Tasks()),
                changes=Changes(),
                board=SimpleNamespace(nudge=lambda: None),
                announced=SimpleNamespace(look_up=lambda session: self.looked_up.append(session.id)),
                wake_watch=lambda: None,
            ),
        )

    async def _stop(self, *_: object, **__: object) -> SessionAnswer:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def asked(self, by: str) -> Session:
        """Record a session that nobody started here, without a card, and a stop of it."""
        now = self.clock.now()
        typed = NewCommand(
            key="k", verb="stop", actor=by, team="T1", channel="C1", via="slash", digest="", owner="o", at=now
        )

        def job(db: Connection) -> Session | None:
            new = new_session(starter="", origin=Origin.elsewhere)
            one = sessions.add(db, new, now=now, state=State.running, secure_url=b"sealed")
            command = commands.admit(db, typed, window=None).command.id
            taken: Any = {"reason": None, "command": command, "request_id": new_request_id(), "now": now}
            return stops.take(db, one.id, by=by, **taken)

        found = await self.store.write(job)
        assert found is not None
        return found

    async def kinds(self) -> list[str]:
        """Return the kinds of our messages."""
        return await self.store.read(
            lambda db: [row["kind"] for row in db.query("select kind from messages order by id")]
        )


@pytest.fixture
async def delivering(tmp_path: Path) -> AsyncIterator[Delivering]:
    """Deliver on a new database."""
    store = Store(tmp_path / "bot.db")
    await store.open()
    yield Delivering(store)
    await store.close()


def answer() -> SessionAnswer:
    """Return the silent 200 of the platform."""
    return SessionAnswer(status=200, body="", elapsed=timedelta(milliseconds=5), plain_http=False)


async def test_a_persons_stop_makes_a_card_with_its_reply(delivering: Delivering) -> None:
    """A stop calls for a card, and what the session announces is looked up at once."""
    delivering.answers = [answer()]
    session = await delivering.asked("U1")
    await deliver_stop(session, delivering.services)
    assert await delivering.kinds() == ["card", "reply"]
    assert delivering.looked_up == [session.id]


async def test_a_stop_by_the_bot_makes_no_card(delivering: Delivering) -> None:
    """Thousands may pass their limit at once: their alarms tell it, and no card is made for the delivery."""
    delivering.answers = [answer()]
    session = await delivering.asked(BOT)
    await deliver_stop(session, delivering.services)
    assert await delivering.kinds() == []
    found = await delivering.store.read(lambda db: sessions.get(db, session.id))
    assert found is not None
    assert found.state is State.stopping
    assert await delivering.store.read(lambda db: messages.card_of(db, session.id)) is None


async def test_what_perhaps_arrived_is_looked_up_too(delivering: Delivering) -> None:
    """The scenario's word is the only one where no answer told whether the stop arrived."""
    delivering.answers = [OutcomeUnknown("TimeoutError")] * 3
    session = await delivering.asked("U1")
    await deliver_stop(session, delivering.services)
    assert delivering.looked_up == [session.id]


async def test_a_resumed_stop_that_finds_nobody_perhaps_arrived(delivering: Delivering) -> None:
    """After a restart a 404 denies no attempt of the process before: it may have ended the session."""
    asked = await delivering.asked("U1")
    delivering.answers = [Gone(404), Gone(404)]
    delivery = await deliver_stop(asked, delivering.services, resumed=True)
    assert delivery.arrived is Arrived.perhaps
    kept = await delivering.store.read(lambda db: sessions.get(db, asked.id))
    assert kept is not None
    assert kept.stop is not None
    assert (kept.state, kept.stop.arrived) == (State.stopping, Arrived.perhaps)
    said = await delivering.store.read(lambda db: messages.reply_of(db, asked.stop.command, asked.id))  # type: ignore[union-attr, arg-type]
    assert said is not None
    assert "*Perhaps delivered* after 2 attempts" in render_mrkdwn(str((said.body or {})["text"]))
    assert "An earlier attempt may have arrived." in str((said.body or {})["text"])
