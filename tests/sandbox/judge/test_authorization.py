"""Who the official client says it is: its token's key, signature, account and times."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from voximplant.apiclient import VoximplantAPI, VoximplantAPIConfig, client

from bot.sandbox.voximplant import Html

if TYPE_CHECKING:
    from tests.sandbox.judge.conftest import Judge


async def test_the_credentials_file_lets_the_client_in(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its path, or by VOXIMPLANT_CREDENTIALS."""
    monkeypatch.setenv("VOXIMPLANT_CREDENTIALS", str(judge.credentials))
    for api in (judge.api, VoximplantAPI(endpoint=judge.endpoint)):
        answer = await judge.ask(api.get_account_info)
        assert answer["result"]["account_id"] == judge.platform.account.account_id


async def test_a_configuration_without_its_account_is_refused(judge: Judge) -> None:
    """The client's own pitfall: with the path in a VoximplantAPIConfig the account becomes "0"."""
    config = VoximplantAPIConfig(str(judge.credentials), judge.endpoint)
    assert await judge.refusal(VoximplantAPI(config=config).get_account_info) == 100
    config = VoximplantAPIConfig(str(judge.credentials), judge.endpoint, judge.platform.account.account_id)
    assert "result" in await judge.ask(VoximplantAPI(config=config).get_account_info)


async def test_other_peoples_credentials_are_refused(judge: Judge) -> None:
    """The key's id, the key and the account must all be the account's own."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for name, changed in (
        ("another id", {"key_id": "0" * 32}),
        ("another key", {"private_key": stranger.decode()}),
        ("another account", {"account_id": 1}),
    ):
        api = judge.with_credentials(name, **changed)
        assert await judge.refusal(api.start_scenarios, rule_id=1001) == 100
    assert not judge.platform.sessions


@pytest.mark.parametrize(("minutes", "code"), [(10, 455), (-10, 456)])
async def test_a_clock_that_is_wrong_is_told(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, minutes: int, code: int
) -> None:
    """A client whose clock is ten minutes off issues its token in the future, or too long ago."""
    monkeypatch.setattr(client, "time", SimpleNamespace(time=lambda: time.time() + minutes * 60))
    assert await judge.refusal(judge.api.get_account_info) == code


async def test_a_client_that_does_not_trust_the_authority_never_speaks(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the sandbox's certificate no call reaches the platform."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        await judge.ask(judge.api.start_scenarios, rule_id=1001)
    assert judge.platform.requests == []


async def test_a_parameter_that_is_not_known_is_refused(judge: Judge) -> None:
    """A slip of the pen is refused by its name."""
    # The client's public methods cannot make one, so this goes beneath them.
    answer = await judge.ask(judge.api._perform_request, "GetRules", {"aplication_id": 1})
    assert answer["error"] == {
        "code": 496,
        "msg": "The 'aplication_id' parameter is invalid.",
        "field_name": "aplication_id",
    }


async def test_a_gateways_page_is_no_answer(judge: Judge) -> None:
    """The client tells the status of a page that is not the platform's."""
    judge.platform.faults.management("GetAccountInfo", Html(502))
    assert await judge.refusal(judge.api.get_account_info) == 502
