"""The end of requests that do not come whole: their client was killed amid one, or packed it wrongly."""

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler


@web.middleware
async def let_go(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Return 400, to nobody where the client reset its connection; without this each is logged as an error of ours."""
    try:
        return await handler(request)
    except (ConnectionResetError, web.RequestPayloadError, HttpProcessingError):
        return web.Response(status=400)
