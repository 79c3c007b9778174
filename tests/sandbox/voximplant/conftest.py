import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.sandbox._certificates import Certificates
from bot.sandbox.voximplant import Platform, PlatformOptions, ScenarioSession


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The response to a request to a session's URL."""

    status: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Started:
    """A session that was started over the Management API, and its two URLs."""

    session: ScenarioSession
    url: str
    plain_url: str


class Caller:
    """Somebody with the account's API key, over real HTTP."""

    def __init__(self, platform: Platform, http: aiohttp.ClientSession) -> None:
        self.platform = platform
        self.http = http

    @property
    def key(self) -> dict[str, str]:
        """The credentials as form fields."""
        return {"account_id": str(self.platform.account.account_id), "api_key": self.platform.account.api_key}

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a Management API method; its JSON, which comes with HTTP 200 also for a refusal."""
        form = self.key | {name: str(value) for name, value in parameters.items()}
        async with self.http.post(f"{self.platform.api_url}/{method}", data=form) as response:
            assert response.status == 200
            body: dict[str, Any] = await response.json()
            return body

    async def start(self, rule_id: int, custom_data: str = "") -> Started:
        """Start a session of a rule."""
        body = await self.call("StartScenarios", rule_id=rule_id, script_custom_data=custom_data)
        return Started(
            session=self.platform.sessions[body["call_session_history_id"]],
            url=body["media_session_access_secure_url"],
            plain_url=body["media_session_access_url"],
        )

    async def run(self, source: str, custom_data: str = "") -> Started:
        """Start a session of a scenario that is given here."""
        account = self.platform.account
        rule = account.add_rule(account.applications[0], f"rule {len(account.rules)}", source)
        return await self.start(rule.rule_id, custom_data)

    async def log_of(self, source: str, custom_data: str = "") -> list[str]:
        """Run a scenario that ends by itself, and give what it logged."""
        started = await self.run(source, custom_data)
        await started.session.closed()
        return started.session.log

    async def gives_up(self, request: Awaitable[object], seen: Callable[[], bool]) -> None:
        """Make a request, and give it up unanswered when the platform has seen it and has answered another one."""
        asking = asyncio.ensure_future(request)
        async with asyncio.timeout(30):
            while not seen():  # noqa: ASYNC110 - the platform sets no event
                await asyncio.sleep(0.01)
        await self.call("GetAccountInfo")
        assert not asking.done()
        asking.cancel()

    async def send(self, url: str, body: bytes, headers: dict[str, str] | None = None) -> Answer:
        """POST to a session's URL."""
        async with self.http.post(url, data=body, headers=headers, allow_redirects=False) as response:
            return Answer(status=response.status, text=await response.text())


OpenPlatform = Callable[[PlatformOptions], Awaitable[Caller]]


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    """One authority for all: making it is the slow part."""
    return Certificates()


@pytest.fixture
async def open_platform(certificates: Certificates) -> AsyncIterator[OpenPlatform]:
    """Start a platform with these options, and a caller to it."""
    async with AsyncExitStack() as exits:

        async def start(options: PlatformOptions) -> Caller:
            platform = await exits.enter_async_context(Platform(certificates, options))
            tls = ssl.create_default_context(cadata=certificates.ca_pem.decode("ascii"))
            connector = aiohttp.TCPConnector(ssl=tls)
            return Caller(platform, await exits.enter_async_context(aiohttp.ClientSession(connector=connector)))

        yield start


@pytest.fixture
async def caller(open_platform: OpenPlatform) -> Caller:
    """Call a platform whose sessions answer with what their handlers return, so that it can be read."""
    return await open_platform(PlatformOptions(answer_bodies=True))
