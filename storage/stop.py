"""A session's stop: its state, the consequences of the state, and the next one.

There is one place for a stop in a session. Its facts are columns of the session's row; its state is made of them and of
the session's state by one table, here for records and in `storage.schema` as the generated column `stop_state` for SQL
(a test compares the two over all combinations).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self


class Arrived(StrEnum):
    """The result of delivering a stop."""

    yes = "yes"
    """The platform said so."""
    perhaps = "perhaps"
    """An attempt may have been read; no answer told."""
    nobody = "nobody"
    """Two attempts found nobody at the session's URL."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """The facts of a session's stop, which are its columns `stop_…`.

    `command` is None where it could not be recorded when the stop was sent. `delivered_at` is also when it was
    perhaps delivered. `answer` is what the scenario answered, without secrets: empty where it kept silent, None where
    that is not known. `taken_at` is when the scenario said that it took it up; `untaken_at` is when people
    were told that it has not. `version` is the session's version made by its asking or delivery: clocks may be set
    back, so the order of a stop and a question to the history is that of versions.
    """

    by: str
    reason: str | None
    command: int | None
    request_id: str
    asked_at: datetime
    version: int | None = None
    arrived: Arrived | None = None
    delivered_at: datetime | None = None
    given_up_at: datetime | None = None
    answer: str | None = None
    taken_at: datetime | None = None
    untaken_at: datetime | None = None

    @property
    def is_doubtful(self) -> bool:
        """Return whether it perhaps arrived."""
        return self.arrived is Arrived.perhaps

    @property
    def may_have_arrived(self) -> bool:
        """Return whether it arrived, or perhaps did: then, and only then, it has a moment of delivery."""
        return self.arrived in {Arrived.yes, Arrived.perhaps}

    @property
    def was_given_up(self) -> bool:
        """Return whether it was given up, also where its session has ended since."""
        return self.given_up_at is not None

    @property
    def since(self) -> datetime:
        """The moment from which its end is waited for: its delivery, else its asking."""
        return self.delivered_at or self.asked_at


@dataclass(frozen=True, kw_only=True)
class _Means:
    may_ask_again: bool = False
    is_waited_for: bool = False
    needs_a_person: bool = False
    is_unsent: bool = False


class StopState(StrEnum):
    """The state of a session's stop; each member carries its consequences.

    `may_ask_again`: another stop may take its place, and is sent. `is_waited_for`: more will be known of it without
    anybody's doing. `needs_a_person`: it was given up, and the session may still run. `is_unsent`: nothing was sent.
    """

    may_ask_again: bool
    is_waited_for: bool
    needs_a_person: bool
    is_unsent: bool

    def __new__(cls, word: str, means: _Means) -> Self:
        """Make the member whose value is the word alone."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.may_ask_again = means.may_ask_again
        member.is_waited_for = means.is_waited_for
        member.needs_a_person = means.needs_a_person
        member.is_unsent = means.is_unsent
        return member

    not_asked = "not asked", _Means(may_ask_again=True, is_unsent=True)
    """Nobody asked it to stop."""
    kept = "kept", _Means(is_waited_for=True, is_unsent=True)
    """Asked for before the session's URL was received, and brought the moment it is."""
    on_its_way = "on its way", _Means(is_waited_for=True)
    """Asked for, and being brought; a process that ends meanwhile leaves it to the next one."""
    delivered = "delivered", _Means(is_waited_for=True)
    """The platform took it; the history is asked whether the session ended."""
    perhaps_delivered = "perhaps delivered", _Means(is_waited_for=True)
    """No answer told whether it arrived; the history is asked whether the session ended."""
    nobody_there = "nobody there", _Means(may_ask_again=True, is_waited_for=True)
    """Nobody was at the session's URL, so it most likely ended, which the history is asked."""
    not_sent = "not sent", _Means(may_ask_again=True, needs_a_person=True, is_unsent=True)
    """Given up: nothing has left, because no URL came, none could be opened, or the network let nothing through."""
    unconfirmed = "unconfirmed", _Means(may_ask_again=True, needs_a_person=True)
    """Given up: the history did not confirm the end in time, or a person closed the record."""
    settled = "settled", _Means()
    """The session is over: no stop can do anything any more, whether one was asked for or not."""

    @property
    def has_outcome(self) -> bool:
        """Return whether its effect is known, or given up."""
        return self.needs_a_person or self is StopState.settled


NEXT: Final[Mapping[StopState, frozenset[StopState]]] = {
    StopState.not_asked: frozenset({StopState.kept, StopState.on_its_way, StopState.settled}),
    StopState.kept: frozenset({StopState.on_its_way, StopState.not_sent, StopState.settled}),
    StopState.on_its_way: frozenset(
        {
            StopState.delivered,
            StopState.perhaps_delivered,
            StopState.nobody_there,
            StopState.not_sent,
            StopState.unconfirmed,
            StopState.settled,
        }
    ),
    StopState.delivered: frozenset({StopState.unconfirmed, StopState.settled}),
    StopState.perhaps_delivered: frozenset({StopState.delivered, StopState.unconfirmed, StopState.settled}),
    StopState.nobody_there: frozenset(
        {StopState.on_its_way, StopState.delivered, StopState.unconfirmed, StopState.settled}
    ),
    StopState.not_sent: frozenset(
        {
            StopState.on_its_way,
            StopState.delivered,
            StopState.perhaps_delivered,
            StopState.nobody_there,
            StopState.unconfirmed,
            StopState.settled,
        }
    ),
    StopState.unconfirmed: frozenset({StopState.on_its_way, StopState.settled}),
    StopState.settled: frozenset(),
}
"""The states of a stop that may follow each other. An unsent stop is delivered after all when the URL comes late.

What its scenario says to have taken up was delivered, whatever the answer to its delivery, or none, let fear.
"""

MAY_BE_ASKED: Final = tuple(state for state in StopState if state.may_ask_again)
NEED_A_PERSON: Final = tuple(state for state in StopState if state.needs_a_person)


def in_sql(states: Iterable[StrEnum]) -> str:
    """Return the states as SQL's list: `('kept', 'on its way')`."""
    return f"({', '.join(repr(str(state)) for state in states)})"


def state_of(stop: Stop | None, *, is_final: bool, waits_for_url: bool) -> StopState:
    """Return the state of a stop, by its facts and by whether its session is over for good, or its URL awaited."""
    if is_final:
        return StopState.settled
    if stop is None:
        return StopState.not_asked
    if stop.was_given_up:
        return StopState.not_sent if stop.arrived is None else StopState.unconfirmed
    if stop.arrived is not None:
        return _CAME_OF_IT[stop.arrived]
    return StopState.kept if waits_for_url else StopState.on_its_way


_CAME_OF_IT: Final = {
    Arrived.yes: StopState.delivered,
    Arrived.perhaps: StopState.perhaps_delivered,
    Arrived.nobody: StopState.nobody_there,
}
