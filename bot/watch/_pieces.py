"""Work on thousands of sessions in small pieces: acks and stops go in between, on the event loop and on the writer."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import islice
from typing import Final, TypeVar

from bot.ports import SavepointGroup
from storage import Connection
from storage.store import Store

T = TypeVar("T")
R = TypeVar("R")

A_PIECE: Final = 200
"""The number of sessions that are looked at, or written by one statement, before others have their turn."""

A_COMMIT: Final = 25
"""The number of sessions that are written one by one in a commit."""


async def in_pieces(found: Iterable[T], size: int = A_PIECE) -> AsyncIterator[Sequence[T]]:
    """Yield a few at a time."""
    rest = iter(found)
    while piece := list(islice(rest, size)):
        yield piece
        await asyncio.sleep(0)


async def write_in_pieces(
    store: Store,
    found: Iterable[T],
    write: Callable[[Connection, T], R],
    publish: Callable[[R], None] = lambda _: None,
) -> list[R]:
    """Write each, a few a commit, and publish each result after its commit; return the results in order.

    One that fails is left out, and logged: it holds up neither the others nor the look.
    """
    done: list[R] = []
    async for some in in_pieces(found, A_COMMIT):

        def job(db: Connection, some: Sequence[T] = some) -> list[R]:
            def write_one(each: T) -> list[R]:
                return [write(db, each)]

            parts = SavepointGroup(db, "in the watch of a session")
            return [result for each in some for result in parts.do(functools.partial(write_one, each)) or []]

        written = await store.write(job)
        for each in written:
            publish(each)
        done += written
    return done
