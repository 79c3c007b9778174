"""The app's Home tab: a person's own open sessions, those that need attention first, and what can be done.

Opening it is `list by=me channel=all`, and so is each look after it; the response is published as the tab. The
response to a click there stands on top of a fresh list: Home has no ephemeral messages.
"""

import asyncio
import logging
import secrets
import weakref
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.dispatch import Dispatch
from bot.ports import ME, CannotShow, Request, Respond, Response, Via
from bot.process import Clock, Tasks
from bot.slack.api import call_method
from bot.slack.inbound._payload import Origin, Payload
from bot.slack.render import BlockKit, render_mrkdwn, render_response
from bot.slack.responses import Delivery, Modals, Way
from bot.text import code, moment
from bot.verbs import List

log = logging.getLogger(__name__)

REFRESH_ACTION: Final = "home_refresh"
START_ACTION: Final = "home_start"
_NOTICE_BLOCKS: Final = 40
"""Of the response to a click, so that the list, of a message's fifty at most, fits under it: a view has a hundred."""
OWN_SESSIONS: Final = List({"by": ME, "channel": "all"})


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """The person whose Home it is. `channel` is their conversation with the bot: where commands from Home are typed."""

    origin: Origin
    channel: str

    @property
    def actor(self) -> str:
        """The person."""
        return self.origin["actor"]


@dataclass(eq=False)
class _Tab:
    """One person's tab while it is being shown: views go out in their order, and only the last one."""

    order: asyncio.Lock = field(default_factory=asyncio.Lock)
    looks: int = 0


class Home:
    """Renders and publishes the tab. `opened`, `refresh` and `start` are listeners; other clicks respond by it."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        dispatch: Dispatch,
        modals: Modals,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._client = client
        self._modals = modals
        self._dispatch = dispatch
        self._tasks = tasks
        self._clock = clock
        self._tabs: weakref.WeakValueDictionary[str, _Tab] = weakref.WeakValueDictionary()

    async def opened(self, ack: AsyncAck, payload: Payload) -> None:
        """Publish the tab when a person opens it; the app's other tab is not the bot's."""
        await ack()
        visitor = visitor_of(payload)
        if visitor is not None:
            await self._look(visitor, None, f"home:{payload.key}:{visitor.actor}")

    async def refresh(self, ack: AsyncAck, payload: Payload) -> None:
        """Publish the tab anew: the button at its foot."""
        await ack()
        visitor = visitor_of(payload)
        if visitor is not None:
            await self._look(visitor, None, f"home:{payload.action.at}:{visitor.actor}")

    async def start(self, ack: AsyncAck, payload: Payload) -> None:
        """Open the form that starts a session: it asks for the channel, and its submission is authorised."""
        await ack()
        visitor = visitor_of(payload)
        if visitor is None:
            return
        try:
            await self._modals.open_start_form(payload.trigger)
        except CannotShow as problem:
            typed = code(f"{self._modals.command} start <rule> [data]")
            says = f"{problem.sentence} Nothing was started; type {typed} in the channel instead."
            await self.aside(visitor)(Response(text=says))

    def aside(self, visitor: Visitor) -> Respond:
        """Return what responds on top of a fresh list."""

        async def respond(response: Response) -> None:
            await self._look(visitor, response, f"home:{secrets.token_hex(8)}:{visitor.actor}")

        return respond

    def page(self, visitor: Visitor) -> Respond:
        """Return what responds in the place of the list: with another page of it."""
        return self._shown(visitor, None)

    async def _look(self, visitor: Visitor, notice: Response | None, key: str) -> None:
        respond = self._shown(visitor, notice)
        request = Request(
            **visitor.origin,
            channel=visitor.channel,
            via=Via.home,
            key=key,
            asked=OWN_SESSIONS,
            respond=respond,
        )
        admission = await self._dispatch.admit(request)
        if admission.work is not None:
            self._tasks.work(admission.work)
        if admission.response is not None:
            await respond(admission.response)

    def _shown(self, visitor: Visitor, notice: Response | None) -> Respond:
        """Return what responds with the tab of this moment, which never replaces a later one."""
        actor, as_of = visitor.actor, moment(self._clock.now())
        shown = self._tabs.setdefault(actor, _Tab())
        shown.looks += 1
        look = shown.looks

        def call_for(response: Response) -> Callable[[], Awaitable[None]]:
            view = home_view(response, notice, channel=visitor.channel, as_of=as_of)

            async def publish() -> None:
                if look == shown.looks:
                    await call_method(self._client, "views.publish", {"user_id": actor, "view": view})

            return publish

        tab = Way(name="the Home tab", call_for=call_for)
        return Delivery(actor, lambda: [tab], self._tasks, self._clock, shown.order)


def visitor_of(payload: Payload) -> Visitor | None:
    """Return the person whose Home was opened or clicked on; None for every other place."""
    if payload.view is not None and payload.view.is_home:
        return Visitor(origin=payload.origin, channel=payload.view.channel)
    return Visitor(origin=payload.origin, channel=payload.channel) if payload.event.tab == "home" else None


def home_view(response: Response, notice: Response | None, *, channel: str, as_of: str) -> Mapping[str, Any]:
    """Return the tab as a view for views.publish. `response` is the list, `notice` the response to a click there."""
    blocks: list[BlockKit] = []
    if notice is not None:
        blocks += [*_blocks(notice)[:_NOTICE_BLOCKS], {"type": "divider"}]
    blocks += _blocks(response)
    buttons = [_button("Start a session", START_ACTION), _button("Refresh", REFRESH_ACTION)]
    blocks.append({"type": "actions", "elements": buttons})
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": render_mrkdwn(f"As of {as_of}.")}]})
    return {"type": "home", "private_metadata": channel, "blocks": blocks}


def _blocks(response: Response) -> Sequence[BlockKit]:
    blocks: Sequence[BlockKit] = render_response(response)["blocks"]
    return blocks


def _button(label: str, action: str) -> BlockKit:
    return {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": label, "emoji": False}}
