"""The drill in a world: its lines are opened as in life, and it is watched from the platform and from Slack.

Which lines do not react is told by no frame: it is for the person to find out.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Final

from bot.sandbox import Changes
from bot.sandbox.page._bodies import text
from bot.sandbox.page._drill import Drill, Line, Phase, Sight
from bot.sandbox.page._drill_plan import CHANNEL, START, TWELVE, Names, PlannedLine, is_stop
from bot.sandbox.page._drill_words import alarm_words, hint_words, result_words
from bot.sandbox.page._extension import Handler, Malformed, Problem
from bot.sandbox.slack import Channel, Json, LocalSlack, Person
from bot.sandbox.voximplant import FinishReason, InboundCall, Origin, Platform, Rule

_log = logging.getLogger(__name__)

OPENED_WITHIN_S: Final = 45.0
"""The time for all lines to open: a bot posts a card for each first, and Slack takes about one in a second."""
_HEARD_WITHIN_S: Final = 3.0
_PAUSE_S: Final = 0.1


class Drills:
    """The drills of one world, one at a time."""

    def __init__(self, slack: LocalSlack, platform: Platform, command: str, changes: Changes) -> None:
        self._slack = slack
        self._platform = platform
        self._command = command
        self._changes = changes
        self._drill: Drill | None = None
        self._names = Names()
        self._told: set[int] = set()
        self._read_until = 0  # the revision of Slack up to which its messages were read
        self._alarm_ms: int | None = None
        self._running: asyncio.Task[None] | None = None

    def routes(self) -> Mapping[str, Handler]:
        """Return the handlers by name."""
        return {"drill": self._act}

    def frame(self) -> Json:
        """Return the drill as it stands."""
        drill = self._drill
        shown: Json = {"type": "drill", "possible": self._world() is not None, "phase": "none", "number": 0}
        if drill is None:
            return shown
        return shown | {
            "phase": drill.phase,
            "number": drill.number,
            "alarm": alarm_words(drill),
            "hint": hint_words(drill, self._command),
            "words": result_words(drill, self._names.of),
            "alarm_at": self._alarm_ms,
            "seconds": drill.took_seconds,
            "lines": [self._line(line) for line in drill.lines],
        }

    async def close(self) -> None:
        """Stop the drill that goes on."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _act(self, _: Person | None, body: Json) -> Json:
        match text(body, "act"):
            case "start":
                await self._start()
            case "stop":
                if self._drill is not None and self._drill.phase.goes_on:
                    await self.close()
                    self._put(self._drill.stopped(_now()))
            case _:
                msg = "There is no such act."
                raise Malformed(msg)
        return {}

    async def _start(self) -> None:
        world = self._world()
        if world is None:
            msg = "This world has not what the drill needs: its people, its channel and its rules."
            raise Problem(msg)
        if self._drill is not None and self._drill.phase.goes_on:
            msg = "A drill goes on: stop it first."
            raise Problem(msg)
        if world[0].archived:
            msg = f"#{CHANNEL} is archived, so nobody could start a line there."
            raise Problem(msg)
        if not self._slack.is_connected:
            msg = "No bot is connected, so nobody could start or stop the lines."
            raise Problem(msg)
        self._end_the_last()
        number = self._drill.number + 1 if self._drill else 1
        self._told, self._alarm_ms = set(), None
        lines = [Line(elsewhere=each.person is None, reacts=_reacts(each)) for each in TWELVE]
        self._put(Drill(number=number, lines=lines))
        self._running = asyncio.create_task(self._run(number, *world))
        self._running.add_done_callback(self._ended)

    def _ended(self, running: asyncio.Task[None]) -> None:
        """Stop a drill whose own run has broken, and log why."""
        error = None if running.cancelled() else running.exception()
        if error is not None and self._drill is not None:
            _log.error("the drill broke: %s", type(error).__name__, exc_info=error)
            self._put(self._drill.stopped(_now()))

    def _end_the_last(self) -> None:
        """End what is left of the last drill, as the platform's console would."""
        for history_id in self._found(self._drill.number).values() if self._drill else ():
            self._platform.sessions[history_id].end()

    async def _run(self, number: int, channel: Channel, rules: Mapping[str, Rule]) -> None:
        """Open the lines, then look at them after every change until the drill is over."""
        limit = _now() + OPENED_WITHIN_S
        opening = asyncio.create_task(self._open(number, channel, rules))
        try:
            while self._drill is not None and self._drill.number == number and self._drill.phase.goes_on:
                changes = [self._platform.changes.upcoming, self._slack.workspace.changes.upcoming]
                self._look(number)
                late = self._drill.phase is Phase.STARTING and _now() >= limit
                if late or (opening.done() and opening.exception() is not None):
                    opened = sum(line.history_id is not None for line in self._drill.lines)
                    why = f"{opened} of {len(TWELVE)} lines were opened. Is the bot well, and no trouble on?"
                    self._put(self._drill.failed(_now(), why))
                    return
                await asyncio.sleep(_PAUSE_S)  # a burst of changes is one look
                await _first_of(changes, max(limit - _now(), 0) if self._drill.phase is Phase.STARTING else None)
        finally:
            opening.cancel()
            await asyncio.wait([opening])

    async def _open(self, number: int, channel: Channel, rules: Mapping[str, Rule]) -> None:
        """Open the lines: people type at once, a back-end starts some, and calls come in, one of which hangs then."""
        hanging: int | None = None
        async with asyncio.TaskGroup() as group:
            for place, each in enumerate(TWELVE):
                rule, data = rules[each.rule], _data(number, place, each)
                if each.person is not None:
                    typed = START.format(rule=each.rule, data=data)
                    person = self._slack.person(each.person)
                    group.create_task(person.slash(channel, typed, command=self._command))
                elif each.calls_in:
                    session = self._platform.ring(rule, InboundCall(caller_id=data))
                    hanging = session.history_id if each.hangs else hanging
                else:
                    self._platform.start(rule, data)
        if hanging is not None:
            await self._hang_once_heard(hanging)

    async def _hang_once_heard(self, history_id: int) -> None:
        """Stop the scenario of a session once it has announced itself, or after a moment where nothing is announced."""
        running = self._platform.started[history_id]
        store = self._platform.account.key_values(running.rule.application)
        name = str(history_id)

        def is_heard() -> bool:
            items = store.items(None, self._platform.options.clock())
            return running.session.live_calls > 0 and any(name in each.key or name in each.value for each in items)

        with contextlib.suppress(TimeoutError):
            await self._platform.changes.until(is_heard, _HEARD_WITHIN_S)
        running.session.hang()

    def _look(self, number: int) -> None:
        self._read()
        if self._drill is None:
            return
        drill = self._drill.found(self._found(number))
        asked = {each.history_id for each in self._platform.deliveries if is_stop(each.headers)}
        ids = [line.history_id for line in drill.lines if line.history_id is not None]
        self._put(drill.seen(_now(), {each: self._sight(each, asked) for each in ids}))

    def _found(self, number: int) -> dict[int, int]:
        """Return the sessions of the lines, by place: each has data, or a caller, that no other session has."""
        wanted = {_data(number, place, each): place for place, each in enumerate(TWELVE)}
        found: dict[int, int] = {}
        for history_id, running in self._platform.started.items():
            calls_in = running.origin is Origin.CALL and running.inbound is not None
            data = running.inbound.caller_id if calls_in and running.inbound else running.session.started_with
            if (place := wanted.get(data)) is not None:
                found.setdefault(place, history_id)
        return found

    def _sight(self, history_id: int, asked: set[int]) -> Sight:
        session = self._platform.sessions[history_id]
        return Sight(
            runs=session.running,
            asked=history_id in asked,
            told=history_id in self._told,
            by_console=session.finish_reason == FinishReason.ADMINISTRATIVE,
        )

    def _read(self) -> None:
        """Read what apps have written in Slack since the last look, for everybody or for one person."""
        workspace = self._slack.workspace
        since, self._read_until = self._read_until, workspace.revision
        for channel in workspace.channels.values():
            changed = [
                each for each in channel.changed_since(since) if not each.removed and workspace.is_app(each.user)
            ]
            texts = [each.plain() for each in changed]
            for words in texts:
                self._names.learn(words)
            for words in texts:
                self._told |= self._names.unconfirmed(words)

    def _put(self, drill: Drill) -> None:
        if drill.alarm_at is not None and self._alarm_ms is None:
            self._alarm_ms = round(time.time() * 1000)
        if drill != self._drill:
            self._drill = drill
            self._changes.notify()

    def _world(self) -> tuple[Channel, Mapping[str, Rule]] | None:
        """Return the channel and the rules of the drill; None where something of it, or a person, is not there."""
        channels = (each for each in self._slack.workspace.channels.values() if each.name == CHANNEL and not each.im)
        channel = next(channels, None)
        names = {person.name for person in self._slack.people}
        rules = {each.rule: self._platform.account.rule_that_rings(each.rule) for each in TWELVE}
        known = {name: rule for name, rule in rules.items() if rule is not None}
        if channel is None or len(known) < len(rules) or not names >= {each.person for each in TWELVE if each.person}:
            return None
        return channel, known

    def _line(self, line: Line) -> Json:
        return {
            "id": line.history_id,
            "name": None if line.history_id is None else self._names.of(line.history_id),
            "verdict": line.verdict,
            "elsewhere": line.elsewhere,
            "asked": line.asked_at is not None,
        }


def _reacts(line: PlannedLine) -> bool:
    return not line.hangs and line.rule != "stuck"


def _data(number: int, place: int, line: PlannedLine) -> str:
    """Return a line's data, or the number of its caller: unlike that of every other line of every drill."""
    if line.person is not None:
        return f"drill {number} line {place + 1}"
    phone = f"+1555{number % 1000:03}{place + 1:04}"
    return phone if line.calls_in else f"{phone} drill {number} line {place + 1}"


async def _first_of(changes: list[asyncio.Event], seconds: float | None) -> None:
    """Wait for the first of these events, so many seconds at most, or as long as it takes."""
    waiting = [asyncio.create_task(each.wait()) for each in changes]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()


def _now() -> float:
    return time.monotonic()
