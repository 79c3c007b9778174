"""The tabs: one websocket each, over which the news of one person's world go out."""

import asyncio
import json
from typing import Final

from aiohttp import WSCloseCode, web

from bot.sandbox import Changes
from bot.sandbox.page._feed import Feed

PAUSE_S: Final = 0.02
"""The pause between two looks at the world: a burst of edits is one frame, and no eye sees the difference."""

PATIENCE_S: Final = 10.0
"""The time in which a tab must take in a frame: else it is cut off, and connects anew when it can."""

_HEARTBEAT_S: Final = 20.0
_MOST_FROM_A_TAB: Final = 1024  # bytes: it sends nothing


class Live:
    """The open tabs of a world with these changes."""

    def __init__(self, changes: Changes, patience_s: float = PATIENCE_S) -> None:
        self._changes = changes
        self._patience_s = patience_s
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request, feed: Feed) -> web.WebSocketResponse:
        """Serve one tab until it goes, or is too slow."""
        socket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_S, timeout=1.0, max_msg_size=_MOST_FROM_A_TAB, compress=False
        )
        await socket.prepare(request)
        self._open.add(socket)
        tasks = [asyncio.create_task(_wait_until_closed(socket)), asyncio.create_task(self._send(socket, feed))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(socket)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        try:
            for task in done:
                task.result()
        except (TimeoutError, ConnectionError):
            if request.transport is not None:  # what waits in its buffers is not waited for
                request.transport.abort()
        return socket

    async def close(self) -> None:
        """Close every tab's connection."""
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._open))

    async def _send(self, socket: web.WebSocketResponse, feed: Feed) -> None:
        """Send the news after every change. Raises TimeoutError for a tab that does not take them in.

        The next frame is made when there is room for it, so that a slow tab holds a frame or two, and nobody up.
        """
        while True:
            change = self._changes.upcoming
            for frame in feed.news():
                async with asyncio.timeout(self._patience_s):
                    await socket.send_str(json.dumps(frame))
            await asyncio.sleep(PAUSE_S)
            await change.wait()


async def _wait_until_closed(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass
