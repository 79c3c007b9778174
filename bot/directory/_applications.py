"""The applications of the account: those that are read every round, and the others, asked for one page now and then.

Read every round are those where something was ever announced, those that the config names, and those with a rule that
has the kit, as far as the rules are known. All others are probed when the process comes up, and then every ten minutes:
without that, a first announcement would not be found.
"""

import contextlib
import logging
from collections.abc import Iterable, Sequence
from typing import Final

from bot.ports import RulesUnreadable, Services
from bot.text import code, cut
from bot.voximplant import Application
from bot.voximplant.errors import PlatformError

log = logging.getLogger(__name__)

SELDOM_S: Final = 600.0
"""Seconds between two probes of an application, and after one that the account's role may not read."""

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
        self._probe_at: dict[int, float] = {}
        self._off_until: dict[int, float] = {}
        self._said = False

    async def due(self) -> Sequence[Application]:
        """Return the applications to read now; the list of them is read anew where it is old."""
        now = self._services.clock.monotonic()
        if self._list_at <= now:
            self._list_at = now + (SELDOM_S if await self._list() else _SOON_S)
        steady = self._announced | self._configured() | self._services.rules.applications_with_kit()
        due = [each for each in self._known.values() if self._is_due(each.id, now, is_steady=each.id in steady)]
        for each in due:
            self._probe_at[each.id] = now + SELDOM_S
        return due

    def found(self, application_id: int) -> None:
        """Read an application every round from now on: something is announced there."""
        self._announced.add(application_id)

    def announces(self, application_id: int) -> bool:
        """Return whether something was ever announced in an application."""
        return application_id in self._announced

    def ask_again(self, application_id: int) -> None:
        """Read an application in the next round, since it gave no answer in this one."""
        self._probe_at.pop(application_id, None)

    def put_off(self, application_id: int) -> None:
        """Read an application only now and then, since the account may not read it."""
        self._off_until[application_id] = self._services.clock.monotonic() + SELDOM_S

    def are(self, application_id: int) -> bool:
        """Return whether an application is one of the account, as far as is known."""
        return application_id in self._known

    def _is_due(self, application_id: int, now: float, *, is_steady: bool) -> bool:
        if self._off_until.get(application_id, now) > now:
            return False
        return is_steady or self._probe_at.get(application_id, now) <= now

    async def _list(self) -> bool:
        """Read the list of applications, and of rules; return whether that worked."""
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
        with contextlib.suppress(RulesUnreadable):  # the applications that have the kit are probed as all others, then
            await self._services.rules.listing()
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
