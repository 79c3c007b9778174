"""A session as a frozen record, and the allowed transitions of its state.

The record carries sealed bytes where a session URL stands; nothing here can open them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from storage.stop import Stop, StopState, state_of

NORMAL_TERMINATION: Final = "Normal termination"
"""The finish reason that needs no explanation (facts: one of six that the platform documents)."""


class State(StrEnum):
    """The state of a session; `NEXT` has the states that may follow. A late answer is still an answer."""

    starting = "starting"
    """Accepted; the call to the platform may be on its way. A stop is kept until the session's URL arrives."""
    running = "running"
    """The platform said yes, and the bot holds the session's URL."""
    stopping = "stopping"
    """A stop was delivered, or may have been; the card says which. The end is not confirmed."""
    unreachable = "unreachable"
    """Nobody answers at the session's URL, and the history does not say that it ended."""
    unknown = "unknown"
    """The start may have reached the platform, and no answer came. It is looked for, never started again."""
    uncontrolled = "uncontrolled"
    """It runs, but its URL was never received: nobody can stop it from here, unless it announces itself."""
    abandoned = "abandoned"
    """Somebody closed the record without a confirmation. It is still watched."""
    ended = "ended"
    """The platform's history says so."""
    failed = "failed"
    """The start surely did not happen."""

    @property
    def is_final(self) -> bool:
        """Return whether nothing can follow: the history said it ended, or it surely never started."""
        return not NEXT[self]


NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.starting: frozenset({State.running, State.failed, State.unknown}),
    State.running: frozenset({State.stopping, State.ended, State.unreachable, State.abandoned}),
    State.stopping: frozenset({State.ended, State.unreachable, State.abandoned}),
    State.unreachable: frozenset({State.ended, State.stopping, State.abandoned}),
    State.unknown: frozenset({State.running, State.uncontrolled, State.ended, State.failed, State.abandoned}),
    State.uncontrolled: frozenset({State.running, State.ended, State.abandoned}),
    State.abandoned: frozenset({State.ended, State.stopping}),
    State.ended: frozenset(),
    State.failed: frozenset(),
}

_WITHOUT_URL: Final = frozenset({State.starting, State.unknown, State.uncontrolled})
"""The states in which a session's URL was not received yet."""

LARGEST: Final = 2**63 - 1
"""The largest number that SQLite keeps."""

OPEN: Final = tuple(state for state in State if not state.is_final)
"""The states of sessions that may still run: a first reading of *ended* changes none."""

FINAL: Final = tuple(state for state in State if state.is_final)


def before(state: State) -> tuple[State, ...]:
    """Return the states from which `state` may be entered."""
    return tuple(earlier for earlier, later in NEXT.items() if state in later)


class Origin(StrEnum):
    """Where a session comes from."""

    slack = "slack"
    """Started or adopted by a person here."""
    elsewhere = "elsewhere"
    """Nobody started it here: it announced itself, and the history knows it. It has no starter."""


class StopRefusal(StrEnum):
    """The reason why a stop has no effect on a session; `Session.stop_refusal` is the one place that decides it."""

    over = "over"
    """Two readings agree that it ended, or it surely never started: nothing is sent, and its end is told."""
    out_of_reach = "out of reach"
    """Its URL was never received, or was wiped, and no answer with one is awaited: nobody can stop it from here."""
    under_way = "under way"
    """An earlier stop of it is kept, on its way or being checked: one stop is sent, not two."""


class HistorySays(StrEnum):
    """The last answer of the platform's history about a session, or that it could not be asked."""

    runs = "runs"
    absent = "absent"
    ended = "ended"
    several = "several"
    silent = "silent"


