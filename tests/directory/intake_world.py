"""An intake over a real database, with a history and rules that a test sets up."""

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from cryptography.fernet import Fernet

from bot.directory import Claim, Intake, Refusals
from bot.ports import Changes, ChannelFacts, ChosenRule, RuleListing, Services
from bot.process import RemoteClock, Tasks
from bot.voximplant import HistoryRow, Rows, SessionUrl
from bot.voximplant.errors import TryLater, UnknownHistoryId
from storage import sessions, starts, workspaces
from storage.records import Session, State
from storage.sealing import Sealer
from storage.store import Store
from storage.workspaces import Known
from tests.factories import new_session
from tests.manual_clock import ManualClock

APPLICATION = 1
RULE = ChosenRule(id=1001, name="obedient", application_id=APPLICATION, application_name="demo")
HOTLINE = ChosenRule(id=1002, name="hotline", application_id=APPLICATION, application_name="demo")


def url_of(session: int, last: str = "90AB12CD34EF5D84") -> str:
    """Return the URL that a session announces."""
    return f"https://www-1.voximplant.com:12093/request/AF30C0FFEE42CCA6.1772331240.{session}_1.2.3.4/{last}"


class History:
    """The history: rows by number, or by rule and time. `breaks` are the numbers that break every call with them."""

    def __init__(self, clock: RemoteClock) -> None:
        self.clock = clock
        self.rows: dict[int, HistoryRow] = {}
        self.breaks: set[int] = set()
        self.is_loaded = False
        self.answers = asyncio.Event()
        self.answers.set()
        self.calls: list[Collection[int]] = []

    async def call_history(self, ids: Sequence[int]) -> Rows[HistoryRow]:
        """Return the rows with these numbers."""
        self.calls.append(ids)
        await self.answers.wait()
        await asyncio.sleep(0)
        if self.is_loaded:
            raise TryLater(340, "Rate limit exceeded.")
        if self.breaks & set(ids):
            raise UnknownHistoryId(150, "Unknown id.")
        return Rows(self.rows[each] for each in ids if each in self.rows)

    async def search_history(
        self, *, application_id: int, rule_name: str, custom_data: str | None, start: datetime, end: datetime
    ) -> Rows[HistoryRow]:
        """Return the rows of a rule in a window of time."""
        await asyncio.sleep(0)
        return Rows(
            row
            for row in self.rows.values()
            if (row.application_id, row.rule_name) == (application_id, rule_name)
            and custom_data in {None, row.custom_data}
            and row.start is not None
            and start <= row.start <= end
        )


class TestRules:
    """The rules, and the homes of their sessions."""

    __test__ = False

    def __init__(self) -> None:
        self.homes: dict[int, str] = {}
        self.with_cards: set[int] = set()
        self.listed = RuleListing(rules=(RULE, HOTLINE), lacks=None)

    async def listing(self) -> RuleListing:
        """Return the known rules."""
        return self.listed

    async def named(self, rule_id: int) -> ChosenRule | None:
        """Return a rule by its number."""
        return next((each for each in self.listed.rules if each.id == rule_id), None)

    def home(self, rule_id: int) -> str | None:
        """Return the home of a rule's sessions."""
        return self.homes.get(rule_id)

    def has_all_cards(self, rule_id: int) -> bool:
        """Return whether each of a rule's sessions has a card."""
        return rule_id in self.with_cards


