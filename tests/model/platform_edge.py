"""The platform at its HTTP edge: what it was asked, what it did, and whatever answer a test wants of it."""

import asyncio
import itertools
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qs

import httpx

from bot.voximplant._lanes import Reply
from bot.voximplant.errors import CannotConnect, ConnectionBroken, ConnectionRefused, TimedOut

APPLICATION: Final = 7
RULES: Final = {1001: "obedient", 1002: "strict"}
_HOST: Final = "127.0.0.1"
_LATENCY_S: Final = 0.05


class StartFate(StrEnum):
    """The outcomes of a StartScenarios call."""

    runs = "runs"
    late = "late"
    refused = "refused"
    fault = "a fault that may have acted"
    lost = "runs, its answer lost"
    broken = "runs, the connection broken"
    hangs = "hangs, and does nothing"
    no_url = "runs, without a URL in the answer"
    no_number = "runs, without its number in the answer"
    garbage = "runs, and answers rubbish"
    unreached = "no connection"


class UrlFate(StrEnum):
    """The outcomes of a request to a session's URL."""

    ends = "taken, and ended by"
    ignored = "taken, and ignored"
    lost = "taken, its answer lost"
    hangs = "not taken, no answer"
    gone = "404"
    refused = "connection refused"
    unreached = "no connection"
    error = "500"


class HistoryMood(StrEnum):
    """The ways in which the history answers."""

    true = "true"
    silent = "silent"
    busy = "too busy"
    absent = "without rows"
    odd = "with rows that cannot be read"
    wrong = "wrongly ended"
    running = "wrongly running"


@dataclass
class Phone:
    """One session at the platform."""

    number: int
    rule: int
    data: str | None
    url: str
    started: datetime
    ends_at: float | None = None
    takes: UrlFate = UrlFate.ends
    taken: str | None = None
    is_from_elsewhere: bool = False


