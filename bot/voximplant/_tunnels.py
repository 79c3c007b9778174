"""Connections to the platform through the proxy, in the interface of httpcore."""

import asyncio
from collections.abc import Iterable
from typing import Any

import httpcore

from bot.process.network import NO_ANSWER, NoTunnel, Proxy, tunnel_failure


class Tunnels(httpcore.AsyncNetworkBackend):
    """Opens tunnels for httpcore's connections. A failure is a NoTunnel, which httpcore passes on as it is."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the proxy and ask it for a tunnel to `host`, both in the time of one connection."""
        try:
            async with asyncio.timeout(timeout):
                return await self._tunnel(host, port, local_address, socket_options)
        except (TimeoutError, httpcore.TimeoutException):
            raise NoTunnel(NO_ANSWER) from None
        except (OSError, httpcore.NetworkError) as problem:
            raise tunnel_failure(problem) from None

    async def _tunnel(
        self, host: str, port: int, local_address: str | None, socket_options: Iterable[Any] | None
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._network.connect_tcp(
            self._proxy.host, self._proxy.port, local_address=local_address, socket_options=socket_options
        )
        try:
            await self._proxy.ask(host, port, stream.write, stream.read)
        except BaseException:
            await stream.aclose()
            raise
        return stream
