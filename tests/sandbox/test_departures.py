"""Clients that go away while they send."""

import asyncio
import logging
import re
import socket
import struct
from pathlib import Path

import pytest
from aiohttp import web

from bot import sandbox

FOLDER = Path(sandbox.__file__).parent


async def test_a_client_that_is_killed_while_it_sends_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """A reset in the middle of a body ends that request, and the log stays empty."""
    begun, over = asyncio.Event(), asyncio.Event()

    async def read(request: web.Request) -> web.Response:
        begun.set()
        try:
            return web.Response(body=await request.read())
        finally:
            over.set()

    app = web.Application(middlewares=[sandbox.let_go])
    app.router.add_post("/", read)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _, writer = await asyncio.open_connection(*runner.addresses[0][:2])
    writer.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf")
    await begun.wait()
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    await over.wait()
    await runner.cleanup()
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


def test_each_server_lets_them_go() -> None:
    """Every application of the two platforms has it; the page answers them itself."""
    made = [
        (file.name, made)
        for file in sorted(FOLDER.rglob("*.py"))
        if "page" not in file.parts
        for made in re.findall(r"web\.Application\(.*", file.read_text())
    ]
    assert len(made) == 4
    assert all("let_go" in each for _, each in made)
