"""The page's guard: the requests that are answered at all, and the headers of every answer.

Every site that is open in the same browser can send requests to 127.0.0.1. `Host` must be this server's own, so that
no foreign name that resolves here is served (DNS rebinding), and an act, or a tab that listens, must come from a page
of this very origin.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

LIVE: Final = "/live"
_NAMES: Final = ("127.0.0.1", "localhost")
_HTTP_PORT: Final = 80
_LONGEST_PATH: Final = 250
"""Less than a file's name can have: no file system is asked for more."""
_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://{host}; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@web.middleware
async def guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer a request that a page of this server can have sent, and refuse any other."""
    if not _is_ours(request):
        return _refusal(403, "This server answers only to 127.0.0.1 and localhost, with its port.")
    acts = request.method == "POST"
    if (acts or request.path == LIVE) and request.headers.getall("Origin", []) != [f"http://{request.host}"]:
        return _refusal(403, "Only a page of this server may do this.")
    if acts and request.content_type != "application/json":
        return _refusal(415, "The body is not application/json.")
    if len(request.raw_path) > _LONGEST_PATH:
        return _refusal(414, "The address is longer than any here.")
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        return _refusal(refusal.status, f"The page's server refuses this: {refusal.reason.lower()}.")


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that keep an answer from being used by another site, whatever the answer is."""
    host = request.host if _is_ours(request) else _NAMES[0]
    response.headers.update({**_HEADERS, "Content-Security-Policy": _CSP.format(host=host)})


def _is_ours(request: web.Request) -> bool:
    """Return whether `Host` is a name of this server, with the port at which the request came in."""
    address = request.get_extra_info("sockname")
    port = address[1] if address else None
    hosts = {f"{name}:{port}" for name in _NAMES} | (set(_NAMES) if port == _HTTP_PORT else set())
    return request.headers.getall("Host", []) in [[host] for host in hosts]


def _refusal(status: int, problem: str) -> web.Response:
    return web.json_response({"ok": False, "problem": problem}, status=status)
