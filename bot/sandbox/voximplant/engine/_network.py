"""The simulated telephone network of a session: it rings, answers, refuses and hangs up after its time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.sandbox._clock import TimerHandle, TimeSource
from bot.sandbox.voximplant._call_settings import CallOutcome, CallSettings, InboundCall
from bot.sandbox.voximplant.engine._calls import (
    CANCELLED,
    DECLINED,
    FORBIDDEN,
    UNANSWERED,
    Call,
    CallFailure,
    EndedBy,
    network_failure,
)
from bot.sandbox.voximplant.engine._effects import CallAction, Dial

ATTEMPTS_MAX, UNANSWERED_MAX = 50, 10  # facts: of a session; a call over them fails with 403

Post = Callable[[Call, str, Mapping[str, Any]], None]


class Network:
    """The calls of one session, in the order of their beginning; they ring and end by `time`.

    `post` raises an event of a call in the scenario; `changed` is called when a call has begun or ended.
    """

    def __init__(
        self,
        settings: CallSettings,
        clock: Callable[[], datetime],
        time: TimeSource,
        post: Post,
        changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._post = post
        self._changed = changed
        self._time = time
        self._due: dict[str, list[TimerHandle]] = {}
        self._attempts = 0
        self.calls: list[Call] = []

    @property
    def live(self) -> int:
        """The number of calls that keep the session alive, ringing ones included."""
        return sum(call.is_live for call in self.calls)

    def ring(self, call_id: str, inbound: InboundCall) -> Call:
        """Return the call that comes in; it rings until it is answered, rejected or given up."""
        call = Call(
            call_id=call_id,
            number=inbound.destination,
            caller_id=inbound.caller_id,
            placed_at=self._clock(),
            incoming=True,
        )
        self.calls.append(call)
        self._after(self._settings.unanswered_seconds, call, self._give_up)
        self._changed()
        return call

    def dial(self, dial: Dial) -> None:
        """Place an outgoing call."""
        call = Call(
            call_id=dial.call_id,
            number=dial.number,
            caller_id=dial.caller_id,
            kind=dial.call_kind,
            placed_at=self._clock(),
        )
        self._attempts += 1
        unanswered = sum(each.is_unanswered and not each.incoming for each in self.calls)
        self.calls.append(call)
        if self._attempts > ATTEMPTS_MAX or unanswered >= UNANSWERED_MAX:
            self._after(0, call, lambda call: self._fail(call, FORBIDDEN))
        else:
            self._reach(call, dial.timeout_seconds)
        self._changed()

    def act(self, action: CallAction) -> None:
        """Do to a call what the scenario asked for; a call that is over or unknown stays as it is."""
        call = next((each for each in self.calls if each.call_id == action.call_id and each.is_live), None)
        if call is None:
            return
        match action.name:
            case "answer" if call.incoming and call.connected_at is None and not call.answering:
                call.answering = True
                self._after(0, call, self._connect)
            case "reject" if call.incoming and call.connected_at is None:
                call.failure = CallFailure(code=action.code, reason="Rejected") if action.code else DECLINED
                self._end(call, EndedBy.SCENARIO)
            case "hangup":
                if call.connected_at is None:
                    call.failure = CANCELLED
                self._end(call, EndedBy.SCENARIO)
            case "transfer" if call.connected_at is not None:
                self._post(call, "TransferComplete", {"role": "transferor"})
                self._end(call, EndedBy.SCENARIO)

    def release(self, at: datetime) -> None:
        """End every live call, with the session."""
        for call in self.calls:
            if call.is_live:
                call.ended_at, call.ended_by = at, EndedBy.SESSION
            self._forget(call)

    def _reach(self, call: Call, timeout_seconds: float | None) -> None:
        settings = self._settings
        failure = network_failure(call.kind, call.number, settings)
        rings_for = timeout_seconds or settings.unanswered_seconds
        if failure is None and settings.outcome is not CallOutcome.NO_ANSWER and settings.connect_seconds < rings_for:
            self._after(settings.connect_seconds, call, self._connect)
        elif failure is not None:
            self._after(settings.connect_seconds, call, lambda call: self._fail(call, failure))
        else:
            self._after(rings_for, call, lambda call: self._fail(call, UNANSWERED))
        # Who is busy or away does not even ring.
        if (failure is None or failure is DECLINED) and settings.ring_seconds <= settings.connect_seconds:
            self._after(settings.ring_seconds, call, lambda call: self._post(call, "Ringing", {}))

    def _after(self, seconds: float, call: Call, act: Callable[[Call], None]) -> None:
        self._due.setdefault(call.call_id, []).append(self._time.call_later(seconds, act, call))

    def _forget(self, call: Call) -> None:
        for handle in self._due.pop(call.call_id, ()):
            handle.cancel()

    def _connect(self, call: Call) -> None:
        self._forget(call)
        call.connected_at = self._clock()
        self._post(call, "Connected", {"customData": "", "scheme": ""})
        self._post(call, "AudioStarted", {"scheme": ""})
        if self._settings.talk_seconds is not None:
            self._after(self._settings.talk_seconds, call, lambda call: self._end(call, EndedBy.NETWORK))

    def _fail(self, call: Call, failure: CallFailure) -> None:
        call.failure = failure
        self._end(call, EndedBy.NETWORK)

    def _give_up(self, call: Call) -> None:
        self._fail(call, UNANSWERED)

    def _end(self, call: Call, ended_by: EndedBy) -> None:
        self._forget(call)
        call.ended_at, call.ended_by = self._clock(), ended_by
        if call.failure is not None and not call.incoming:
            self._post(call, "Failed", {"code": call.failure.code, "reason": call.failure.reason})
        else:
            self._post(call, "Disconnected", _disconnected(call))
        self._changed()


def _disconnected(call: Call) -> Mapping[str, Any]:
    """Return the fields of `CallEvents.Disconnected`: documented also for an incoming call that was not answered."""
    code, reason = (200, "OK") if call.failure is None else (call.failure.code, call.failure.reason)
    return {
        "internalCode": code,
        "reason": reason,
        "duration": call.duration_seconds,
        "cost": call.cost,
        "direction": "in" if call.incoming else "out",
    }
