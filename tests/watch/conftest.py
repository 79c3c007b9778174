"""The fixtures of the tests of the watch."""

from collections.abc import Callable
from typing import Any

import pytest

from storage.store import Store
from tests.watch.watch_world import WatchWorld

MakeWatch = Callable[..., WatchWorld]


@pytest.fixture
def make_watch(store: Store) -> MakeWatch:
    """Make a watch on a new database, with these settings of its rule."""

    def make(**rule: Any) -> WatchWorld:
        return WatchWorld(store, **rule)

    return make
