"""The inbox over real HTTP: what sessions report, and what strangers send there."""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import pytest
from prometheus_client import generate_latest

from bot.directory import Claim, Inbox, Refusals
from bot.directory._inbox import INBOX_PATH, ROOM
from bot.directory._request_limits import IN_ALL, MOST_ADDRESSES, PER_ADDRESS, RequestLimits
from bot.directory._seen_signatures import KEPT_S, MOST, SeenSignatures
from bot.process import RemoteClock
from bot.process.metrics import Metrics
from bot.process.ops import PortTaken
from tests.canaries import Canaries
from tests.manual_clock import ManualClock

from .announced import PATH, SECONDS, SECRET, SIGNED_CHECKS, announcement, signed

BODY = signed(announcement()).encode()
SIGNATURE = "X-Session-Bot-Signature"


class Box:
    """An inbox that listens, a sender, and what came of what was sent."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.clock = ManualClock()
        self.platform = RemoteClock(self.clock, "the platform's")
        self.metrics = Metrics()
        self.claims: list[Claim] = []
        self.inbox = Inbox(
            "127.0.0.1",
            0,
            checks=SIGNED_CHECKS,
            refusals=Refusals(),
            on_claim=self.claims.append,
            clock=self.platform,
            metrics=self.metrics,
        )

    @property
    def url(self) -> str:
        """The URL of the inbox."""
        return f"http://127.0.0.1:{self.inbox.port}{INBOX_PATH}"

    async def post(self, body: bytes = BODY, headers: Mapping[str, str] | None = None) -> int:
        """POST a body, signed now unless there are headers; return the status of the answer, which has no body."""
        async with self.http.post(self.url, data=body, headers=headers or proof(body)) as answer:
            assert await answer.read() == b""
            return answer.status

    def counted(self, outcome: str) -> float:
        """Return how many requests had an outcome."""
        return self.metrics.registry.get_sample_value("session_bot_inbox_requests_total", {"outcome": outcome}) or 0


def proof(body: bytes = BODY, at: int | str = SECONDS, secret: bytes = SECRET) -> dict[str, str]:
    """Return the headers that the kit sends with a body."""
    signature = hmac.digest(secret, f"{at}.".encode() + body, "sha256").hex()
    return {"X-Session-Bot-Time": str(at), "X-Session-Bot-Signature": signature}


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    """Open an inbox."""
    async with aiohttp.ClientSession() as http:
        box = Box(http)
        await box.inbox.start()
        yield box
        await box.inbox.stop()


async def test_a_report_becomes_a_claim_at_once(box: Box) -> None:
    """A signed announcement is accepted, read by the checks of a row, and handed on before the answer."""
    body = signed(announcement(taken="r1", ending=True)).encode()
    assert await box.post(body) == 204
    (claim,) = box.claims
    assert (claim.session, claim.taken, claim.ending, claim.signed) == (7, "r1", True, True)
    assert box.counted("accepted") == 1


@pytest.mark.parametrize("secret", SIGNED_CHECKS.secrets)
async def test_any_of_the_agreed_secrets_signs(box: Box, secret: bytes) -> None:
    """While one secret takes the place of another, both are good."""
    body = signed(announcement(), secret).encode()
    assert await box.post(body, proof(body, secret=secret)) == 204


async def test_a_signature_is_hex_in_either_case(box: Box) -> None:
    """The platform's own function makes it, and which case that has is not documented."""
    assert await box.post(headers={name: each.upper() for name, each in proof().items()}) == 204
    assert len(box.claims) == 1


async def test_a_replay_is_answered_and_does_nothing(box: Box) -> None:
    """The same request again is told nothing that is new, and hands on no second claim."""
    assert [await box.post(), await box.post()] == [204, 204]
    assert (len(box.claims), box.counted("replayed")) == (1, 1)
    assert await box.post(headers={name: each.upper() for name, each in proof().items()}) == 204
    assert len(box.claims) == 1
    assert await box.post(headers=proof(at=SECONDS + 1)) == 204
    assert len(box.claims) == 2


@pytest.mark.parametrize(
    ("off", "status"), [(0, 204), (300, 204), (-300, 204), (301, 401), (-301, 401), (86_400, 401), (10**9, 401)]
)
async def test_a_report_is_five_minutes_old_at_most(box: Box, off: int, status: int) -> None:
    """Too old and too far ahead are refused alike."""
    assert await box.post(headers=proof(at=SECONDS + off)) == status
    assert box.counted("not in time") == (status == 401)


