"""The sessions that a check runs: some left alone, the others with a request each, at a moment that says something.

A session ends by itself, too, so what a request did is only known beside the same session without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, TypeAlias

from bot.cli.scenario.sessions import Observation, Request, Run, Script, Timed
from bot.voximplant import send_headers

DEFAULT_SECONDS: Final = 5.0
"""The time of the request after the start, in the session's seconds."""

WATCHED_S: Final = 180.0
"""The time for which a session is watched after its request: a good stop may take 90 s (facts)."""

ALONE_S: Final = 6 * 3600.0
"""The time for which a session is watched that gets no request: longer than safety timers usually are."""

ALONE_PROCESSOR_S: Final = 2.0
PROBE_PROCESSOR_S: Final = 1.5
"""The processor time after which a session is not watched any further: one that is busy all the time, and no other."""

_LATEST_S: Final = 300.0  # a call or a handler that comes later than this is not waited for
_AFTER_S: Final = 0.5
_SECOND_S: Final = 0.2
_RING_S: Final = 0.2


class Variant(StrEnum):
    """The scenarios of a session."""

    as_is = "as it is"
    with_kit = "with the kit in front"
    without_kit = "without the kit"


class Question(StrEnum):
    """The requests of one session; those of the shapes found in the wild are told apart by their body."""

    alone = "no request"
    alone_ringing = "no request, and its call is not answered"
    stop = "the stop"
    twice = "the stop, twice"
    ringing = "the stop, before the call connects"
    shape = "another word"
    suggested = "a word of the source"
    data = "data, as send passes it on"
    get = "a GET without a body"
    garbage = "a text that is not JSON"


REQUEST_ID: Final = "00000000-0000-4000-8000-000000000000"

EMPTY: Final = Request(body="")
SHAPES: Final = tuple(
    Request(body=body)
    for body in (
        '{"command": "stop"}',
        '{"action": "hangup"}',
        '{"action": "stop"}',
        '{"command": "hangup"}',
        '{"command": "call_end"}',
        '{"cmd": "terminate"}',
        "0",
        "command=disconnect",
        "",
    )
)
"""The stops of scenarios found in public (facts), which are tried beside the rule's own."""

ELSE: Final = {
    Question.data: Request(body='{"say": "hello"}', headers=tuple(send_headers(REQUEST_ID).items())),
    Question.get: Request(body="", method="GET"),
    Question.garbage: Request(body="\N{REPLACEMENT CHARACTER}<x> {]"),
}
"""Requests that are no stop, and should end nothing; so is the last of the shapes, an empty body."""


@dataclass(frozen=True)
class Key:
    """The name of one session of a check. `request` is one of the other words, without its headers."""

    variant: Variant
    inbound: bool
    question: Question
    request: Request | None = None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The scenarios of one check in their variants, and how their sessions are run.

    `variants` has the scenarios as they are, and with the kit in front or, where they have it, without. `seconds` is
    when the request is sent, None for a moment that is chosen by the session's course. `suggested` are stops that the
    sources suggest.
    """

    variants: Mapping[Variant, tuple[Script, ...]]
    stop: Request
    suggested: tuple[Request, ...] = ()
    custom_data: str = field(default="", repr=False)
    inbound: bool = False
    seconds: float | None = None
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The scenarios as they are."""
        return self.variants[Variant.as_is]

    @property
    def has_kit(self) -> bool:
        """Return whether the kit is among the scenarios."""
        return any(each.kit_lines for each in self.scripts)


@dataclass(frozen=True)
class Moment:
    """When a request is sent, and the control: the same session without it."""

    at_s: float
    control: Observation


Moments: TypeAlias = Mapping[tuple[Variant, bool], Moment]
"""The moment of the requests in each variant, started by the bot and with a call that comes in."""


def controls(subject: Subject) -> dict[Key, Run]:
    """Return the sessions that get no request: of each variant, started by the bot and with a call that comes in."""
    return {
        Key(variant, inbound, Question.alone): _run(subject, scripts, inbound=inbound, until_s=ALONE_S)
        for variant, scripts in subject.variants.items()
        for inbound in (False, True)
    }


def stops(subject: Subject, moments: Moments) -> dict[Key, Run]:
    """Return the sessions with the stop, of each variant in each situation."""
    return {
        Key(variant, inbound, Question.stop): _sent(subject, variant, moment, [subject.stop], inbound=inbound)
        for (variant, inbound), moment in moments.items()
    }


