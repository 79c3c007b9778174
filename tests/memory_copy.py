"""The copy in memory of a store's open sessions."""

import asyncio

from storage import sessions
from storage.store import Store

_WITHIN_S = 30


async def remembered(store: Store) -> None:
    """Wait until the copy has the open sessions as they are recorded: the thread that reads rests between two looks."""
    reader = store._reader
    assert reader is not None
    async with asyncio.timeout(_WITHIN_S):
        while not await store.read(lambda db: sessions.watched(db) == sessions.watched(reader._copy.database)):  # noqa: ASYNC110 - it is a thread
            await asyncio.sleep(0.01)
