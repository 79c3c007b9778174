"""Requests to one running session through its URL.

Every request raises HttpRequest in the scenario (facts: a scenario may end on any request), so nothing is
probed here, and one call makes one attempt: a caller records a retry before it makes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from bot.text import foreign
from bot.voximplant._access_url import AccessUrls, NotASessionUrl, SessionUrl
from bot.voximplant._hosts import DEFAULT_SESSION_HOSTS, HostRules
from bot.voximplant._lanes import Lane, Lanes, Reply
from bot.voximplant._observed import Observe, observed, unobserved
from bot.voximplant._session_headers import send_headers, stop_headers
from bot.voximplant._stop_request import JSON, Method, StopRequest
from bot.voximplant.errors import (
    Answered,
    CannotConnect,
    CertificateUnverified,
    ConnectionBroken,
    ConnectionRefused,
    Gone,
    HostRefused,
    NotSent,
    NoUsableUrl,
    PlainHttpForbidden,
    ProxyInTheWay,
    Redirected,
)

__all__ = [
    "DEFAULT_SESSION_HOSTS",
    "AccessUrls",
    "HostRules",
    "NotASessionUrl",
    "PlainHttp",
    "SessionAnswer",
    "SessionRequests",
    "SessionUrl",
]

_BODY_BYTES = 64 * 1024
_GONE = frozenset({404, 410})


class PlainHttp(Enum):
    """The use of unencrypted URLs: never, for stops, or for everything.

    Even then only if there is no secure URL, or its certificate cannot be verified.
    """

    never = "never"
    stop = "stop"
    always = "always"


@dataclass(frozen=True)
class SessionAnswer:
    """A 2xx response of a session's server: the request was delivered, which is not yet applied (facts).

    `elapsed` is from the first packet to the last; `body` is the part of it that was read, 64 kB at most;
    `plain_http` is true when it went unencrypted.
    """

    status: int
    elapsed: timedelta
    body: str = field(repr=False)
    plain_http: bool


class SessionRequests:
    """Sends to session URLs, on the lanes for sends and stops.

    `timeout` is the seconds of one request, from its turn in the lane on; looking up the host's name comes
    before, with a deadline of its own. A second address, and a plain URL after a certificate that could not
    be verified, have the same time again, since nothing was sent before.
    """

    def __init__(
        self,
        lanes: Lanes,
        hosts: HostRules,
        *,
        timeout: float = 5,
        plain_http: PlainHttp = PlainHttp.stop,
        observe: Observe = unobserved,
    ) -> None:
        self._lanes = lanes
        self._hosts = hosts
        self._timeout = timeout
        self._plain_http = plain_http
        self._observe = observe

    async def send(self, urls: AccessUrls, body: bytes, request_id: str, *, content_type: str = JSON) -> SessionAnswer:
        """Post a body to the scenario, byte for byte, once. Raises PlatformError; see `stop`."""
        may_go_plain = self._plain_http is PlainHttp.always
        message = _Message(Method.post, "", body, {**_typed(body, content_type), **send_headers(request_id)})
        with observed(self._observe, "send"):
            return await self._deliver(self._lanes.send, urls, message, may_go_plain=may_go_plain)

    async def stop(
        self,
        urls: AccessUrls,
        stop: StopRequest,
        request_id: str,
        *,
        by: str,
        reason: str | None = None,
        is_of_many: bool = False,
    ) -> SessionAnswer:
        """Send a stop to the scenario, once; `by` is the person who asked for it, `reason` theirs.

        One that `is_of_many` takes no turn of the others, and goes on a connection of an earlier one to the same host,
        if that is still open; where it was closed meanwhile, it is sent again, with the same request id.

        Raises NotSent's kinds when surely nothing left, Gone for 404 and 410, OutcomeUnknown's kinds when it
        may have arrived: Answered and Redirected for every other status that is not 2xx.
        """
        may_go_plain = self._plain_http is not PlainHttp.never
        headers = {**_typed(stop.body, stop.content_type), **stop_headers(request_id, by, reason)}
        message = _Message(stop.method, stop.path, stop.body, headers)
        with observed(self._observe, "stop"):
            lane = self._lanes.bulk if is_of_many else self._lanes.stop
            return await self._deliver(lane, urls, message, may_go_plain=may_go_plain)

    def obstacle(self, urls: AccessUrls) -> NotSent | None:
        """Return the error with which the settings forbid a stop at these URLs, or None. Nothing is sent."""
        return self._obstacle(urls, may_go_plain=self._plain_http is not PlainHttp.never)

    def obstacle_to_send(self, urls: AccessUrls) -> NotSent | None:
        """Return the error with which the settings forbid a send to these URLs, or None. Nothing is sent."""
        return self._obstacle(urls, may_go_plain=self._plain_http is PlainHttp.always)

    def _obstacle(self, urls: AccessUrls, *, may_go_plain: bool) -> NotSent | None:
        url = urls.secure or urls.plain
        if url is None:
            return NoUsableUrl()
        if not (url.secure or may_go_plain):
            return PlainHttpForbidden()
        return None if self._hosts.matches(url) else HostRefused(url.host)

    async def _deliver(self, lane: Lane, urls: AccessUrls, message: "_Message", *, may_go_plain: bool) -> SessionAnswer:
        if urls.secure is None and urls.plain is None:
            raise NoUsableUrl
        if urls.secure is not None:
            try:
                return _answer(await self._ask(lane, urls.secure, message), plain_http=False)
            except CertificateUnverified:
                if urls.plain is None or not may_go_plain:
                    raise
        if urls.plain is None or not may_go_plain:
            raise PlainHttpForbidden
        return _answer(await self._ask(lane, urls.plain, message), plain_http=True)

    async def _ask(self, lane: Lane, url: SessionUrl, message: "_Message") -> Reply:
        """Send it once to the first of the URL's checked addresses that takes a connection, or through the proxy."""
        targets = await self._hosts.targets(url)
        refusals: list[CannotConnect] = []
        for target in targets:
            try:
                return await lane.request(
                    message.method,
                    url.reveal_at(message.path),
                    message.body,
                    message.headers,
                    seconds=self._timeout,
                    connect_seconds=self._timeout / len(targets),
                    at_most=_BODY_BYTES,
                    address=target,
                    acts=True,
                )
            except ProxyInTheWay:
                raise
            except CannotConnect as refusal:  # surely not sent: the next address may do better
                refusals.append(refusal)
        if all(isinstance(refusal, ConnectionRefused) for refusal in refusals):
            raise ConnectionRefused(url.host)
        raise CannotConnect(url.host)


@dataclass(frozen=True)
class _Message:
    """One request to a session, behind whichever of its URLs."""

    method: Method
    path: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def _typed(body: bytes, content_type: str) -> Mapping[str, str]:
    return {"Content-Type": content_type} if body else {}


def _answer(reply: Reply, *, plain_http: bool) -> SessionAnswer:
    status = reply.status
    if status in _GONE:
        raise ConnectionBroken if reply.repeated else Gone(status)  # the first attempt may have ended the session
    if 300 <= status < 400:  # noqa: PLR2004 - the redirects of HTTP
        raise Redirected(status)
    if not 200 <= status < 300:  # noqa: PLR2004 - the successes of HTTP
        raise Answered(status)
    # A body that broke off, came too slowly or is too long takes nothing from the 2xx: it was delivered.
    return SessionAnswer(status, reply.elapsed, foreign(reply.body.decode("utf-8", "replace")), plain_http)
