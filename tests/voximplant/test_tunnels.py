"""The lanes behind a company's proxy."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Never

import pytest
import trustme

from bot.process.network._proxy import Proxy, tunnel_failure
from bot.voximplant._lanes import Lanes
from bot.voximplant._session_url import AccessUrls, HostRules, SessionRequests, SessionUrl
from bot.voximplant._stop_request import StopRequest
from bot.voximplant.errors import CertificateUnverified, ConnectionRefused, HostRefused, ProxyInTheWay
from tests.proxy_server import TUNNEL, ProxyServer

from .conftest import HANGS_S, SECRET_PATH

STOP = StopRequest(body=b"{}", content_type="application/json")
NAME = "www-ru-1.voximplant.com"


@pytest.fixture
async def proxy() -> AsyncIterator[ProxyServer]:
    """Run a proxy that knows one name of the platform."""
    async with ProxyServer(names={NAME: "127.0.0.1"}) as running:
        yield running


async def no_name_server(_host: str, _port: int) -> Never:
    """Fail a test that resolves a name where the proxy should."""
    message = "a name was resolved here"
    raise AssertionError(message)


def requests_by(proxy: Proxy, authority: trustme.CA, folder: Path, monkeypatch: pytest.MonkeyPatch) -> SessionRequests:
    """Make requests that go through this proxy and believe this authority."""
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    rules = HostRules("*.voximplant.com,127.0.0.1", proxy=proxy, resolve=no_name_server)
    return SessionRequests(Lanes(proxy=proxy), rules, timeout=HANGS_S)


Make = Callable[..., SessionRequests]


@pytest.fixture
def make(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a maker of requests that go through a proxy."""
    return lambda url, *exceptions: requests_by(Proxy(url, exceptions), authority, tmp_path, monkeypatch)


async def test_a_name_is_the_proxys_to_resolve_and_the_certificate_the_servers(
    proxy: ProxyServer, make: Make, serve: Callable[..., Any], certified: Callable[..., ssl.SSLContext]
) -> None:
    """The proxy is told name and port and sees nothing else; who holds no certificate of that name gets nothing."""
    server = await serve(certified(NAME))
    server.says(200)
    requests = make(proxy.url)
    await requests.stop(AccessUrls(SessionUrl(server.url(NAME)), None), STOP, "r-1", by="U1")
    assert server.requests[0].headers["host"] == f"{NAME}:{server.port}"
    assert proxy.lines == [f"CONNECT {NAME}:{server.port} HTTP/1.1"]
    assert SECRET_PATH.encode() not in proxy.through
    false_friend = await serve(certified("other.example"))
    with pytest.raises(CertificateUnverified):
        await requests.stop(AccessUrls(SessionUrl(false_friend.url(NAME)), None), STOP, "r-1", by="U1")
    assert false_friend.requests == []


