"""The whole platform: Management API, media servers and the sessions behind them, on 127.0.0.1."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox._certificates import LOCAL_NAMES, Certificates
from bot.sandbox._changes import Changes
from bot.sandbox.voximplant._account import Account, Rule, default_account
from bot.sandbox.voximplant._call_settings import InboundCall
from bot.sandbox.voximplant._faults import Faults
from bot.sandbox.voximplant._inbound import INBOUND_PATH, Inbound
from bot.sandbox.voximplant._management import LogRead, Management
from bot.sandbox.voximplant._media import Delivery, Media
from bot.sandbox.voximplant._method import ApiRequest
from bot.sandbox.voximplant._options import PlatformOptions
from bot.sandbox.voximplant.engine import Addresses, Engine, Origin, RunningScenario, ScenarioSession

__all__ = ["Platform", "PlatformOptions"]

HOST = "127.0.0.1"
_REAL_NAME = "api.voximplant.com"
"""The API's certificate has the real name too: a client that cannot be told another one reaches it as its proxy."""

_SHUTDOWN_SECONDS = 0.5  # requests that hang are let go first, so nothing has a reason to stay longer


class Platform:
    """A simulated Voximplant with real HTTP.

    async with Platform(certificates) as platform:
        ...  # platform.api_url, platform.account.api_key, platform.sessions
    """

    api_url: str

    def __init__(
        self,
        certificates: Certificates,
        options: PlatformOptions = PlatformOptions(),  # noqa: B008 - frozen, so it may be shared
        account: Account | None = None,
    ) -> None:
        self.account = account or default_account()
        self.faults = Faults()
        self._certificates = certificates
        self._options = options
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            options = self._options
            api, media, media_tls = (
                exits.enter_context(socket.create_server((HOST, port), backlog=512))
                for port in (options.port, options.media_port, options.media_tls_port)
            )
            addresses = Addresses(
                api=_base("https", api), media=_base("http", media), media_tls=_base("https", media_tls)
            )
            self.api_url = f"{addresses.api}/platform_api"
            self._engine = Engine(self.account, options, addresses)
            exits.push_async_callback(self._engine.close)
            self._management = Management(self.account, options, self.faults, self._engine)
            self._inbound = Inbound(self.account, self._engine)
            self._media = Media(self._engine, options, self.faults)
            api_tls = self._certificates.server_context(*LOCAL_NAMES, _REAL_NAME)
            tls = self._certificates.server_context()
            management = self._management.application()
            management.add_subapp(INBOUND_PATH, self._inbound.application())
            await _serve(exits, management, (api, api_tls))
            await _serve(exits, self._media.application(), (media, None), (media_tls, tls))
            exits.callback(self.faults.release)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    @property
    def requests(self) -> list[ApiRequest]:
        """Every Management API call, refused and faulty ones included."""
        return self._management.requests

    @property
    def deliveries(self) -> list[Delivery]:
        """Every request that reached a session's URL, late and faulty ones included."""
        return self._media.deliveries

    @property
    def log_reads(self) -> list[LogRead]:
        """Every request for a session's log, refused ones included."""
        return self._management.log_reads

    @property
    def sessions(self) -> Mapping[int, ScenarioSession]:
        """Every session ever started, running or over, by call_session_history_id."""
        return self._engine.sessions

    @property
    def started(self) -> Mapping[int, RunningScenario]:
        """Every session ever started with its rule, its origin and its URLs, by call_session_history_id."""
        return self._engine.started

    @property
    def options(self) -> PlatformOptions:
        """The options it was made with."""
        return self._options

    @property
    def changes(self) -> Changes:
        """Hears of every session and request, and of whatever changes in one."""
        return self._engine.changes

    @contextlib.asynccontextmanager
    async def on_hold(self) -> AsyncIterator[None]:
        """Hold every answer of the Management API back until the sessions have done what is due after this context."""
        self._management.hold()
        try:
            yield
            await asyncio.sleep(0)  # a timer that is due fires in the next round of the event loop
            await self._engine.settle()
        finally:
            self._management.resume()

    def ring(self, rule: Rule, inbound: InboundCall = InboundCall()) -> ScenarioSession:  # noqa: B008 - frozen, so it may be shared
        """Start a session of a rule by a call that comes in; return the session."""
        return self._engine.start(rule, "", inbound=inbound).session

    def start(self, rule: Rule, custom_data: str = "") -> ScenarioSession:
        """Start a session of a rule, as another client of the account would; return the session."""
        return self._engine.start(rule, custom_data, origin=Origin.BACK_END).session

    def starts(self, rule_id: int | None = None) -> list[ApiRequest]:
        """Return the calls that did start a session, of one rule or of all; joining a conference starts none."""
        return [start.request for start in self._management.starts if rule_id in (None, start.rule_id)]


def _base(scheme: str, listening: socket.socket) -> str:
    return f"{scheme}://{HOST}:{listening.getsockname()[1]}"


async def _serve(
    exits: AsyncExitStack, app: web.Application, *sockets: tuple[socket.socket, ssl.SSLContext | None]
) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    exits.push_async_callback(runner.cleanup)
    for listening, tls in sockets:
        await web.SockSite(runner, listening, ssl_context=tls, backlog=512).start()
