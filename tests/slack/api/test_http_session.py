"""The way out to Slack through a proxy."""

import socket
import ssl

import aiohttp
import pytest
import trustme
from aiohttp import web

from bot.process.network._proxy import Proxy
from bot.slack.api._http_session import NoWayThrough, connection_problem, http_session
from tests.proxy_server import ProxyServer

NAME = "hooks.slack.com"
SECRET = "/actions/T1/secret"


async def a_slack(tls: ssl.SSLContext | None) -> tuple[web.AppRunner, int]:
    """Serve one page under whatever name."""
    app = web.Application()

    async def take(request: web.Request) -> web.Response:
        return web.Response(text=request.headers["Host"])

    app.router.add_post(SECRET, take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    return runner, runner.addresses[0][1]


async def test_tls_is_end_to_end_and_a_plain_url_is_in_a_tunnel() -> None:
    """The proxy is told name and port, resolves the name, and sees of an https request nothing more."""
    authority, served, believed = (
        trustme.CA(),
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
        ssl.create_default_context(),
    )
    authority.issue_cert(NAME).configure_cert(served)
    authority.configure_trust(believed)
    async with ProxyServer(names={NAME: "127.0.0.1"}) as proxy, http_session(Proxy(proxy.url)) as session:
        for tls, scheme in ((served, "https"), (None, "http")):
            runner, port = await a_slack(tls)
            async with session.post(f"{scheme}://{NAME}:{port}{SECRET}", ssl=believed) as answer:
                assert await answer.text() == f"{NAME}:{port}"
            assert proxy.lines[-1] == f"CONNECT {NAME}:{port} HTTP/1.1"
            assert (SECRET.encode() in proxy.through) is (tls is None)
            await runner.cleanup()
        runner, port = await a_slack(served)
        with pytest.raises(aiohttp.ClientConnectorError, match="certificate verify failed"):
            await session.post(f"https://{NAME}:{port}{SECRET}")
        await runner.cleanup()


async def test_what_the_proxy_answers_is_said_and_the_address_is_not() -> None:
    """A tunnel that is not given is an error whose words are the proxy's, without the password or the URL."""
    async with (
        ProxyServer(user="bot", password="secret-word") as proxy,
        http_session(Proxy(proxy.url.replace("secret-word", "wrong-word"))) as session,
    ):
        with pytest.raises(NoWayThrough) as caught:
            await session.post(f"https://{NAME}{SECRET}")
    assert connection_problem(caught.value) == "the proxy answered HTTP 407: it wants a user and a password, or others"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with http_session(Proxy(f"http://127.0.0.1:{taken.getsockname()[1]}")) as session:
            with pytest.raises(NoWayThrough, match="takes no connection"):
                await session.post(f"https://{NAME}{SECRET}")


async def test_an_exception_goes_directly() -> None:
    """What is excepted is connected to without the proxy."""
    runner, port = await a_slack(None)
    async with ProxyServer() as proxy, http_session(Proxy(proxy.url, ("127.0.0.0/8",))) as session:
        async with session.post(f"http://127.0.0.1:{port}{SECRET}") as answer:
            assert answer.status == 200
        assert proxy.lines == []
    await runner.cleanup()
