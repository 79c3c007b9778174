"""Listeners: Slack → Request, one per command and per kind of button, each acking exactly once.

A listener never raises: `guarded` turns an unexpected error into an ack with a reference, which stands in the log and
in the audit. Bolt would look for each ack every 10 ms; here its function ends with the ack, and the listener goes on.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from bot.dispatch import Admission, Dispatch, name_of
from bot.ports import Dialog, Intent, Request, Respond, Response, Via
from bot.process import UNEXPECTED_LOG_LINE, Clock, Tasks, new_reference
from bot.process.metrics import Metrics
from bot.slack.inbound._home import REFRESH_ACTION, START_ACTION, Home, visitor_of
from bot.slack.inbound._payload import Kind, Origin, Payload
from bot.slack.inbound._router import PAYLOAD_KEY, Answering
from bot.slack.render import OFFER_ACTION, render_mrkdwn, render_response
from bot.slack.responses import Modals, Recipient, Responses
from bot.text import code, plain
from bot.verbs import List
from storage import audit
from storage.errors import StorageError, StorageUnavailable
from storage.store import Store

log = logging.getLogger(__name__)

Listener = Callable[[AsyncAck, Payload], Awaitable[None]]
Bolts = Callable[[AsyncAck, Mapping[str, Any]], Awaitable[None]]
"""A listener as Bolt calls it, with its context."""

ACKED_WITHIN_S: Final = 2.0
"""After this time a request is acked though its command is not recorded yet: Slack waits for 3 s."""

_PRESSED: Final = "You pressed this already; it was done once, and nothing more was done now."
_NOT_RECORDED_YET: Final = (
    "The bot's disk is slow, so this is not recorded yet, and nothing was done so far. What comes of it is told here; "
    "if nothing is in a minute, type it again."
)
_EXPIRED: Final = "That button has expired, so nothing was done. Type the command again."
_NOT_READ: Final = (
    "The bot's database cannot be read right now, so it is not known what that button does, and nothing was done. "
    "Press it again in a minute, or type the command."
)
_STRANGER: Final = "Only members of this bot's own workspace may use its commands. Nothing was done."


@dataclass(frozen=True, kw_only=True)
class Click:
    """The command of a click: its `intent`, or None where it is no command any more.

    `once` is the same for a second delivery of a click, `key` for clicks of several people that are one. `again` and
    `confirmed` are the request's. With `replace` the response takes the place of the message with the button.
    `dialog` is the form to open, if not the usual one.
    """

    intent: Intent | None
    once: str = ""
    again: bool = False
    confirmed: bool = False
    replace: bool = False
    dialog: Dialog | None = None
    key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Listeners:
    """The listeners for commands and offers, and what all share. They are registered last: they take the rest."""

    dispatch: Dispatch
    responses: Responses
    home: Home
    modals: Modals
    tasks: Tasks
    clock: Clock
    metrics: Metrics
    store: Store
    command: str
    is_ours: Callable[[Origin], bool]
    group_changed: Callable[[str], None]

    def commands(self) -> Mapping[str, Answering]:
        """Return the answers to slash commands, by their names."""
        return {self.command: self._answering(self._slash)}

    def register(self, app: AsyncApp) -> None:
        """Register the listeners: for offers, and for the rest."""
        app.action(re.compile(rf"^{OFFER_ACTION}(:\d+)?$"))(self.guarded(self._offer))
        app.event("app_home_opened")(self.guarded(self.home.opened))
        app.action(REFRESH_ACTION)(self.guarded(self.home.refresh))
        app.action(START_ACTION)(self.guarded(self.home.start))
        app.event("subteam_members_changed")(self.guarded(self._group))
        app.action(re.compile(""))(self.guarded(self._stale))
        app.command(re.compile(""))(self.guarded(self._misnamed))

    async def _group(self, ack: AsyncAck, payload: Payload) -> None:
        """Outdate the members of a user group that changed."""
        await ack()
        self.group_changed(payload.event.group)

    async def _slash(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a typed command; its response may stand in the ack."""
        request = Request(
            **payload.origin,
            channel=payload.channel,
            via=Via.slash,
            key=f"slash:{payload.key}",
            asked=payload.text,
            respond=self.respond_to(payload),
            dialog=self.modals.of(payload.trigger, payload.channel),
        )

        async def answer(response: Response | None) -> None:
            if response is None:
                await ack()
            else:
                await ack(response_type="ephemeral", **render_response(response))

        await self.take(request, answer)

    async def _misnamed(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a command that the app has under another name than the settings: without an ack it would time out."""
        if not self.is_ours(payload.origin):
            became, words = "denied", _STRANGER
        else:
            log.warning("the app sent %s, and this bot is set to %s: give both one name", payload.name, self.command)
            became = "refused"
            words = (
                f"This bot is set to {code(self.command)} (SESSION_BOT_COMMAND), and the app sent "
                f"{code(payload.name)}. Nothing was done."
            )
        await ack(response_type="ephemeral", text=render_mrkdwn(words))
        await self._note(payload, words, became)

    async def _offer(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a click on an offer, the button under a response."""
        value = payload.action.value
        try:
            offer = await self.dispatch.drafts.get(value, payload.person)
        except StorageUnavailable as problem:
            log.warning("what a pressed button does is not known: %s", problem)
            await ack()
            await self.respond_to(payload)(Response(text=_NOT_READ))
            return
        if offer is None:
            await self.click(ack, payload, Click(intent=None, replace=True))
        else:
            once = name_of(value)
            click = Click(intent=offer.intent, once=once, again=offer.again, confirmed=offer.confirmed, replace=True)
            admission = await self.click(ack, payload, click)
            if admission is not None and admission.before is not None:
                await self.respond_to(payload)(Response(text=_PRESSED))

    async def _stale(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a click on a button that this version does not know: without an ack it would time out."""
        await self.click(ack, payload, Click(intent=None))

    async def click(self, ack: AsyncAck, payload: Payload, click: Click) -> Admission | None:
        """Admit the command of a click; return None for one that is no command any more."""
        visitor = visitor_of(payload)
        respond = self.respond_to(payload, replace=click.replace)
        if visitor is not None and isinstance(click.intent, List):
            respond = self.home.page(visitor)

        async def answer(response: Response | None) -> None:
            await ack()
            if response is not None:
                await respond(response)

        if click.intent is None:
            await answer(Response(text=_EXPIRED))
            return None
        here = None if visitor is not None else payload.channel
        request = Request(
            **payload.origin,
            channel=payload.channel if visitor is None else visitor.channel,
            via=Via.button,
            key=click.key or f"button:{payload.message}:{payload.name}:{click.once}:{payload.person}",
            asked=click.intent,
            respond=respond,
            again=click.again,
            confirmed=click.confirmed,
            typed_at=payload.typed_at,
            dialog=click.dialog or self.modals.of(payload.trigger, here),
        )
        return await self.take(request, answer)

    def respond_to(self, payload: Payload, *, replace: bool = False) -> Respond:
        """Return the respond function of a payload, on Home for a person there; `replace` as in `Click`."""
        visitor = visitor_of(payload)
        if visitor is not None:
            return self.home.aside(visitor)
        channel = payload.channel if payload.view is None else payload.view.channel
        recipient = Recipient(
            person=payload.person, channel=channel, thread=payload.thread, response_url=payload.response_url
        )
        return self.responses.to(recipient, replace=replace)

    async def take(self, request: Request, answer: Callable[[Response | None], Awaitable[None]]) -> Admission:
        """Admit a request, ack, and leave the rest to a task that is held on to; ack before where that takes long."""
        began, is_late = self.clock.monotonic(), asyncio.Event()

        async def ack(response: Response | None) -> None:
            await answer(response)
            self.metrics.ack_seconds.observe(self.clock.monotonic() - began)

        def late() -> None:
            is_late.set()
            self.tasks.work(ack(Response(text=_NOT_RECORDED_YET)))

        late_ack = asyncio.get_running_loop().call_later(ACKED_WITHIN_S, late)
        try:
            admission = await self.dispatch.admit(request)
        finally:
            late_ack.cancel()
        if admission.work is not None:
            self.tasks.work(admission.work)
        if not is_late.is_set():
            await ack(admission.response)
        elif admission.response is not None:
            await request.respond(admission.response)
        return admission

    def guarded(self, listener: Listener) -> Bolts:
        """Return a listener that never raises, and that is over for Bolt with its ack."""
        answering = self._answering(listener)

        async def guarded(ack: AsyncAck, context: Mapping[str, Any]) -> None:
            ack.response = await answering(context[PAYLOAD_KEY])

        return guarded

    def _answering(self, listener: Listener) -> Answering:
        """Return the answers of a listener: each is there with its ack, and the listener goes on as tracked work."""

        async def answering(payload: Payload) -> BoltResponse:
            answer = _Answer()
            self.tasks.work(self._listen(listener, answer, payload))
            return await answer.given

        return answering

    async def _listen(self, listener: Listener, ack: "_Answer", payload: Payload) -> None:
        try:
            await listener(ack, payload)
        except Exception:  # the person gets the reference, the log its traceback, the audit its line
            made = new_reference()
            log.exception(UNEXPECTED_LOG_LINE, made, "in a listener")
            words = f"Something unexpected went wrong; what was done is uncertain. Reference: {code(made)}."
            await self._respond_with_error(ack, payload, words)
            await self._note(payload, words)
        finally:
            ack.end()

    async def _respond_with_error(self, ack: AsyncAck, payload: Payload, words: str) -> None:
        """Respond in the ack, where Slack shows its text and it is not sent yet; else beside it."""
        if ack.response is None and payload.kind is Kind.command:
            await ack(response_type="ephemeral", text=render_mrkdwn(words))
            return
        if ack.response is None:
            await ack()
        if payload.person and visitor_of(payload) is None:  # of Home the audit tells
            await self.respond_to(payload)(Response(text=words))

    async def _note(self, payload: Payload, words: str, became: str = "failed") -> None:
        """Record an event that is no command as a line of the audit."""
        facts: dict[str, Any] = {"team": payload.team, "channel": payload.channel, "actor": payload.person}
        now = self.clock.now()
        try:
            await self.store.write(lambda db: audit.note(db, **facts, became=became, words=words, now=now))
        except StorageError as problem:
            log.error("%r has no line in the audit: %s", plain(words), problem)  # noqa: TRY400 - logged above


class _Answer(AsyncAck):
    """An ack that is waited for. Without one before the listener ended, an empty one is given."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.given: asyncio.Future[BoltResponse] = asyncio.get_running_loop().create_future()

    async def __call__(self, *parts: Any, **named: Any) -> BoltResponse:
        """Ack; the first one counts."""
        response = await super().__call__(*parts, **named)
        if not self.given.done():
            self.given.set_result(response)
        return response

    def end(self) -> None:
        """End the wait: the listener is over."""
        if not self.given.done():
            self.given.set_result(BoltResponse(status=200))
