"""The fixtures of the tests of the directory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.store import Store
from tests.directory.intake_world import IntakeWorld


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[IntakeWorld]:
    """Open an intake on a new database."""
    store = Store(tmp_path / "bot.db")
    await store.open()
    made = IntakeWorld(store)
    await made.open()
    yield made
    await store.close()
