"""The official client, as its users use it, against the sandbox over TLS. What it says counts."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import pytest
from voximplant.apiclient import VoximplantAPI, VoximplantException

from bot.sandbox._certificates import Certificates
from bot.sandbox.voximplant import Platform, PlatformOptions

ANSWERED_WITHIN_SECONDS = 20  # the client itself has no timeout and would wait for ever

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Judge:
    """The official client with the account's credentials, and the platform it speaks to."""

    platform: Platform
    api: VoximplantAPI
    credentials: Path

    @property
    def endpoint(self) -> str:
        """The platform's `host:port`, which is what the client wants."""
        return urlsplit(self.platform.api_url).netloc

    async def ask(self, method: Callable[..., Json], *args: object, **parameters: object) -> Json:
        """Call a method of the client, which is synchronous; what it returns it has parsed itself.

        Raises VoximplantException for a refusal.
        """
        answer = asyncio.to_thread(method, *args, **parameters)
        return await asyncio.wait_for(answer, ANSWERED_WITHIN_SECONDS)

    async def refusal(self, method: Callable[..., Json], *args: object, **parameters: object) -> int:
        """Call a method that must be refused, and give the code that the client tells."""
        with pytest.raises(VoximplantException) as refused:
            await self.ask(method, *args, **parameters)
        assert refused.value.message
        code: int = refused.value.code
        return code

    def with_credentials(self, name: str, **changed: object) -> VoximplantAPI:
        """Make a client whose credentials differ in this from the account's."""
        path = self.credentials.with_name(f"{name}.json")
        path.write_text(json.dumps(json.loads(self.credentials.read_text()) | changed))
        return VoximplantAPI(str(path), endpoint=self.endpoint)


OpenJudge: TypeAlias = Callable[[PlatformOptions], Awaitable[Judge]]


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    """One authority for all: making it is the slow part."""
    return Certificates()


@pytest.fixture
async def open_judge(
    certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[OpenJudge]:
    """Start a platform with these options, and the official client to it."""
    authority, credentials = tmp_path / "ca.pem", tmp_path / "service-account.json"
    certificates.write_ca(authority)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    monkeypatch.setenv("no_proxy", "127.0.0.1")  # the client takes a proxy from the environment
    async with AsyncExitStack() as exits:

        async def start(options: PlatformOptions) -> Judge:
            platform = await exits.enter_async_context(Platform(certificates, options))
            credentials.write_text(json.dumps(platform.account.service_account()))
            # The path goes in positionally: as part of a VoximplantAPIConfig the account would become "0".
            api = VoximplantAPI(str(credentials), endpoint=urlsplit(platform.api_url).netloc)
            return Judge(platform=platform, api=api, credentials=credentials)

        yield start


@pytest.fixture
async def judge(open_judge: OpenJudge) -> Judge:
    """Judge a platform as it is by default."""
    return await open_judge(PlatformOptions())
