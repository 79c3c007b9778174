"""The words between the command and the child process: a session to run, and the observations of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter

Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Script:
    """One scenario: its name for people, and its JavaScript, which is a customer's.

    Its first `kit_lines` are the kit's, if that is pasted on top of it, or if it is the kit.
    """

    name: str
    text: str = field(repr=False)
    kit_lines: int = 0

    @property
    def own_text(self) -> str:
        """The customer's part, at its own lines."""
        rest = self.text.split("\n", self.kit_lines)[self.kit_lines :]
        return "\n" * self.kit_lines + "".join(rest)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to the session's URL. `path` is what stands behind the URL: a suffix, a query."""

    body: str
    method: str = "POST"
    path: str = ""
    headers: Headers = ()


@dataclass(frozen=True)
class Timed:
    """A request, and when it is sent, in the session's seconds."""

    at_s: float
    request: Request


@dataclass(frozen=True, kw_only=True)
class Run:
    """One session to run, from its start to `until_s`, in the session's seconds, or until it used its processor time.

    `answers` are the texts of back-ends, by URL. With `inbound` a call comes in after the start. Without `connects`
    its outgoing calls ring and are not answered.
    """

    scripts: tuple[Script, ...]
    custom_data: str = ""
    inbound: bool = False
    connects: bool = True
    requests: tuple[Timed, ...] = ()
    until_s: float
    processor_s: float
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Ending(StrEnum):
    """The cause of a session's end."""

    terminated = "terminated"
    """The scenario called `VoxEngine.terminate()`."""
    failed = "failed"
    """An error that the scenario did not catch."""
    idle = "idle"
    """The platform's rule: a session without calls is over after a while."""
    simulator = "simulator"
    """The simulator gave up: this says nothing about the scenario."""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A handler that was registered."""

    event: str
    script: str
    line: int | None
    at_s: float


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """An error that nobody caught, a promise's rejection that nobody handled, or a turn that took too long."""

    text: str
    script: str
    line: int | None
    at_s: float
    is_rejection: bool = False
    is_endless: bool = False


@dataclass(frozen=True, kw_only=True)
class Absent:
    """A name that the scenario used and the simulator does not play; unknown ones are not in the typings either."""

    name: str
    script: str
    line: int | None
    at_s: float
    is_unknown: bool = False


@dataclass(frozen=True)
class Unanswered:
    """A request of the scenario's own that no canned answer is for; the address is without its secrets."""

    address: str
    at_s: float


@dataclass(frozen=True, kw_only=True)
class CallSeen:
    """A call of the session, in the session's seconds. `hung_up` says whether the scenario itself ended it.

    `failure` is the reason why it did not connect, as the scenario gets it. A number that could not be dialled
    `is_a_placeholder`; the simulator answers it all the same.
    """

    inbound: bool
    number: str
    placed_s: float
    connected_s: float | None
    ended_s: float | None
    hung_up: bool
    failure: str | None = None
    is_a_placeholder: bool = False


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A request that was sent. It was not `reached` where the session was over; `handlers` is None where not known."""

    at_s: float
    reached: bool
    answer: str | None = None
    handlers: int | None = None


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The course of one session. `watched_s` is how far it was watched; less than asked for where it ran too long."""

    watched_s: float
    ended_s: float | None = None
    ending: Ending | None = None
    deliveries: tuple[Delivery, ...] = ()
    calls: tuple[CallSeen, ...] = ()
    registered: tuple[Registered, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    absent: tuple[Absent, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()


class Breakage(StrEnum):
    """Why a run has no observation."""

    crashed = "the simulator's engine crashed on it"
    endless = "it ran on without returning, and was ended"
    memory = "it took more memory than a check has"
    fault = "the simulator met a fault of its own"
    lost = "the simulator's process ended before it was run"


@dataclass(frozen=True)
class Broken:
    """A run that came to nothing."""

    why: Breakage


@dataclass(frozen=True, kw_only=True)
class Parse:
    """One source to parse, without running it."""

    script: Script


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """The first syntax error of a source, or none. `line` and `column` count from 1, where they are known."""

    problem: str | None = None
    line: int | None = None
    column: int | None = None


Job: TypeAlias = Run | Parse
Result: TypeAlias = Observation | Parsed | Broken


@dataclass(frozen=True)
class Order:
    """A line to the child process."""

    number: int
    job: Job


@dataclass(frozen=True)
class Answer:
    """A line from the child process, about the order of this number."""

    number: int
    result: Result


_ORDER: Final = TypeAdapter(Order)
_ANSWER: Final = TypeAdapter(Answer)


def order_line(order: Order) -> bytes:
    """Return an order as a line of JSON."""
    return _line(_ORDER, order)


def answer_line(answer: Answer) -> bytes:
    """Return an answer as a line of JSON."""
    return _line(_ANSWER, answer)


def read_order(line: bytes) -> Order:
    """Read a line of `order_line`."""
    return _ORDER.validate_json(line)


def read_answer(line: bytes) -> Answer:
    """Read a line of `answer_line`."""
    return _ANSWER.validate_json(line)


def _line(adapter: TypeAdapter[Any], value: object) -> bytes:
    """Return a value as a line; half of a surrogate pair, as JavaScript has them, becomes a question mark."""
    return json.dumps(adapter.dump_python(value), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
