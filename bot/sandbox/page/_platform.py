"""The platform as frames: one for each session, and one on what is stored; and all that is known of one session.

`by` says who started a session as far as the platform knows it: the person behind a client of its API it does not know.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot.sandbox.page._session_urls import without_session_urls
from bot.sandbox.slack import Json
from bot.sandbox.voximplant import Call, Delivery, LogLine, Origin, Platform, RunningScenario

SESSIONS_MAX: Final = 1000
"""The newest sessions that are shown; no drill and no demo comes near it."""
CALLS_MAX: Final = 10
LINES_MAX: Final = 500
LINE_LENGTH_MAX: Final = 2000
REQUESTS_MAX: Final = 200
STORED_MAX: Final = 200
_DATA_LENGTH_MAX: Final = 300


class Sessions:
    """The frames of one platform's sessions; one that did not change is the same object as before."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._requests: Counter[int] = Counter()
        self._counted = 0
        self._frames: dict[int, Json] = {}
        self._stored: Json = {}

    @property
    def frames(self) -> list[Json]:
        """The frames as of the last look, the oldest session first."""
        return [*([self._stored] if self._stored else []), *self._frames.values()]

    def look(self) -> bool:
        """Look at the platform; return whether a frame has changed."""
        self._count_requests()
        before, stored = self._frames, self._stored
        newest = list(self._platform.started.items())[-SESSIONS_MAX:]
        self._frames = {key: self._frame(before.get(key), running) for key, running in newest}
        self._stored = kept(stored, self._stored_frame())
        changed = self._stored is not stored or len(before) != len(self._frames)
        return changed or any(before.get(key) is not frame for key, frame in self._frames.items())

    def detail(self, running: RunningScenario) -> Json:
        """Return the log of a session, its requests, and the stored values of its application, its own first."""
        history_id = running.session.history_id
        lines = running.session.record.log_lines
        requests = [each for each in self._platform.deliveries if each.history_id == history_id]
        stored = sorted(self._pairs(running), key=lambda pair: not pair["own"])
        return {
            "log": [_line(each) for each in lines[-LINES_MAX:]],
            "lines_before": max(len(lines) - LINES_MAX, 0),
            "requests": [_request(each) for each in requests[-REQUESTS_MAX:]],
            "requests_before": max(len(requests) - REQUESTS_MAX, 0),
            "stored": stored[:STORED_MAX],
            "stored_in_all": len(stored),
            "reason": running.session.finish_reason,
            "cause": running.session.ending and running.session.ending.cause,
        }

    def _count_requests(self) -> None:
        deliveries = self._platform.deliveries
        self._requests.update(each.history_id for each in deliveries[self._counted :])
        self._counted = len(deliveries)

    def _frame(self, before: Json | None, running: RunningScenario) -> Json:
        session = running.session
        return kept(
            before,
            {
                "type": "session",
                "id": session.history_id,
                "rule": running.rule.rule_name,
                "application": running.rule.application.application_id,
                "state": "running" if session.running else "ended",
                "hangs": session.hangs,
                "started_at": _milliseconds(session.started_at),
                "ended_at": _milliseconds(session.ended_at),
                "reason": session.finish_reason,
                "data": shown(session.custom_data, _DATA_LENGTH_MAX),
                "by": _starter(running),
                "calls": [_call(each) for each in session.calls[-CALLS_MAX:]],
                "calls_in_all": len(session.calls),
                "requests": self._requests[session.history_id],
                "lines": len(session.record.log_lines),
            },
        )

    def _stored_frame(self) -> Json:
        account = self._platform.account
        revisions = {str(each.application_id): account.key_values(each).revision for each in list(account.applications)}
        return {"type": "stored", "revisions": revisions}

    def _pairs(self, running: RunningScenario) -> Iterator[Json]:
        """Yield the stored pairs of a session's application; its own are those that name it."""
        store = self._platform.account.key_values(running.rule.application)
        name = str(running.session.history_id)
        for item in store.items(None, self._platform.options.clock()):
            own = name in item.key or name in item.value
            value = shown(item.value, LINE_LENGTH_MAX)
            yield {"key": item.key, "value": value, "expires_at": item.expires_at * 1000, "own": own}


def shown(text: str, length_max: int) -> str:
    """Return a text with the URLs of sessions replaced, and cut to its length."""
    text = without_session_urls(text)
    return text if len(text) <= length_max else f"{text[:length_max]}…"


def kept(before: Json | None, frame: Json) -> Json:
    """Return the frame, or the one before where it is the same: that object is known to have been sent."""
    return before if before == frame else frame


def _starter(running: RunningScenario) -> str:
    if running.origin is Origin.CALL and running.inbound is not None:
        return f"a call from {running.inbound.caller_id}"
    return running.origin


def _call(call: Call) -> Json:
    return {
        "number": shown(call.remote_number, _DATA_LENGTH_MAX),
        "direction": "in" if call.incoming else "out",
        "state": "ended" if not call.is_live else "rings" if call.is_unanswered else "connected",
        "connected_at": _milliseconds(call.connected_at),
        "ended_at": _milliseconds(call.ended_at),
    }


def _line(line: LogLine) -> Json:
    return {"at": _milliseconds(line.at), "text": shown(line.text, LINE_LENGTH_MAX)}


def _request(delivery: Delivery) -> Json:
    return {
        "at": _milliseconds(delivery.at),
        "method": delivery.http_method,
        "headers": [[name, shown(value, _DATA_LENGTH_MAX)] for name, value in delivery.headers.items()],
        "body": shown(delivery.body.decode("utf-8", "replace"), LINE_LENGTH_MAX),
        "status": delivery.status,
        "answer": shown(delivery.answer or "", LINE_LENGTH_MAX),
        "ms": None if delivery.seconds is None else round(delivery.seconds * 1000),
    }


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