async def test_a_clock_of_ours_that_is_wrong_refuses_nobody(box: Box) -> None:
    """Where the platform's clock is known, a report that is in time by it is accepted, whatever ours shows."""
    box.clock.set(timedelta(days=3))
    assert await box.post() == 401
    box.platform.learn(format_datetime(datetime.fromtimestamp(SECONDS, UTC), usegmt=True))
    assert await box.post() == 204


@pytest.mark.parametrize(
    "at", ["", "soon", "-1", "1e9", "٣", "1772331240.5", " ", "9" * 13, "0x10", "+1772331240", "\u00b2"]
)
async def test_an_odd_time_is_refused(box: Box, at: str) -> None:
    """A time is digits and nothing else, also where it is signed."""
    assert await box.post(headers=proof(at=at)) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Other": "1"},
        {"X-Session-Bot-Time": str(SECONDS)},
        {"X-Session-Bot-Time": str(SECONDS), "X-Session-Bot-Signature": ""},
        {"X-Session-Bot-Time": str(SECONDS), "X-Session-Bot-Signature": "é" * 64},
        {"X-Session-Bot-Time": str(SECONDS), "X-Session-Bot-Signature": "0" * 64},
        {"X-Session-Bot-Time": str(SECONDS), "X-Session-Bot-Signature": "a" * 7000},
        {**proof(), "X-Session-Bot-Time": str(SECONDS + 1)},
        proof(secret=b"another"),
        proof(BODY + b" "),
    ],
)
async def test_without_the_right_signature_nothing_is_read(box: Box, headers: dict[str, str]) -> None:
    """A signature that is missing, odd, of another secret, time or body is refused, and hands on no claim."""
    assert await box.post(headers=headers) == 401
    assert (box.claims, box.counted("not signed")) == ([], 1)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "unreadable"),
        (b"\xff\xfe\x00", "unreadable"),
        (b"[" * 5_000, "unreadable"),
        (b'{"v":1}', "signature"),
        (announcement().encode(), "signature"),
        (signed(announcement(v=2)).encode(), "newer"),
        (signed(announcement(url=f"https://169.254.169.254/{PATH}")).encode(), "host"),
        (signed(announcement(session="../7")).encode(), "unreadable"),
        (signed(announcement(beat=SECONDS + 3_600)).encode(), "future"),
        (BODY.replace(b"call", b"c\xffll"), "signature"),
        (b"\x1f\x8b" + bytes(50), "unreadable"),
    ],
)
async def test_what_is_signed_and_not_believed_is_refused(box: Box, body: bytes, reason: str) -> None:
    """Who holds the secret may send anything: it is refused and counted by its reason, and is no fault of ours."""
    assert await box.post(body) == 400
    assert (box.claims, box.counted(reason)) == ([], 1)


async def test_nothing_of_a_body_is_logged_counted_or_shown(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    """The URL of a report, accepted or refused, is in no line, metric or `repr`; nor is its signature."""
    caplog.set_level(logging.DEBUG)
    unsigned = {"X-Session-Bot-Time": str(SECONDS), "X-Session-Bot-Signature": "canary-of-a-signature"}
    assert [await box.post(headers=unsigned), await box.post(), await box.post(BODY + b" ")] == [401, 204, 400]
    metrics = generate_latest(box.metrics.registry).decode()
    shown = [caplog.text, metrics, repr(box.claims), repr(vars(box.inbox)), repr(SIGNED_CHECKS)]
    assert "a request to the inbox was refused" in caplog.text
    found = Canaries({"its URL": PATH, "a signature": "canary-of-a-signature", "the right one": proof()[SIGNATURE]})
    assert [leak for each in shown for leak in found.found("shown", each.encode())] == []


@pytest.mark.parametrize(("size", "status"), [(8_192, 400), (8_193, 413), (10_000, 413), (70_000, 413)])
async def test_a_body_has_eight_kilobytes_at_most(box: Box, size: int, status: int) -> None:
    """What is longer is refused, and no claim."""
    async with box.http.post(box.url, data=b"x" * size, headers=proof(b"x" * size)) as answer:
        assert answer.status == status
    assert box.claims == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "TRACE", "HEAD"])
async def test_only_a_post_to_one_path_is_for_the_inbox(box: Box, method: str) -> None:
    """Other methods and paths are refused, also where they are signed."""
    async with box.http.request(method, box.url, data=BODY, headers=proof()) as answer:
        assert (answer.status, answer.headers["Allow"], "Server" in answer.headers) == (405, "POST", False)
    async with box.http.request(method, f"{box.url}/more", data=BODY, headers=proof()) as answer:
        assert (answer.status, await answer.read()) == (404, b"")
    async with box.http.post(f"{box.url}?x=1", data=BODY, headers=proof()) as answer:
        assert answer.status == 204


