"""The invariants of a world: at any moment, and once nothing is left to be done."""

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.stops import history_words
from bot.stops._delivery import ATTEMPTS
from storage import Connection, audit
from storage.command import Command, CommandState
from storage.records import NEXT, Session, State
from storage.rows import command_of, session_of
from storage.stop import StopState
from tests.model.world import World

_BEHIND = (
    "select * from messages where shown < wanted and error is null and (session is null or session not in"
    " (select session from messages where kind = 'card' and error is not null))"
)
"""The messages that people wait for; of a card that Slack refused, and its thread, it is asked seldom."""

_STOPS = (
    "select command_sessions.session from command_sessions join commands on commands.id = command where verb = 'stop'"
    " and state not in ('refused', 'denied', 'asked')"
)
"""A row for each stop that was asked of a session."""

_URL_KEPT_S = 5 * 86_400.0
"""Of a closed record, by the true time: 7 days by the earlier of two clocks, which the machine sets by hours."""

_URL_GONE_S, _LIMIT_S = 7 * 86_400.0 + 60.0, 300.0 + 120.0
"""By these times the bot has wiped the URL of a closed record, and has asked a session over its limit to stop."""

_SECRETS = ("AF30C0FFEE", "FORGED", "platform-key")


class Unexpected(logging.Handler):
    """Keeps what a process logs with a traceback: an exception that nobody expected there."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record with its traceback."""
        if record.exc_info:
            self._kept.append(logging.Formatter().format(record))


@dataclass
class Invariants:
    """The invariants of one world.

    `starts` counts the intents to start by their data, and `sends` those to send by their body; `bodies` has those by
    the keys of their commands, `keys` are the admitted ones; `unexpected` is what was logged of exceptions.
    Where a clock was set, nobody can say when some times are over.
    """

    world: World
    starts: Counter[str] = field(default_factory=Counter)
    sends: Counter[bytes] = field(default_factory=Counter)
    bodies: dict[str, bytes] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    wall_was_set: bool = False
    platform_was_set: bool = False
    unexpected: list[str] = field(default_factory=list)
    _over: dict[int, State] = field(default_factory=dict)
    _had_url: set[int] = field(default_factory=set)
    _since: dict[tuple[int, State], float] = field(default_factory=dict)
    _abandoned_at: dict[int, float] = field(default_factory=dict)
    """By our wall clock, as the record of it is, and never before the true time."""

    def check(self) -> None:
        """Check what holds at any moment."""
        db = self.world.database.recorded
        sessions, commands = _sessions(db), _commands(db)
        lines = audit.lines(db)
        self._no_effect_twice()
        self._what_failed_was_not_sent(commands)
        for session in sessions:
            now = self.world.loop.time()
            self._since.setdefault((session.id, session.state), now)
            if session.state is State.abandoned:
                self._abandoned_at.setdefault(session.id, now + max(self.world.set_by.total_seconds(), 0.0))
            self._over_is_over(session)
            self._url_is_kept_while_it_may_run(session)
            self._ended_twice(session)
            self._answers_are_younger_than_the_stop(session)
        self._failed_never_started(sessions)
        _every_change_has_its_line(sessions, lines)
        _every_command_has_its_lines(commands, lines)
        assert self.keys <= {each.key for each in commands}
        assert not self.world.slack.objections
        assert not self.unexpected, self.unexpected

    def sessions(self) -> list[Session]:
        """Return the sessions that are recorded."""
        return _sessions(self.world.database.recorded)

    def check_at_rest(self) -> None:
        """Check what holds once nothing is left to be done, and everything around is well."""
        self.check()
        db = self.world.database.recorded
        sessions, commands = _sessions(db), _commands(db)
        behind = list(db.query(_BEHIND))
        intents = len(list(db.query(_STOPS))) + sum(bool(each.max_s) for each in sessions)
        assert not [each for each in commands if not each.state.is_final]
        assert not [each for each in sessions if each.state is State.starting]
        unsettled = [each for each in sessions if each.stop_state in {StopState.kept, StopState.on_its_way}]
        assert not unsettled, unsettled
        assert not behind
        sent = len(self.world.platform.stops)
        assert sent <= intents, f"{sent} stops of {intents} intents"
        for session in sessions:
            phone = self.world.platform.phones.get(session.history_id or 0)
            if phone is not None and not self.world.platform.is_running(phone):
                assert session.state.is_final, f"{session.name} ended, and is {session.state}"
            self._deadlines_are_kept(session)
        self._nothing_leaks()

    def _no_effect_twice(self) -> None:
        platform = self.world.platform
        for data, count in platform.starts.items():
            assert count <= self.starts[data], f"{count} starts with {data!r} of {self.starts[data]} intents"
        for body, count in platform.sends.items():
            assert count <= self.sends[body], f"{count} deliveries of {body!r} of {self.sends[body]} intents"
        most = ATTEMPTS * self.world.lives
        assert all(len(at) <= most for at in platform.stops.values()), platform.stops

    def _what_failed_was_not_sent(self, commands: Sequence[Command]) -> None:
        for each in commands:
            body = self.bodies.get(each.key)
            if each.state is CommandState.failed and body is not None and self.sends[body] == 1:
                assert not self.world.platform.sends[body], f"command {each.id} arrived: {each.outcome}"

    def _over_is_over(self, session: Session) -> None:
        before = self._over.get(session.id)
        assert before in {None, session.state}, f"{session.name} was {before}, and is {session.state}"
        if session.state.is_final:
            self._over[session.id] = session.state
            assert not session.has_url, f"{session.name} is {session.state}, and its URL is held"

    def _url_is_kept_while_it_may_run(self, session: Session) -> None:
        is_kept = not session.state.is_final
        if session.state is State.abandoned:
            is_kept = self._seconds_in(session) < _URL_KEPT_S
        if session.id in self._had_url and is_kept:
            assert session.has_url, f"{session.name} is {session.state}, and its URL is gone"
        if session.has_url:
            self._had_url.add(session.id)

    def _ended_twice(self, session: Session) -> None:
        if session.state is State.ended:
            assert self.world.platform.said_ended[session.history_id or 0] > 1, f"{session.name} ended by one reading"

    def _answers_are_younger_than_the_stop(self, session: Session) -> None:
        stop, platform = session.stop, self.world.platform
        arrived = platform.stops.get(stop.request_id) if stop is not None and stop.may_have_arrived else None
        if arrived and session.stop_state is StopState.unconfirmed and "still runs" in history_words(session):
            assert platform.said_runs[session.history_id or 0] >= arrived[0], f"{session.name}: an older answer"

    def _deadlines_are_kept(self, session: Session) -> None:
        """Check what the bot does once a time is over by both clocks."""
        if self.platform_was_set:
            return
        closed_for = self.world.loop.time() - self._abandoned_at.get(session.id, math.inf)
        if session.state is State.abandoned and closed_for > _URL_GONE_S:
            assert not session.has_url, f"{session.name} was closed long ago, and its URL is held"
        is_over = session.max_s and not self.wall_was_set and self._seconds_in(session) > _LIMIT_S
        if session.state is State.running and is_over:
            assert session.stop is not None, f"{session.name} is over its limit, and nobody was asked to stop it"

    def _seconds_in(self, session: Session) -> float:
        return self.world.loop.time() - self._since[session.id, session.state]

    def _failed_never_started(self, sessions: Sequence[Session]) -> None:
        ours = [each for each in self.world.platform.phones.values() if not each.is_from_elsewhere]
        there = Counter(each.data or "" for each in ours)
        able = Counter(each.custom_data or "" for each in sessions if each.state is not State.failed)
        for data, count in self.world.platform.starts.items():
            assert there[data] <= count
        for session in sessions:
            data = session.custom_data or ""
            if session.state is State.failed and session.origin == "slack" and not session.adopted:
                assert there[data] <= able[data], f"{session.name} runs, and is called failed"

    def _nothing_leaks(self) -> None:
        shown = self.world.slack.everything() + repr(self.world.answers)
        disk = self.world.database.contents()
        for secret in _SECRETS:
            assert secret not in shown, f"{secret} was shown"
            assert secret.encode() not in disk, f"{secret} is on disk"


