"""Fetching a session's log: from the platform's storages, with its token, and from no other host by default.

The token goes to `storage-gw-*.voximplant.com` only (facts). Other hosts must be named in a setting, and get
no token. Nothing is redirected, plain http is refused, and only the end of a long log is kept.
"""

import contextlib
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bot.voximplant._answers import LogUrl
from bot.voximplant._credentials import Credentials
from bot.voximplant._hosts import HostRules
from bot.voximplant._lanes import Lane, Reply
from bot.voximplant._observed import Observe, observed, unobserved
from bot.voximplant.errors import CannotConnect, LogGone, LogHostRefused, LogNotGiven, ProxyInTheWay

TAIL_BYTES: Final = 1_000_000 + 16_384
"""The bytes of a log's end that are fetched: a little more than is shown, so that a half line can be dropped."""

LOG_HOSTS: Final = "*.voximplant.com"
"""The pattern under which the addresses of storages are checked; their names are narrower."""

_STORAGE: Final = re.compile(r"storage-gw-[a-z0-9-]+\.voximplant\.com")
_HOST: Final = re.compile(r"[a-z0-9.:-]+")
_ODD: Final = "an address that is no https URL"
_OK: Final = 200
_GONE: Final = frozenset({404, 410})


@dataclass(frozen=True)
class LogFile:
    """The end of a log, unread: it may hold the session's own URL and phone numbers. `size` is all of it, in bytes."""

    tail: bytes
    size: int

    def __repr__(self) -> str:
        return f"LogFile({self.size} bytes)"

    @property
    def is_cut(self) -> bool:
        """Return whether the beginning is missing."""
        return self.size > len(self.tail)


@dataclass(frozen=True)
class _LogTarget:
    host: str
    port: int


class LogFiles:
    """Fetches logs on their own lane.

    `storages` are the host rules of the platform's storages; `others` are further hosts, which get no
    token. `timeout` is the seconds for a whole log.
    """

    def __init__(
        self,
        lane: Lane,
        credentials: Credentials,
        *,
        storages: HostRules,
        others: HostRules,
        timeout: float = 60,
        observe: Observe = unobserved,
    ) -> None:
        self._lane = lane
        self._credentials = credentials
        self._storages = storages
        self._others = others
        self._timeout = timeout
        self._observe = observe

    async def fetch(self, url: LogUrl) -> LogFile:
        """Return the end of a log, fetched once.

        Raises LogHostRefused, AddressRefused, CannotConnect and its kin, LogGone, LogNotGiven, or OutcomeUnknown's
        kinds when the log did not come whole.
        """
        with observed(self._observe, "log"):
            reply = await self._get(url.reveal())
            if reply.status in _GONE:
                raise LogGone(reply.status)
            if reply.status != _OK:
                raise LogNotGiven(reply.status)
            if reply.flaw is not None:
                raise reply.flaw
            return LogFile(reply.body, reply.size)

    async def _get(self, url: str) -> Reply:
        place = _target(url)
        from_storage = _STORAGE.fullmatch(place.host) is not None
        rules = self._storages if from_storage else self._others
        headers = self._credentials.headers_and_form()[0] if from_storage else {}
        if not rules.matches(place):
            raise LogHostRefused(place.host)
        for target in await rules.targets(place):
            try:
                return await self._lane.get(url, headers, seconds=self._timeout, tail=TAIL_BYTES, address=target)
            except ProxyInTheWay:
                raise
            except CannotConnect:
                continue
        raise CannotConnect(place.host)


def _target(url: str) -> _LogTarget:
    """Return the target of a log's URL; raises LogHostRefused, without showing a malformed URL."""
    place = None
    with contextlib.suppress(ValueError):  # its words may repeat the URL
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https" and "@" not in parts.netloc and _HOST.fullmatch(host):
            place = _LogTarget(host, parts.port or 443)
    if place is None:
        raise LogHostRefused(_ODD)
    return place
