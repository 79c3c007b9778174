"""Messages that Slack accepted, until they are on record; one that another process has posted as well is deleted again.

Two post one message where a leader is held, or cut off from the database, behind a post: the next leader finds it due.
The one that is on record first stays, and with it its thread.
"""

import logging
from dataclasses import asdict, dataclass
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.process import Clock
from bot.slack.api import Retry, SlackProblem, call_again, delete_message
from storage import messages
from storage.errors import StorageUnavailable
from storage.store import Store

log = logging.getLogger(__name__)

_RECORDED_EVERY_S: Final = 1.0
_DELETED_AGAIN: Final = Retry(attempts=5, patience_s=60.0)


@dataclass(frozen=True)
class Posted:
    """A message that Slack accepted: its place, the version it shows, and the one it showed before.

    For a file Slack does not return its ts; nothing in it changes any more.
    """

    channel: str
    ts: str | None
    shown: int
    was: int


class Accepted:
    """The accepted messages that are not on record yet."""

    def __init__(self, client: AsyncWebClient, store: Store, clock: Clock) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._unrecorded: dict[int, Posted] = {}

    def keep(self, message_id: int, posted: Posted) -> None:
        """Keep a message that is to be recorded, and is not to be posted a second time."""
        self._unrecorded[message_id] = posted

    async def record(self, message_id: int) -> None:
        """Record an accepted message, if this is one; raises StorageUnavailable, and keeps it then."""
        posted = self._unrecorded.get(message_id)
        if posted is None:
            return
        fields = asdict(posted)
        stands = await self._store.write(lambda db: messages.posted(db, message_id, **fields))
        self._unrecorded.pop(message_id, None)
        if not stands and posted.ts is not None:
            await self._delete(message_id, posted.channel, posted.ts)

    async def record_all(self) -> None:
        """Record what is left, as soon as the database can be written."""
        while self._unrecorded:
            try:
                await self.record(next(iter(self._unrecorded)))
            except StorageUnavailable:
                await self._clock.sleep(_RECORDED_EVERY_S)

    async def _delete(self, message_id: int, channel: str, ts: str) -> None:
        try:
            await call_again(lambda: delete_message(self._client, channel, ts), _DELETED_AGAIN, self._clock)
        except SlackProblem as problem:
            log.warning("message %d stands twice: another process posted it, too, and Slack: %s", message_id, problem)
        else:
            log.warning("message %d was posted by another process, too: this one's is deleted again", message_id)
