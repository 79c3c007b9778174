"""A file's way into a thread, in Slack's three steps: ask for an address, send the bytes there, share it.

The address is a capability and is never logged. Each step is done once here. The caller decides what is done
again: a file that is shared again after a lost answer may stand in the thread twice, which `log` avoids, and the
messenger takes into account, as with every message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api import TryLater, call_method, connection_problem, read_method
from bot.slack.render import render_mrkdwn
from storage.message import Message

_TIMEOUT: Final = aiohttp.ClientTimeout(total=60)
_OK: Final = 200


class NotUploaded(TryLater):
    """The bytes did not reach the address: nothing was shared."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file, and the line of mrkdwn above it."""

    name: str
    content: bytes = field(repr=False)
    text: str


def attachment_of(message: Message) -> Attachment | None:
    """Return the file of a message, or None for one without."""
    body = message.body or {}
    if "file" not in body:
        return None
    file = body["file"]
    return Attachment(
        name=file["name"], content=file["content"].encode(errors="replace"), text=render_mrkdwn(body["text"])
    )


class Uploads:
    """Uploads and shares files. Every method raises a SlackProblem."""

    def __init__(self, client: AsyncWebClient, http: aiohttp.ClientSession) -> None:
        self._client = client
        self._http = http

    async def put(self, file: Attachment, channel: str, thread_ts: str) -> None:
        """Upload and share a file, every step once."""
        await self.share(file, await self.upload(file), channel, thread_ts)

    async def upload(self, file: Attachment) -> str:
        """Send the bytes, and return the id of the file, not shared yet; raise NotUploaded if they do not arrive."""
        asked = {"filename": file.name, "length": str(len(file.content))}
        begun = await read_method(self._client, "files.getUploadURLExternal", asked)
        await self._send(str(begun["upload_url"]), file.content)
        return str(begun["file_id"])

    async def share(self, file: Attachment, file_id: str, channel: str, thread_ts: str) -> None:
        """Share an uploaded file in a thread."""
        arguments: Mapping[str, Any] = {
            "files": [{"id": file_id, "title": file.name}],
            "channel_id": channel,
            "thread_ts": thread_ts,
            "initial_comment": file.text,
        }
        await call_method(self._client, "files.completeUploadExternal", arguments)

    async def _send(self, url: str, content: bytes) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        status = 0
        try:
            async with self._http.post(
                url, data=content, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            why = f"the upload did not get through ({connection_problem(problem)})"
        else:
            why = f"the upload was answered with HTTP {status}"
        if status != _OK:
            raise NotUploaded(1.0, why)  # out here, so that it carries no context: aiohttp's own may hold the address
