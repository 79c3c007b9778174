"""Delivery of a stop to its session, with retries.

*Asked* is recorded before; here it becomes *delivered*, *perhaps delivered* or *not delivered*. Whether the
session ended is not known here: `bot.watch` reads that in the history.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Final

from bot.ports import Reply, Services, session_name, when_recorded
from bot.process import Failpoint, reach
from bot.stops._listening import check_of, deaf_words
from bot.stops._outcome import arrival_words, confirm_time_words, outcome_words, what_to_do
from bot.stops._reachable import CannotUnseal, secrets_of, urls_of
from bot.stops._stop_words import stop_words
from bot.text import BOT, block, cut, notified, person, show_answer, strong
from bot.voximplant import SessionAnswer, StopRequest
from bot.voximplant.errors import (
    CannotConnect,
    ConnectionRefused,
    Gone,
    NotSent,
    OutcomeUnknown,
    PlatformError,
)
from storage import Connection, bulks, messages, sessions, stops
from storage.records import Session
from storage.stop import Arrived, Stop

_STOPS: Final = uuid.UUID("9a2c3b3e-6f0d-4a52-9f2e-2f3a86d0a5c1")
ATTEMPTS: Final = 3
WITHIN_S: Final = 15.0
PAUSES_S: Final = (1.0, 3.0)
YOUNG_S: Final = 5.0
"""The time after a start in which a 404 may be the platform's own delay (facts: reported by a user)."""

_BODY_SHOWN: Final = 1_500
_ANSWER_KEPT: Final = 500
"""The part of an answer that is kept, for the alarm if the stop is not confirmed."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The result of a delivery: an answer, or the problem of the last attempt, and the number of attempts.

    `doubtful` is true when an earlier attempt may have arrived although the last one surely did not.
    """

    answer: SessionAnswer | None
    problem: PlatformError | None
    attempts: int
    doubtful: bool

    @property
    def delivered(self) -> bool:
        """Return whether the session's server confirmed that it arrived."""
        return self.answer is not None

    @property
    def is_of_earlier(self) -> bool:
        """Return whether it is only an earlier attempt than the last that may have arrived."""
        return self.doubtful and not isinstance(self.problem, OutcomeUnknown)

    @property
    def gone(self) -> bool:
        """Return whether the URL answered *gone* or *refused* twice; a network that is down is no such answer."""
        return not self.doubtful and isinstance(self.problem, (Gone, ConnectionRefused))

    @property
    def arrived(self) -> Arrived | None:
        """Return whether it arrived; None if nothing was sent, for a reason that time alone does not mend."""
        if self.delivered:
            return Arrived.yes
        if self.doubtful:
            return Arrived.perhaps
        return Arrived.nobody if self.gone else None


def new_request_id() -> str:
    """Return a new id for the `X-Request-Id` of all attempts of one request."""
    return str(uuid.uuid4())


def stop_request_id(key: str, session_id: int) -> str:
    """Return the `X-Request-Id` of the stop of a session by the command with this key.

    Two replicas to which Slack brings the same command while the database is away send it with the same id.
    """
    return str(uuid.uuid5(_STOPS, f"{session_id} {key}"))


async def deliver_stop(
    session: Session, services: Services, *, is_of_many: bool = False, resumed: bool = False
) -> Delivery:
    """Deliver the wanted stop of this session, alone or as one of many, and record the result.

    Of one that is `resumed` an attempt of the process before may have arrived: that nobody is there now says nothing.
    """
    stop = session.stop
    if stop is None:
        raise AssertionError(session.id)
    delivery = await _attempts(session, stop, services, is_of_many=is_of_many, resumed=resumed)
    reach(Failpoint.answer_received)
    await _record(session, stop, delivery, services, is_of_many=is_of_many)
    reach(Failpoint.recorded)
    return delivery


