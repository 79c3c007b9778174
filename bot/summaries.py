"""Keeping the summaries of bulk stops true: from the database alone, so that a restart loses nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlite_utils import Database

from bot.verbs.summary import list_in_full, text
from bot.verbs.verb import Services
from storage import bulks, messages
from storage.bulks import Bulk, Part

Since = Callable[[datetime], float]
"""Tells how many seconds ago a stored moment was."""

WAITED_FOR: Final = timedelta(minutes=75)
"""Longer than any stop may stay unconfirmed before it is called so: only what went wrong is still open then."""

FOLLOWED_FOR: Final = timedelta(days=1)
"""How long an end that is confirmed late is still taken into a summary."""


async def refresh(services: Services) -> None:
    """Say in each summary what has become of its sessions; at the end of the list, post the whole of it."""
    now, since = services.clock.now(), services.clock.since
    if await services.store.read(lambda db: any(_is_behind(db, bulk, now, since) for bulk in bulks.unclosed(db))):
        await services.store.write(lambda db: _refresh_all(db, now, since))


def _is_behind(db: Database, bulk: Bulk, now: datetime, since: Since) -> bool:
    """Whether there is something to write: reading costs nothing, and a commit per look would."""
    parts, summary = bulks.parts(db, bulk), messages.get(db, bulk.summary)
    said = (summary.body or {}).get("text") if summary is not None else None
    is_new = bulk.told_at is None and _is_settled(bulk, parts, since)
    return is_new or said != text(bulk, parts, now) or _is_done(bulk, parts, since)


def _refresh_all(db: Database, now: datetime, since: Since) -> None:
    for bulk in bulks.unclosed(db):
        _refresh(db, bulk, now, since)


def _refresh(db: Database, bulk: Bulk, now: datetime, since: Since) -> None:
    parts, summary = bulks.parts(db, bulk), messages.get(db, bulk.summary)
    bulks.say(db, bulk, text(bulk, parts, now))
    if bulk.told_at is None and _is_settled(bulk, parts, since) and summary is not None:
        bulks.told(db, bulk, now=now)
        messages.add_under(db, summary, list_in_full(bulk, parts), now=now)
    elif _is_done(bulk, parts, since):
        bulks.close(db, bulk, now=now)


def _is_settled(bulk: Bulk, parts: Sequence[Part], since: Since) -> bool:
    """Whether nothing is waited for, or one has been waited for so long that the rest is told without it."""
    return all(part.is_settled for part in parts) or since(bulk.began_at) > WAITED_FOR.total_seconds()


def _is_done(bulk: Bulk, parts: Sequence[Part], since: Since) -> bool:
    told = bulk.told_at
    return told is not None and (since(told) > FOLLOWED_FOR.total_seconds() or all(part.is_over for part in parts))
