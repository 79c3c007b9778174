"""Worlds with several replicas on one database of a real server."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.config._loading import load_settings
from bot.life.app import Bot
from tests.conversations.conftest import (
    MakeWorld,
    World,
    at_world_end,
    certificates,
    kept_log,
    make_world,
    mode,
)
from tests.postgres.databases import Database, fresh_database
from tests.quick_clock import QuickClock

__all__ = ["MakeReplicas", "Replicas", "at_world_end", "certificates", "kept_log", "make_world", "mode"]


@dataclass
class Replicas:
    """A world, and the bots in it, which all connect to its Slack."""

    world: World
    database: Database
    bots: list[Bot] = field(default_factory=list)

    async def start(self, address: str | None = None) -> Bot:
        """Start one more replica, by the address of the database or another one that leads to it."""
        environ = self.world.environ | {"SESSION_BOT_DATABASE": address or self.database.address}
        bot = Bot(load_settings(environ, self.world.folder), QuickClock(1))
        await bot.start()
        self.bots.append(bot)
        await self.world.slack.connected()
        return bot

    async def leader(self, *, besides: Bot | None = None) -> Bot:
        """Wait until one of the replicas leads; give it."""
        return await self.world.until(
            lambda: next((each for each in self.bots if each.leads and each is not besides), None), "a leader"
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read rows of the database."""
        with self.database.connect() as connection:
            return connection.execute(sql.encode()).fetchall()


MakeReplicas = Callable[..., "contextlib.AbstractAsyncContextManager[Replicas]"]


@pytest.fixture
def database() -> Iterator[Database]:
    """Return a database of the shared server, with the bot's schema."""
    with fresh_database() as made:
        yield made


@pytest.fixture
def make_replicas(
    make_world: MakeWorld, database: Database, at_world_end: list[Callable[[], Awaitable[None]]]
) -> MakeReplicas:
    """Return a maker of worlds with so many replicas."""

    @contextlib.asynccontextmanager
    async def make(number: int, **options: Any) -> AsyncIterator[Replicas]:
        environ = {"SESSION_BOT_SECRET_KEY": Fernet.generate_key().decode(), **options.pop("environ", {})}
        async with make_world(start=False, environ=environ, **options) as world:
            replicas = Replicas(world, database)

            async def end() -> None:
                for each in replicas.bots:
                    await each.stop()

            at_world_end.append(end)
            for _ in range(number):
                await replicas.start()
            yield replicas

    return make
