"""Whatever bytes come to a port, of the bot or of the sandbox: no answer is a server's error, and no log has one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.fuzz.http_ends import Ends, open_ends, search
from tests.fuzz.http_requests import Sent

HOW = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # a failing example is made small by `python -m tests.fuzz`
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
JSON, PARTS, FORM = "application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"
PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n%s\r\n\r\nx\r\n--b--\r\n'
FINDS = {
    "a form without its boundary": (PARTS, "", b"{}"),
    "a part of no charset": (PARTS, "", PART % b"Content-Type: text/plain; charset=nope"),
    "a part of no encoding": (PARTS, "", PART % b"Content-Transfer-Encoding: x"),
    "a part without a name": (PARTS, "", b"--b\r\n\r\nx\r\n--b--\r\n"),
    "a form of no charset": (f"{FORM}; charset=nope", "", b"a=1"),
    "packed, and not": (JSON, "Content-Encoding: gzip\r\n", b"{}"),
    "deep JSON": (JSON, "", b"[" * 100_000),
    "JSON in JSON that is deep": (JSON, "", b'{"channel": "C1", "blocks": "' + b"[" * 60_000 + b'"}'),
}  # fmt: skip
"""What broke an end before: a content type, more of the head, and a body."""


@pytest.fixture
async def ends(tmp_path: Path) -> AsyncIterator[Ends]:
    """Open every end."""
    async with open_ends(tmp_path) as opened:
        yield opened


async def test_no_bytes_break_an_end(ends: Ends) -> None:
    """Signed rightly or not, framed rightly or not: each request is answered or refused, and the ports serve on."""
    await asyncio.to_thread(search, ends, asyncio.get_running_loop(), HOW)


async def test_what_broke_an_end_is_refused(ends: Ends) -> None:
    """What was found by the search stays mended, at the first and last targets of every end."""
    for end in ends.all:
        for target in {*end.targets[:2], *end.targets[-3:]}:
            for name, (kind, more, body) in FINDS.items():
                sign = "".join(f"{each}: {value}\r\n" for each, value in end.sign(body).items())
                head = f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{end.port}\r\nConnection: close\r\n{sign}{more}"
                raw = f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                assert await ends.problem_with(Sent(end, raw, is_whole=True)) is None, (end.name, target, name)
