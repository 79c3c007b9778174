"""The applications of the account: those that are read every round, and the others, asked for one page now and then.

Read every round are those where something was ever announced, those that the config names, and those with a rule that
has the kit, as far as the rules are known. All others are asked for one page when the process comes up and then every
ten minutes at the latest, the longest unasked first: without that, a first announcement would not be found.
"""

import logging
import math
from collections.abc import Iterable, Sequence
from typing import Final

from bot.ports import Services
from bot.text import code, cut
from bot.voximplant import Application
from bot.voximplant.errors import PlatformError

log = logging.getLogger(__name__)

SELDOM_S: Final = 600.0
"""Seconds after which an application is probed at the latest, and one that the account's role may not read again."""

PROBES: Final = 2
"""Applications that are probed in every round: so many calls cost little, and in a small account they are all."""

_SOON_S: Final = 60.0
"""Seconds until a list that could not be read is asked for again."""


class Applications:
    """The applications as they were listed last; `known` are those of which something is in the database."""

    def __init__(self, services: Services, known: Iterable[Application], announced: Iterable[int]) -> None:
        self._services = services
        self._known = {each.id: each for each in known}
        self._announced = set(announced)
        self._has_listed = False
        self._list_at = 0.0
        self._asked: dict[int, float] = {}
        self._off_until: dict[int, float] = {}
        self._said = False

    async def due(self) -> Sequence[Application]:
        """Return the applications to read now; the list of them is read anew where it is old."""
        now = self._services.clock.monotonic()
        if self._list_at <= now:
            self._list_at = now + (SELDOM_S if await self._list() else _SOON_S)
        steady = self._announced | self._configured() | self._services.rules.applications_with_kit()
        allowed = [each for each in self._known.values() if self._off_until.get(each.id, now) <= now]
        others = sorted((each for each in allowed if each.id not in steady), key=lambda each: self._asked_at(each.id))
        late = sum(self._asked_at(each.id) + SELDOM_S <= now for each in others)
        due = [*(each for each in allowed if each.id in steady), *others[: max(late, PROBES)]]
        self._asked.update(dict.fromkeys((each.id for each in due), now))
        return due

    def found(self, application_id: int) -> None:
        """Read an application every round from now on: something is announced there."""
        self._announced.add(application_id)

    def announces(self, application_id: int) -> bool:
        """Return whether something was ever announced in an application."""
        return application_id in self._announced

    def ask_again(self, application_id: int) -> None:
        """Read an application in the next round, since it gave no answer in this one."""
        self._asked.pop(application_id, None)

    def put_off(self, application_id: int) -> None:
        """Read an application only now and then, since the account may not read it."""
        self._off_until[application_id] = self._services.clock.monotonic() + SELDOM_S

    def are(self, application_id: int) -> bool:
        """Return whether an application is one of the account, as far as is known."""
        return application_id in self._known

    def _asked_at(self, application_id: int) -> float:
        return self._asked.get(application_id, -math.inf)

    async def _list(self) -> bool:
        """Read the list of applications; return whether that worked."""
        try:
            listed = await self._services.management.applications()
        except PlatformError as problem:
            if not self._said:
                log.warning(
                    "the applications cannot be listed (%s), so only known ones are searched for announcements",
                    type(problem).__name__,
                )
            self._said = True
            self._know_numbers()
            return False
        self._said = False
        there = {each.id: each for each in listed}
        self._known = {**self._known, **there} if listed.unread else there
        self._say_missing()
        return True

    def _configured(self) -> set[int]:
        names = set(self._services.settings.directory.applications)
        return {each.id for each in self._known.values() if str(each.id) in names or each.name in names}

    def _know_numbers(self) -> None:
        """Know at least the applications that the config names by their numbers."""
        for each in self._services.settings.directory.applications:
            if each.isdigit():
                self._known.setdefault(int(each), Application(int(each), each))

    def _say_missing(self) -> None:
        there = {str(each.id) for each in self._known.values()} | {each.name for each in self._known.values()}
        missing = [each for each in self._services.settings.directory.applications if each not in there]
        if missing and not self._has_listed:
            names = ", ".join(code(cut(each, 100)) for each in missing)
            log.warning("[directory] applications names %s, which the account does not have", names)
        self._has_listed = True