def _sessions(db: Connection) -> list[Session]:
    return [session_of(row) for row in db.query("select * from sessions order by id")]


def _commands(db: Connection) -> list[Command]:
    return [command_of(row) for row in db.query("select * from commands order by id")]


def _every_change_has_its_line(sessions: Sequence[Session], lines: Sequence[audit.Line]) -> None:
    """Check that the audit leads from the first state of each session to its present one, by steps that may be."""
    steps: dict[int, list[audit.Line]] = defaultdict(list)
    for line in lines:
        if line.subject == "session" and line.became != "unconfirmed":
            steps[line.session or 0].append(line)
    assert steps.keys() == {each.id for each in sessions}
    for session in sessions:
        came: Any = None
        for line in steps[session.id]:
            assert line.was == came, f"{session.name} was {line.was}, after it became {came}"
            assert came is None or State(line.became) in NEXT[State(came)]
            came = line.became
        assert came == session.state


def _every_command_has_its_lines(commands: Sequence[Command], lines: Sequence[audit.Line]) -> None:
    """Check that the audit has each step of each command once, and one outcome at most."""
    steps: dict[int, list[str]] = defaultdict(list)
    for line in lines:
        if line.subject == "command":
            steps[line.command or 0].append(line.became)
    assert steps.keys() == {each.id for each in commands}
    for command in commands:
        found = steps[command.id]
        assert found[-1] == command.state
        assert sum(CommandState(each).is_final for each in found) == int(command.state.is_final), found