async def test_an_unencrypted_url_goes_through_a_tunnel_too(
    proxy: ProxyServer, make: Make, serve: Callable[..., Any]
) -> None:
    """The proxy is never asked for the URL itself, which it would write into its log."""
    server = await serve()
    server.says(200)
    await make(proxy.url).stop(AccessUrls(None, SessionUrl(server.url())), STOP, "r-1", by="U1")
    assert server.requests[0].line == f"POST {SECRET_PATH} HTTP/1.1"
    assert proxy.lines == [f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"]
    assert SECRET_PATH not in proxy.heads[0]


async def test_the_rules_for_hosts_come_before_the_proxy(proxy: ProxyServer, make: Make) -> None:
    """Names that fit no pattern and addresses that are not allowed are refused, and the proxy hears nothing."""
    for host in ("evil.example", "10.0.0.1", "[64:ff9b::7f00:1]", "169.254.169.254"):
        with pytest.raises(HostRefused):
            await make(proxy.url).stop(
                AccessUrls(SessionUrl(f"https://{host}/request/A/B"), None), STOP, "r-1", by="U1"
            )
    assert proxy.lines == []


async def test_an_exception_goes_directly_by_its_name_and_its_checked_address(
    proxy: ProxyServer,
    authority: trustme.CA,
    serve: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is excepted by name is resolved and checked here, and connected to without the proxy."""
    server = await serve()
    server.says(200)

    async def here(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    way = Proxy(proxy.url, ("media.example",))
    requests = SessionRequests(Lanes(proxy=way), HostRules("media.example", proxy=way, resolve=here))
    await requests.stop(AccessUrls(None, SessionUrl(server.url("media.example"))), STOP, "r-1", by="U1")
    assert len(server.requests) == 1
    assert proxy.lines == []


REFUSALS = {
    b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n": "answered HTTP 407: it wants a user and a password",
    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno": "answered HTTP 403, so",
    b"HTTP/1.0 502 Bad Gateway\r\n\r\n": "answered HTTP 502",
    b"HTTP/1.1 200\r\n\r\nHTTP/1.1 200 OK\r\n\r\n": "answered with something else",
    b"SSH-2.0-OpenSSH_9.6\r\n\r\n": "answered with something else",
    b"x" * 20_000: "answered with something else",
    b"": "closed the connection without an answer",
}


@pytest.mark.parametrize(("answer", "says"), REFUSALS.items())
async def test_a_proxy_that_gives_no_tunnel_is_surely_not_sent(
    proxy: ProxyServer, make: Make, serve: Callable[..., Any], answer: bytes, says: str
) -> None:
    """Whatever else a proxy answers, nothing left, and the sentence says what it answered."""
    server = await serve()
    proxy.answer = answer
    with pytest.raises(ProxyInTheWay) as caught:
        await make(proxy.url).stop(AccessUrls(None, SessionUrl(server.url())), STOP, "r-1", by="U1")
    assert f"The proxy {says}" in caught.value.sentence
    assert "nothing was sent" in caught.value.sentence
    assert server.requests == []


async def test_a_proxy_that_hangs_or_is_not_there_is_surely_not_sent(
    proxy: ProxyServer, make: Make, closed_port: int, told: Callable[[BaseException], str]
) -> None:
    """A deadline in the proxy is no doubt about the request; its closed port is not the session's."""
    url = AccessUrls(None, SessionUrl(f"http://127.0.0.1:9{SECRET_PATH}"))
    proxy.answer = None
    with pytest.raises(ProxyInTheWay, match="gave no answer in time"):
        await make(proxy.url).stop(url, STOP, "r-1", by="U1")
    nobody_there = f"http://ann:pass-word@127.0.0.1:{closed_port}"
    with pytest.raises(ProxyInTheWay, match="takes no connection") as caught:
        await make(nobody_there).stop(url, STOP, "r-1", by="U1")
    assert not isinstance(caught.value, ConnectionRefused)
    assert "pass-word" not in told(caught.value)
    assert "AF30" not in told(caught.value)
    assert str(tunnel_failure(socket.gaierror(-2, "unknown"))) == "cannot be found by its name"


async def test_a_request_that_is_given_up_leaves_no_tunnel_behind(
    proxy: ProxyServer, make: Make, serve: Callable[..., Any]
) -> None:
    """Cancelled while the proxy thinks, or while the server does, a request closes its connection."""
    server = await serve()
    server.hangs()
    url = AccessUrls(None, SessionUrl(server.url()))
    for answer in (None, TUNNEL):
        proxy.answer = answer
        asked = len(proxy.heads)
        stop = asyncio.create_task(make(proxy.url).stop(url, STOP, "r-1", by="U1"))
        async with asyncio.timeout(10):
            while len(proxy.heads) == asked or (answer and not server.requests):  # noqa: ASYNC110 - sets no event
                await asyncio.sleep(0.01)
        stop.cancel()
        await asyncio.gather(stop, return_exceptions=True)
    server.let_go.set()
    async with asyncio.timeout(10):
        while proxy.open:  # noqa: ASYNC110 - sets no event
            await asyncio.sleep(0.01)


SERVED = [
    ("api.voximplant.com", True),
    ("API.Internal.Example.", False),
    ("internal.example", True),
    ("notinternal.example", True),
    ("media.example", False),
    ("x.media.example", True),
    ("10.1.2.3", False),
    ("11.1.2.3", True),
    ("192.0.2.7", False),
    ("2001:db8::1", False),
    ("2001:db9::1", True),
]


@pytest.mark.parametrize(("host", "is_served"), SERVED)
def test_exceptions_are_names_domains_addresses_and_networks(host: str, is_served: bool) -> None:  # noqa: FBT001 - a table
    """A host is reached without the proxy exactly when an exception names it, its domain or its network."""
    exceptions = ("*.internal.example", "media.example", "10.0.0.0/8", "192.0.2.7", "2001:db8::/32")
    assert Proxy("http://proxy.example:3128", exceptions).serves(host) is is_served


def test_a_proxy_shows_its_place_and_no_password() -> None:
    """What is printed of a proxy is its host and port; its secrets are known to the redactor."""
    proxy = Proxy("http://ann:p%40ss%3Aword@[::1]:3128")
    assert repr(proxy) == "<Proxy [::1]:3128>"
    assert list(proxy.secrets) == ["p@ss:word", "YW5uOnBAc3M6d29yZA=="]
    assert proxy.serves(str(IPv4Address("127.0.0.1")))
