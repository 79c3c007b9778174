"""The end of requests whose client went away while it sent them, as one that is killed does."""

from aiohttp import web
from aiohttp.typedefs import Handler


@web.middleware
async def let_go(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Return an answer to nobody where the client reset its connection; without this each is logged as an error."""
    try:
        return await handler(request)
    except ConnectionResetError:
        return web.Response(status=400)
