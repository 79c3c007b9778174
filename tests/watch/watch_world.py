"""A watch on a database of its own, a history that says whatever a test wants, and a clock that stands still."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final, TypeVar, cast

from bot.account import Rules
from bot.config import RuleConfig
from bot.ports import Changes, Request, Services
from bot.process import RemoteClock
from bot.voximplant import HistoryRow, Management, Rows
from bot.watch import Watch
from storage import Connection, announcements, messages, sessions
from storage.announcements import Announcements
from storage.message import Message
from storage.records import Origin, Session, State
from storage.store import Store
from tests.factories import new_session
from tests.manual_clock import ManualClock

T = TypeVar("T")

APPLICATION: Final = 7
RULE: Final = 1001
ROUND: Final = timedelta(seconds=30)
HOME: Final = "C1"

_ROW: Final = HistoryRow(
    history_id=0, rule_name=None, application_id=None, application_name=None, start=None, duration=None,
    finish_reason=None, active=None, custom_data=None, cost=None, log_url=None, calls=None,
)  # fmt: skip


class WatchWorld:
    """A watch, with the parts of the world that it looks at.

    `submitted` are the stops that it asked for, `asked` the questions to the history.
    """

    def __init__(self, store: Store, *, confirm_seconds: int = 600, **rule: Any) -> None:
        self.store = store
        self.clock = ManualClock()
        self.submitted: list[Request] = []
        self.finish_reasons: dict[int, str] = {}
        self.asked: list[Sequence[int]] = []
        management = SimpleNamespace(clock=RemoteClock(self.clock, "the platform's"), call_history=self._history)
        configured = RuleConfig.model_validate({"alias": "support", "id": RULE, **rule})
        self.services = cast(
            "Services",
            SimpleNamespace(
                settings=SimpleNamespace(
                    watch_seconds=15,
                    confirm_seconds=confirm_seconds,
                    command="/session",
                    limits=SimpleNamespace(abandoned_url_days=7),
                ),
                clock=self.clock,
                management=management,
                store=store,
                rules=Rules(cast("Management", management), [configured], self.clock),
                account=SimpleNamespace(currency=self._nothing, costs=self._no_costs),
                board=SimpleNamespace(nudge=lambda: None, link=lambda _: None),
                changes=Changes(),
                requests=SimpleNamespace(obstacle=lambda _: None, obstacle_to_send=lambda _: None),
                sealer=SimpleNamespace(open=lambda _: "https://www-ru-1-1.voximplant.com:12093/request/A/B"),
            ),
        )
        self.watch = self.new_watch()

    def new_watch(self) -> Watch:
        """Return the watch of a process that comes up now."""

        async def submit(request: Request) -> None:
            self.submitted.append(request)

        return Watch(self.services, asyncio.Event(), submit=submit)

    async def add(self, count: int = 1, **columns: Any) -> list[Session]:
        """Record sessions that nobody started in Slack, which run since now and were heard of now."""
        now = self.clock.now()

        def job(db: Connection) -> list[Session]:
            new = new_session(
                starter="", channel=HOME, rule_id=RULE, application_id=APPLICATION, origin=Origin.elsewhere
            )
            known = {"state": State.running, "started_at": now, "heard_at": now, "secure_url": b"sealed", **columns}
            new = replace(new, **{each: known.pop(each) for each in list(known) if each in vars(new)})
            last = db.execute("select coalesce(max(id), 0) from sessions").fetchone()[0]
            numbers = range(last + 1, last + 1 + count)
            return [sessions.add(db, new, now=now, history_id=4_000 + each, **known) for each in numbers]

        return await self.store.write(job)

    async def look(self) -> float:
        """Look once, and wait for the answers of the history; return the pause."""
        pause = await self.watch._look()
        while self.watch._questions._running:  # noqa: ASYNC110 - a set rings no bell
            await asyncio.sleep(0)
        return pause

    async def read_round(self, *, heard: Sequence[Session] = ()) -> None:
        """Pass the time of a round, read it whole, with these sessions in it, and look when it is recorded."""
        self.clock.let_pass(ROUND)
        began = self.clock.now()
        known = Announcements(application_id=APPLICATION, application_name="calls", read_at=began)
        await self.store.write(lambda db: announcements.keep(db, known))
        for each in heard:
            await self.record(each, heard_at=began)
        await self.look()
        self.clock.let_pass(timedelta(seconds=4))
        await self.look()

    async def record(self, session: Session, **columns: Any) -> None:
        """Write columns of a session silently."""
        await self.store.write(lambda db: sessions.record_silently(db, session.id, **columns))

    async def now(self, session: Session) -> Session:
        """Return a session as it is now."""
        found = await self.store.read(lambda db: sessions.get(db, session.id))
        assert found is not None
        return found

    async def said(self, kind: str = "reply") -> list[Message]:
        """Return our messages of a kind, the oldest first."""

        def job(db: Connection) -> list[Message]:
            ids = [row["id"] for row in db.query("select id from messages where kind = ? order by id", [kind])]
            return [found for each in ids if (found := messages.get(db, each)) is not None]

        return await self.store.read(job)

    async def texts(self, kind: str = "reply") -> list[str]:
        """Return the texts of our messages of a kind."""
        return [str((each.body or {})["text"]) for each in await self.said(kind)]

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Run a job in a commit."""
        return await self.store.write(job)

    async def _history(self, ids: Sequence[int]) -> Rows[HistoryRow]:
        def row(number: int) -> HistoryRow:
            reason = self.finish_reasons.get(number)
            return replace(_ROW, history_id=number, finish_reason=reason, duration=None if reason is None else ROUND)

        self.asked.append(ids)
        return Rows([row(each) for each in ids])

    async def _nothing(self) -> None:
        return None

    async def _no_costs(self, _: Sequence[int]) -> dict[int, Any]:
        return {}
