"""Dispatch of a request: parse → record → (ack) → authorise → run the verb → record the outcome → respond.

`admit` does the work before the ack, and returns the rest as a coroutine. Every error after it
is turned into text here, and only here: an expected one into its sentence; any other one
into a line in the audit, a short reference for the person and a log line with the traceback.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bot.dispatch._admission import admission, asked_form, offers_in_place
from bot.dispatch._capacity import Capacity
from bot.dispatch._command_record import read_intent, recorded_refusal
from bot.dispatch._double_press import double_press_response
from bot.dispatch._drafts import Drafts, PreparedOffers
from bot.dispatch._parsing import Parsed, parse
from bot.dispatch._recording import Recorded, not_all, recording, refusing
from bot.dispatch._send_order import SendTurns
from bot.ports import Answerable, Context, Offer, Outcome, Request, Respond, Response, Services, Via
from bot.process import UNEXPECTED_LOG_LINE, Failpoint, Tasks, new_reference, reach, scrub
from bot.process.metrics import Metrics
from bot.text import code, mask
from bot.verbs import offered_verbs, thread_link
from bot.voximplant.errors import OutcomeUnknown, PlatformError
from storage.command import Command, CommandState
from storage.commands import Admitted
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

WORKING_AFTER_S: Final = 2.0
_UNRECORDED_KEYS: Final = 1_000
"""The number of keys kept of unrecorded commands: their second delivery does nothing, too."""

_REFUSALS_KEPT: Final = 1_000
"""The number of waiting records beyond which refusals are in the log only: stops always find room."""

RECORDS_KEPT: Final = 10_000
"""The number of waiting records beyond which stops are refused, too: those that wait are lost with the process."""

Turn = contextlib.AbstractAsyncContextManager[None]

_NO_BUTTONS: Final = frozenset({Via.terminal, Via.limit})
"""The ways in whose responses show no buttons."""

_UNWRITABLE: Final = "The bot's database cannot be written right now"


@dataclass(frozen=True)
class Admission:
    """The body of the ack (None: empty), and the work after it (None: nothing).

    `before` is the earlier command of the same key: then nothing is done.
    """

    response: Response | None
    work: Coroutine[Any, Any, None] | None
    before: Command | None = None


class Dispatch:
    """Admits requests of every transport."""

    def __init__(self, services: Services, tasks: Tasks, metrics: Metrics) -> None:
        self._services = services
        self._tasks = tasks
        self._metrics = metrics
        self._unrecorded_keys: deque[str] = deque(maxlen=_UNRECORDED_KEYS)
        self._turns = SendTurns(services)
        self._capacity = Capacity(services.settings.limits.commands_under_way, tasks)
        replicas = not isinstance(services.settings.database, Path)
        self.drafts = Drafts(services.store, services.sealer, services.clock, services.verbs, replicas=replicas)
        """The offers that were made, by the values of their buttons."""

    async def admit(self, request: Request) -> Admission:
        """Parse and record one request, before its ack. Never raises for what a person typed."""
        parsed = self._parse(request)
        if parsed.problem is None and (full := self._capacity.refusal(request, parsed.verb)) is not None:
            parsed = replace(parsed, problem=full)
        with self._capacity.counted():
            return await self._admitted(request, parsed)

    async def _admitted(self, request: Request, parsed: Parsed) -> Admission:
        if request.key in self._unrecorded_keys:
            return Admission(None, None)
        offers = self._prepare(offers_in_place(request, parsed), request)
        try:
            admitted = await self._services.store.write(admission(request, parsed, self._services, offers), first=True)
        except StorageUnavailable as problem:
            return self._unrecorded(request, parsed, problem)
        reach(Failpoint.accepted)
        if not admitted.fresh:
            self._metrics.commands.labels(parsed.name, "repeated").inc()
            keeps_open = request.via is Via.modal and parsed.problem is not None  # an empty ack would close the form
            return Admission(Response(text=parsed.problem or "") if keeps_open else None, None, admitted.command)
        if admitted.command.state.is_final:
            self._metrics.commands.labels(parsed.name, admitted.command.state).inc()
        if parsed.problem is not None:
            refused = request.refused or Response(text=parsed.problem)
            return Admission(replace(refused, offers=self.drafts.issue(offers)), None)
        if admitted.twin is not None:
            twice = await double_press_response(request, parsed, admitted.twin, self._services)
            return Admission(replace(twice, offers=self.drafts.issue(offers)), None)
        if request.dialog is not None and (title := asked_form(parsed)) is not None:
            request.dialog.begin(title)
        context = self._context(parsed, request, admitted.command.id)
        return Admission(None, self._work(parsed, context, self._turn(parsed, admitted)))

    def resume(self, command: Command, respond: Respond) -> Coroutine[Any, Any, None] | None:
        """Return the rest of a command that an earlier process left unfinished; None if its intent cannot be read."""
        intent = read_intent(command, self._services.verbs)
        if intent is None:
            return None
        request = Request(
            team=command.team,
            channel=command.channel,
            actor=command.actor,
            via=Via(command.via),
            key=command.key,
            asked=intent,
            respond=respond,
            confirmed=command.confirmed,
            again=True,  # it was taken once: nobody is there to be asked what was meant
        )
        parsed = self._parse(request)
        return self._work(parsed, self._context(parsed, request, command.id))

    def _context(self, parsed: Parsed, request: Request, command: int | None) -> Context:
        if parsed.verb is None:
            raise AssertionError
        return Context(request=request, command=command, services=self._services, right=parsed.verb.right)

    def _parse(self, request: Request) -> Parsed:
        services = self._services
        offers = offered_verbs(services.policy, request)
        return parse(request, services.verbs, services.settings.command, services.slack_now(), offers)

    def _unrecorded(self, request: Request, parsed: Parsed, problem: StorageUnavailable) -> Admission:
        """Refuse a command that cannot be recorded, except a stop: it is sent, and recorded later."""
        if request.via is not Via.modal:  # a form stays open, and is submitted again under the same key
            self._unrecorded_keys.append(request.key)
        log.error("a command could not be recorded: %s by %s (%s)", parsed.name, request.actor, problem)
        self._metrics.commands.labels(parsed.name, "unrecorded").inc()
        write_behind, what = self._services.write_behind, f"the {parsed.name} by {request.actor} in {request.channel}"
        if parsed.verb is None or parsed.problem is not None or not parsed.verb.urgent:
            says = f"{_UNWRITABLE} ({problem}), so nothing was done. {problem.what_to_do}"
            if write_behind.size < _REFUSALS_KEPT:
                own, now = (request.key, self._services.owner), self._services.clock.now()
                refuse = refusing(
                    admission(request, parsed, self._services, refusal=says), own, recorded_refusal(says), now
                )
                write_behind.keep(refuse, f"{what}, refused")
            return Admission(Response(text=says), None)
        if write_behind.size >= RECORDS_KEPT:
            many = f"{_UNWRITABLE}, and {write_behind.size:,} records wait for it in memory"
            return Admission(Response(text=f"{many}, so this stop was not sent. {problem.what_to_do}"), None)
        write_behind.keep(admission(request, parsed, self._services), what)
        says = f"{_UNWRITABLE}; this is being tried all the same, and is recorded later."
        return Admission(Response(text=says), self._work(parsed, self._context(parsed, request, None)))

    async def _work(self, parsed: Parsed, context: Context, turn: Turn | None = None) -> None:
        """Authorise, run, record the outcome, respond; raises nothing."""
        with self._capacity.counted():
            await self._run(parsed, context, turn)

    async def _run(self, parsed: Parsed, context: Context, turn: Turn | None) -> None:
        began = self._services.clock.monotonic()
        await self._tasks.acks.none_waits()
        nudge = self._tasks.background(self._respond_working(parsed, context, began))
        try:
            async with turn or contextlib.nullcontext():
                await self._tasks.acks.none_waits()
                reach(Failpoint.begun)
                outcome = await self._outcome(parsed, context)
                offers = self._prepare(() if outcome.quiet else outcome.offers, context.request)
                recorded = await self._finish(outcome, offers, parsed, context)
        finally:
            nudge.cancel()
        reach(Failpoint.finished)
        await self._respond(outcome, offers, context, is_recorded=recorded.done())
        reach(Failpoint.told)
        await self._guarded(lambda: self._follow_up(outcome, recorded, context), context)
        if outcome.in_background is not None:
            self._tasks.background(self._guarded(outcome.in_background, context))

    async def _outcome(self, parsed: Parsed, context: Context) -> Outcome:
        """Run the verb; every exception becomes an outcome."""
        if parsed.verb is None:
            raise AssertionError
        try:
            await self._services.policy.allow(context.request, parsed.verb.right)
            return await parsed.verb.run(parsed.intent, context)
        except Answerable as answer:
            return Outcome(state=answer.state, says=answer.sentence)
        except PlatformError as problem:
            state = CommandState.unknown if isinstance(problem, OutcomeUnknown) else CommandState.failed
            return Outcome(state=state, says=problem.sentence)
        except StorageUnavailable as problem:
            says = f"{_UNWRITABLE} ({problem}), so this was not done. {problem.what_to_do}"
            return Outcome(state=CommandState.failed, says=says)
        except Exception:  # the person gets the reference, the log its traceback, the audit its line
            made = new_reference()
            log.exception(UNEXPECTED_LOG_LINE, made, f"in {parsed.name}")
            return _unexpected(made)

    async def _finish(
        self, outcome: Outcome, offers: PreparedOffers, parsed: Parsed, context: Context
    ) -> asyncio.Future[Recorded]:
        """Record the outcome and all that goes with it in one commit, now or when the database can be written."""
        job = recording(outcome, offers, context)
        recorded = await self._services.write_behind.write(job, f"the outcome of a {parsed.name}")
        self._metrics.commands.labels(parsed.name, outcome.state).inc()
        return recorded

    async def _follow_up(self, outcome: Outcome, recorded: asyncio.Future[Recorded], context: Context) -> None:
        """Respond with the recorded outcome, and start its follow-up work, after the commit."""
        done = await recorded
        self._services.changes.publish(done.session)
        self._services.board.nudge()
        self._services.wake_watch()
        if outcome.after_commit is not None:
            await outcome.after_commit()
        if done.lost is not None:
            await context.request.respond(Response(text=not_all(done.lost)))

    def _prepare(self, offers: Sequence[Offer], request: Request) -> PreparedOffers:
        return self.drafts.prepare(offers, request.actor, has_buttons=request.via not in _NO_BUTTONS)

    async def _respond(
        self, outcome: Outcome, prepared: PreparedOffers, context: Context, *, is_recorded: bool
    ) -> None:
        if outcome.quiet:
            return
        if context.request.dialog is not None:
            await context.request.dialog.refuse(scrub(outcome.says))
        link = await thread_link(outcome.session, context.request, self._services)
        if is_recorded:
            offers, lacks = self.drafts.issue(prepared), ""
        else:
            offers, lacks = self.drafts.issue_unrecorded(prepared, context.command_word)
        says = f"{scrub(outcome.says)}{link}{lacks}"
        await context.request.respond(Response(text=says, offers=offers, rows=outcome.rows))

    async def _respond_working(self, parsed: Parsed, context: Context, began: float) -> None:
        """Respond that there is no outcome yet, so long after the ack."""
        clock = self._services.clock
        await clock.sleep(max(0, WORKING_AFTER_S - (clock.monotonic() - began)))
        await self._tasks.acks.none_waits()
        await context.request.respond(Response(text=f"Working on {_quoted(parsed, context)}: there is no answer yet."))

    async def _guarded(self, work: Callable[[], Awaitable[None]], context: Context) -> None:
        """Do work that nobody waits for. It is begun in here: a task that is cancelled first leaves nothing begun."""
        try:
            await work()
        except Exception:  # nobody waits for this any more: the log has it, and the person a reference
            made = new_reference()
            log.exception(UNEXPECTED_LOG_LINE, made, f"after command {context.command}")
            says = f"Something unexpected went wrong after that. Reference: {code(made)}."
            await context.request.respond(Response(text=says))

    def _turn(self, parsed: Parsed, admitted: Admitted) -> Turn | None:
        """Return the turn that a command waits for: sends of one session go in order; nothing else waits."""
        is_serial = parsed.verb is not None and parsed.verb.serial and asked_form(parsed) is None
        if not is_serial or not admitted.named:  # what names no session is refused
            return None
        return self._turns.of(admitted.named[0], admitted.command.id)


def _unexpected(made: str) -> Outcome:
    """Return the outcome of an unexpected error."""
    says = f"Something unexpected went wrong; what was done is not certain. Reference: {code(made)}."
    return Outcome(state=CommandState.unknown, says=says)


def _quoted(parsed: Parsed, context: Context) -> str:
    """Quote a command to its person, who may have typed several: cut short, and without what may be secret in it."""
    line = parsed.name if parsed.intent is None else context.line(parsed.intent)
    return code(scrub(mask(line)), 80)
