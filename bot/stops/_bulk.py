"""A stop of many sessions: recorded as one list with one summary, then delivered session by session.

The summary in the channel shows each outcome; `bot.watch` updates it until every outcome
is known, over restarts too. The sessions' own threads get no replies.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from typing import Final

from bot.ports import Context, Outcome, Response, Services
from bot.process import Failpoint, reach
from bot.stops._outcome import await_outcome, confirm_time_words
from bot.stops._preview import StopChoice, exclusions
from bot.stops._request import Asked, StopResult, ask, deliver
from bot.stops._summary import counts, headline, summary_text
from storage import Connection, bulks
from storage.bulks import Bulk, Part
from storage.command import CommandState
from storage.errors import StorageUnavailable
from storage.records import Session

log = logging.getLogger(__name__)

ASKED_FIRST: Final = 50
"""The number of stops in the first commit of a bulk."""

PROGRESS_EVERY_S: Final = 3.0
"""The time between two looks at what became of the stops, while some are still to go out."""

_WHERE = "A summary, in this channel or else as a direct message, says what becomes of each."
_ORDER = (CommandState.unknown, CommandState.failed, CommandState.refused)


async def begin_bulk(choice: StopChoice, reason: str | None, context: Context) -> tuple[Bulk, Sequence[Part]] | None:
    """Record the list and its summary; None while the database cannot be written, or without a channel for it.

    The sessions are stopped all the same, and the person gets a response about each.
    """
    command = context.command
    now, request = context.services.clock.now(), context.request
    if command is None or not request.channel:
        return None

    def job(db: Connection) -> tuple[Bulk, Sequence[Part]]:
        bulk = bulks.begin(
            db, command, choice.found, channel=request.channel, actor=request.actor, reason=reason, now=now
        )
        parts = bulks.parts(db, bulk)
        bulks.set_summary(db, bulk, summary_text(bulk, parts, now))
        return bulk, parts

    try:
        return await context.services.store.write(job)
    except StorageUnavailable as problem:
        log.error("a stop of %d sessions has no list: %s", len(choice.found), problem)  # noqa: TRY400 - told whole
        return None


async def stop_all(bulk: Bulk, parts: Sequence[Part], choice: StopChoice, context: Context) -> Outcome:
    """Stop each session, concurrently; one that hangs does not delay the others."""
    reach(Failpoint.bulk_recorded)
    context.services.board.nudge()
    told = await _stopped([part.session for part in parts if not part.skipped], bulk, context)
    waiting = [each.wait_for for each in told if each.wait_for is not None]

    async def report_verdicts() -> None:
        await asyncio.gather(*(await_outcome(session, context.services) for session in waiting))
        parts = await context.services.store.read(lambda db: bulks.parts(db, bulk))
        await context.request.respond(Response(text=f"{headline(bulk, parts)}\n{counts(parts)}"))

    skipped = len(parts) - len(told)
    return Outcome(
        state=worst_state([each.state for each in told]),
        says="\n".join([f"{_asked(told, skipped)} {_WHERE} {_waits(context)}", *exclusions(choice)]),
        in_background=report_verdicts,
    )


def _waits(context: Context) -> str:
    return f"Whether they ended is being checked, for {confirm_time_words(context.services)}."


def worst_state(states: list[CommandState]) -> CommandState:
    """Return the worst state of a command on several sessions; it is refused only where nothing at all was tried."""
    tried = [each for each in states if not each.did_nothing]
    return next((state for state in _ORDER if state in (tried or states)), CommandState.done)


async def _stopped(found: Sequence[Session], bulk: Bulk, context: Context) -> list[StopResult]:
    """Ask and deliver some at a time: the first stops are out while the next ones are being recorded."""
    services, delivering = context.services, list[asyncio.Task[StopResult]]()
    showing = asyncio.create_task(_show_progress(services))
    with services.changes.bulk():
        try:
            for some in _in_parts(found):
                asked = await ask(some, bulk.reason, context)
                delivering += [asyncio.create_task(_deliver(each, bulk, context)) for each in asked]
            # Whatever becomes of one, the others go on
            told = await asyncio.gather(*delivering, return_exceptions=True)
        finally:
            for each in (showing, *delivering):
                each.cancel()
            services.board.nudge()
            services.wake_watch()
    return [_result(each) for each in told]


def _result(told: StopResult | BaseException) -> StopResult:
    if isinstance(told, BaseException):
        raise told
    return told


def _in_parts(found: Sequence[Session]) -> Iterator[Sequence[Session]]:
    """Yield few at first, so that they are out at once, then twice as many each time, as a commit costs the same."""
    at, size = 0, ASKED_FIRST
    while at < len(found):
        yield found[at : at + size]
        at, size = at + size, 2 * size


async def _show_progress(services: Services) -> None:
    """Wake messenger and watch again and again, at a pace that leaves the process to the stops."""
    while True:
        await services.clock.sleep(PROGRESS_EVERY_S)
        services.board.nudge()
        services.wake_watch()


async def _deliver(asked: Asked, bulk: Bulk, context: Context) -> StopResult:
    session, told = asked.session, await deliver(asked, context, is_of_many=True)
    if told.refused:
        await context.services.write_behind.write(
            lambda db: bulks.mark_not_asked(db, bulk, session.id, told.text), f"why {session.name} could not be stopped"
        )
    reach(Failpoint.bulk_part_told)
    return told


def _asked(told: list[StopResult], skipped: int) -> str:
    asked = sum(not each.refused for each in told)
    said = f"{asked} of {len(told) + skipped} sessions were asked to stop."
    if skipped:
        said += f" {skipped} had ended before and were skipped." if skipped > 1 else " 1 had ended before."
    return said