async def _attempts(session: Session, stop: Stop, services: Services, *, is_of_many: bool, resumed: bool) -> Delivery:
    clock, request = services.clock, services.rules.stop_request(session.rule_id)
    name = services.known_name(stop.by)
    by = stop.by if name is None else f"{stop.by} ({name})"
    try:
        urls = urls_of(session, services)
    except CannotUnseal as sealed:
        return Delivery(answer=None, problem=sealed, attempts=0, doubtful=resumed)
    began = clock.monotonic()
    doubtful = resumed
    problem: PlatformError
    for attempt in count(1):
        try:
            answer = await services.requests.stop(
                urls, request, stop.request_id, by=by, reason=stop.reason, is_of_many=is_of_many
            )
        except (OutcomeUnknown, NotSent, Gone) as caught:
            problem = caught
            doubtful = doubtful or isinstance(caught, OutcomeUnknown)
        else:
            return Delivery(answer=answer, problem=None, attempts=attempt, doubtful=False)
        pause = PAUSES_S[min(attempt, len(PAUSES_S)) - 1]
        late = clock.monotonic() - began + pause > WITHIN_S
        if attempt == ATTEMPTS or late or not _worth_another(problem, attempt, session, services):
            break
        await clock.sleep(pause)
    return Delivery(answer=None, problem=problem, attempts=attempt, doubtful=doubtful)


def _worth_another(problem: PlatformError, attempt: int, session: Session, services: Services) -> bool:
    if isinstance(problem, Gone):
        return attempt == 1 or is_just_started(session, services)
    return isinstance(problem, (OutcomeUnknown, CannotConnect))


def is_just_started(session: Session, services: Services) -> bool:
    """Return whether the session started so recently that a 404 may still pass."""
    started = session.started_at
    return started is not None and services.clock.since(started) < YOUNG_S


async def _record(
    session: Session, stop: Stop, delivery: Delivery, services: Services, *, is_of_many: bool = False
) -> None:
    record, what = _Record(session, stop, delivery, services, is_of_many=is_of_many), f"the stop of {session.name}"

    def show(moved: Session | None) -> None:
        services.changes.publish(moved)
        if moved is not None and moved.stop is not None and moved.stop.may_have_arrived:
            services.announced.look_up(moved)
        if not is_of_many:
            services.board.nudge()
            services.wake_watch()

    write_behind = services.write_behind
    recorded = write_behind.write_together(record, what) if is_of_many else write_behind.write(record, what)
    when_recorded(await recorded, show)


class _Record:
    """The job that records the result of a delivery, with the reply about it; one of many is told in their summary."""

    def __init__(
        self, session: Session, stop: Stop, delivery: Delivery, services: Services, *, is_of_many: bool
    ) -> None:
        self._session = session
        self._stop = stop
        self._delivery = delivery
        self._services = services
        self._is_of_many = is_of_many
        self._request = services.rules.stop_request(session.rule_id)
        answer = delivery.answer
        self._answer = None if answer is None else _shown_answer(answer, session, self._request.body, services)
        self._now = services.clock.now()

    def __call__(self, db: Connection) -> Session | None:
        """Record it; return the changed session, None where nothing changed."""
        delivery, by, now = self._delivery, self._stop.by, self._now
        event = _event(self._stop, delivery)
        if delivery.arrived is not None:
            kept_answer = None if self._answer is None else cut(self._answer, _ANSWER_KEPT)
            moved = stops.record_arrival(
                db, self._session, delivery.arrived, by=by, event=event, now=now, answer=kept_answer
            )
            if moved is not None:
                self._reply(db, moved, self._checked(db))
                return moved
        kept = sessions.get(db, self._session.id)
        if kept is None:
            return None
        if not kept.state.is_final:
            self._alarm(db, kept)
            return stops.give_up(db, kept.id, by=by, event=event, now=now)
        self._reply(db, kept, strong(outcome_words(kept)))  # the history was faster than the answer
        if delivery.arrived not in {Arrived.yes, Arrived.perhaps}:
            return kept
        return stops.record_late_arrival(db, kept, delivery.arrived, by=by, event=outcome_words(kept), now=now)

    def _reply(self, db: Connection, kept: Session, after: str) -> None:
        if not self._is_of_many:
            _record_reply(db, kept, self._stop, Reply(text=f"{self._text()}\n{after}"), self._now)

    def _alarm(self, db: Connection, kept: Session) -> None:
        who = on_call(self._session, self._services, self._stop.by)
        fact = f"{strong('Stop not sent')}: {session_name(self._session)} may still run, and bill. {who}"
        alarm = "\n".join([fact, self._text(), *what_to_do(self._session, self._services)])
        _record_reply(db, kept, self._stop, Reply(text=alarm, broadcast=True, buttons=True), self._now)

    def _text(self) -> str:
        return _reply_text(self._stop, self._delivery, self._request, self._answer)

    def _checked(self, db: Connection) -> str:
        if self._is_of_many:
            return ""
        warning = deaf_words(check_of(db, self._session, self._request))
        checked = f"Whether it ended is being asked of the history, for {confirm_time_words(self._services)}."
        return checked if warning is None else f"{warning}.\n{checked}"


