"""A session's life: from Started, by turns queued in one inbox, to its finish reason.

Everything here runs in the event loop, only the turns themselves on the pool's threads. One task reads
the inbox, one turn at a time, so a context never runs on two threads.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from operator import methodcaller
from typing import Any, Final

from bot.sandbox.voximplant.engine import _turns as turns
from bot.sandbox.voximplant.engine._asks import HTTP, Asks
from bot.sandbox.voximplant.engine._calls import Call
from bot.sandbox.voximplant.engine._effects import (
    Answer,
    Ask,
    CallAction,
    ClearTimer,
    Dial,
    Effect,
    Failure,
    Listen,
    Log,
    Note,
    Queued,
    SetCustomData,
    SetTimer,
    Terminate,
    UnreadableError,
)
from bot.sandbox.voximplant.engine._facts import (
    EndCause,
    Ending,
    FinishReason,
    HttpAnswer,
    SessionFacts,
    SessionOverError,
)
from bot.sandbox.voximplant.engine._idleness import Idleness
from bot.sandbox.voximplant.engine._network import Network
from bot.sandbox.voximplant.engine._pool import Workers
from bot.sandbox.voximplant.engine._record import LOAD, Record, error_location
from bot.sandbox.voximplant.engine._script import Script
from bot.sandbox.voximplant.engine._source import SourceMap
from bot.sandbox.voximplant.engine._timers import Timers
from bot.sandbox.voximplant.engine._turns import Turn

_LOGGER = logging.getLogger(__name__)
_CRASH: Final = "An error from outside the scenario, as if one of its handlers had thrown it"


class ScenarioSession:
    """One running scenario. Build it in the event loop; it starts and ends by itself."""

    def __init__(self, facts: SessionFacts, pool: Workers) -> None:
        self._facts = facts
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._inbox: asyncio.Queue[Turn | None] = asyncio.Queue()  # None: the end is decided
        time = facts.time or self._loop
        self._timers = Timers(lambda timer_id: self._queue(turns.timer_turn(timer_id)), time)
        self._asks = Asks(facts.services, lambda ask_id, answer: self._queue(turns.settle_turn(ask_id, answer)))
        self._network = Network(
            facts.calls, facts.clock, time, lambda *event: self._queue(turns.call_turn(*event)), self._call_changed
        )
        self._idleness = Idleness(time, facts.idle_seconds, facts.queued_idle_seconds, self._end_idle)
        self._queued = 0
        self.hangs = False
        self._last_requests: int | None = None  # the HTTP requests that Terminating may still make, once it is raised
        self.record = Record(facts.clock, SourceMap(facts.sources), facts.changes)
        self.custom_data = facts.custom_data
        self.started_at = facts.clock()
        self.ending: Ending | None = None
        self.ended_at: datetime | None = None
        self.finish_reason: str | None = None
        self._begin()
        self._task = self._loop.create_task(self._live())

    @property
    def history_id(self) -> int:
        """The platform's `call_session_history_id`."""
        return self._facts.history_id

    @property
    def started_with(self) -> str:
        """The custom data of its start; the scenario may have changed it since."""
        return self._facts.custom_data

    @property
    def running(self) -> bool:
        """Return whether the session has no finish reason yet."""
        return self.finish_reason is None

    @property
    def calls(self) -> list[Call]:
        """Every call of the session, in and out, in the order of their beginning."""
        return self._network.calls

    @property
    def live_calls(self) -> int:
        """The number of calls that keep the session alive, ringing ones included."""
        return self._network.live

    @property
    def timers(self) -> int:
        """The number of timers that run, those of the sandbox's own media included."""
        return self._timers.running

    @property
    def log(self) -> list[str]:
        """The log's lines without their times. They may hold the session's URL: keep them in memory."""
        return [line.text for line in self.record.log_lines]

    async def deliver(self, fields: Mapping[str, Any]) -> HttpAnswer:
        """Raise `AppEvents.HttpRequest` with `fields`; return what its handlers made of it.

        Raises `SessionOverError` when the session's end is decided before the request is handled.
        """
        if self.ending is not None:
            raise SessionOverError
        if self.hangs:
            return HttpAnswer()
        answer: asyncio.Future[HttpAnswer] = self._loop.create_future()
        self._queue(turns.event_turn("HttpRequest", fields, answer))
        return await answer

    def end(self, reason: str = FinishReason.ADMINISTRATIVE) -> None:
        """End the session now, from outside, with this `finish_reason`; an ended session stays as it is."""
        self._decide(EndCause.OUTSIDE, reason)
        self._finish()

    def hang(self) -> None:
        """Stop the scenario: no timer fires any more, no request is handled, and its live calls stay live.

        That a request is still answered by an empty 200 is assumed: so it is reported of scenarios without a handler.
        """
        self.hangs = True
        self._facts.changes.notify()

    def crash(self) -> None:
        """Throw an error in the scenario that nobody catches; in one that hangs nothing runs, so nothing happens."""
        self._queue(Turn(act=methodcaller("throw", _CRASH), during="crash"))

    def feed(self, of: str, event: str, fields: Mapping[str, Any]) -> None:
        """Raise an event on the newest object of a class (`ASR`, `Call`), as if it came from outside the sandbox."""
        self._queue(turns.message_turn({"kind": "feed", "class": of, "name": event, "fields": dict(fields)}, event))

    async def settled(self) -> None:
        """Wait until no turn is queued and no service but HTTP is asked; for ever, if it ends or fails meanwhile."""
        await self._inbox.join()
        while await self._asks.answered():
            await self._inbox.join()

    async def closed(self) -> None:
        """Wait until the session is over and its last line logged."""
        await asyncio.shield(self._task)

    async def abandon(self) -> None:
        """Stop waiting for a turn that does not return; for the platform's shutdown."""
        self._task.cancel()
        await asyncio.wait([self._task])

    def _begin(self) -> None:
        facts = self._facts
        opened = {"kind": "open", "sessionId": facts.history_id, "customData": facts.custom_data, **facts.world}
        self._queue(turns.message_turn(opened, LOAD))
        for number in range(len(facts.sources)):
            self._queue(Turn(act=methodcaller("load", number), during=LOAD))
        self._queue(turns.event_turn("Started", facts.started))
        if facts.inbound is not None:
            call = self._network.ring(f"{facts.history_id}-in", facts.inbound)
            self._queue(turns.alerting_turn(call.call_id, facts.inbound))
        self._watch_idleness()

    async def _live(self) -> None:
        try:
            script = await self._pool.run(partial(Script, self._facts.sources, self._facts.clock))
            while (turn := await self._inbox.get()) is not None:
                await self._run(script, turn)
                self._inbox.task_done()
            if self.running:  # facts: before Terminating the engine waits for the requests that are under way
                await self._asks.wait_for_http(self._facts.http_wait_seconds)
            self._finish()
            await self._terminate(script)
        except UnreadableError:
            self.record.write("Internal error: the scenario has broken its own JavaScript")
            _LOGGER.warning("Session %d has broken its own JavaScript; it is over", self.history_id)
            self._decide(EndCause.BROKEN, FinishReason.BILLING_TIMEOUT)
        except Exception as error:  # noqa: BLE001 - whoever reads the sandbox's log, or the session's, learns of it
            self.record.write("Internal error of the sandbox")
            _LOGGER.critical("Session %d met a fault of the sandbox: %s", self.history_id, error_location(error))
        finally:
            self._decide(EndCause.FAULT, FinishReason.BILLING_TIMEOUT)  # the one documented word for an internal error
            self._finish()
            self._asks.close()

    async def _run(self, script: Script, turn: Turn) -> None:
        answer = HttpAnswer()
        try:
            for effect in await self._pool.run(partial(turn.act, script)):
                if isinstance(effect, Answer):
                    answer = HttpAnswer(handlers=effect.handlers, body=effect.body)
                self._apply(effect, turn.during)
        finally:
            # After a failure too: a 2xx means delivered, not applied.
            if turn.answer is not None and not turn.answer.done():
                turn.answer.set_result(answer)
        if turn.timer_id is not None and self.ending is None:
            self._timers.turn_done(turn.timer_id)

    async def _terminate(self, script: Script) -> None:
        """Raise Terminating and Terminated. Resources are gone, but for one HTTP request in Terminating (facts)."""
        failed = {"systemError": True} if self.ending and self.ending.reason == FinishReason.SCRIPT_ERROR else {}
        self._last_requests = 1
        await self._run(script, turns.event_turn("Terminating", failed))
        await self._asks.wait_for_http(self._facts.http_wait_seconds)
        while not self._inbox.empty():
            if (turn := self._inbox.get_nowait()) is not None:
                await self._run(script, turn)
        self._last_requests = 0
        await self._run(script, turns.event_turn("Terminated", failed))

    def _apply(self, effect: Effect, during: str) -> None:
        match effect:
            case Log(text):
                self.record.write(text)
            case Note():
                self.record.missed(effect)
            case Listen():
                self.record.listened(effect, during)
            case Failure():
                self.record.failed(effect, during)
                # Documented but for its word, and for what the platform does about a turn that took too long.
                cause = EndCause.INTERRUPTED if effect.is_interrupted else EndCause.UNCAUGHT
                self._decide(cause, FinishReason.SCRIPT_ERROR, effect.stack)
            case Ask(what=what) if what == HTTP and self.ending is not None:
                self._ask_at_the_end(effect)
            case _ if self.ending is None:  # after terminate() the same block's code still runs: resources are gone
                self._apply_to_resources(effect)

    def _ask_at_the_end(self, request: Ask) -> None:
        """Send the one HTTP request that Terminating may make; any other one is never answered."""
        if self._last_requests:
            self._last_requests -= 1
            self._ask(request)
        else:
            self.record.write("not sent: an HTTP request when the session ends, where Terminating may make only one")

    def _ask(self, question: Ask) -> None:
        if not self._asks.ask(question):
            self.record.write(f"not simulated: this session has no {question.what}, which is never answered")

    def _apply_to_resources(self, effect: Effect) -> None:
        match effect:
            case SetTimer():
                self._timers.start(effect)
            case ClearTimer(timer_id):
                self._timers.clear(timer_id)
            case Dial():
                self._network.dial(effect)
            case CallAction():
                self._network.act(effect)
            case Queued(requests):
                self._queued = requests
                self._watch_idleness()
            case Ask():
                self._ask(effect)
            case SetCustomData(text):
                self.custom_data = text
                self._facts.changes.notify()
            case Terminate(stack):
                self._decide(EndCause.TERMINATED, FinishReason.NORMAL, stack)

    def _queue(self, turn: Turn) -> None:
        if self._last_requests is not None or (self.ending is None and not self.hangs):
            self._inbox.put_nowait(turn)

    def _call_changed(self) -> None:
        self._facts.changes.notify()
        self._watch_idleness()

    def _watch_idleness(self) -> None:
        if self.ending is None:
            self._idleness.watch(live_calls=self.live_calls, queued=self._queued)

    def _end_idle(self) -> None:
        # The platform's word for this end is not known; of the documented ones this claims the least.
        self._decide(EndCause.IDLE, FinishReason.TIMEOUT)

    def _decide(self, cause: EndCause, reason: str, stack: str = "") -> None:
        """Decide the end: from now on no event is raised and nothing is sent. The first decision stays."""
        if self.ending is not None:
            return
        self.ending = Ending(reason=reason, cause=cause, at=self._facts.clock(), place=self.record.place(stack))
        self._idleness.stop()
        self._timers.clear_all()
        self._network.release(self.ending.at)
        while not self._inbox.empty():
            turn = self._inbox.get_nowait()
            if turn is not None and turn.answer is not None and not turn.answer.done():
                turn.answer.set_exception(SessionOverError())
        self._inbox.put_nowait(None)
        if not self._asks.http_is_open:
            self._finish()

    def _finish(self) -> None:
        if self.ending is not None and self.finish_reason is None:
            self.finish_reason = self.ending.reason
            self.ended_at = self._facts.clock()
            self._facts.changes.notify()
