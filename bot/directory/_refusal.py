"""The reasons why an announcement is not believed, counted per application.

A claim that is not believed changes nothing and is never contacted. Its kind is logged once, without anything that it
says: who writes an application's storage could fill a log, and a URL in it is a secret.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Final

log = logging.getLogger(__name__)

MANUAL: Final = "docs/how-to/sessions-from-elsewhere.md"
"""Where the reasons are explained."""


MOST_KEPT: Final = 200_000
"""Rows of one application that are told apart: as many as a round reads."""


class Refusal(StrEnum):
    """The reason why an announcement is not believed, as a clause; its name stands in metrics and in the database."""

    unreadable = "it is not what the kit writes"
    newer = "it is of a version that this bot does not know, so the kit is newer than the bot"
    other_key = "it stands under another key than its session's own"
    no_url = "its URL does not have the form of a session's"
    host = "its URL leads to a host that VOXIMPLANT_SESSION_HOSTS does not allow"
    signature = "it is not signed with a secret of SESSION_BOT_ANNOUNCE_SECRET"
    future = "its time is ahead of the platform's clock"
    not_in_history = "the platform's history does not know its session"
    ended = "the platform's history says that its session ended before that"
    other_application = "its session is of another application"


def key_of(session: int) -> str:
    """Return the key under which a session announces itself."""
    return f"session-bot:{session}"


class Refusals:
    """The announcements that are not believed now, by application and key; every one is counted for the metrics."""

    def __init__(self, count: Callable[[str], None] = lambda _reason: None) -> None:
        self._count = count
        self._logged: set[Refusal] = set()
        self._now: dict[int, dict[str, Refusal]] = {}

    def count(self, application_id: int, refusal: Refusal, key: str | None = None) -> None:
        """Count an announcement that is not believed, until its row changes; one from the inbox has no key."""
        self._count(refusal.name)
        held = self._now.setdefault(application_id, {})
        if key is not None and (key in held or len(held) < MOST_KEPT):
            held[key] = refusal
        if refusal not in self._logged:
            self._logged.add(refusal)
            where = f"in the application {application_id}" if application_id else "that came to the inbox"
            log.warning(
                "an announcement %s is not believed: %s. Further ones like it are only counted, see %s",
                where, refusal, MANUAL,
            )  # fmt: skip

    def withdraw(self, application_id: int, key: str) -> None:
        """Forget the refusal of a row that has changed."""
        self._now.get(application_id, {}).pop(key, None)

    def keep_only(self, application_id: int, keys: Collection[str]) -> None:
        """Forget the refusals of rows that are gone."""
        held = self._now.get(application_id)
        if held:
            self._now[application_id] = {key: refusal for key, refusal in held.items() if key in keys}

    def by_reason(self, application_id: int) -> dict[str, int]:
        """Return the number of rows of an application that are not believed, by the name of the reason."""
        totals = Counter(self._now.get(application_id, {}).values())
        return {refusal.name: number for refusal, number in totals.items()}
