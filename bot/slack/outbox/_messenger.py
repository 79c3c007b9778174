"""The messenger, the only sender to channels: posts and updates the due `messages`, the most urgent first.

Each message is a row first; a change is an update, not a new message. A refused message is retried, soon or
rarely, as long as that makes sense, and a reply that its thread refuses becomes a direct message. A deleted message
that is still of use is posted anew.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.process import Clock, Failpoint, Tasks, reach, wait_or_wake
from bot.slack.api import (
    NOT_IN_CHANNEL,
    CodeMeaning,
    RateLimited,
    Refused,
    TokenRefused,
    TryLater,
    code_meaning,
    post_message,
    update_message,
)
from bot.slack.outbox._accepted import Accepted, Posted
from bot.slack.outbox._card_waiters import CardWaiters, is_waited_for
from bot.slack.outbox._content import shown, to_post
from bot.slack.outbox._direct import replace_message
from bot.slack.outbox._order import SendOrder
from bot.slack.outbox._rate_limits import RateLimiter
from bot.slack.outbox._refusals import Refusals
from bot.slack.outbox._retry_delays import RetryDelays
from bot.slack.outbox._undeliverable import comes_back, give_up, keep, send_directly, unseen
from bot.slack.outbox._uploads import NotUploaded, Uploads, attachment_of
from bot.slack.render import BlockKit
from bot.stops import CardNote
from storage import messages, outbox
from storage.errors import StorageUnavailable
from storage.message import RELEASED, Kind, Message
from storage.outbox import Due
from storage.records import Session
from storage.store import Store

log = logging.getLogger(__name__)

LOOKED_AT: Final = 1_000
"""The number of due messages read at once: one busy channel must not hide those of others."""

_IDLE_S: Final = 30.0
_LED_ELSEWHERE_S: Final = 1.0
_LOCKED_PAUSE_S: Final = 30.0
_UPLOAD_ATTEMPTS: Final = 6
"""The attempts, over half a minute, to send a file's bytes: a firewall may let the API pass, and no file."""