async def test_a_flood_is_refused_and_over_when_it_is_over(box: Box) -> None:
    """From one address so many reports are taken at once, then so many a second; one too many is answered late."""
    for _ in range(int(PER_ADDRESS.burst)):
        box.inbox._limits.allows("127.0.0.1")
    before = box.clock.monotonic()
    assert await box.post() == 429
    assert box.clock.monotonic() - before == 1
    assert (box.claims, box.counted("too many")) == ([], 1)
    box.clock.let_pass(timedelta(seconds=1))
    assert await box.post() == 204


async def test_half_requests_keep_out_no_report(box: Box) -> None:
    """Connections that send half a head, or half a body, make room for those that send a whole one."""
    head = f"POST {INBOX_PATH} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n".encode()
    held = []
    for number in range(ROOM + 5):
        _, writer = await asyncio.open_connection("127.0.0.1", box.inbox.port)
        writer.write(head if number % 2 else head + b"\r\nhalf")
        held.append(writer)
    assert await box.post() == 204
    for each in held:
        each.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"POST /announcements HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"POST /announcements HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"POST /announcements HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        b"POST /announcements HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    ],
)
async def test_what_is_no_http_is_refused(box: Box, raw: bytes) -> None:
    """Huge heads, wrong lengths and other protocols get a 400 at most, and keep out no report."""
    reader, writer = await asyncio.open_connection("127.0.0.1", box.inbox.port)
    writer.write(raw)
    async with asyncio.timeout(10):
        said = await reader.read(100)
    assert said.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert await box.post() == 204
    writer.close()


async def test_nothing_of_a_report_is_logged(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal is a line a minute with its reason, without address, signature or URL."""
    caplog.set_level(logging.DEBUG, "bot")
    host = signed(announcement(url=f"https://169.254.169.254/{PATH}")).encode()
    for body, headers in ((BODY, proof(secret=b"x")), (host, proof(host)), (BODY, proof())):
        await box.post(body, headers)
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "a request to the inbox was refused: not signed"
    assert any(
        line.startswith("an announcement that came to the inbox is not believed: its URL leads") for line in said
    )
    assert not [
        line for line in said if PATH in line or "169.254" in line or proof()["X-Session-Bot-Signature"] in line
    ]


async def test_a_taken_port_is_one_clear_error(box: Box) -> None:
    """A port that is in use is told with its setting, and can be tried again."""
    second = Box(box.http)
    second.inbox._port = box.inbox.port
    with pytest.raises(PortTaken, match=f"The inbox 127.0.0.1:{box.inbox.port} is in use.*SESSION_BOT_INBOX_PORT"):
        await second.inbox.start()
    await box.inbox.stop()
    await second.inbox.start()
    await second.inbox.stop()


def test_all_addresses_together_have_a_limit() -> None:
    """Many addresses get no more than what all may have, and one that floods takes nothing from the others."""
    clock = ManualClock()
    limits = RequestLimits(clock.monotonic)
    assert sum(limits.allows("10.0.0.1") for _ in range(5_000)) == PER_ADDRESS.burst
    assert limits.allows("10.0.0.2")
    taken = sum(limits.allows(f"10.1.{number // 250}.{number % 250}") for number in range(5_000))
    assert taken == IN_ALL.burst - PER_ADDRESS.burst - 1
    clock.let_pass(timedelta(seconds=1))
    assert sum(limits.allows(f"10.2.0.{number % 250}") for number in range(5_000)) == IN_ALL.per_second
    assert len(limits._by_address) <= MOST_ADDRESSES


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", 1),
        ("2001:db8::1", "2001:db8:0:1::1", 0),
        ("::ffff:10.0.0.1", "10.0.0.1", 1),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", 0),
        ("", "", 1),
        ("fe80::1%eth0", "fe80::2%eth0", 1),
    ],
)
def test_a_network_of_ipv6_is_one_address(first: str, second: str, same: int) -> None:
    """Somebody with one IPv6 address has the rest of its network, and no further limit there."""
    limits = RequestLimits(ManualClock().monotonic)
    while limits.allows(first):
        pass
    assert limits.allows(second) is not bool(same)


def test_signatures_are_kept_for_twice_the_window_and_in_bounded_memory() -> None:
    """A signature is new again only when its time has run out by every clock; memory does not grow with a flood."""
    clock = ManualClock()
    seen = SeenSignatures(clock.monotonic)
    assert seen.add("a")
    clock.let_pass(timedelta(seconds=KEPT_S))
    assert not seen.add("a")
    clock.let_pass(timedelta(seconds=1))
    assert seen.add("a")
    assert IN_ALL.burst + IN_ALL.per_second * KEPT_S < MOST
    for number in range(MOST + 10):
        seen.add(str(number))
    assert len(seen._seen) == MOST
