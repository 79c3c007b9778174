"""A proxy as companies have them: it opens tunnels on CONNECT, keeps what it was told, and can be in a bad mood."""

import asyncio
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass
class ProxyServer:
    """Keeps the head of every request, and the bytes that went `through`. Used as an async context.

    `answer` is what a CONNECT gets (None: nothing, ever), `answers` what it gets for one port. With `user` and
    `password` a request without them gets 407. `names` are known to this proxy alone.
    """

    user: str = ""
    password: str = ""
    answer: bytes | None = TUNNEL
    answers: dict[int, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    through: bytearray = field(default_factory=bytearray)
    port: int = 0
    _websockets: "set[asyncio.Task[None] | None]" = field(default_factory=set)
    _held: "set[asyncio.Task[None] | None]" = field(default_factory=set)
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The URL as people set it."""
        return f"http://{f'{self.user}:{self.password}@' if self.user else ''}127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        """The first line of each request."""
        return [head.partition("\r\n")[0] for head in self.heads]

    @property
    def open(self) -> int:
        """The number of its open connections."""
        return len(self._tasks)

    def hold(self) -> None:
        """Pass nothing more through the present websockets, which stay open; all else is as ever."""
        self._held |= self._websockets

    def die(self) -> None:
        """Break the present tunnels, and close each new connection without an answer."""
        self.answer = b""
        for task in self._tasks:
            task.cancel()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(OSError, EOFError, asyncio.CancelledError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        proof = b64encode(f"{self.user}:{self.password}".encode()).decode()
        if self.user and f"Proxy-Authorization: Basic {proof}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        method, target, _ = head.split(" ", 2)
        host, _, port = target.rpartition(":")
        answer = self.answers.get(int(port), self.answer) if method == "CONNECT" else b"HTTP/1.1 405 No\r\n\r\n"
        if answer is None:
            await reader.read()  # until the other side has enough of it
        writer.write(answer or b"")
        if answer != TUNNEL:
            return
        address = self.names.get(host, host.strip("[]"))
        there_reader, there_writer = await asyncio.open_connection(address, int(port))
        try:
            serving = asyncio.current_task()
            await asyncio.gather(self._pipe(reader, there_writer, serving), self._pipe(there_reader, writer, serving))
        finally:
            there_writer.close()

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, serving: "asyncio.Task[None] | None"
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                if serving in self._held:
                    continue
                if b"Upgrade: websocket" in data:
                    self._websockets.add(serving)
                self.through += data
                writer.write(data)
                await writer.drain()
            writer.write_eof()