@dataclass
class PlatformEdge:
    """Every lane of a process ends here. `reach` is awaited where the process may end; `seconds` is the true time."""

    seconds: Callable[[], float]
    skew: timedelta = timedelta()
    phones: dict[int, Phone] = field(default_factory=dict)
    fates: deque[StartFate] = field(default_factory=deque)
    url_fates: deque[UrlFate] = field(default_factory=deque)
    mood: HistoryMood = HistoryMood.true
    announced: dict[str, str] = field(default_factory=dict)
    starts: Counter[str] = field(default_factory=Counter)
    sends: Counter[bytes] = field(default_factory=Counter)
    stops: dict[str, list[float]] = field(default_factory=dict)
    said_ended: Counter[int] = field(default_factory=Counter)
    said_runs: dict[int, float] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(4_000_001))

    def now(self) -> datetime:
        """Return the platform's time."""
        return datetime(2026, 3, 1, 2, 14, tzinfo=UTC) + timedelta(seconds=self.seconds()) + self.skew

    def lane(self, name: str, reach: Callable[[str], Awaitable[None]]) -> "EdgeLane":
        """Return a lane that ends here."""
        return EdgeLane(name, self, reach)

    def is_running(self, phone: Phone) -> bool:
        """Return whether a session runs now."""
        return phone.ends_at is None or phone.ends_at > self.seconds()

    def begin(self, rule: int, data: str | None, *, elsewhere: bool = False) -> Phone:
        """Start a session, here or elsewhere."""
        number, now = next(self._numbers), self.now()
        url = (
            f"https://127.0.0.1:12093/request/AF30C0FFEE{number}.{int(now.timestamp())}.{number}_10.0.0.1/90AB{number}"
        )
        self.phones[number] = Phone(number, rule, data, url, now, is_from_elsewhere=elsewhere)
        return self.phones[number]

    def start(self, form: Mapping[str, str]) -> tuple[StartFate, Phone | None]:
        """Do what a start comes to."""
        fate = self.fates.popleft() if self.fates else StartFate.runs
        if fate is StartFate.unreached:
            return fate, None
        data = form.get("script_custom_data")
        self.starts[data or ""] += 1
        acts = fate not in {StartFate.refused, StartFate.hangs, StartFate.fault}
        return fate, self.begin(int(form["rule_id"]), data) if acts else None

    def answer_to_start(self, fate: StartFate, phone: Phone | None) -> bytes:
        """Return the body of the answer."""
        if fate is StartFate.refused:
            return b'{"error": {"code": 127, "msg": "insufficient money"}}'
        if phone is None:
            return b'{"error": {"code": 1, "msg": "internal"}}'
        if fate is StartFate.garbage:
            return b"<html>502"
        answer: dict[str, Any] = {"result": 1}
        if fate is not StartFate.no_url:
            answer["media_session_access_secure_url"] = phone.url
        if fate is not StartFate.no_number:
            answer["call_session_history_id"] = phone.number
        return json.dumps(answer).encode()

    def history(self, form: Mapping[str, str]) -> bytes | None:
        """Return the history's answer as its mood is; None: no answer."""
        if self.mood is HistoryMood.silent:
            return None
        if self.mood is HistoryMood.absent:
            return b'{"result": [], "count": 0, "total_count": 0}'
        ids = form.get("call_session_history_id")
        if ids is not None:
            found = [self.phones[int(each)] for each in ids.split(";") if int(each) in self.phones]
        else:
            data = form.get("call_session_history_custom_data")
            found = [
                each for each in self.phones.values()
                if RULES[each.rule] == form.get("rule_name") and (data is None or each.data == data)
                and form["from_date"] <= each.started.strftime("%Y-%m-%d %H:%M:%S") <= form["to_date"]
            ]  # fmt: skip
        is_of_costs = "with_records" in form
        rows = [self._row(each, is_of_costs=is_of_costs) for each in found]
        return json.dumps({"result": rows, "count": len(rows), "total_count": len(rows)}).encode()

    def _row(self, phone: Phone, *, is_of_costs: bool) -> dict[str, Any]:
        row: dict[str, Any] = {
            "call_session_history_id": phone.number, "application_id": APPLICATION, "application_name": "calls",
            "rule_name": RULES[phone.rule], "custom_data": phone.data or "",
            "start_date": phone.started.strftime("%Y-%m-%d %H:%M:%S"),
        }  # fmt: skip
        if self.mood is HistoryMood.odd:
            return {**row, "finish_reason": ["odd"]}
        runs = self.is_running(phone)
        runs = {HistoryMood.wrong: False, HistoryMood.running: True}.get(self.mood, runs)
        if runs:
            self.said_runs[phone.number] = self.seconds()
            return {**row, "active": True}
        self.said_ended[phone.number] += not is_of_costs
        return {**row, "finish_reason": "Normal termination", "duration": 10, "active": False}

    def take(self, url: str, body: bytes, request_id: str | None) -> tuple[UrlFate, int]:
        """Do what a request to a session's URL comes to; return that, and the HTTP status."""
        phone = next((each for each in self.phones.values() if each.url in url), None)
        if phone is None or not self.is_running(phone):
            return UrlFate.gone, 404
        fate = self.url_fates.popleft() if self.url_fates else phone.takes
        if fate in {UrlFate.refused, UrlFate.unreached}:
            return fate, 0
        if fate is UrlFate.gone:
            return fate, 404
        if b'"stop"' in body:
            if request_id is not None:
                self.stops.setdefault(request_id, []).append(self.seconds())
        else:
            self.sends[body] += 1
        if fate in {UrlFate.ends, UrlFate.lost} and b'"stop"' in body:
            phone.ends_at, phone.taken = self.seconds() + 1, request_id
        return fate, 500 if fate is UrlFate.error else 200

    def announce(self, number: int, *, forged: bool = False, ago_s: float = 0, ending: bool = False) -> None:
        """Write a session's announcement, true, stale or forged, into its application's storage."""
        phone = self.phones.get(number)
        url = phone.url if phone and not forged else "https://127.0.0.1:1/request/FORGED.1700000000.1_1/FORGED"
        beat = int(self.now().timestamp() - ago_s)
        value = {"v": 1, "session": str(number), "url": url, "started": beat - 60, "beat": beat, "calls": 1}
        if phone is not None and phone.taken is not None:
            value["taken"] = phone.taken
        if ending:
            value["ending"] = True
        self.announced[f"session-bot:{number}"] = json.dumps(value)

    def other(self, method: str, form: Mapping[str, str]) -> bytes:
        """Answer what changes nothing."""
        if method == "GetKeyValueItem":
            value = self.announced.get(form["key"])
            if value is None:
                return b'{"error": {"code": 496, "msg": "no such key"}}'
            return json.dumps({"result": {"key": form["key"], "value": value}}).encode()
        rows: list[dict[str, Any]] = {
            "GetApplications": [{"application_id": APPLICATION, "application_name": "calls"}],
            "GetRules": [{"rule_id": each, "rule_name": name, "scenarios": []} for each, name in RULES.items()],
            "GetKeyValueItems": [{"key": key, "value": value} for key, value in self.announced.items()],
        }.get(method, [])
        first, count = int(form.get("offset", "0")), int(form.get("count", "100"))
        if method == "GetAccountInfo":
            return b'{"result": {"account_id": 1, "account_name": "demo", "currency": "USD"}}'
        page = rows[first : first + count]
        return json.dumps({"result": page, "count": len(page), "total_count": len(rows)}).encode()


