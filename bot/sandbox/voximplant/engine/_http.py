"""HTTP requests of a scenario (`Net.*`): canned answers, and loopback. Nothing else is sent anywhere."""

import asyncio
import http.client
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.voximplant._answers import CannedAnswer, address_of, answer_for
from bot.sandbox.voximplant._options import utc_now

ACTIVE_MAX = 3  # facts: requests of a session under way at once; the others wait
CONNECT_SECONDS_MAX, SECONDS_MAX = 6.0, 90.0  # facts; a scenario may ask for less
MADE_MAX = 1_000  # in memory
BYTES_MAX = 2 * 1024 * 1024  # facts


HttpResult: TypeAlias = dict[str, Any]
"""The fields of `Net.HttpRequestResult`."""


class Fault(IntEnum):
    """The documented codes of a request without an answer."""

    UNKNOWN = -1
    MALFORMED_URL = -2
    HOST_NOT_FOUND = -3
    CONNECTION = -4
    TIMEOUT = -7
    TOO_LARGE = -9


@dataclass(frozen=True, kw_only=True)
class HttpQuestion:
    """A request as the shim asks for it (`js/net.js`)."""

    url: str = field(repr=False)  # it may hold a secret of the customer's
    method: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    is_raw: bool
    seconds: float
    connect_seconds: float


@dataclass(frozen=True, kw_only=True)
class HttpRequestMade:
    """A request that a scenario made, and its outcome: a code of 0 or less is a fault."""

    at: datetime
    method: str
    url: str = field(repr=False)  # it may hold a secret of the customer's
    code: int
    is_canned: bool

    @property
    def address(self) -> str:
        """Its URL as it can be shown: without the parts that are secrets."""
        return address_of(self.url)


class Http:
    """The requests of one session. With `sends` false nothing is sent, not even to loopback."""

    def __init__(
        self,
        answers: Mapping[str, CannedAnswer],
        *,
        clock: Callable[[], datetime] = utc_now,
        sends: bool = True,
    ) -> None:
        self._answers = answers
        self._clock = clock
        self._sends = sends
        self._active = asyncio.Semaphore(ACTIVE_MAX)
        self.made: list[HttpRequestMade] = []
        """The first requests that have an outcome, oldest first."""

    async def answer(self, asked: Mapping[str, Any]) -> object:
        """Return the fields of `Net.HttpRequestResult`. Raises ValueError for a question that the shim does not ask."""
        question, at = _read(asked), self._clock()
        canned = answer_for(question.url, self._answers)
        async with self._active:
            result = await self._answer(question) if canned is None else _canned_result(question, canned)
        if len(self.made) < MADE_MAX:
            made = HttpRequestMade(
                at=at,
                method=question.method,
                url=question.url,
                code=result["code"],
                is_canned=canned is not None,
            )
            self.made.append(made)
        return result

    async def _answer(self, question: HttpQuestion) -> HttpResult:
        host = _host(question.url)
        if host is None:
            return _fault(Fault.MALFORMED_URL, "Malformed URL")
        if not (self._sends and _is_loopback(host)):
            return _fault(Fault.HOST_NOT_FOUND, "the sandbox sends to loopback only: give a canned answer for this URL")
        return await self._sent(question)

    async def _sent(self, question: HttpQuestion) -> HttpResult:
        try:
            return await self._send(question)
        except aiohttp.ClientConnectorError:
            return _fault(Fault.CONNECTION, "Connection error")
        except TimeoutError:
            return _fault(Fault.TIMEOUT, "Timeout")
        except (aiohttp.ClientError, OSError, ValueError):
            return _fault(Fault.UNKNOWN, "Unknown error")

    async def _send(self, question: HttpQuestion) -> HttpResult:
        timeout = aiohttp.ClientTimeout(total=question.seconds, sock_connect=question.connect_seconds)
        # Redirects are not followed: they could lead away from loopback. Loopback's certificates are nobody's.
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as client,
            client.request(
                question.method,
                question.url,
                headers=[("User-Agent", "VoxEngine/1.0"), *question.headers],
                data=question.body,
                allow_redirects=False,
                ssl=False,
            ) as response,
        ):
            body = await response.content.read(BYTES_MAX + 1)
            while len(body) <= BYTES_MAX and (more := await response.content.read(BYTES_MAX)):
                body += more
            if len(body) > BYTES_MAX:
                return _fault(Fault.TOO_LARGE, "Server response is larger than 2 MB")
            return _result(question, response.status, list(response.headers.items()), body)


def _read(asked: Mapping[str, Any]) -> HttpQuestion:
    match asked:
        case {
            "url": str(url),
            "method": str(method),
            "headers": list(headers),
            "body": str() | list() | None as body,
            "raw": bool(is_raw),
            "timeout": int() | float() | None as seconds,
            "connectionTimeout": int() | float() | None as connect_seconds,
        }:
            return HttpQuestion(
                url=url,
                method=method.upper(),
                headers=tuple((str(name), str(value)) for name, value in headers),
                body=body.encode("utf-8", "replace") if isinstance(body, str) else bytes(body or []),
                is_raw=is_raw,
                seconds=min(seconds or SECONDS_MAX, SECONDS_MAX),
                connect_seconds=min(connect_seconds or CONNECT_SECONDS_MAX, CONNECT_SECONDS_MAX),
            )
        case _:
            raise ValueError(asked.keys())


def _host(url: str) -> str | None:
    """Return the host of an HTTP URL; None for another text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in {"http", "https"} else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _fault(code: Fault, error: str) -> HttpResult:
    return {"code": code.value, "error": error, "text": "", "headers": [], "raw_headers": ""}


def _canned_result(question: HttpQuestion, answer: CannedAnswer) -> HttpResult:
    headers = [("Content-Type", answer.content_type), *answer.headers.items()]
    return _result(question, answer.status, headers, answer.body)


def _result(question: HttpQuestion, status: int, headers: list[tuple[str, str]], body: bytes) -> HttpResult:
    phrase = http.client.responses.get(status, "")
    result = {
        "code": status,
        "headers": [{"key": name, "value": value} for name, value in headers],
        "raw_headers": "\r\n".join([f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]),
        "text": body.decode("utf-8", "replace"),
    }
    return {**result, "data": list(body)} if question.is_raw else result
