"""A local Slack: one workspace on 127.0.0.1, for tests and the demo."""

import secrets
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from bot.sandbox import let_go
from bot.sandbox.slack import (
    _chat as chat,
)
from bot.sandbox.slack import (
    _lookups as lookups,
)
from bot.sandbox.slack import (
    _modals as modals,
)
from bot.sandbox.slack import (
    _payloads as payloads,
)
from bot.sandbox.slack import (
    _validation as validation,
)
from bot.sandbox.slack._api import Tokens, WebApi, WebCall
from bot.sandbox.slack._delivery import Delivery
from bot.sandbox.slack._driver import Person
from bot.sandbox.slack._envelopes import Envelope, EnvelopeType
from bot.sandbox.slack._faults import EVERY_METHOD, Http, SlackFaults
from bot.sandbox.slack._files import Files
from bot.sandbox.slack._limits import RateLimits
from bot.sandbox.slack._options import SlackOptions
from bot.sandbox.slack._request_url import RequestUrl
from bot.sandbox.slack._response_urls import ResponseUrls
from bot.sandbox.slack._socket_mode import SocketMode
from bot.sandbox.slack._transcript import lines
from bot.sandbox.slack._workspace import Channel, Role, Workspace

T = TypeVar("T")


class LocalSlack:
    """Slack's Web API, Socket Mode and response URLs, and the people: `async with LocalSlack() as slack`."""

    def __init__(self, options: SlackOptions = SlackOptions()) -> None:  # noqa: B008 - frozen, so it may be shared
        self._options = options
        self.workspace = Workspace(options.team_id, options.team_name, options.domain, options.scopes, options.clock)
        self.workspace.enterprise_id, self.workspace.is_org_wide = options.enterprise_id, options.org_wide
        self._tokens = _new_tokens(self.workspace.app_id)
        self.faults = SlackFaults()
        self._sockets = SocketMode(self.workspace, options.ack_seconds, options.close_seconds)
        self._request_url = RequestUrl(self._tokens.signing_secret, options.ack_seconds, options.clock)
        self._request_url.url = options.request_url
        self._delivery = Delivery(self._sockets, self._request_url, options.retry_seconds, self.workspace.changes)
        self._files = Files(self.workspace)
        self._api = WebApi(
            self.workspace,
            {
                **chat.METHODS,
                **lookups.METHODS,
                **modals.METHODS,
                **validation.METHODS,
                **self._sockets.methods,
                **self._files.methods,
            },
            self._tokens,
            self.faults,
            RateLimits(options.clock) if options.rate_limits else None,
        )
        self._response_urls = ResponseUrls(self.workspace, self._api, self.faults)
        self._people: dict[str, Person] = {}
        self._runner: web.AppRunner | None = None
        self._origin = ""

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[let_go], client_max_size=4 * 2**20)
        app.router.add_route("GET", "/api/{method}", self._api.handle)
        app.router.add_route("POST", "/api/{method}", self._api.handle)
        app.router.add_get("/link/", self._sockets.handle)
        app.router.add_post("/upload/v1/{secret}", self._files.handle)
        app.router.add_post("/{kind:commands|actions}/{team}/{secret}", self._response_urls.handle)
        # An access log would hold response URLs, which are secrets.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._options.port).start()
        port = self._runner.addresses[0][1]
        if self._request_url.url:
            await self._sockets.disable()
        self._origin = self._sockets.origin = self._response_urls.origin = self._files.origin = (
            f"http://127.0.0.1:{port}"
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.release()
        await self._delivery.close()
        await self._sockets.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # what an app needs to know

    @property
    def api_url(self) -> str:
        """The base of the Web API, with its closing slash."""
        return f"{self._origin}/api/"

    @property
    def bot_token(self) -> str:
        """The bot token; a secret, like a real one."""
        return self._tokens.bot

    @property
    def app_token(self) -> str:
        """The app-level token for Socket Mode; a secret, like a real one."""
        return self._tokens.app

    @property
    def signing_secret(self) -> str:
        """The signing secret of HTTP mode; a secret, like a real one."""
        return self._tokens.signing_secret

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self.workspace.team_id

    @property
    def bot_user_id(self) -> str:
        """The user id of the bot."""
        return self.workspace.bot.id

    # who and where

    def person(
        self,
        name: str,
        *,
        role: Role | str = Role.MEMBER,
        tz: str = "Etc/UTC",
        home: str = "",
        teams: Iterable[str] | None = None,
    ) -> Person:
        """Return the person of this name; the first call decides role and time zone (an IANA name).

        On Enterprise Grid also their home, a workspace or the organisation, and the workspaces whose member they are.
        """
        if name not in self._people:
            user = self.workspace.add_user(name, Role(role), tz, home, teams)
            self._people[name] = Person(user, self.workspace, self._delivery, self._response_urls)
        return self._people[name]

    def channel(
        self,
        name: str,
        *,
        private: bool = False,
        shared: bool = False,
        org_shared: bool = False,
        bot_in: bool = True,
        members: Iterable[Person] = (),
    ) -> Channel:
        """Return the channel of this name; the first call creates it, later ones can add members.

        `shared` means with a workspace of another company, `org_shared` with others of the same organisation. People
        join a public channel when they first act in it.
        """
        channels = self.workspace.channels.values()
        channel = next((one for one in channels if one.name == name and not one.im), None)
        if channel is None:
            channel_id = f"C{len(channels) + 1:08d}"
            channel = self.workspace.add_channel(
                Channel(channel_id, name, private=private, shared=shared, org_shared=org_shared, bot_in=bot_in)
            )
        channel.members += [person.id for person in members if person.id not in channel.members]
        self.workspace.changes.notify()
        return channel

    @property
    def people(self) -> list[Person]:
        """Everybody who was ever asked for by name, in that order."""
        return list(self._people.values())

    def archive(self, channel: Channel, *, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        channel.archived = archived
        self.workspace.changes.notify()

    def usergroup(self, handle: str, members: Iterable[Person]) -> str:
        """Make a user group, or replace its members without an event to the app; return its id."""
        return self.workspace.add_usergroup(handle, [person.id for person in members])

    async def change_usergroup(self, handle: str, members: Iterable[Person]) -> None:
        """Replace the members of a user group, with an event to the app, if its scopes allow that."""
        groups = self.workspace.usergroups.values()
        before = next((list(group["users"]) for group in groups if group["handle"] == handle), [])
        group_id = self.usergroup(handle, members)
        if "usergroups:read" in self.workspace.scopes:
            payload = payloads.group_changed(self.workspace, group_id, before)
            await self._delivery.deliver(Envelope(EnvelopeType.EVENT, payload, accepts_response_payload=False))

    # what happens

    @property
    def calls(self) -> list[WebCall]:
        """Every call of the Web API and every post to a response URL (as `response_url`), oldest first."""
        return self._api.calls

    async def send_to(self, url: str) -> None:
        """Switch to HTTP mode: commands, interactions and events go to this one URL from now on.

        The server at `url` must repeat a challenge first, signed like everything that follows; raises
        ConnectionError when it does not. Socket Mode is over then.
        """
        await self._request_url.verify(url)
        self._request_url.url = url
        await self._sockets.disable()

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to be replaced (`warning`, `refresh_requested`); `connected` waits for a new one."""
        await self._sockets.disconnect(reason)

    @property
    def is_connected(self) -> bool:
        """True while payloads have a way to the app: an open connection, or a request URL."""
        return bool(self._request_url.url or self._sockets.connections)

    def cut(self) -> int:
        """Break every connection without a word; return the number of them."""
        return self._sockets.cut()

    @property
    def is_down(self) -> bool:
        """True during an outage."""
        return self._sockets.is_down

    def set_down(self, *, is_down: bool) -> None:
        """Begin an outage, or end it: connections break and are refused, and every call of the Web API fails."""
        self.faults.stand(EVERY_METHOD, Http(503) if is_down else None)
        self._sockets.is_down = is_down
        if is_down:
            self._sockets.cut()
        self.workspace.changes.notify()

    async def connected(self, timeout: float = 30) -> None:  # noqa: ASYNC109 - a plain number reads best in tests
        """Wait until at least one connection has got its hello, or the app has a request URL."""
        await self.until(lambda: self.is_connected, "a Socket Mode connection", timeout)

    async def disconnected(self, timeout: float = 30) -> None:  # noqa: ASYNC109 - the same
        """Wait until no app is connected over Socket Mode."""
        await self.until(lambda: not self._sockets.connections, "no Socket Mode connection", timeout)

    def refuse_token(self, code: str | None, *, app: bool = False) -> None:
        """Refuse the bot token, or the app token, with this error code from now on; None accepts it again."""
        whose = "app" if app else "bot"
        if code is None:
            self._api.refused_tokens.pop(whose, None)
        else:
            self._api.refused_tokens[whose] = code

    async def until(self, condition: Callable[[], T], what: str, timeout: float = 30) -> T:  # noqa: ASYNC109 - same
        """Wait until `condition` returns something truthy, and return that.

        It is evaluated whenever this Slack changes; a change elsewhere (a database) is not noticed.
        Raises AssertionError after `timeout` seconds, with `what` and the conversation so far.
        """
        try:
            return await self.workspace.changes.until(condition, timeout)
        except TimeoutError:
            raise AssertionError(f"waited {timeout} s for {what}\n\n{self.conversation()}") from None

    def conversation(self) -> str:
        """Return every message, channel by channel."""
        channels = self.workspace.channels.values()
        return "\n\n".join("\n".join(lines(channel, self.workspace.names)) for channel in channels)


def _new_tokens(app_id: str) -> Tokens:
    """Return new tokens of the form of Slack's, so that redaction finds them."""
    numbers = [secrets.randbelow(9 * 10**11) + 10**11 for _ in range(3)]
    return Tokens(
        bot=f"xoxb-{numbers[0]}-{numbers[1]}-{secrets.token_hex(12)}",
        app=f"xapp-1-{app_id}-{numbers[2]}-{secrets.token_hex(32)}",
        signing_secret=secrets.token_hex(16),
    )
