"""Who may ask, checked over real HTTP with real signatures."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox.voximplant import Account, PlatformOptions

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller, OpenPlatform


async def ask(caller: Caller, authorization: str | None) -> int | None:
    """Ask for the account with this Authorization header; return the error code, if any."""
    headers = {} if authorization is None else {"Authorization": authorization}
    async with caller.http.post(f"{caller.platform.api_url}/GetAccountInfo", headers=headers) as response:
        assert response.status == 200
        body = await response.json()
    return body["error"]["code"] if "error" in body else None


def bearer(account: Account, *, key: Any = None, kid: str | None = None, **claims: object) -> str:
    """Sign a service account's token, with some of it changed."""
    credentials: dict[str, Any] = account.service_account()
    now = int(time.time())
    payload = {"iss": str(credentials["account_id"]), "iat": now, "exp": now + 600} | claims
    kept = {name: value for name, value in payload.items() if value is not None}
    headers = {"kid": kid or credentials["key_id"]}
    return "Bearer " + jwt.encode(kept, key or credentials["private_key"], algorithm="RS256", headers=headers)


async def test_a_service_accounts_token_passes(caller: Caller) -> None:
    """RS256 with the account as a string, and at most an hour to live, is let in without a warning."""
    now = int(time.time())
    assert await ask(caller, bearer(caller.platform.account)) is None
    assert await ask(caller, bearer(caller.platform.account, iat=now, exp=now + 3600)) is None


async def test_the_services_file_is_what_the_clients_read(caller: Caller) -> None:
    """The credentials hold the four documented fields."""
    credentials = caller.platform.account.service_account()
    assert sorted(credentials) == ["account_email", "account_id", "key_id", "private_key"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kid": "another"}, 100),
        ({"iss": "1"}, 100),
        ({"iat": None}, 447),
        ({"exp": None}, 447),
        ({"iss": None}, 447),
        ({"exp": 10**10}, 454),
        ({"iat": 10**10, "exp": 10**10 + 60}, 455),
        ({"iat": 10**9, "exp": 10**9 + 60}, 456),
    ],
)
async def test_a_wrong_token_is_refused_by_its_fault(caller: Caller, changed: dict[str, Any], code: int) -> None:
    """Unknown key or account, format, time to live, clock: each has its own code."""
    assert await ask(caller, bearer(caller.platform.account, **changed)) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [(0, None), (1, 100), (0.0, 447), (None, 447)],
    ids=["as a number", "another account", "as a fraction", "true"],
)
async def test_the_account_may_be_a_number(caller: Caller, change: float | None, code: int | None) -> None:
    """The Node client and the platform's own token script send the account as a number: it is the same account."""
    account = caller.platform.account
    credentials = account.service_account()
    now = int(time.time())
    issuer = True if change is None else account.account_id + change
    claims = json.dumps({"iss": issuer, "iat": now, "exp": now + 600}).encode()
    headers = {"kid": account.key_id}
    token = jwt.api_jws.encode(claims, str(credentials["private_key"]), algorithm="RS256", headers=headers)
    assert await ask(caller, f"Bearer {token}") == code


async def test_a_signature_is_really_checked(caller: Caller) -> None:
    """A token of another key, or of another algorithm, is not ours."""
    account = caller.platform.account
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert await ask(caller, bearer(account, key=stranger)) == 100
    now = int(time.time())
    claims = {"iss": str(account.account_id), "iat": now, "exp": now + 60}
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": account.key_id})
    assert await ask(caller, f"Bearer {unsigned}") == 100


@pytest.mark.parametrize(("header", "code"), [(None, 100), ("Bearer x", 447), ("Basic eDp5", 447), ("Bearer ", 447)])
async def test_what_is_no_token_is_refused(caller: Caller, header: str | None, code: int) -> None:
    """Nothing at all is code 100, a broken token 447."""
    assert await ask(caller, header) == code


@pytest.mark.parametrize("changed", [{"api_key": "wrong"}, {"account_id": "1"}, {"api_key": "ключ"}])
async def test_a_wrong_key_is_refused(caller: Caller, changed: dict[str, Any]) -> None:
    """Key and account belong together."""
    form = caller.key | changed
    async with caller.http.post(f"{caller.platform.api_url}/StartScenarios", data=form) as response:
        assert (await response.json())["error"]["code"] == 100
    assert not caller.platform.sessions


async def test_a_secure_log_wants_the_service_accounts_token(open_platform: OpenPlatform) -> None:
    """Without a token, or with a bad one, a secure log is refused with 401; each reading is kept for the tests."""
    caller = await open_platform(PlatformOptions(secure_logs=True))
    started = await caller.run('Logger.write("hello"); VoxEngine.terminate()')
    await started.session.closed()
    url = next(iter(caller.platform._engine.started.values())).log_url
    statuses = []
    for authorization in (None, "Bearer nonsense", bearer(caller.platform.account)):
        headers = {} if authorization is None else {"Authorization": authorization}
        async with caller.http.get(url, headers=headers) as response:
            statuses.append(response.status)
    assert statuses == [401, 401, 200]
    assert [read.authorized for read in caller.platform.log_reads] == [False, True, True]
