"""One session in the simulator, observed from its start to its end, in time that does not pass by itself."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlsplit

from bot.cli.scenario.sessions._observation import (
    Absent,
    CallSeen,
    Delivery,
    Ending,
    Flaw,
    Observation,
    Parse,
    Parsed,
    Registered,
    Request,
    Run,
    Unanswered,
)
from bot.cli.scenario.sessions._virtual_time import VirtualTimeLoop
from bot.sandbox.voximplant import (
    Account,
    CallOutcome,
    CallSettings,
    CannedAnswer,
    InboundCall,
    PlatformOptions,
    syntax_problem,
)
from bot.sandbox.voximplant.engine import (
    Addresses,
    Call,
    EndCause,
    EndedBy,
    Engine,
    ErrorKind,
    HttpRequestMade,
    Listener,
    NotSimulated,
    Place,
    RunningScenario,
    ScenarioError,
    SessionOverError,
)

T = TypeVar("T")

_NOON: Final = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
"""The start of each session by the scenario's own clock: noon of a working day, when a business is open."""

_LONGEST_TEXT: Final = 2_000
_CONNECT_S: Final = 0.5
_NOWHERE: Final = Addresses(api="https://127.0.0.1", media="http://127.0.0.1", media_tls="https://127.0.0.1")
_ENDINGS: Final = {
    EndCause.TERMINATED: Ending.terminated,
    EndCause.UNCAUGHT: Ending.failed,
    EndCause.INTERRUPTED: Ending.failed,
    EndCause.IDLE: Ending.idle,
}
_ABANDONED: Final[set[asyncio.Task[object]]] = set()
"""The tasks of a session that was left: collected, each would write a warning before its process ends."""

_SEEDED: Final = """\
Math.random = (() => {
  let seed = 1;
  return function random() {
    seed = (seed * 16807) % 2147483647;
    return (seed - 1) / 2147483646;
  };
})();
"""
"""Run before the scenarios: the same scenario has the same luck at every check."""


class _EnoughError(Exception):
    """The session has used its processor time."""


class _ThisThread:
    """The workers of a process that runs one session: nothing else waits for the thread."""

    async def run(self, function: Callable[[], T]) -> T:
        """Run a function."""
        return function()

    def close(self) -> None:
        """Do nothing: there is nothing to stop."""


def observe(run: Run) -> Observation:
    """Run a session, and return the observations."""
    until = time.process_time() + run.processor_s

    def stop_when_long() -> None:
        if time.process_time() > until:
            raise _EnoughError

    loop = VirtualTimeLoop(stop_when_long)
    asyncio.set_event_loop(loop)
    course = _Course(run, loop)
    with contextlib.suppress(_EnoughError):
        loop.run_until_complete(course.follow())
    _ABANDONED.update(asyncio.all_tasks(loop))
    return course.observation()


def parse(job: Parse) -> Parsed:
    """Return the first syntax error of a source, which is not run."""
    found = syntax_problem(job.script.text)
    return Parsed() if found is None else Parsed(problem=found.text, line=found.line, column=found.column)