def _record_reply(db: Connection, kept: Session, stop: Stop, reply: Reply, now: datetime) -> None:
    """Record the reply to a stop, or amend it; a stop that was recorded late has found its command by now."""
    if kept.stop is None or kept.stop.request_id != stop.request_id:
        return
    if kept.stop.command is None or bulks.is_told_in_summary(db, kept):
        return
    said = messages.reply_of(db, kept.stop.command, kept.id)  # One writer: nobody wants it twice
    is_of_limit = stop.by == BOT and not reply.broadcast and messages.card_of(db, kept.id) is None
    if is_of_limit:  # thousands may pass their limit at once: a reply would make each a card, and the alarm has told it
        return
    if said is None:
        messages.add_reply(db, kept.id, kept.channel, reply.body(), command=kept.stop.command, now=now)
    else:
        messages.amend(db, said.id, reply.body())


def _event(stop: Stop, delivery: Delivery) -> str:
    by = person(stop.by)
    if delivery.arrived is None:
        why = f": {delivery.problem.sentence}" if delivery.problem is not None else "."
        return f"A stop by {by} could not be sent{why}"
    rest = "." if delivery.arrived is Arrived.nobody else "; the end is not confirmed yet."
    return f"A stop by {by} {arrival_words(delivery.arrived)}{rest}"


def _reply_text(stop: Stop, delivery: Delivery, request: StopRequest, answer: str | None) -> str:
    """Return the reply for the thread: the body sent, status, milliseconds, the answer's body."""
    why = f": {cut(stop.reason, 300)}" if stop.reason else "."
    left = delivery.delivered or delivery.doubtful or isinstance(delivery.problem, Gone)
    lines = [f"Stop by {person(stop.by)}{why}", f"{'Sent' if left else 'Not sent'}: {stop_words(request)}"]
    if delivery.answer is not None:
        lines.append(f"{strong('Delivered')}: {delivery_words(delivery.answer, delivery.attempts)}")
        lines.extend(_answered(answer or ""))
    elif delivery.problem is not None:
        word = strong("Perhaps delivered" if delivery.doubtful else "Not delivered")
        tried = f" after {attempts_words(delivery.attempts)}" if delivery.attempts else ""
        earlier = " An earlier attempt may have arrived." if delivery.is_of_earlier else ""
        lines.append(f"{word}{tried}: {delivery.problem.sentence}{earlier}")
    return "\n".join(lines)


def delivery_words(answer: SessionAnswer, attempts: int = 1) -> str:
    """Return status, milliseconds, and the peculiarities of the transport, in words."""
    ms = round(answer.elapsed.total_seconds() * 1000)
    text = f"HTTP {answer.status} after {ms} ms"
    if attempts > 1:
        text += f", at attempt {attempts}"
    if answer.plain_http:
        text += f", over an {strong('unencrypted')} connection because no verified secure one was to be had"
    return text + "."


def answer_lines(answer: SessionAnswer, session: Session, sent: bytes, services: Services) -> list[str]:
    """Return the lines that show the answer's body, if there is one, without any secret in it."""
    return _answered(_shown_answer(answer, session, sent, services))


def _shown_answer(answer: SessionAnswer, session: Session, sent: bytes, services: Services) -> str:
    """Return the answer's body without any secret in it; empty where there is none."""
    body = answer.body.strip()
    return (
        show_answer(body, secrets=secrets_of(session, services), sent=(sent, session.custom_data or "")) if body else ""
    )


def _answered(shown: str) -> list[str]:
    return ["It answered:", block(shown, _BODY_SHOWN)] if shown else []


def attempts_words(attempts: int) -> str:
    """Return the number of attempts in words."""
    return "1 attempt" if attempts == 1 else f"{attempts} attempts"


def on_call(session: Session, services: Services, *others: str | None) -> str:
    """Return mentions of the rule's `notify`, else of the starter if there is one, and of these `others`."""
    named = services.rules.limits(session.rule_id).notify or (session.starter,)
    people = dict.fromkeys(each for each in [*named, *others] if each and each != BOT)
    return " ".join(map(notified, people))