class IntakeWorld:
    """An intake, and everything that it sees."""

    def __init__(self, store: Store) -> None:
        self.clock = ManualClock()
        self.store = store
        self.history = History(RemoteClock(self.clock, "the platform's"))
        self.rules = TestRules()
        self.sealer = Sealer([Fernet.generate_key().decode()])
        self.refused: list[str] = []
        self.refusals = Refusals(self.refused.append)
        self.delivered: list[str] = []
        self.asked_about_channels: list[str] = []
        self.odd_channels: set[str] = set()
        self.shared_channels: set[str] = set()
        self.has_slack = True
        self.intake = self.new_intake()

    async def open(self) -> None:
        """Record the workspace that is served."""
        served = Known("T1", "https://t1.slack.com/")
        await self.store.write(lambda db: workspaces.record(db, served, now=self.now))

    def new_intake(self) -> Intake:
        """Return the intake of a process that has just come up."""
        services = SimpleNamespace(
            clock=self.clock,
            store=self.store,
            management=self.history,
            rules=self.rules,
            sealer=self.sealer,
            policy=SimpleNamespace(channel=self._channel),
            board=SimpleNamespace(nudge=lambda: None),
            changes=Changes(),
            wake_watch=lambda: None,
            settings=SimpleNamespace(limits=SimpleNamespace(abandoned_url_days=1)),
        )
        tasks = SimpleNamespace(work=self._work)
        return Intake(cast("Services", services), self.refusals, cast("Tasks", tasks))

    @property
    def now(self) -> datetime:
        """The moment by our clock, which is the platform's as well."""
        return self.clock.now()

    def runs(self, number: int, **values: Any) -> HistoryRow:
        """Add a session that runs to the history."""
        usual = {
            "history_id": number, "rule_name": RULE.name, "application_id": APPLICATION, "application_name": "demo",
            "start": self.now, "duration": None, "finish_reason": None, "active": None, "custom_data": None,
            "cost": None, "log_url": None, "calls": None,
        }  # fmt: skip
        row = self.history.rows[number] = HistoryRow(**{**usual, **values})
        return row

    def ends(self, number: int) -> None:
        """End a session, by the history's word."""
        self.runs(number, finish_reason="Normal termination", duration=timedelta(seconds=1))

    def claim(self, number: int, **values: Any) -> Claim:
        """Return what a session announces now."""
        usual = {
            "session": number, "application_id": APPLICATION, "application_name": "demo", "data": None,
            "url": SessionUrl(url_of(number)), "started": self.now, "beat": self.now, "calls": 1, "taken": None,
            "ending": False, "signed": False,
        }  # fmt: skip
        return Claim(**{**usual, **values})

    async def settles(self, *claims: Claim) -> None:
        """Offer claims, and settle what is due."""
        self.intake.offer(claims)
        await self.intake.settle()
        await self.intake.verify()

    async def later(self, seconds: float) -> None:
        """Pass time, and settle what is due by then, second by second."""
        for _ in range(int(seconds)):
            self.clock.let_pass(timedelta(seconds=1))
            await self.intake.settle()
            await self.intake.verify()

    async def started(self, state: State = State.running, **values: Any) -> Session:
        """Record a session that was started in Slack, in this state."""
        columns = {name: values.pop(name) for name in ("history_id", "secure_url", "silent_at") if name in values}

        def job(db: Any) -> Session | None:
            session = starts.record_start(db, new_session(**values), command=None, now=self.now)
            starts.record_call(db, session.id, command=None, now=self.now)
            sessions.record_silently(db, session.id, state=state, **columns)
            return sessions.get(db, session.id)

        session = await self.store.write(job)
        assert session is not None
        return session

    def sealed(self, number: int) -> bytes:
        """Return a session's URL as the record holds it."""
        return self.sealer.seal(url_of(number))

    async def all(self) -> list[Session]:
        """Return every session on record."""
        numbers = range(1, 1 + await self.count("sessions"))
        return [each for each in await self.store.read(lambda db: [sessions.get(db, n) for n in numbers]) if each]

    async def one(self, session_id: int = 1) -> Session:
        """Return a session as it is on record."""
        found = await self.store.read(lambda db: sessions.get(db, session_id))
        assert found is not None
        return found

    async def replies(self) -> list[str]:
        """Return the texts of all replies."""
        sql = "select json_extract(body, '$.text') from messages where kind = 'reply' order by id"
        return [text for (text,) in await self.store.read(lambda db: db.execute(sql).fetchall())]

    async def count(self, table: str) -> int:
        """Return the number of rows of a table."""
        return await self.store.read(lambda db: int(db.execute(f"select count(*) from {table}").fetchone()[0]))  # noqa: S608 - our own names

    def ids_asked(self) -> set[int]:
        """Return the numbers about which the history was asked."""
        return {each for call in self.history.calls for each in call}

    async def _channel(self, channel: str) -> ChannelFacts:
        self.asked_about_channels.append(channel)
        if channel in self.odd_channels:
            raise ZeroDivisionError(channel)  # what nobody expects
        if not self.has_slack:
            return ChannelFacts(id=channel, private=True, shared=True, known=False)
        return ChannelFacts(id=channel, private=channel.startswith("G"), shared=channel in self.shared_channels)

    def _work(self, delivery: Coroutine[Any, Any, Any]) -> None:
        assert delivery.cr_frame is not None
        self.delivered.append(delivery.cr_frame.f_locals["session"].name)
        delivery.close()


def numbers(found: Iterable[Session]) -> list[int | None]:
    """Return the platform's numbers of these sessions."""
    return [each.history_id for each in found]
