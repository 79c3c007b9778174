"""The forms of requests, read with care: a client of a test sends no other, but anything at this machine may."""

import zlib
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import BodyPartReader, web

_UNREADABLE: Final = (ValueError, LookupError, RuntimeError, zlib.error)
"""What aiohttp raises for a form without its boundary, of no charset, or packed in no way that there is."""


async def read_form(request: web.Request) -> Mapping[str, Any]:
    """Return the fields of a form, none where it is no form. Raises HTTPBadRequest where it cannot be read."""
    try:
        return await request.post()
    except _UNREADABLE:
        raise web.HTTPBadRequest from None


async def read_first_part(request: web.Request) -> bytes:
    """Return the first part of a multipart form. Raises HTTPBadRequest where it cannot be read."""
    try:
        part = await (await request.multipart()).next()
        return bytes(await part.read()) if isinstance(part, BodyPartReader) else b""
    except _UNREADABLE:
        raise web.HTTPBadRequest from None
