"""HTTP mode: payloads go to the app's request URL as signed POSTs, and the response is the ack.

Slack documents the forms: commands are a form, interactions a form with one field `payload`, events JSON; the
signature is `v0=` and the HMAC-SHA256 of `v0:TIMESTAMP:BODY` under the signing secret. Real request URLs are
https and public; here they are on this machine, and plain.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode

import aiohttp

from bot.sandbox.slack._envelopes import DeliveryResult, Envelope, EnvelopeType, SignedRequest
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._payloads import VERIFICATION_TOKEN

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
# By the hundreds of a status: the code that people report reading after a command, and the documented reason for
# a retry. What is read after a redirect or another 2xx than 200 is not known.
_REFUSALS = {
    3: ("http_client_error", "too_many_redirects"),
    5: ("http_service_error", "http_error"),
}
_UNEXPECTED = ("http_client_error", "http_error")
ROBOT = "Slackbot 1.0 (+https://api.slack.com/robots)"


class RequestUrl:
    """Sends to the app's request URL, `url`; empty when the app has none."""

    def __init__(self, signing_secret: str, ack_seconds: float, clock: Callable[[], datetime]) -> None:
        self.url = ""
        self._secret = signing_secret.encode()
        self._ack_seconds = ack_seconds
        self._clock = clock

    async def verify(self, url: str) -> None:
        """Send a challenge to `url` and check that it is repeated, as Slack does before anything else.

        Raises ConnectionError when nobody does.
        """
        challenge = secrets.token_urlsafe(39)
        asked = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
        answer = await self.post(self._signed(url, json.dumps(asked), JSON, {}), EnvelopeType.EVENT)
        if answer.error is not None or challenge not in _repeated(answer.payload or {}):
            msg = f"{url} did not answer with the challenge: {answer.error or 'something else came back'}"
            raise ConnectionError(msg)

    async def deliver(self, envelope: Envelope) -> DeliveryResult:
        """Sign a payload, send it, and wait for the response as long as Slack does."""
        body, content_type = _encoded(envelope)
        retry = {
            "X-Slack-Retry-Num": str(envelope.retry_attempt),
            "X-Slack-Retry-Reason": envelope.retry_reason,
        }
        headers = retry if envelope.type is EnvelopeType.EVENT and envelope.retry_attempt else {}
        return await self.post(self._signed(self.url, body, content_type, headers), envelope.type)

    async def post(self, request: SignedRequest, kind: EnvelopeType) -> DeliveryResult:
        """Send a request as it is, for the first time or again.

        Each goes over a connection of its own: one that was kept could be closed by an app just as it is used.
        """
        started = time.monotonic()

        def failed(error: str, retry_reason: str) -> DeliveryResult:
            return DeliveryResult(None, time.monotonic() - started, error, retry_reason, request)

        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(self._ack_seconds)) as session,
                # Slack follows up to two redirects of events; none at all is the stricter reading.
                session.post(
                    request.url, data=request.body, headers=request.headers, allow_redirects=False
                ) as response,
            ):
                text = await response.text(errors="replace")
        except TimeoutError:
            return failed("operation_timeout", "http_timeout")
        except aiohttp.ClientError:
            return failed("dispatch_failed", "connection_failed")
        if not _accepted(kind, response.status):
            error, reason = _REFUSALS.get(response.status // 100, _UNEXPECTED)
            unwanted = response.headers.get("X-Slack-No-Retry") == "1"  # documented: the app may say so
            return failed(error, "" if unwanted else reason)
        return DeliveryResult(_decoded(text, response.content_type), time.monotonic() - started, request=request)

    def _signed(self, url: str, body: str, content_type: str, headers: Mapping[str, str]) -> SignedRequest:
        timestamp = int(self._clock().timestamp())
        digest = hmac.new(self._secret, f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        signed = {
            "Content-Type": content_type,
            "User-Agent": ROBOT,
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": f"v0={digest}",
        }
        return SignedRequest(url, body.encode(), {**signed, **headers})


def _encoded(envelope: Envelope) -> tuple[str, str]:
    """Return body and content type of a payload."""
    match envelope.type:
        case EnvelopeType.SLASH:
            return urlencode(envelope.payload), FORM
        case EnvelopeType.INTERACTIVE:
            return urlencode({"payload": json.dumps(envelope.payload)}), FORM
        case EnvelopeType.EVENT:
            return json.dumps(envelope.payload), JSON


def _accepted(kind: EnvelopeType, status: int) -> bool:
    """Return whether a status acks: documented as any 2xx for events, and as 200 for the rest."""
    if kind is EnvelopeType.EVENT:
        return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    return status == HTTPStatus.OK


def _decoded(text: str, content_type: str) -> Json | None:
    """Read the body of an ack: JSON where the response says so, else a text to show; None, if it is empty."""
    if not text:
        return None
    if content_type == JSON:
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if isinstance(body, dict):
            return body or None
    return {"text": text}


def _repeated(payload: Json) -> list[str]:
    """Return the candidates for the challenge: Slack takes it as text, as a form or in JSON."""
    text = str(payload.get("text", ""))
    return [text, str(payload.get("challenge", "")), *parse_qs(text).get("challenge", [])]
