"""A platform whose storages are lists of rows, and rounds that read them, by a clock that tests move."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from bot.directory import Claim, Refusals, Rounds
from bot.ports import RulesUnreadable, Services
from bot.process import RemoteClock
from bot.voximplant import KEY_VALUE_PAGE, Application, KeyValueItem, KeyValuePage, Rows
from bot.voximplant.errors import PlatformError
from storage import announcements
from storage.announcements import Announcements
from storage.store import Store
from tests.manual_clock import ManualClock

from .announced import CHECKS, announcement


class Platform:
    """The applications of an account with their rows; a page may be refused, or hang, as a test says."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = RemoteClock(clock, "the platform's")
        self.key_values = self
        self.listed: Rows[Application] | PlatformError = Rows([Application(3, "calls")])
        self.rows: dict[int, list[KeyValueItem]] = {}
        self.asked: list[tuple[int, int]] = []
        self.at_once = self.most_at_once = 0
        self.fail: Callable[[int, int], PlatformError | None] = lambda _application, _offset: None

    def announce(self, *sessions: int, application: int = 3, **members: Any) -> None:
        """Put the rows of these sessions, in the place of those that they have."""
        rows = {each.key: each for each in self.rows.get(application, [])}
        for number in sessions:
            key = f"session-bot:{number}"
            rows[key] = KeyValueItem(key, announcement(number, **members))
        self.rows[application] = list(rows.values())

    async def applications(self) -> Rows[Application]:
        """Return the list, or raise what keeps it from being read."""
        if isinstance(self.listed, PlatformError):
            raise self.listed
        return self.listed

    async def items(self, application_id: int, offset: int) -> KeyValuePage:
        """Return a page as the platform does."""
        self.asked.append((application_id, offset))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            if (problem := self.fail(application_id, offset)) is not None:
                raise problem
            rows = self.rows.get(application_id, [])[offset:][:KEY_VALUE_PAGE]
            return KeyValuePage(rows, 0, is_last=len(rows) < KEY_VALUE_PAGE)
        finally:
            self.at_once -= 1

    async def item(self, application_id: int, key: str) -> KeyValueItem | None:
        """Return one row."""
        self.asked.append((application_id, -1))
        if (problem := self.fail(application_id, -1)) is not None:
            raise problem
        return next((each for each in self.rows.get(application_id, []) if each.key == key), None)


class NoRules:
    """The account's rules, of which only those with the kit are known."""

    def __init__(self) -> None:
        self.kits: set[int] = set()

    def applications_with_kit(self) -> frozenset[int]:
        """Return the applications that have it."""
        return frozenset(self.kits)

    async def listing(self) -> None:
        """Raise that the rules cannot be read."""
        msg = "The rules could not be read."
        raise RulesUnreadable(msg)


@dataclass
class World:
    """Rounds with everything around them; `offered` collects the claims."""

    clock: ManualClock
    platform: Platform
    rules: NoRules
    store: Store
    settings: SimpleNamespace
    offered: list[Claim] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.refusals = Refusals(self.counted.append)
        self.recording = asyncio.Event()
        self.recording.set()
        self.is_waiting = asyncio.Event()
        self.come_up()

    @property
    def services(self) -> Services:
        """Return the services that reading needs."""
        return cast(
            "Services",
            SimpleNamespace(
                clock=self.clock, management=self.platform, rules=self.rules, store=self.store, settings=self.settings
            ),
        )

    def come_up(self) -> None:
        """Begin as a process that has read nothing."""
        self.rounds = Rounds(self.services, CHECKS, self.refusals, self.offer, self.recorded)

    def offer(self, claims: Sequence[Claim]) -> None:
        """Keep claims, as the intake does."""
        self.offered += claims

    async def recorded(self) -> None:
        """Wait for `recording`, as for the intake."""
        self.is_waiting.set()
        await self.recording.wait()

    async def round(self) -> list[int]:
        """Read one round, and return the sessions whose claims were offered in it."""
        self.offered.clear()
        self.platform.asked.clear()
        await self.rounds.step()
        return sorted(each.session for each in self.offered)

    async def record(self, application: int = 3) -> Announcements:
        """Return what is recorded of an application."""
        return {each.application_id: each for each in await self.store.read(announcements.every)}[application]


@contextlib.asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    """Make an account with one application, in which nothing is announced."""
    clock = ManualClock()
    store = Store(folder / "bot.db")
    await store.open()
    settings = SimpleNamespace(directory_seconds=30, directory=SimpleNamespace(applications=()))
    yield World(clock, Platform(clock), NoRules(), store, settings)
    await store.close()
