"""HTTP sessions to Slack: directly, or through the proxy, for its Web API, its websocket and every response_url.

aiohttp's own proxy support shows the proxy the whole URL of unencrypted requests, and slack_sdk's knows no
exceptions; so a connector opens the tunnels, and neither of the two knows of them.
"""

import asyncio
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.client_proto import ResponseHandler

from bot.process.network import NoTunnel, Proxy

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientTimeout
    from aiohttp.tracing import Trace


class NoWayThrough(aiohttp.ClientConnectionError):
    """The proxy gave no tunnel; the text has the reason, in words for people."""

    def __init__(self, why: NoTunnel) -> None:
        super().__init__(f"the proxy {why}")


def http_session(proxy: Proxy | None, timeout: aiohttp.ClientTimeout | None = None) -> aiohttp.ClientSession:
    """Return a session whose connections go this way; call it inside the running loop."""
    connector = None if proxy is None else _Tunnelling(proxy)
    return aiohttp.ClientSession(connector=connector, timeout=timeout or aiohttp.client.DEFAULT_TIMEOUT)


def connection_problem(problem: BaseException) -> str:
    """Return the reason why Slack was not reached; of other errors only their kind, since they may hold an address."""
    return str(problem) if isinstance(problem, NoWayThrough) else type(problem).__name__


class _Tunnelling(aiohttp.TCPConnector):
    """A connector that opens a tunnel for each connection of aiohttp, and TLS inside it."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__()
        self._proxy = proxy

    async def _create_connection(
        self,
        req: "ClientRequest",
        traces: "list[Trace]",
        timeout: "ClientTimeout",  # noqa: ASYNC109 - aiohttp's own signature
    ) -> ResponseHandler:
        host, port = req.url.raw_host or "", req.port or 0
        if not self._proxy.serves(host):
            return await super()._create_connection(req, traces, timeout)
        try:
            opened = await self._proxy.tunnel(host, port)
        except NoTunnel as problem:
            raise NoWayThrough(problem) from None
        tls = self._get_ssl_context(req)
        try:
            async with asyncio.timeout(timeout.sock_connect):
                _, protocol = await self._loop.create_connection(
                    self._factory, sock=opened, ssl=tls, server_hostname=host.rstrip(".") if tls else None
                )
        except OSError as problem:  # a certificate that is not believed is one as well
            raise aiohttp.ClientConnectorError(req.connection_key, problem) from problem
        return protocol
