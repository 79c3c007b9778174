import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.voximplant._credentials import ApiKey, ServiceAccount, load_credentials
from bot.voximplant.errors import CredentialsUnusable

NOON = 1_700_000_000.0


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return the seconds since the epoch."""
        return self.now


def pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def file(tmp_path: Path, rsa_key: RSAPrivateKey) -> Callable[..., Path]:
    """Write a credentials file, whole but for the given fields."""

    def write(**changed: dict[str, object]) -> Path:
        fields = {
            "account_email": "a@example.com",
            "account_id": 42,
            "key_id": "k-1",
            "private_key": pem(rsa_key),
        }
        path = tmp_path / "credentials.json"
        path.write_text(json.dumps({k: v for k, v in {**fields, **changed}.items() if v is not None}))
        return path

    return write


def token(account: ServiceAccount) -> str:
    headers, form = account.headers_and_form()
    assert form == {}
    return headers["Authorization"].removeprefix("Bearer ")


def test_a_token_is_what_the_platform_asks_for(file: Callable[..., Path], rsa_key: RSAPrivateKey) -> None:
    """RS256, `kid` is the key's id, `iss` the account id as a string, `exp` at most an hour after `iat`."""
    made = token(load_credentials(file()))
    claims = jwt.decode(made, rsa_key.public_key(), algorithms=["RS256"])
    assert jwt.get_unverified_header(made) == {"alg": "RS256", "typ": "JWT", "kid": "k-1"}
    assert claims["iss"] == "42"
    assert 0 < claims["exp"] - claims["iat"] <= 3600
    assert set(claims) == {"iss", "iat", "exp"}


def test_a_token_is_dated_a_little_back(rsa_key: RSAPrivateKey) -> None:
    """A clock slightly ahead of the platform's does not make a token of the future."""
    made = token(ServiceAccount("42", "k-1", rsa_key, Clock(NOON)))
    claims = jwt.decode(made, rsa_key.public_key(), algorithms=["RS256"], options={"verify_exp": False})
    assert 0 < NOON - claims["iat"] < 60


def test_a_token_serves_until_five_minutes_before_its_end(rsa_key: RSAPrivateKey) -> None:
    """A token is signed once, used again, and replaced while it is still good."""
    clock = Clock(NOON)
    account = ServiceAccount("42", "k-1", rsa_key, clock)
    first = token(account)
    clock.now = NOON + 54 * 60
    assert token(account) == first
    clock.now = NOON + 56 * 60
    assert token(account) != first


def test_a_clock_set_back_makes_a_new_token(rsa_key: RSAPrivateKey) -> None:
    """A token from what is now the future is not used again."""
    clock = Clock(NOON)
    account = ServiceAccount("42", "k-1", rsa_key, clock)
    first = token(account)
    clock.now = NOON - 60
    assert token(account) != first


def test_an_api_key_goes_into_the_form() -> None:
    """An account id and its key are form fields, never headers or parts of a URL."""
    headers, form = ApiKey(42, "s3cr3t-key").headers_and_form()
    assert headers == {}
    assert form == {"account_id": "42", "api_key": "s3cr3t-key"}


def test_credentials_show_no_secret(file: Callable[..., Path], rsa_key: RSAPrivateKey) -> None:
    """Printing credentials shows neither key nor token."""
    account = load_credentials(file())
    made = token(account)
    assert repr(account) == "ServiceAccount(account_id='42')"
    assert made not in repr(vars(account))
    by_key = ApiKey(42, "s3cr3t-key")
    assert repr(by_key) == "ApiKey(account_id=42)"
    assert "s3cr3t-key" not in repr(vars(by_key))
    assert pem(rsa_key) not in repr(vars(account))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """A path that leads nowhere is one clear sentence."""
    with pytest.raises(CredentialsUnusable, match=r"nowhere\.json cannot be read \(No such file"):
        load_credentials(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"-----BEGIN", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "does not hold a JSON object"),
    ],
)
def test_a_file_that_is_something_else_is_said(tmp_path: Path, content: bytes, why: str) -> None:
    """What is not a JSON object is called so, and nothing of it is shown."""
    path = tmp_path / "credentials.json"
    path.write_bytes(content)
    with pytest.raises(CredentialsUnusable, match=why) as caught:
        load_credentials(path)
    assert "BEGIN" not in str(caught.value)


@pytest.mark.parametrize("key", ["account_id", "key_id", "private_key"])
@pytest.mark.parametrize("value", [None, "", " ", True, [1]])
def test_a_field_that_is_not_there_is_named(file: Callable[..., Path], key: Any, value: object) -> None:
    """The sentence names the field that is absent, empty or of another kind."""
    with pytest.raises(CredentialsUnusable, match=f'has no "{key}"'):
        load_credentials(file(**{key: value}))


def test_a_key_that_cannot_sign_is_said(file: Callable[..., Path]) -> None:
    """A private key that is broken, or not RSA, is called so without being shown."""
    other = pem(elliptic(SECP256R1()))
    for broken in ("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----", "nonsense", other):
        with pytest.raises(CredentialsUnusable, match='"private_key" that is not') as caught:
            load_credentials(file(private_key=broken))
        assert broken not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_that_windows_has_written_is_read(file: Callable[..., Path], encoding: str) -> None:
    """An editor that puts a mark in front, or writes UTF-16, with its own ends of lines, changes nothing."""
    path = file(account_id="42")
    path.write_bytes(path.read_text(encoding="utf-8").replace(",", ",\r\n").encode(encoding))
    assert load_credentials(path).account_id == "42"