class EdgeLane:
    """A lane of one process, with the errors of the real one."""

    def __init__(self, name: str, edge: PlatformEdge, reach: Callable[[str], Awaitable[None]]) -> None:
        self.name = name
        self.size = 16
        self.waiting = 0
        self.in_flight = 0
        self._edge = edge
        self._reach = reach

    async def request(
        self, _method: str, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, **_: object
    ) -> Reply:
        """Send a request once."""
        await self._reach("request")
        await asyncio.sleep(_LATENCY_S)
        status, answer = await (
            self._session(url, body, headers, seconds) if "/request/" in url else self._called(url, body, seconds)
        )
        await asyncio.sleep(_LATENCY_S)
        await self._reach("answered")
        date = {"Date": format_datetime(self._edge.now(), usegmt=True)}
        return Reply(status, httpx.Headers(date), answer, timedelta(seconds=_LATENCY_S), None, len(answer))

    async def _session(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
        fate, status = self._edge.take(url, body, headers.get("X-Request-Id"))
        if fate is UrlFate.refused:
            raise ConnectionRefused(_HOST)
        if fate is UrlFate.unreached:
            raise CannotConnect(_HOST)
        if fate in {UrlFate.lost, UrlFate.hangs}:
            await asyncio.sleep(seconds)
            raise TimedOut(seconds)
        return status, b""

    async def _called(self, url: str, body: bytes, seconds: float) -> tuple[int, bytes]:
        method = url.rstrip("/").rpartition("/")[2]
        form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        if method == "StartScenarios":
            fate, phone = self._edge.start(form)
            if fate is StartFate.unreached:
                raise CannotConnect(_HOST)
            if fate is StartFate.broken:
                raise ConnectionBroken
            if fate in {StartFate.hangs, StartFate.lost}:
                await asyncio.sleep(seconds)
                raise TimedOut(seconds)
            if fate is StartFate.late:
                await asyncio.sleep(seconds - 1)
            return 200, self._edge.answer_to_start(fate, phone)
        if method == "GetCallHistory":
            if self._edge.mood is HistoryMood.busy:
                return 429, b""
            found = self._edge.history(form)
            if found is None:
                await asyncio.sleep(seconds)
                raise TimedOut(seconds)
            return 200, found
        return 200, self._edge.other(method, form)
