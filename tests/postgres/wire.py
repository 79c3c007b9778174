"""A wire to a server on loopback, which can be cut: it keeps silent, as a network does, or resets what it carries.

It has a thread of its own, so that it goes on while a test waits for a connection through it.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, Final

AT_ONCE: Final = struct.pack("ii", 1, 0)
CHUNK: Final = 65_536


class Wire:
    """Connections to a port of this machine, over `port`. Made by `wire_to`."""

    def __init__(self, server: int) -> None:
        self._server = server
        self.port = 0
        self._passes = {"there": asyncio.Event(), "back": asyncio.Event()}
        self.refused = 0
        """The number of connections that were reset as soon as they were made."""
        self._is_refusing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()

    def cut(self, *, there: bool = True, back: bool = True) -> None:
        """Carry nothing more, there or back or both, as when a cable is cut: nobody hears of it.

        What comes in meanwhile is kept, as the sender's system keeps it, and goes on when the wire is mended.
        """
        self._call(self._set(there=not there, back=not back))

    def reset(self) -> None:
        """Reset all connections, and each new one as soon as it is made."""
        self._call(self._reset())

    def mend(self) -> None:
        """Carry everything again."""
        self._call(self._set(there=True, back=True))

    @property
    def open(self) -> int:
        """The number of its connections."""
        return len(self._tasks)

    def _call(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _set(self, *, there: bool, back: bool) -> None:
        self._is_refusing = False
        for way, passes in (("there", there), ("back", back)):
            (self._passes[way].set if passes else self._passes[way].clear)()

    async def _reset(self) -> None:
        self._is_refusing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        ends = [writer]
        try:
            if self._is_refusing:
                self.refused += 1
                return
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._server)
            ends.append(there_writer)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, there_writer, "there"))
                both.create_task(self._carry(there_reader, writer, "back"))
        except* (OSError, asyncio.CancelledError):
            _reset(ends)
        finally:
            if self._is_refusing:
                _reset(ends)
            for each in ends:
                each.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        while data := await reader.read(CHUNK):
            await self._passes[way].wait()
            writer.write(self._through(data, way))
            await writer.drain()
        await self._passes[way].wait()
        writer.write_eof()

    def _through(self, data: bytes, way: str) -> bytes:
        """Return what comes out at the other end: the same."""
        del way
        return data

    def run(self, began: threading.Event) -> None:
        """Carry until the end: the thread of it."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(began))

    def end(self) -> None:
        """End all connections, and the thread."""
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _serve(self, began: threading.Event) -> None:
        await self._set(there=True, back=True)
        listening = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]
        began.set()
        await self._ended.wait()
        listening.close()
        await self._reset()


def _reset(writers: list[asyncio.StreamWriter]) -> None:
    """Close connections so that their other ends hear of a reset."""
    for each in writers:
        with contextlib.suppress(OSError):
            each.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        each.transport.abort()


@contextlib.contextmanager
def wire_to(server: int, kind: type[Wire] = Wire) -> Iterator[Wire]:
    """Lay a wire to this port."""
    wire, began = kind(server), threading.Event()
    thread = threading.Thread(target=wire.run, args=(began,), name="wire")
    thread.start()
    began.wait()
    try:
        yield wire
    finally:
        wire.end()
        thread.join()
