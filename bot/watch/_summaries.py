"""Updates of the summaries of bulk stops: from the database alone, so that a restart loses nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from bot.ports import Services
from bot.stops import bulk_alarm_text, check_of, list_in_full, may_be_named, open_parts, summary_text
from bot.watch._unconfirmed import alarm_unconfirmed
from storage import Connection, bulks, messages
from storage.bulks import Bulk, Part

Since = Callable[[datetime], float]
"""Tells how many seconds ago a stored moment was."""

COMPARED_EVERY_S: Final = 5.0
"""The time after which a summary is compared with its sessions although none was written: links and times change."""

WAITED_FOR: Final = timedelta(minutes=75)
"""Longer than any stop may stay unconfirmed before it is called so: only what went wrong is still open then."""

FOLLOWED_FOR: Final = timedelta(days=1)
"""The time within which a late confirmation still updates a summary."""


class Summaries:
    """The summaries of the bulk stops of which something can still change."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._compared: dict[Bulk, tuple[int, float]] = {}

    async def refresh(self) -> None:
        """Update each summary; when it is settled, post the list, and the alarm."""
        services = self._services
        if await services.store.read(self._are_behind):
            await services.store.write(lambda db: _refresh_all(db, services))

    def _are_behind(self, db: Connection) -> bool:
        """Return whether one has to be written: of hundreds of sessions one is compared when any of them was."""
        now, compared = self._services.clock.monotonic(), self._compared
        self._compared = {}
        behind = False
        for bulk in bulks.unclosed(db):
            revision, (known, at) = bulks.revision(db, bulk), compared.get(bulk, (-1, now))
            is_same = revision == known and now - at < COMPARED_EVERY_S
            self._compared[bulk] = (known, at) if is_same else (revision, now)
            behind = behind or (not is_same and _is_behind(db, bulk, self._services))
        return behind


def _is_behind(db: Connection, bulk: Bulk, services: Services) -> bool:
    """Return whether there is something to write: reading costs nothing, and a commit per look would."""
    now, since = services.clock.now(), services.clock.since
    parts, summary = bulks.parts(db, bulk), messages.get(db, bulk.summary)
    said = (summary.body or {}).get("text") if summary is not None else None
    is_new = bulk.told_at is None and _is_settled(bulk, parts, since)
    alarm = None if bulk.alarm is None else messages.get(db, bulk.alarm)
    is_otherwise = alarm is not None and alarm.body != _alarm(db, bulk, parts, services)
    return is_new or is_otherwise or said != summary_text(bulk, parts, now) or _is_done(bulk, parts, since)


def _refresh_all(db: Connection, services: Services) -> None:
    for bulk in bulks.unclosed(db):
        _refresh(db, bulk, services)


def _refresh(db: Connection, bulk: Bulk, services: Services) -> None:
    now, since = services.clock.now(), services.clock.since
    parts, summary = bulks.parts(db, bulk), messages.get(db, bulk.summary)
    bulks.set_summary(db, bulk, summary_text(bulk, parts, now))
    if bulk.told_at is None and _is_settled(bulk, parts, since) and summary is not None:
        bulks.mark_told(db, bulk, now=now)
        messages.add_under(db, summary, list_in_full(bulk, parts), now=now)
        _post_alarm(db, bulk, parts, services)
        return
    if bulk.alarm is not None and (alarm := messages.get(db, bulk.alarm)) is not None:
        body = _alarm(db, bulk, parts, services)
        if body != alarm.body:
            messages.amend(db, alarm.id, body)
    if _is_done(bulk, parts, since):
        bulks.close(db, bulk, now=now)


def _post_alarm(db: Connection, bulk: Bulk, parts: Sequence[Part], services: Services) -> None:
    """Post the alarm about sessions that may still run, as a new message: an edited one notifies nobody."""
    still, now = open_parts(parts), services.clock.now()
    if any(may_be_named(each, bulk) for each in still):
        bulks.add_alarm(db, bulk, _alarm(db, bulk, parts, services), still[0].session.id, now=now)
    for part in still:
        if not may_be_named(part, bulk):
            alarm_unconfirmed(db, part.session, services, now=now)


def _alarm(db: Connection, bulk: Bulk, parts: Sequence[Part], services: Services) -> Mapping[str, Any]:
    return bulk_alarm_text(
        bulk,
        parts,
        services.rules,
        lambda part: services.board.link(messages.card_of(db, part.session.id)),
        lambda part: check_of(db, part.session, services.rules.stop_request(part.session.rule_id)),
    )


def _is_settled(bulk: Bulk, parts: Sequence[Part], since: Since) -> bool:
    """Return whether every session is settled, or the unsettled ones have been waited for long enough."""
    return all(part.is_settled for part in parts) or since(bulk.began_at) > WAITED_FOR.total_seconds()


def _is_done(bulk: Bulk, parts: Sequence[Part], since: Since) -> bool:
    told = bulk.told_at
    return told is not None and (since(told) > FOLLOWED_FOR.total_seconds() or all(part.is_closed for part in parts))
