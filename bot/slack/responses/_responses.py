"""The ways of a response to one person, in the order in which they are tried.

response_url         where the command or the click brought one
ephemeral message    in its channel or thread: Slack takes it only where the bot is, too (facts)
direct message       where neither does, as in a channel that was chosen in a form
"""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import Respond, Response
from bot.process import Clock, Tasks
from bot.slack.api import call_method, post_message
from bot.slack.render import render_response
from bot.slack.responses._delivery import Delivery, Way
from bot.slack.responses._response_url import RETRY, ResponseUrl
from bot.text import channel as mention
from bot.text import emphasis
from bot.verbs import Stop


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A person and their place; every part may be empty where it is not known."""

    person: str = ""
    channel: str = ""
    thread: str | None = None
    response_url: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Responses:
    """Makes the `Respond` of each request."""

    client: AsyncWebClient
    http: aiohttp.ClientSession
    tasks: Tasks
    clock: Clock

    def to(self, recipient: Recipient, *, replace: bool = False) -> Respond:
        """Return the delivery to one person; with `replace` the message with the pressed button is replaced."""
        ways = functools.partial(self.ways_to, recipient, replace=replace)
        return Delivery(recipient.person, ways, self.tasks, self.clock)

    def ways_to(self, recipient: Recipient, *, replace: bool = False) -> list[Way]:
        """Return the possible ways to a person."""
        ways = []
        if recipient.response_url:
            ways.append(self._response_url(recipient, replace=replace))
        if recipient.person and recipient.channel:
            ways.append(self._ephemeral_message(recipient))
        if recipient.person:
            ways.append(self._direct_message(recipient))
        return ways

    def _response_url(self, to: Recipient, *, replace: bool) -> Way:
        url = ResponseUrl(to.response_url, self.http, replace=replace)

        def call_for(response: Response) -> Callable[[], Awaitable[object]]:
            message = render_response(response)
            return lambda: url.post(message)

        return Way(name="response_url", call_for=call_for, retry=RETRY)

    def _ephemeral_message(self, to: Recipient) -> Way:
        place = {"channel": to.channel, "user": to.person} | ({"thread_ts": to.thread} if to.thread else {})

        def call_for(response: Response) -> Callable[[], Awaitable[object]]:
            message = {**place, **render_response(response)}
            return lambda: call_method(self.client, "chat.postEphemeral", message)

        return Way(name="ephemeral message", call_for=call_for)

    def _direct_message(self, to: Recipient) -> Way:
        def call_for(response: Response) -> Callable[[], Awaitable[object]]:
            message = {"channel": to.person, **render_response(_read_elsewhere(response, to.channel))}
            return lambda: post_message(self.client, message)

        return Way(name="direct message", call_for=call_for)


def _read_elsewhere(response: Response, channel: str) -> Response:
    """Return a response for a place outside its channel: a button acts where it stands, so only stops are left."""
    about = f"{emphasis(f'About {mention(channel)}:')}\n" if channel else ""
    stops = tuple(offer for offer in response.offers if isinstance(offer.intent, Stop))
    return replace(response, text=f"{about}{response.text}", offers=stops)