def probes(subject: Subject, moments: Moments, *, inbound: bool) -> dict[Key, Run]:
    """Return the sessions with the other requests, of each variant in this situation."""
    found: dict[Key, Run] = {}
    for (variant, is_inbound), moment in moments.items():
        if is_inbound is not inbound or variant is Variant.without_kit:
            continue
        for key, request in _requests(subject, variant, inbound=inbound).items():
            requests = [request] * (2 if key.question is Question.twice else 1)
            found[key] = _sent(subject, variant, moment, requests, inbound=inbound)
        found |= _ringing(subject, variant, moment, inbound=inbound)
    return found


def _sent(subject: Subject, variant: Variant, moment: Moment, requests: Sequence[Request], *, inbound: bool) -> Run:
    timed = tuple(Timed(moment.at_s + number * _SECOND_S, each) for number, each in enumerate(requests))
    scripts, until_s = subject.variants[variant], moment.at_s + WATCHED_S
    return _run(subject, scripts, inbound=inbound, until_s=until_s, requests=timed)


def _requests(subject: Subject, variant: Variant, *, inbound: bool) -> dict[Key, Request]:
    """Return what is sent beside the stop to the sessions of a variant whose call connects."""

    def key(question: Question, request: Request | None = None) -> Key:
        return Key(variant, inbound, question, request)

    found = {key(Question.twice): subject.stop}
    if variant is Variant.as_is:
        plain = replace(subject.stop, headers=())
        shapes = [each for each in SHAPES if each != plain]
        suggested = [each for each in subject.suggested if each != plain and each not in shapes]
        for question, words in ((Question.shape, shapes), (Question.suggested, suggested)):
            found |= {key(question, each): replace(each, headers=subject.stop.headers) for each in words}
    elif subject.stop.body:
        found |= {key(Question.shape, EMPTY): EMPTY}
    return found | {key(question): request for question, request in ELSE.items()}


def moment(subject: Subject, control: Observation) -> Moment | None:
    """Return when a request says most: a call is live, a handler is there; None where there is none.

    Of a session that ends by itself it is the middle of what is left of it then.
    """
    first_call = min((each.connected_s for each in control.calls if each.connected_s is not None), default=0.0)
    first_handler = min((each.at_s for each in control.registered if each.event == HTTP_REQUEST), default=0.0)
    ready = max((each for each in (first_call, first_handler) if each <= _LATEST_S), default=0.0)
    at = subject.seconds if subject.seconds is not None else max(DEFAULT_SECONDS, ready + _AFTER_S)
    if control.ended_s is None:
        return Moment(at, control) if control.watched_s > at else None
    if control.ended_s >= at + _LEAST_LIFE_S:
        return Moment(at, control)
    if control.ended_s < _LEAST_LIFE_S:
        return None
    begins = ready if ready < control.ended_s else 0.0
    return Moment((begins + control.ended_s) / 2, control)


HTTP_REQUEST: Final = "Application.HttpRequest"
_LEAST_LIFE_S: Final = 1.0


def _ringing(subject: Subject, variant: Variant, moment: Moment, *, inbound: bool) -> dict[Key, Run]:
    """Return the sessions whose call is not answered, with the stop and without it; none where no call is placed."""
    placed = [each.placed_s for each in moment.control.calls if not each.inbound]
    if not placed:
        return {}
    at = min(placed) + _RING_S
    found = {}
    for question, requests in ((Question.alone_ringing, ()), (Question.ringing, (Timed(at, subject.stop),))):
        scripts, until_s = subject.variants[variant], at + WATCHED_S
        run = _run(subject, scripts, inbound=inbound, connects=False, until_s=until_s, requests=requests)
        found[Key(variant, inbound, question)] = run
    return found


def _run(
    subject: Subject, scripts: tuple[Script, ...], *, inbound: bool, until_s: float, connects: bool = True,
    requests: tuple[Timed, ...] = (),
) -> Run:  # fmt: skip
    return Run(
        scripts=scripts,
        custom_data=subject.custom_data,
        inbound=inbound,
        connects=connects,
        requests=requests,
        until_s=until_s,
        processor_s=PROBE_PROCESSOR_S if requests else ALONE_PROCESSOR_S,
        answers=subject.answers,
    )
