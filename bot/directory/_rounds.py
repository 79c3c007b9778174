"""Rounds: every SESSION_BOT_DIRECTORY_SECONDS, the announcements of every application that has any are read.

At most four calls are under way at once, one of them a look-up, spread over the round. Where the platform refuses for
load, rounds slow down and come back to their pace; where the account's role does not suffice, the application is left
alone for ten minutes. What a round found is one row for each application in the database.
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.directory._applications import Applications
from bot.directory._beat_clock import BeatClock
from bot.directory._claim import Claim
from bot.directory._known_rows import KnownRows
from bot.directory._pace import Pace
from bot.directory._reading import AT_ONCE, MOST_PAGES, PageReader, Result
from bot.directory._refusal import Refusals
from bot.directory._rows import ClaimChecks
from bot.ports import Services
from bot.text import cut
from bot.voximplant import KEY_VALUE_PAGE, Application, KeyValuePage
from bot.voximplant.errors import BadParameter, OutcomeUnknown, PlatformError, Refused, RoleMissing, TryLater
from storage import announcements
from storage.announcements import Announcements
from storage.connection import Connection
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

Offer = Callable[[Sequence[Claim]], None]
"""A function that keeps claims; it returns at once and never raises."""

Recorded = Callable[[], Awaitable[None]]
"""A function that waits until the beats of the claims that it was offered are recorded."""

_LEAST_PAUSE_S: Final = 1.0
_NAME_SHOWN: Final = 100


@dataclass
class _Reader:
    """The reading of one application, and what is recorded of it."""

    rows: KnownRows
    pages: PageReader
    record: Announcements


class Rounds:
    """Reads the announcements. One runs per database; `offer` gets every claim that is new or has changed.

    A round is recorded after its beats are: a session whose beat is still on its way is not silent.
    """

    def __init__(
        self, services: Services, checks: ClaimChecks, refusals: Refusals, offer: Offer, recorded: Recorded
    ) -> None:
        self._services = services
        self._checks = checks
        self._refusals = refusals
        self._offer = offer
        self._recorded = recorded
        self._clock = BeatClock(services.management.clock)
        self._pace = Pace(services.clock, services.settings.directory_seconds)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._applications: Applications | None = None
        self._readers: dict[int, _Reader] = {}
        self._said = _Said()
        self.took_s: float | None = None
        """The seconds that the last round took; None before the first one."""
        self.rows: Mapping[str, int] = {}
        """The rows in it, by whether they are believed."""

    def begin_anew(self) -> None:
        """Forget what was read: another process has read meanwhile, and the database says how far."""
        self._applications = None
        self._readers.clear()
        self.took_s, self.rows = None, {}

    def announces(self, application_id: int) -> bool:
        """Return whether something was ever announced in an application."""
        return self._applications is not None and self._applications.announces(application_id)

    def refused_for_load(self, retry_after: float | None) -> None:
        """Slow down: a look-up was refused for load."""
        self._pace.refused(retry_after)

    async def step(self) -> None:
        """Read every application that is due, then wait for the next round."""
        clock = self._services.clock
        began = clock.monotonic()
        try:
            await self._round()
        except StorageUnavailable as problem:
            log.warning("what the announcements say cannot be recorded: %s", problem)
        took = clock.monotonic() - began
        await clock.sleep(max(self._pace.interval_s - took, _LEAST_PAUSE_S))

    async def _round(self) -> None:
        if self._applications is None:
            self._applications = await self._taken_up()
        due = await self._applications.due()
        await self._forget_removed(self._applications)
        readers = [self._reader(each) for each in due]
        self._pace.begin(sum(each.pages.expected for each in readers))
        clock = self._services.clock
        began = clock.monotonic()
        async with asyncio.TaskGroup() as group:  # one that breaks leaves none of the others behind
            readings = [group.create_task(self._read(each, self._applications)) for each in readers]
        results = [each.result() for each in readings]
        self._pace.end()
        took_s = clock.monotonic() - began
        counts = [(each.rows.believed, each.rows.count) for each in self._readers.values()]
        believed = sum(some for some, _ in counts)
        self.rows = {"believed": believed, "refused": sum(count for _, count in counts) - believed}
        records = [each.record for each in readers]

        def keep(db: Connection) -> None:
            for each in records:
                announcements.keep(db, each)

        await self._recorded()
        if records:
            await self._services.store.write(keep)
        self.took_s = took_s
        self._said.round_ended(results, self._pace, took_s, self._services.settings.directory_seconds)

    async def _taken_up(self) -> Applications:
        """Return the applications of which the database knows something, with their records."""
        known = await self._services.store.read(announcements.every)
        applications = [Application(each.application_id, each.application_name) for each in known]
        for application, record in zip(applications, known, strict=True):
            self._reader(application).record = record
        announced = [each.application_id for each in known if each.announced_at is not None]
        return Applications(self._services, applications, announced)

    async def _forget_removed(self, applications: Applications) -> None:
        removed = [number for number in self._readers if not applications.are(number)]
        for number in removed:
            await self._services.store.write(functools.partial(announcements.forget, application_id=number))
            self._refusals.keep_only(number, ())
            del self._readers[number]

    def _reader(self, application: Application) -> _Reader:
        reader = self._readers.get(application.id)
        if reader is None:
            reader = self._readers[application.id] = _Reader(
                KnownRows(application, self._checks, self._refusals),
                PageReader(self._pace, self._room),
                Announcements(application_id=application.id, application_name=application.name),
            )
        reader.rows.application = application  # its name may be another by now
        return reader

    async def _read(self, reader: _Reader, applications: Applications) -> Result:
        """Read one application, and keep in its record what was found."""
        services, application = self._services, reader.rows.application
        began_at, began = services.clock.now(), services.clock.monotonic()

        def take(page: KeyValuePage) -> int:
            claims, new = reader.rows.take(page, services.management.clock.now())
            if claims:
                self._offer(claims)
            return new

        reader.rows.begin()
        result = await reader.pages.read(
            lambda offset: services.management.key_values.items(application.id, offset), take
        )
        record = replace(reader.record, application_name=application.name, problem=_problem(result))
        if reader.rows.count:
            record = replace(record, announced_at=began_at)
            applications.found(application.id)
        if result.is_whole:
            reader.rows.end()
            oldest = reader.rows.oldest_beat
            record = replace(
                record,
                read_at=began_at,
                took_s=services.clock.monotonic() - began,
                row_count=reader.rows.count,
                oldest_beat_at=None if oldest is None else self._clock.ours(oldest),
                refused=reader.rows.refused,
            )
        if result.problem is not None and not _is_about_application(result.problem):
            applications.ask_again(application.id)
        elif result.problem is not None:
            applications.put_off(application.id)
            if reader.record.problem != record.problem:
                name = cut(application.name, _NAME_SHOWN)
                log.warning("announcements in the application %s (%d): %s", name, application.id, record.problem)
        reader.record = record
        return result


class _Said:
    """The lines about rounds, each logged when something begins or is over, and not in between."""

    def __init__(self) -> None:
        self._trouble = self._slow = self._long = self._endless = False

    def round_ended(self, results: Sequence[Result], pace: Pace, took_s: float, seconds: float) -> None:
        """Log what the round changed; one in which nothing was due changes nothing."""
        if not results:
            return
        troubles = [each.problem for each in results if each.problem and not _is_about_application(each.problem)]
        if troubles and not self._trouble:
            kind = type(troubles[0]).__name__
            log.warning("announcements cannot be read (%s); it is tried again every round", kind)
        elif self._trouble and not troubles:
            log.info("announcements are read again")
        if pace.is_slow and not self._slow:
            log.warning("the platform refuses to be read so often: a round is now %.0f s", pace.interval_s)
        elif self._slow and not pace.is_slow:
            log.info("rounds of announcements are back at %.0f s", pace.interval_s)
        is_long = took_s > seconds and not pace.is_slow
        if is_long and not self._long:
            log.warning("a round of announcements took %.0f s, longer than SESSION_BOT_DIRECTORY_SECONDS", took_s)
        is_endless = any(each.is_endless for each in results)
        if is_endless and not self._endless:
            log.warning("%s", _ENDLESS)
        self._trouble, self._slow, self._long, self._endless = bool(troubles), pace.is_slow, is_long, is_endless


_ENDLESS: Final = f"More than {MOST_PAGES * KEY_VALUE_PAGE:,} rows are announced, and those after them are not read."


def _is_about_application(problem: PlatformError | None) -> bool:
    """Return whether the platform refuses to let this application be read, rather than to be asked now."""
    return isinstance(problem, RoleMissing) or type(problem) in {Refused, BadParameter}


def _problem(result: Result) -> str | None:
    """Return why an application cannot be read now, as a sentence."""
    problem = result.problem
    if problem is None:
        return _ENDLESS if result.is_endless else None
    if isinstance(problem, RoleMissing):
        says = "The platform does not let this bot's service account read them."
        return f"{says} Give it the role Developer, or Admin."
    if isinstance(problem, TryLater):
        return "The platform is too busy to be read. It is tried again."
    if isinstance(problem, OutcomeUnknown):
        return "The platform gave no usable answer. It is tried again."
    return problem.sentence
