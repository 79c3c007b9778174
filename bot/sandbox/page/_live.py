"""The tabs: one websocket each, over which the news of one person's world go out."""

import asyncio
import contextlib
import json

from aiohttp import WSCloseCode, web

from bot.sandbox import Changes
from bot.sandbox.page._feed import Feed

_PAUSE_S = 0.02
"""The pause between two looks at the world: a burst of edits is one frame, and no eye sees the difference."""
_PATIENCE_S = 10.0
"""The time for which a tab may take nothing of a frame: then it is cut off, and connects anew when it can."""
_HEARTBEAT_S = 20.0
_LONGEST = 1024  # characters a tab may send: it sends nothing


class Live:
    """The open tabs."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request, feed: Feed) -> web.WebSocketResponse:
        """Serve one tab until it goes, or takes nothing for too long."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, timeout=1.0, max_msg_size=_LONGEST)
        await socket.prepare(request)
        self._open.add(socket)
        sending = asyncio.create_task(self._send(request, socket, feed))
        try:
            async for _ in socket:
                pass
        finally:
            self._open.discard(socket)
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
        return socket

    async def close(self) -> None:
        """Close every tab's connection."""
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._open))

    async def _send(self, request: web.Request, socket: web.WebSocketResponse, feed: Feed) -> None:
        """Send the news after every change; the next frame is made when the last one has left."""
        while True:
            change = self._changes.upcoming
            for frame in feed.news():
                try:
                    async with asyncio.timeout(_PATIENCE_S):
                        await socket.send_str(json.dumps(frame))
                except (TimeoutError, ConnectionError):
                    if request.transport is not None:
                        request.transport.abort()
                    return
            await asyncio.sleep(_PAUSE_S)
            await change.wait()
