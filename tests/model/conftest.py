"""A world of the model for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model.world import World
from tests.postgres.databases import Database


@pytest.fixture
def model_world(tmp_path: Path, database: Database | None) -> Iterator[World]:
    """Return a world on a new database, which ends with the test."""
    made = World(tmp_path, database)
    yield made
    made.close()
