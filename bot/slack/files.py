"""Sharing a file in a thread, in Slack's three steps: ask for an address, send the bytes there, share it.

The address is a capability and is never logged. The first two steps may be done again, the last only when Slack
says that it did not do it: a file that is shared twice stands in the thread twice.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack import web
from bot.verbs.board import FileReply
from bot.verbs.errors import CannotShare
from bot.verbs.names import called
from storage import messages
from storage.store import Store

log = logging.getLogger(__name__)

ATTEMPTS: Final = 3
SCOPE: Final = "files:write"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=60)
_OK: Final = 200
_LONGEST_PAUSE_S: Final = 30.0
_NO_SCOPE: Final = (
    f"This bot's Slack app lacks the scope `{SCOPE}`, so the file was not posted. Ask whoever runs this bot to add "
    "it to the app and to install the app again."
)


class SlackFiles:
    """Files, on Slack."""

    def __init__(self, client: AsyncWebClient, http: aiohttp.ClientSession, store: Store, clock: Clock) -> None:
        self._client = client
        self._http = http
        self._store = store
        self._clock = clock

    async def share(self, file: FileReply) -> str:
        """Put a file into a thread with a line above it; raises CannotShare with a sentence."""
        session = file.session
        card = await self._store.read(lambda db: messages.card_of(db, session.id))
        if card is None or card.ts is None:
            raise CannotShare(f"{called(session)} has no card in Slack, so no thread for a file. Nothing was posted.")
        try:
            file_id = await self._uploaded(file)
            await self._shared(file, file_id, card.channel, card.ts)
        except web.Refused as refused:
            log.warning("Slack refuses a file for %s: %s", session.name, refused.word)
            raise CannotShare(_why(refused.word)) from None
        except web.Later as later:
            log.warning("a file for %s could not be shared: %s", session.name, later.why)
            msg = "Slack did not take the file, so it is most likely not in the thread. Look there, then try again."
            raise CannotShare(msg) from None
        return "is in its thread"

    async def _uploaded(self, file: FileReply) -> str:
        """Send the bytes; give the id of what is not shared yet."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                asked = {"filename": file.name, "length": str(len(file.content))}
                begun = await web.ask(self._client, "files.getUploadURLExternal", asked)
                await self._send(str(begun["upload_url"]), file.content)
                return str(begun["file_id"])
            except web.Later as later:
                if attempt == ATTEMPTS:
                    raise
                await self._clock.sleep(min(later.seconds, _LONGEST_PAUSE_S))
        raise AssertionError

    async def _send(self, url: str, content: bytes) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        status = 0
        try:
            async with self._http.post(
                url, data=content, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            why = f"the upload did not get through ({type(problem).__name__})"
        else:
            why = f"the upload was answered with HTTP {status}"
        if status != _OK:
            raise web.Later(1.0, why)  # out here, so that it carries no context: aiohttp's own may hold the address

    async def _shared(self, file: FileReply, file_id: str, channel: str, thread_ts: str) -> None:
        arguments: Mapping[str, Any] = {
            "files": [{"id": file_id, "title": file.name}],
            "channel_id": channel,
            "thread_ts": thread_ts,
            "initial_comment": file.text,
        }
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await web.call(self._client, "files.completeUploadExternal", arguments)
            except web.Later as later:
                if attempt == ATTEMPTS or not later.limited:
                    raise
                await self._clock.sleep(min(later.seconds, _LONGEST_PAUSE_S))
            else:
                return


def _why(word: str) -> str:
    if word in {"missing_scope", "not_allowed_token_type"}:
        return _NO_SCOPE
    if word in {"not_in_channel", "channel_not_found"}:
        return "The bot is not in the session's channel, so the file was not posted. Invite it, then try again."
    return f"Slack does not take the file ({word}), so it was not posted."
