"""The inbox: a port where sessions that run the kit report *taken* and *ending* themselves, within a second.

Off unless its port is set, and nothing depends on it: what it misses is read in the next round.

    404, 405   another path, another method
    408, 413   a body that does not end in time, or of more than 8 kB
    429        more requests than one address, or all together, may make
    401        no signature, a wrong one, or a time that is odd or more than five minutes off
    400        signed, and not believed, for a reason of `Refusal`
    204        accepted, or a replay, which does nothing

No answer says more than that, and a refused request is a number in the metrics and a line a minute in the log.
"""

import hmac
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from aiohttp import web

from bot.directory._claim import Claim
from bot.directory._refusal import Refusal, Refusals
from bot.directory._request_limits import RequestLimits
from bot.directory._rows import LONGEST, ClaimChecks
from bot.directory._seen_signatures import SeenSignatures
from bot.process import Failpoint, RateLimitedLog, RemoteClock, reach
from bot.process.metrics import Metrics
from bot.process.ops import Listener

log = logging.getLogger(__name__)

INBOX_PATH: Final = "/announcements"
WINDOW: Final = timedelta(minutes=5)
ROOM: Final = 128
"""Connections at once."""

_UNREAD: Final = 65_536
"""Bytes of a body that are read at most, so that one that is too long is counted, too."""

_HELD_S: Final = 1.0
"""The time after which a request too many is answered, so that a flood is no faster than its connections are many."""

_CLOSING_S: Final = 1.0
_OTHER_METHOD: Final = 405
_TOO_MANY: Final = 429
_DIGITS: Final = 12


class Inbox:
    """The inbox. `on_claim` gets each claim; it does not block, and does not raise.

    A request's age is the least of two: by the platform's `clock`, as it was last heard, and by ours.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        checks: ClaimChecks,
        refusals: Refusals,
        on_claim: Callable[[Claim], None],
        clock: RemoteClock,
        metrics: Metrics,
    ) -> None:
        self._host = host
        self._port = port
        self._checks = checks
        self._refusals = refusals
        self._on_claim = on_claim
        self._clock = clock
        self._metrics = metrics
        self._limits = RequestLimits(clock.ours.monotonic)
        self._seen = SeenSignatures(clock.ours.monotonic)
        self._refused = RateLimitedLog(log, logging.WARNING)
        self._listener = Listener(
            "inbox",
            [web.route("*", "/{anywhere:.*}", self._receive)],
            settings="SESSION_BOT_INBOX",
            room=ROOM,
            longest=_UNREAD,
            closing_s=_CLOSING_S,
        )

    @property
    def port(self) -> int:
        """The port that is listened on: the system's choice, if 0 was asked for."""
        return self._listener.port or self._port

    async def start(self) -> None:
        """Start listening. Raises CannotListen, of it PortTaken where the port is in use; can be retried."""
        await self._listener.open(self._host, self._port)
        log.info("taking what sessions announce on %s:%d%s", self._host, self.port, INBOX_PATH)

    async def stop(self) -> None:
        """Stop listening; answers under way are dropped after a second."""
        await self._listener.close()

    async def _receive(self, request: web.Request) -> web.Response:
        """Answer a request, and count it by its outcome."""
        status, outcome = await self._outcome(request)
        self._metrics.inbox_requests.labels(outcome).inc()
        if status == _TOO_MANY:
            await self._clock.ours.sleep(_HELD_S)
        if status >= 400:  # noqa: PLR2004 - where HTTP's refusals begin
            self._refused.log(f"a request to the inbox was refused: {outcome}")
        return web.Response(status=status, headers={"Allow": "POST"} if status == _OTHER_METHOD else None)

    async def _outcome(self, request: web.Request) -> tuple[int, str]:
        if not self._limits.allows(request.remote or ""):
            return _TOO_MANY, "too many"
        if (refusal := _form_refusal(request, body := await request.read())) is not None:
            return refusal
        sent_at = request.headers.get("X-Session-Bot-Time", "")
        signature = request.headers.get("X-Session-Bot-Signature", "").lower()  # either case is hex
        if sent_at and not self._is_in_time(sent_at):
            return 401, "not in time"
        if not self._is_signed(sent_at, body, signature):
            return 401, "not signed"
        return self._claim_outcome(body) if self._seen.add(signature) else (204, "replayed")

    def _is_in_time(self, sent_at: str) -> bool:
        """Return whether a time, in whole seconds since 1970, is within the window by any of the clocks."""
        if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= _DIGITS):
            return False
        seconds = int(sent_at)
        clocks = (self._clock, self._clock.ours)
        return any(abs(each.now().timestamp() - seconds) <= WINDOW.total_seconds() for each in clocks)

    def _is_signed(self, sent_at: str, body: bytes, signature: str) -> bool:
        """Return whether one of the secrets signed this time and body; every one is tried, each in constant time."""
        if not (sent_at and signature.isascii()):
            return False
        signed = sent_at.encode() + b"." + body
        right = [
            hmac.compare_digest(hmac.digest(each, signed, "sha256").hex(), signature) for each in self._checks.secrets
        ]
        return any(right)

    def _claim_outcome(self, body: bytes) -> tuple[int, str]:
        claim = self._checks.of_text(body.decode("utf-8", "surrogateescape"), now=self._clock.now())
        if isinstance(claim, Refusal):
            self._refusals.count(0, claim)
            return 400, claim.name
        self._on_claim(claim)
        reach(Failpoint.report_taken)
        return 204, "accepted"


def _form_refusal(request: web.Request, body: bytes) -> tuple[int, str] | None:
    """Return the answer to a request that is none for the inbox, and its outcome; None where it may be one."""
    if request.path != INBOX_PATH:
        return 404, "another path"
    if request.method != "POST":
        return _OTHER_METHOD, "another method"
    return None if len(body) <= LONGEST else (413, "too long")
