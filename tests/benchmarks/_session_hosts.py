"""A platform whose sessions are nothing but URLs: quick, so that a figure is the client's and not the server's.

One TLS port serves the session URLs and the few methods of the Management API that the bot asks. A session ends when
its URL is posted to, after `delay` seconds, unless it hangs. Connections are kept as long as the client likes.
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from bot.sandbox._certificates import Certificates

FIRST: Final = 4202753936
"""The history id of session 1 is one more."""

APPLICATION: Final = 4379001
RULE: Final = {"rule_id": 1001, "application_id": APPLICATION, "rule_name": "hotline", "scenarios": []}
_LENGTH: Final = re.compile(r"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_DATE: Final = "%Y-%m-%d %H:%M:%S"


class SessionHosts:
    """The sessions, and the time of each request: of a start its answer, of a stop its arrival. Times are monotonic."""

    def __init__(self) -> None:
        self.origin = ""
        self.certificates = Certificates()
        self.delay = 0.0
        self.start_delay = 0.0
        self.hanging: frozenset[int] = frozenset()
        self.starts_hang = False
        self.connections = 0
        self.arrived: dict[int, list[float]] = {}
        self.answered: dict[int, float] = {}
        self.started: dict[str, list[float]] = {}
        self.calls: Counter[str] = Counter()
        self._next = 1_000_000
        self._began = time.time() - 3600
        self.actions: Mapping[str, Callable[..., Awaitable[Any]]] = {
            "hosts_set": self.set,
            "hosts_seen": self.seen,
            "hosts_end": self.end,
        }

    async def set(self, **values: Any) -> None:
        """Set how the hosts behave from now on, and forget what was seen."""
        if "hanging" in values:
            values["hanging"] = frozenset(values["hanging"])
        vars(self).update(values)
        self.connections = 0
        for seen in (self.arrived, self.answered, self.started, self.calls):
            cast("dict[Any, Any]", seen).clear()

    async def end(self, count: int) -> None:
        """End the first sessions by themselves."""
        self.answered |= dict.fromkeys(range(1, count + 1), time.monotonic())

    async def seen(self) -> dict[str, Any]:
        """Return what was seen since then; the numbers of sessions are texts."""
        return {
            "connections": self.connections, "calls": self.calls, "started": self.started,
            "arrived": self.arrived, "answered": self.answered,
        }  # fmt: skip

    async def serve(self) -> asyncio.Server:
        """Listen on a free port."""
        loop, tls = asyncio.get_running_loop(), self.certificates.server_context()
        server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, ssl=tls, backlog=2_000)
        self.origin = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    def environ(self, folder: Path) -> dict[str, str]:
        """Return the settings with which a program finds it."""
        return {
            "SSL_CERT_FILE": str(folder / "ca.pem"), "VOXIMPLANT_API_URL": f"{self.origin}/platform_api",
            "VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "key", "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
            "SESSION_BOT_OPS_PORT": "0",
        }  # fmt: skip

    def url(self, number: int) -> str:
        """Return the URL of a session."""
        return f"{self.origin}/request/AF30.1580999958.{number}/90AB"

    def method(self, method: str, form: Mapping[str, str]) -> tuple[float, dict[str, Any]] | None:
        """Return the delay and the answer of a method; None where it hangs."""
        self.calls[method] += 1
        rows: list[Any] = []
        match method:
            case "StartScenarios":
                return self._start(form)
            case "GetCallHistory":
                ids = [int(each) for each in form.get("call_session_history_id", "").split(";") if each]
                rows = [self._row(each - FIRST) for each in ids]
            case "GetApplications":
                rows = [{"application_id": APPLICATION, "application_name": "bench.account.voximplant.com"}]
            case "GetRules":
                rows = [RULE]
            case "GetAccountInfo":
                return 0, {"result": {"account_id": 1, "account_name": "account", "currency": "USD"}}
        return 0, {"result": rows, "total_count": len(rows), "count": len(rows)}

    def _start(self, form: Mapping[str, str]) -> tuple[float, dict[str, Any]] | None:
        self._next += 1
        self.started.setdefault(form.get("script_custom_data", ""), []).append(time.monotonic() + self.start_delay)
        if self.starts_hang:
            return None
        url = self.url(self._next)
        return self.start_delay, {
            "result": 1, "media_session_access_secure_url": url, "call_session_history_id": FIRST + self._next,
        }  # fmt: skip

    def _row(self, number: int) -> dict[str, Any]:
        ended = number in self.answered
        row = {
            "call_session_history_id": FIRST + number, "account_id": 1, "application_id": APPLICATION,
            "application_name": "bench.account.voximplant.com", "rule_name": "hotline", "custom_data": "x",
            "start_date": time.strftime(_DATE, time.gmtime(self._began)), "active": not ended,
        }  # fmt: skip
        return row | ({"duration": 3600, "finish_reason": "Normal termination"} if ended else {})


class _Connection(asyncio.Protocol):
    """HTTP/1.1, as much of it as the clients here speak."""

    def __init__(self, hosts: SessionHosts) -> None:
        self._hosts = hosts
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._hosts.connections += 1
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].decode()
            told = _LENGTH.search(head)
            length = int(told[1]) if told else 0
            if len(self._read) < end + 4 + length:
                return
            body, self._read = self._read[end + 4 : end + 4 + length], self._read[end + 4 + length :]
            self._request(head.split(" ", 2)[1], body.decode())

    def _request(self, path: str, body: str) -> None:
        hosts, loop = self._hosts, asyncio.get_running_loop()
        first, _, rest = path.strip("/").partition("/")
        if first == "request":
            number = int(rest.split("/")[0].split(".")[2])
            hosts.arrived.setdefault(number, []).append(time.monotonic())
            if number not in hosts.hanging:
                loop.call_later(hosts.delay, self._answer_stop, number)
            return
        form = dict(parse_qsl(body))
        answer = hosts.method(rest or form["cmd"], form)  # the official client names the method in the form
        if answer is not None:
            loop.call_later(answer[0], self._answer, json.dumps(answer[1]).encode())

    def _answer_stop(self, number: int) -> None:
        self._hosts.answered.setdefault(number, time.monotonic())
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        if not self._transport.is_closing():
            kind = "Content-Type: application/json\r\n" if body else ""
            head = f"HTTP/1.1 200 OK\r\nDate: {formatdate(usegmt=True)}\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
            self._transport.write(head.encode() + body)