class _Course:
    """The course of one session, and the requests that are sent to it."""

    def __init__(self, run: Run, loop: asyncio.AbstractEventLoop) -> None:
        self._run = run
        self._loop = loop
        self._running: RunningScenario | None = None
        self._deliveries: list[Delivery] = []

    async def follow(self) -> None:
        """Start the session, send the requests when they are due, and wait for the end."""
        run = self._run
        self._running = self._started()
        ended = asyncio.ensure_future(self._running.session.closed())
        for timed in run.requests:
            await self._wait(ended, timed.at_s)
            self._deliveries.append(await self._deliver(self._running, timed.request))
        await self._wait(ended, run.until_s)

    def observation(self) -> Observation:
        """Return what was seen up to now."""
        if self._running is None:
            return Observation(watched_s=0)
        session = self._running.session
        ending = None if session.ending is None else _ENDINGS.get(session.ending.cause, Ending.simulator)
        return Observation(
            watched_s=self._loop.time(),
            ended_s=None if session.ended_at is None else _seconds(session.ended_at),
            ending=ending,
            deliveries=tuple(self._deliveries),
            calls=tuple(map(_call, session.calls)),
            registered=tuple(_registered(each) for each in session.record.listeners if not each.is_removal),
            flaws=tuple(map(_flaw, session.record.errors)),
            absent=tuple(map(_absent, session.record.not_simulated)),
            unanswered=tuple(_unanswered(each) for each in self._running.http if not each.is_canned),
        )

    def _started(self) -> RunningScenario:
        run = self._run
        outcome = CallOutcome.ANSWERED if run.connects else CallOutcome.NO_ANSWER
        answers = {url: CannedAnswer(body=text.encode()) for url, text in run.answers.items()}
        options = PlatformOptions(
            calls=CallSettings(outcome=outcome, any_number=True, connect_seconds=_CONNECT_S),
            clock=lambda: _NOON + timedelta(seconds=self._loop.time()),
            answers=answers,
            loopback=False,  # a real answer would take real time
        )
        account = Account()
        application = account.add_application("check")
        rule = account.add_rule(application, "check", _SEEDED)
        for each in run.scripts:
            scenario = account.add_scenario(each.name, each.text, application)
            rule = replace(rule, scenario_ids=(*rule.scenario_ids, scenario.scenario_id))
        account.put_rule(rule)
        engine = Engine(account, options, _NOWHERE, _ThisThread())
        return engine.start(rule, run.custom_data, inbound=InboundCall() if run.inbound else None)

    async def _wait(self, ended: "asyncio.Future[None]", until_s: float) -> None:
        """Wait until this moment of the session, or until it is over."""
        if (left := until_s - self._loop.time()) > 0:
            await asyncio.wait([ended], timeout=left)

    async def _deliver(self, running: RunningScenario, request: Request) -> Delivery:
        at_s = self._loop.time()
        fields = {
            "method": request.method,
            "path": urlsplit(running.access_secure_url).path + request.path,
            "content": request.body,
            "headers": [{"key": name, "value": value} for name, value in request.headers],
        }
        try:
            answer = await running.session.deliver(fields)
        except SessionOverError:
            return Delivery(at_s=at_s, reached=False)
        body = None if answer.body is None else answer.body[:_LONGEST_TEXT]
        return Delivery(at_s=at_s, reached=True, answer=body, handlers=answer.handlers)


def _seconds(moment: datetime) -> float:
    return (moment - _NOON).total_seconds()


def _call(call: Call) -> CallSeen:
    return CallSeen(
        inbound=call.incoming,
        number=call.number,
        placed_s=_seconds(call.placed_at),
        connected_s=None if call.connected_at is None else _seconds(call.connected_at),
        ended_s=None if call.ended_at is None else _seconds(call.ended_at),
        hung_up=call.ended_by is EndedBy.SCENARIO,
        failure=None if call.failure is None else call.failure.reason,
        is_a_placeholder=call.is_to_a_placeholder,
    )


def _registered(each: Listener) -> Registered:
    script, line = _place(each.place)
    return Registered(event=each.event, script=script, line=line, at_s=_seconds(each.at))


def _flaw(each: ScenarioError) -> Flaw:
    script, line = _place(each.places[0] if each.places else None)
    return Flaw(
        text=each.text.removeprefix("Unhandled rejection: ")[:_LONGEST_TEXT],
        script=script,
        line=line,
        at_s=_seconds(each.at),
        is_rejection=each.kind is ErrorKind.REJECTION,
        is_endless=each.kind is ErrorKind.INTERRUPTED,
    )


def _absent(each: NotSimulated) -> Absent:
    script, line = _place(each.place)
    return Absent(name=each.name, script=script, line=line, at_s=_seconds(each.at), is_unknown=not each.is_known)


def _unanswered(each: HttpRequestMade) -> Unanswered:
    return Unanswered(each.address, _seconds(each.at))


def _place(place: Place | None) -> tuple[str, int | None]:
    return ("", None) if place is None else (place.scenario, place.line)