class Messenger:
    """Sends what is due. One leads per database: a new one begins without any pauses, and knows no contents.

    While `leads` says no, nothing is sent: another process may be the leader by now.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        uploads: Uploads,
        store: Store,
        clock: Clock,
        waiters: CardWaiters,
        *,
        card_note: CardNote = lambda _db, _session: None,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self._client = client
        self._uploads = uploads
        self._store = store
        self._clock = clock
        self._card_note = card_note
        self._leads = leads
        self._waiters = waiters
        self._limiter = RateLimiter()
        self._awake = asyncio.Event()
        self._sent = asyncio.Event()
        self._sending = Tasks()
        self._order = SendOrder()
        self._delays = RetryDelays()
        self._refusals = Refusals(store, clock)
        self._rendered: dict[int, BlockKit] = {}
        self._has_ceased = False
        self._accepted = Accepted(client, store, clock)

    def nudge(self) -> None:
        """Wake the messenger: there is something new to show."""
        self._awake.set()

    def show_again(self, message_ids: Collection[int]) -> None:
        """Send these once more, without a pause, also if nothing seems to have changed on them."""
        for message_id in message_ids:
            self._rendered.pop(message_id, None)
        self._delays.end(message_ids)

    async def step(self) -> None:
        """Send the due messages, then wait until the next is due, or until there is a new one."""
        self._awake.clear()
        await wait_or_wake(self._clock, await self._send_what_is_due(), self._awake)

    async def flush(self, seconds: float) -> None:
        """Wait until the due messages are sent, for this long at most; the next process sends the rest."""
        deadline = self._clock.monotonic() + seconds
        while (left := deadline - self._clock.monotonic()) > 0:
            self._sent.clear()
            if self._order.is_idle and not await self._store.read(outbox.due):
                break
            await wait_or_wake(self._clock, left, self._sent)
        await self.cancel()

    async def cancel(self) -> None:
        """End what is being sent; the next process finds it due."""
        await self._sending.drain(0, self._clock)

    def cease(self) -> None:
        """Post nothing more: another process does from now on, or this one with another messenger."""
        self._has_ceased = True

    async def finish(self) -> None:
        """Wait for what is being sent, and record what Slack took of it.

        Where another messenger has sent a message, too, ours is deleted again.
        """
        await self._sending.idle()
        await self._accepted.record_all()

    async def _send_what_is_due(self) -> float:
        try:
            wanted = await self._store.read(lambda db: outbox.due(db, limit=LOOKED_AT))
        except StorageUnavailable as problem:
            log.warning("the messenger cannot read the database: %s", problem)
            return 1.0
        pause, now = _IDLE_S, self._clock.monotonic()  # one moment for all: none overtakes while they are looked at
        for message in self._order.sort(wanted):
            wait = max(self._wait_for(message, now), self._delays.wait(message, now))
            if wait > 0:
                pause = min(pause, wait)
            elif self._order.may_go(message):
                self._count(message, now)
                self._order.begin(message)
                self._sending.work(self._send(message))
        return pause

    def _wait_for(self, message: Due, now: float) -> float:
        if message.ts is None:
            return self._limiter.wait_to_post(message.channel, now)
        return max(self._limiter.wait_to_update(now, message.urgency), self._limiter.wait_to_edit(message.id, now))

    def _count(self, message: Due, now: float) -> None:
        if gathers(message):
            self._limiter.shown(message.id, now)
        if message.ts is None:
            self._limiter.posted(message.channel, now)
        else:
            self._limiter.updated(now)

    async def _send(self, message: Due) -> None:
        try:
            if await self._show_or_settle(message):
                self._delays.end([message.id])
        except TryLater as later:
            self._later(message, later)
        except StorageUnavailable as problem:
            log.warning("message %d cannot be read or marked as shown: %s", message.id, problem)
            self._later(message, TryLater(1.0, "the database", longest=1.0))
        except Exception:  # the log has it; the message is tried again later, so nobody misses it
            log.exception("message %d could not be shown", message.id)
            self._later(message, TryLater(1.0, "unexpected"))
        finally:
            self._order.end(message)
            self._sent.set()
            self._awake.set()

    async def _show_or_settle(self, message: Due) -> bool:
        """Return whether a message is done: it is shown, or given up. A refused one waits."""
        if message.kind is Kind.reply and message.direct_of is None and message.thread_ts is None:
            return await self._send_directly(message)
        try:
            await self._show(message)
        except TokenRefused as locked:
            self._waiters.refused(message, locked.error)
            raise TryLater(_LOCKED_PAUSE_S, f"Slack does not accept the bot's token ({locked.error})") from None
        except NotUploaded as failed:
            if self._delays.attempts(message.id) + 1 < _UPLOAD_ATTEMPTS:
                raise
            await self._post_as_text(message, failed.why)
        except Refused as refused:
            return await self._refused(message, refused.error)
        else:
            self._refusals.forget(message.id)
            self._delays.end_in(message.channel)
        return True

    async def _send_directly(self, message: Due) -> bool:
        """Record direct messages in the place of a reply whose channel refuses its card, for good or for now."""
        now = self._clock.now()
        if message.under is not None or self._delays.is_hopeless(message.id):
            await self._store.write(lambda db: send_directly(db, message, now=now))
            return True
        await self._store.write(lambda db: replace_message(db, message, now=now))
        self._delays.refused(message, self._clock.monotonic())
        return False

    async def _show(self, message: Message) -> None:
        """Post or update one message with its present contents, and record the shown version."""
        await self._accepted.record(message.id)
        now, session, payload = await self._store.read(lambda db: shown(db, message.id, self._card_note))
        if self._has_ceased or not self._leads():
            raise TryLater(_LED_ELSEWHERE_S, "this process does not lead any more")
        if now.shown >= now.wanted:
            self._waiters.placed(now.session)
            return
        if (file := attachment_of(now)) is not None:
            await self._uploads.put(file, now.channel, now.thread_ts or "")
            channel, ts = now.channel, None
        else:
            channel, ts = await self._post_or_update(now, session, payload)
        reach(Failpoint.posted_unmarked)
        self._accepted.keep(now.id, Posted(channel, ts, now.wanted, now.shown))
        await self._accepted.record(now.id)
        reach(Failpoint.posted)
        self._waiters.placed(now.session)  # a reply can only stand under its card

    async def _post_or_update(self, now: Message, session: Session | None, payload: BlockKit) -> tuple[str, str]:
        """Send a message; return its channel and ts."""
        if now.ts is None:
            answer = await post_message(self._client, to_post(now, payload))
            channel, ts = str(answer["channel"]), str(answer["ts"])
        else:
            channel, ts = now.channel, now.ts
            if now.shown < RELEASED or self._rendered.get(now.id) != payload:
                await update_message(self._client, channel, ts, payload)
        if session is not None and not session.state.is_final:
            self._rendered[now.id] = payload
        else:
            self._rendered.pop(now.id, None)
        return channel, ts

    def _later(self, message: Due, later: TryLater) -> None:
        now, limited = self._clock.monotonic(), isinstance(later, RateLimited)
        if limited and message.ts is None:
            self._limiter.refused_post(message.channel, now, later.seconds)
        elif limited:
            self._limiter.refused_update(now, later.seconds)
        else:
            self._delays.later(message, later, now)
        log.info("message %d waits %.1f s: %s", message.id, later.seconds, later.why)

    async def _post_as_text(self, message: Message, why: str) -> None:
        """Record as text a file that Slack refuses."""
        log.warning("Slack does not take message %d as a file (%s), so it goes as text", message.id, why)
        body = {"text": (message.body or {})["instead"]}
        await self._store.write(lambda db: messages.amend(db, message.id, body))

    async def _refused(self, message: Due, error: str) -> bool:
        """Record the error code; return whether this message is done."""
        self._rendered.pop(message.id, None)
        if attachment_of(message) is not None and error not in NOT_IN_CHANNEL:
            await self._refusals.record(message, error)
            await self._post_as_text(message, error)
            return True
        now, is_gone = self._clock.now(), code_meaning(error) is CodeMeaning.deleted
        is_new = await self._refusals.record(message, error)
        if not is_gone:
            await self._store.write(lambda db: replace_message(db, message, now=now))
        stays = comes_back(message, error) and not self._delays.is_hopeless(message.id)
        settled = not stays or await self._store.read(lambda db: is_waited_for(db, message))
        settle = give_up if settled else keep
        await self._store.write(lambda db: settle(db, message, error, now))
        self._waiters.refused(message, error)
        if is_new:
            log.warning("Slack refuses message %d: %s", message.id, error)
            if (unnoticed := await self._store.read(lambda db: unseen(db, message, error))) is not None:
                log.error("%s", unnoticed)
        if not settled:
            self._delays.refused(message, self._clock.monotonic())
        return settled


def gathers(message: Message) -> bool:
    """Return whether a message changes with every outcome that it gathers, and so is not updated at once each time."""
    return message.kind is Kind.summary or bool((message.body or {}).get("gathers"))
