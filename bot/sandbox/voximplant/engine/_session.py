"""A session's life: from Started, by events queued in one inbox, to its finish reason.

Everything here runs in the event loop, only the turns themselves on the pool's threads. One task reads
the inbox, one event at a time, so a context never runs on two threads.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import methodcaller
from typing import Any, NoReturn

from bot.sandbox.voximplant.engine._calls import CANCELLED, Call, network_failure
from bot.sandbox.voximplant.engine._effects import (
    Answer,
    Ask,
    ClearTimer,
    Dial,
    Effect,
    Failure,
    HangUp,
    Log,
    Note,
    SetCustomData,
    SetTimer,
    Terminate,
    UnreadableError,
)
from bot.sandbox.voximplant.engine._facts import FinishReason, LogLine, SessionFacts, SessionOverError
from bot.sandbox.voximplant.engine._pool import Pool
from bot.sandbox.voximplant.engine._script import Script
from bot.sandbox.voximplant.engine._source import Place, SourceMap
from bot.sandbox.voximplant.engine._timers import Timers

LOG_LINES_MAX, LOG_LINE_LENGTH_MAX = 10_000, 10_000  # the log is kept in memory; what is over is dropped

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Event:
    """One turn in the inbox and, for an HTTP request, the future of its answer."""

    act: Callable[[Script], list[Effect]] = field(repr=False)
    answer: asyncio.Future[str | None] | None = None
    timer_id: int | None = None


class ScenarioSession:
    """One running scenario. Build it in the event loop; it starts and ends by itself."""

    def __init__(self, facts: SessionFacts, pool: Pool) -> None:
        self._facts = facts
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._inbox: asyncio.Queue[_Event | None] = asyncio.Queue()  # None: the session is over
        self._timers = Timers(self._fire)
        self._asked: set[asyncio.Future[object]] = set()
        self._idle: asyncio.TimerHandle | None = None
        self.custom_data = facts.custom_data
        self.calls: list[Call] = []
        self.log_lines: list[LogLine] = []
        self.started_at = facts.clock()
        self.ended_at: datetime | None = None
        self.finish_reason: str | None = None
        self._post({"kind": "open", "sessionId": facts.history_id, "customData": facts.custom_data, **facts.world})
        for number in range(len(facts.sources)):
            self._queue(_Event(act=methodcaller("load", number)))
        self._post(_application_event("Started", facts.started))
        self._watch_idleness()
        self._task = self._loop.create_task(self._live())

    @property
    def history_id(self) -> int:
        """The platform's `call_session_history_id`."""
        return self._facts.history_id

    @property
    def running(self) -> bool:
        """Return whether the session has no finish reason yet."""
        return self.finish_reason is None

    @property
    def live_calls(self) -> int:
        """The number of calls that keep the session alive, ringing ones included."""
        return sum(call.is_live for call in self.calls)

    @property
    def log(self) -> list[str]:
        """The log's lines without their times. They may hold the session's URL: keep them in memory."""
        return [line.text for line in self.log_lines]

    async def deliver(self, fields: Mapping[str, Any]) -> str | None:
        """Raise `AppEvents.HttpRequest` with `fields`; return the handler's text, None when it returned none.

        Raises `SessionOverError` when the session is over before the request is handled.
        """
        if not self.running:
            raise SessionOverError
        answer: asyncio.Future[str | None] = self._loop.create_future()
        self._post(_application_event("HttpRequest", fields), answer)
        return await answer

    def end(self, reason: str = FinishReason.ADMINISTRATIVE) -> None:
        """End the session now, from outside, with this `finish_reason`; an ended session stays as it is."""
        if not self.running:
            return
        self.finish_reason = reason
        self.ended_at = self._facts.clock()
        self._release()
        while not self._inbox.empty():
            event = self._inbox.get_nowait()
            if event is not None and event.answer is not None and not event.answer.done():
                event.answer.set_exception(SessionOverError())
        self._inbox.put_nowait(None)

    def feed(self, of: str, event: str, fields: Mapping[str, Any]) -> None:
        """Raise an event on the newest object of a class (`ASR`, `Call`), as if it came from outside the sandbox."""
        self._post({"kind": "feed", "class": of, "name": event, "fields": dict(fields)})

    async def closed(self) -> None:
        """Wait until the session is over and its last line logged."""
        await asyncio.shield(self._task)

    async def abandon(self) -> None:
        """Stop waiting for a turn that does not return; for the platform's shutdown."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _live(self) -> None:
        try:
            script = await self._pool.run(partial(Script, self._facts.sources))
            while (event := await self._inbox.get()) is not None:
                await self._turn(script, event)
            if self.finish_reason != FinishReason.SCRIPT_ERROR:  # a broken script is not run any further
                await self._terminate(script)
        except UnreadableError:
            self._write_log("Internal error: the scenario has broken its own JavaScript")
            _LOGGER.warning("Session %d has broken its own JavaScript; it is over", self.history_id)
        except Exception as error:  # noqa: BLE001 - whoever reads the sandbox's log, or the session's, learns of it
            self._write_log("Internal error of the sandbox")
            _LOGGER.critical("Session %d met a fault of the sandbox: %s", self.history_id, _error_location(error))
        finally:
            self.end(FinishReason.BILLING_TIMEOUT)  # the one documented word for an internal error

    async def _turn(self, script: Script, event: _Event) -> None:
        body: str | None = None
        try:
            for effect in await self._pool.run(partial(event.act, script)):
                if isinstance(effect, Answer):
                    body = effect.body
                self._apply(effect, script.places)
        finally:
            # After a failure too: a 2xx means delivered, not applied.
            if event.answer is not None and not event.answer.done():
                event.answer.set_result(body)
        if event.timer_id is not None and self.running:
            self._timers.turn_done(event.timer_id)

    async def _terminate(self, script: Script) -> None:
        """Raise Terminating and Terminated. Resources are gone: of the scenario's effects only logs count."""
        for name in ("Terminating", "Terminated"):
            for effect in await self._pool.run(partial(script.turn, _application_event(name, {}))):
                self._apply(effect, script.places)

    def _apply(self, effect: Effect, places: SourceMap) -> None:
        match effect:
            case Log(text):
                self._write_log(text)
            case Note(name, stack, is_known):
                what = "not simulated" if is_known else "no such name in the typings"
                self._write_log(f"{what}: {name}, {_shown_place(places.places(stack))}")
            case Failure(text, stack):
                self._write_log("\n    at ".join([text, *map(str, places.places(stack))]))
                # Also for a turn over its time: what the platform calls that is not known.
                self.end(FinishReason.SCRIPT_ERROR)
            case _ if self.running:  # after terminate() the code of the same block still runs: the resources are gone
                self._apply_to_resources(effect)

    def _apply_to_resources(self, effect: Effect) -> None:
        match effect:
            case SetTimer():
                self._timers.start(effect)
            case ClearTimer(timer_id):
                self._timers.clear(timer_id)
            case Dial(call_id, number, caller_id):
                self._dial(call_id, number, caller_id)
            case HangUp(call_id):
                self._hang_up(call_id)
            case Ask():
                self._ask(effect)
            case SetCustomData(text):
                self.custom_data = text
            case Terminate():
                self.end(FinishReason.NORMAL)

    def _write_log(self, text: str) -> None:
        if len(self.log_lines) < LOG_LINES_MAX:
            self.log_lines.append(LogLine(at=self._facts.clock(), text=text[:LOG_LINE_LENGTH_MAX]))

    def _post(self, message: Mapping[str, Any], answer: asyncio.Future[str | None] | None = None) -> None:
        self._queue(_Event(act=methodcaller("turn", message), answer=answer))

    def _fire(self, timer_id: int) -> None:
        self._queue(_Event(act=methodcaller("turn", {"kind": "timer", "id": timer_id}), timer_id=timer_id))

    def _queue(self, event: _Event) -> None:
        if self.running:
            self._inbox.put_nowait(event)

    def _ask(self, ask: Ask) -> None:
        service = self._facts.services.get(ask.what)
        if service is None:
            raise UnreadableError
        asked = asyncio.ensure_future(service(ask.question))
        self._asked.add(asked)
        asked.add_done_callback(partial(self._settle, ask.ask_id))

    def _settle(self, ask_id: int, asked: asyncio.Future[object]) -> None:
        self._asked.discard(asked)
        if asked.cancelled():
            return
        error = asked.exception()
        if error is None:
            self._post({"kind": "settle", "id": ask_id, "answer": asked.result()})
        else:
            self._queue(_Event(act=partial(_raise, UnreadableError() if isinstance(error, ValueError) else error)))

    def _dial(self, call_id: str, number: str, caller_id: str) -> None:
        call = Call(call_id=call_id, number=number, caller_id=caller_id, placed_at=self._facts.clock())
        self.calls.append(call)
        self._watch_idleness()
        self._loop.call_later(self._facts.connect_seconds, self._connect, call)

    def _connect(self, call: Call) -> None:
        if not call.is_live:
            return
        call.failure = network_failure(call.number)
        if call.failure is not None:
            self._end_call(call)
        else:
            call.connected_at = self._facts.clock()
            self._post(_call_event(call, "Connected", {}))

    def _hang_up(self, call_id: str) -> None:
        for call in self.calls:
            if call.call_id == call_id and call.is_live:
                if call.connected_at is None:
                    call.failure = CANCELLED
                self._end_call(call)

    def _end_call(self, call: Call) -> None:
        call.ended_at = self._facts.clock()
        if call.failure is not None:
            fields = {"code": call.failure.code, "reason": call.failure.reason}
            self._post(_call_event(call, "Failed", fields))
        else:
            billed = {"duration": call.duration_seconds, "cost": call.cost}
            self._post(_call_event(call, "Disconnected", {"internalCode": 200, "reason": "OK", **billed}))
        self._watch_idleness()

    def _watch_idleness(self) -> None:
        """End the session after its idle time without calls: documented as 60 s, whatever else it does."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self.live_calls == 0:
            # The platform's word for this end is not known; of the documented ones this claims the least.
            self._idle = self._loop.call_later(self._facts.idle_seconds, self.end, FinishReason.TIMEOUT)

    def _release(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._timers.clear_all()
        for asked in self._asked:
            asked.cancel()
        for call in self.calls:
            if call.is_live:
                call.ended_at = self.ended_at


def _application_event(name: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"kind": "app", "name": f"Application.{name}", "fields": dict(fields)}


def _call_event(call: Call, name: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    last = not call.is_live
    return {"kind": "call", "id": call.call_id, "name": f"Call.{name}", "last": last, "fields": dict(fields)}


def _shown_place(places: Sequence[Place]) -> str:
    if not places:
        return "line unknown"
    return f"line {places[0].line}"


def _raise(error: BaseException, _: Script) -> NoReturn:
    raise error


def _error_location(error: Exception) -> str:
    """Return the kind of an error and its place in the script; its text may hold the session's URL."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno}"
