"""The platform's own life, and its certificates."""

from __future__ import annotations

import asyncio
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.sandbox._certificates import Certificates
from bot.sandbox.voximplant import Hang, Platform, PlatformOptions

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller


def engine_threads() -> list[threading.Thread]:
    """List the engine's threads that are alive."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("voxengine")]


async def test_shutdown_ends_sessions_and_lets_go_of_what_hangs(certificates: Certificates) -> None:
    """With a request that hangs and sessions that run, leaving is clean: nothing is left behind."""
    tls = ssl.create_default_context(cadata=certificates.ca_pem.decode("ascii"))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as http:
        async with Platform(certificates) as platform:
            form = {
                "account_id": platform.account.account_id,
                "api_key": platform.account.api_key,
                "rule_id": 1002,
            }
            url = f"{platform.api_url}/StartScenarios"
            async with http.post(url, data=form):
                pass
            platform.faults.management("StartScenarios", Hang(applied=True))
            hanging = asyncio.ensure_future(http.post(url, data=form))
            async with asyncio.timeout(30):
                while len(platform.sessions) < 2:  # noqa: ASYNC110 - the platform sets no event
                    await asyncio.sleep(0.01)
            assert not hanging.done()
        with pytest.raises(aiohttp.ClientConnectionError):
            await hanging
    assert [session.finish_reason for session in platform.sessions.values()] == ["Terminated administratively"] * 2
    assert engine_threads() == []


async def test_the_ports_can_be_chosen(certificates: Certificates) -> None:
    """A port that is asked for is the one that is used."""
    async with Platform(certificates) as platform:
        port = int(platform.api_url.split(":")[2].split("/")[0])
    async with Platform(certificates, PlatformOptions(port=port)) as platform:
        assert platform.api_url == f"https://127.0.0.1:{port}/platform_api"


async def test_a_port_that_is_taken_leaves_nothing_behind(certificates: Certificates) -> None:
    """When a server cannot start, the platform does not half exist."""
    async with Platform(certificates) as platform:
        port = int(platform.api_url.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="in use"):
            async with Platform(certificates, PlatformOptions(media_port=port)):
                pass
        assert len(engine_threads()) == 4


async def test_only_who_trusts_the_authority_is_connected(caller: Caller) -> None:
    """The servers' certificates are of the sandbox's own authority, which nobody trusts by accident."""
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await stranger.post(f"{caller.platform.api_url}/GetAccountInfo")


async def test_the_authority_can_be_handed_over_as_a_file(tmp_path: Path) -> None:
    """The file holds the public certificate that SSL_CERT_FILE wants, and no key."""
    certificates = Certificates()
    certificates.write_ca(tmp_path / "ca.pem")
    ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    assert b"PRIVATE KEY" not in (tmp_path / "ca.pem").read_bytes()


async def test_a_certificate_can_be_for_another_name(certificates: Certificates) -> None:
    """A test may serve a certificate that does not fit its address."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=certificates.server_context("elsewhere"))
    port = server.sockets[0].getsockname()[1]
    tls = ssl.create_default_context(cadata=certificates.ca_pem.decode("ascii"))
    async with server:
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection("127.0.0.1", port, ssl=tls)


async def test_a_session_that_hangs_runs_and_does_nothing(caller: Caller) -> None:
    """Its timers fire no more and it handles no request, while its call is live; from outside it can be ended."""
    started = await caller.run("""
        VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.callPSTN("+15550100", "+15550199"));
        VoxEngine.addEventListener(AppEvents.HttpRequest, () => { Logger.write("heard"); return "yes"; });
        setTimeout(() => Logger.write("fired"), 100);
    """)
    assert (await caller.send(started.url, b"")).text == "yes"
    started.session.hang()
    other = await caller.run("setTimeout(() => VoxEngine.terminate(), 150);")
    await other.session.closed()
    answer = await caller.send(started.url, b"")
    assert (answer.status, answer.text) == (200, "")
    assert (started.session.running, started.session.live_calls) == (True, 1)
    started.session.end()
    await started.session.closed()
    assert started.session.log == ["heard"]
