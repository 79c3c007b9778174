"""A server that keeps its connections open for further requests, over TLS or without."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator


class KeepingServer:
    """Counts connections and requests. Told to, it hangs up on a request of a used connection, or answers otherwise."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.requests: list[bytes] = []
        self.hangs_up = False
        self.status = b"200 OK"
        self.behind = b""
        self._tasks: set[asyncio.Task[None] | None] = set()

    @contextlib.asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["KeepingServer"]:
        """Listen on a free port."""
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self

    async def all_closed(self) -> None:
        """Wait until every connection is closed."""
        await asyncio.gather(*filter(None, self._tasks))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        self.connections += 1
        answered = 0
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
                await reader.readexactly(int(length.split(b":")[1]))
                self.requests.append(head)
                if self.hangs_up and answered:
                    break
                body = b'Content-Length: 13\r\n\r\n{"result":[]}'
                writer.write(b"HTTP/1.1 %b\r\n%b%b" % (self.status, body, self.behind))
                answered += 1
        writer.close()
