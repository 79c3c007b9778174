"""The fixtures of the tests of the watch."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from storage.store import Store
from tests.watch.watch_world import WatchWorld

MakeWatch = Callable[..., WatchWorld]


@pytest.fixture
async def make_watch(tmp_path: Path) -> AsyncIterator[MakeWatch]:
    """Make a watch on a new database, with these settings of its rule."""
    store = Store(tmp_path / "bot.db")
    await store.open()

    def make(**rule: Any) -> WatchWorld:
        return WatchWorld(store, **rule)

    yield make
    await store.close()
