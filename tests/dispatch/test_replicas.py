"""Two processes on one database, as replicas are: one intent is one, whichever of them gets which delivery."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.dispatch._admission import admission, offers_in_place
from bot.dispatch._drafts import Drafts
from bot.dispatch._parsing import parse
from bot.ports import Offer, Request, Services, SessionRef, Via
from bot.verbs import VERBS, Send, Start, Stop, TheseSessions
from storage import commands, sessions
from storage.command import CommandState
from storage.commands import Admitted
from storage.sealing import Sealer
from storage.store import Store
from tests.dispatch.test_drafts import KEYS
from tests.factories import new_session
from tests.manual_clock import ManualClock

APART = timedelta(minutes=2)


@dataclass
class Replica:
    """One process: its clock follows that of the database, as its sign of life says."""

    store: Store
    clock: ManualClock
    owner: str

    def __post_init__(self) -> None:
        self.drafts = Drafts(self.store, Sealer(KEYS), self.clock, VERBS, replicas=True)

    async def admit(self, asked: Any, *, key: str, via: Via = Via.slash, actor: str = "U1", **more: Any) -> Admitted:
        """Admit one delivery, as dispatch does before the ack."""
        request = Request(
            team="T1", channel="C1", actor=actor, via=via, key=key, asked=asked, respond=cast("Any", None), **more
        )
        parsed = parse(request, VERBS, "/session", self.clock.now(), lambda _: True)
        services = cast("Services", SimpleNamespace(clock=self.clock, owner=self.owner))
        offers = self.drafts.prepare(offers_in_place(request, parsed), actor)
        admitted = await self.store.write(admission(request, parsed, services, offers))
        self.offered = self.drafts.issue(offers) if admitted.twin is not None else ()
        return admitted

    async def finish(self, admitted: Admitted) -> None:
        """Record an outcome."""
        done, now = CommandState.done, self.clock.now()
        await self.store.write(lambda db: commands.finish(db, admitted.command.id, done, "Done.", now=now))


@pytest.fixture(params=[APART, -APART], ids=["ahead", "behind"])
async def pair(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Replica, Replica]]:
    """Two replicas whose hosts' clocks are two minutes apart."""
    clocks = ManualClock(), ManualClock()
    clocks[1].set(request.param)
    clocks[1].forget()
    async with contextlib.AsyncExitStack() as opened:
        made = []
        for number, (clock, ahead) in enumerate(zip(clocks, (timedelta(), request.param), strict=True)):
            clock.follow(ahead.total_seconds())
            store = Store(tmp_path / "bot.db")
            await store.open()
            opened.push_async_callback(store.close)
            made.append(Replica(store, clock, f"run-{number}"))
        await made[0].store.write(lambda db: sessions.add(db, new_session(), now=clocks[0].now()))
        yield made[0], made[1]


@pytest.mark.parametrize(
    ("via", "key"),
    [
        (Via.slash, "slash:1.2"),
        (Via.button, "button:1.2:offer:abc:U1"),
        (Via.modal, "view:V1"),
        (Via.mention, "mention:C1:1.2"),
        (Via.home, "home:E1:U1"),
    ],
    ids=str,
)
async def test_one_delivery_to_each_is_one_command(pair: tuple[Replica, Replica], via: Via, key: str) -> None:
    """Every envelope may come to both: the same trigger, click, form, mention or visit is one command, the first's."""
    one, other = pair
    for asked in (Start("obedient", None), Stop(TheseSessions.own(1)), Send(SessionRef(1), "[1]"), "list"):
        first = await one.admit(asked, key=f"{key}{asked}", via=via, again=True)
        second = await other.admit(asked, key=f"{key}{asked}", via=via, again=True)
        assert (first.fresh, second.fresh) == (True, False)
        assert second.command.id == first.command.id


@pytest.mark.parametrize(
    ("asked", "within"),
    [(Start("obedient", None), timedelta(seconds=30)), (Send(SessionRef(1), "[1]"), timedelta(seconds=4))],
    ids=["start", "send"],
)
async def test_a_double_press_is_one_intent_on_both(
    pair: tuple[Replica, Replica], asked: Any, within: timedelta
) -> None:
    """Within the window the same words are one intent on either replica, and after it they are a new one on both."""
    for number, (one, other) in enumerate((pair, pair[::-1])):
        first = await one.admit(asked, key=f"{number}.1")
        assert (await other.admit(asked, key=f"{number}.2")).twin is not None  # while it is being done
        await one.finish(first)
        for each in pair:
            each.clock.let_pass(within - timedelta(seconds=1))
        twice = await other.admit(asked, key=f"{number}.3")
        assert twice.twin is not None
        assert twice.twin.id == first.command.id
        (again,) = other.offered
        assert await one.drafts.get(again.value, "U1") == Offer(label=again.label, intent=asked, again=True)
        for each in pair:
            each.clock.let_pass(timedelta(seconds=2))
        later = await other.admit(asked, key=f"{number}.4")
        assert later.twin is None
        await other.finish(later)
        for each in pair:
            each.clock.let_pass(timedelta(minutes=1))


async def test_a_button_is_pressed_once_on_both(pair: tuple[Replica, Replica]) -> None:
    """The confirmation of a bulk stop means the same sessions on either replica, and acts once."""
    one, other = pair
    offer = Offer(label="Stop 2 sessions", intent=Stop(TheseSessions.own(1, 2)), confirmed=True)
    prepared = one.drafts.prepare([offer], "U1")
    await one.store.write(prepared.record)
    (shown,) = one.drafts.issue(prepared)
    fresh = []
    for each in (other, one, other):
        found = await each.drafts.get(shown.value, "U1")
        assert found == offer
        press = await each.admit(found.intent, key=f"button:1.2:offer:{shown.value}:U1", via=Via.button, confirmed=True)
        fresh.append(press.fresh)
        assert press.command.confirmed
    assert fresh == [True, False, False]
