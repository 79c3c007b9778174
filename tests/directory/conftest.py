"""The fixtures of the tests of the directory."""

import pytest

from storage.store import Store
from tests.directory.intake_world import IntakeWorld


@pytest.fixture
async def world(store: Store) -> IntakeWorld:
    """Open an intake on a new database."""
    made = IntakeWorld(store)
    await made.open()
    return made