@dataclass(frozen=True, kw_only=True)
class Session:
    """One session, as one row.

    `secure_url` and `plain_url` are sealed bytes or None. `end_seen_at` is the first reading of the history
    that said *ended*; a second one that agrees makes the state `ended`. `history_version` is the session's version
    when the history was asked for `history_says`. `rule_fingerprint` tells which scenarios its rule had at its start.
    `starter` is empty for a session from elsewhere, `channel` where that has no home. `heard_at` and `calls` are its
    own word: None where it never announced itself.
    """

    id: int
    team: str
    channel: str
    channel_private: bool
    channel_shared: bool
    rule_id: int
    rule_name: str | None
    application_id: int | None
    application_name: str | None
    starter: str
    custom_data: str | None = field(repr=False)
    state: State
    version: int
    last_event: str
    changed_at: datetime
    changed_by: str
    created_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    secure_url: bytes | None = field(repr=False)
    plain_url: bytes | None = field(repr=False)
    history_id: int | None
    history_says: HistorySays | None
    history_at: datetime | None
    end_seen_at: datetime | None
    finish_reason: str | None
    duration_s: float | None
    cost: Decimal | None
    currency: str | None
    stop: Stop | None = None
    max_s: float | None = None
    expect_told_at: datetime | None = None
    over_max_at: datetime | None = None
    adopted: bool = False
    history_version: int | None = None
    max_doubted_at: datetime | None = None
    alias: str | None = None
    rule_fingerprint: str | None = None
    origin: Origin = Origin.slack
    heard_at: datetime | None = None
    calls: int | None = None
    silent_at: datetime | None = None
    ending_at: datetime | None = None

    @property
    def ended_normally(self) -> bool:
        """Return whether it ended, and in the way that needs no explanation."""
        return self.finish_reason == NORMAL_TERMINATION

    @property
    def seems_over(self) -> bool:
        """Return whether people are shown that it is over: its state is final, or a first reading said *ended*.

        That reading may be wrong: what cannot be undone waits for `State.is_final`.
        """
        return self.state.is_final or self.end_seen_at is not None

    @property
    def stop_state(self) -> StopState:
        """The progress of its stop."""
        return state_of(self.stop, is_final=self.state.is_final, waits_for_url=self.state in _WITHOUT_URL)

    @property
    def is_within_reach(self) -> bool:
        """Return whether a stop can reach it: its URL is held, or will be, since its start is not answered yet."""
        return self.has_url or self.state is State.starting

    @property
    def stop_refusal(self) -> StopRefusal | None:
        """Return the reason why a stop has no effect; None: it is delivered now, or kept until the URL is received.

        A first reading that says *ended* may be wrong, so it refuses no stop. `storage.stops.take` decides once more,
        compare-and-set, whether an earlier stop is under way.
        """
        if self.state.is_final:
            return StopRefusal.over
        if not self.is_within_reach:
            return StopRefusal.out_of_reach
        return None if self.stop_state.may_ask_again else StopRefusal.under_way

    @property
    def needs_no_stop(self) -> bool:
        """Return whether the bot leaves it out of what it selects: over, or *ended* by a first reading.

        This is a choice for `all`, buttons and questions: a second reading is due within seconds, and settles the
        first one or takes it back. A stop that was given up is left to no reading. A typed id goes by `stop_refusal`.
        """
        return self.seems_over and not self.stop_state.needs_a_person

    @property
    def is_stop_offered(self) -> bool:
        """Return whether a button offers a stop."""
        return self.stop_refusal is None and not self.needs_no_stop

    @property
    def is_closable(self) -> bool:
        """Return whether a person may close its record: its outcome is unknown, or a stop was not confirmed.

        While a stop is on its way, nobody can say yet that it was not sent.
        """
        if self.seems_over or self.state in {State.starting, State.abandoned}:
            return False
        if self.stop_state is StopState.on_its_way:
            return False
        return self.stop_state.needs_a_person or self.state in {State.unknown, State.uncontrolled, State.unreachable}

    @property
    def name(self) -> str:
        """The short name people type."""
        return f"#{self.id}"

    @property
    def rule(self) -> str:
        """The rule as people know it, on one line: its name, else its number."""
        return " ".join((self.rule_name or "").split()) or (f"rule {self.rule_id}" if self.rule_id else "unknown rule")

    @property
    def has_url(self) -> bool:
        """Return whether a URL is held, so that something can be sent."""
        return self.secure_url is not None or self.plain_url is not None

    @property
    def max(self) -> timedelta | None:
        """The longest duration, as given at its start."""
        return None if self.max_s is None else timedelta(seconds=self.max_s)

    @property
    def duration(self) -> timedelta | None:
        """The duration by the platform's count."""
        return None if self.duration_s is None else timedelta(seconds=self.duration_s)
