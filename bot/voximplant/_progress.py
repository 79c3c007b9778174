"""The progress of one request, which decides whether it may have reached anybody."""

import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import httpx

from bot.process import Failpoint, reach
from bot.process.network import NO_ANSWER, NoTunnel
from bot.voximplant.errors import (
    CannotConnect,
    CertificateUnverified,
    ConnectionBroken,
    ConnectionRefused,
    PlatformError,
    ProxyInTheWay,
    TimedOut,
)

if TYPE_CHECKING:
    from httpcore import AsyncNetworkStream


class Progress:
    """The progress of a request, reported by httpcore's trace extension.

    `http11.send_request_headers.started` comes right before the first byte of the request is written, after
    TCP and TLS are done. A failure before it, a deadline included, surely reached nobody.
    """

    def __init__(self, *, through: bool, acts: bool) -> None:
        self.through = through
        self._acts = acts
        self._sending = False
        self._certificate_refused = False
        self._connection: AsyncNetworkStream | None = None

    async def note(self, event: str, info: Mapping[str, object]) -> None:
        """Record one step of the request."""
        if event == "http11.send_request_headers.started":
            self._sending = True
        elif event == "http11.send_request_body.complete" and self._acts:
            reach(Failpoint.request_sent)
        elif event == "connection.connect_tcp.complete":
            self._connection = cast("AsyncNetworkStream", info["return_value"])
        elif event == "connection.start_tls.failed":
            cause = getattr(info.get("exception"), "__cause__", None)
            self._certificate_refused = isinstance(cause, ssl.SSLCertVerificationError)

    @property
    def is_on_kept_connection(self) -> bool:
        """Return whether the request was sent, and no connection was made for it."""
        return self._sending and self._connection is None

    async def hang_up(self) -> None:
        """Close the connection once more: httpcore forgets one whose TLS handshake is cancelled."""
        if self._connection is not None:
            await self._connection.aclose()

    def failure(self, error: Exception, request: httpx.Request, seconds: float) -> PlatformError:
        """Return the kind of a failure, by what was surely not done before it."""
        host = request.headers["host"]
        if self._certificate_refused:
            return CertificateUnverified(host)
        if self.through and self._connection is None and not self._sending:
            return ProxyInTheWay(host, str(error) if isinstance(error, NoTunnel) else NO_ANSWER)
        if not self._sending:
            return ConnectionRefused(host) if _is_refusal(error) else CannotConnect(host)
        if isinstance(error, httpx.TimeoutException | TimeoutError):
            return TimedOut(seconds)
        return ConnectionBroken()


def _is_refusal(error: BaseException | None) -> bool:
    """Return whether a connection was refused: the system's own error ends httpx's chain of causes."""
    while error is not None:
        if isinstance(error, ConnectionRefusedError):
            return True
        error = error.__cause__ or error.__context__
    return False
