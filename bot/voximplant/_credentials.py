"""The bot's credentials at the platform: a service account, or an account id with its API key.

Both return headers and form fields for one request. No part of them is ever in a URL (facts: keys in URLs
end in access logs), and neither shows a secret when printed.
"""

import json
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.text import decode_file
from bot.voximplant._secret import Secret
from bot.voximplant.errors import CredentialsUnusable

LIFETIME_SECONDS = 3600  # facts: `exp` at most `iat` + 3600
REUSED_SECONDS = LIFETIME_SECONDS - 300
BACKDATED_SECONDS = 5  # a clock a little ahead of the platform's shall not make tokens of the future


class ApiKey:
    """An account id and its API key: deprecated by the platform, still working, with every right (facts)."""

    def __init__(self, account_id: int, api_key: str) -> None:
        self.account_id = account_id
        self._api_key = Secret(api_key)

    def __repr__(self) -> str:
        return f"ApiKey(account_id={self.account_id!r})"

    def headers_and_form(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the request headers and form fields that carry the credentials."""
        return {}, {"account_id": str(self.account_id), "api_key": self._api_key.reveal()}


class ServiceAccount:
    """A service account's key, which signs a token per hour.

    `clock` returns seconds since the epoch, by the platform's clock as far as that is known: it judges the tokens.
    """

    def __init__(
        self, account_id: str, key_id: str, key: RSAPrivateKey, clock: Callable[[], float] = time.time
    ) -> None:
        self.account_id = account_id
        self.key_id = key_id
        self._key = key
        self._clock = clock
        self._token = Secret("")
        self._made_at: float | None = None

    def __repr__(self) -> str:
        return f"ServiceAccount(account_id={self.account_id!r})"

    def headers_and_form(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the request headers and form fields that carry the credentials.

        A token serves for 55 of its 60 minutes. One that seems to come from the future, since the clock was
        set back, is not used again.
        """
        now = self._clock()
        if self._made_at is None or not self._made_at <= now < self._made_at + REUSED_SECONDS:
            self._token, self._made_at = self._signed(now), now
        return {"Authorization": f"Bearer {self._token.reveal()}"}, {}

    def _signed(self, now: float) -> Secret:
        issued = int(now) - BACKDATED_SECONDS
        claims = {"iss": self.account_id, "iat": issued, "exp": issued + LIFETIME_SECONDS}
        return Secret(jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.key_id}))


Credentials = ServiceAccount | ApiKey


def load_credentials(path: Path, clock: Callable[[], float] = time.time) -> ServiceAccount:
    """Read the platform's JSON file of a service account.

    Its shape (facts): `{"account_email": …, "account_id": …, "key_id": …, "private_key": PEM}`. Raises
    CredentialsUnusable with the one thing that is wrong.
    """
    try:
        content = json.loads(decode_file(path.read_bytes()))
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):  # ValueError: no text, or no JSON
        raise _unusable(path, "is not JSON") from None
    if not isinstance(content, dict):
        raise _unusable(path, "does not hold a JSON object")
    account_id, key_id, pem = (_field(path, content, key) for key in ("account_id", "key_id", "private_key"))
    try:
        key = _parsed(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it wants a password
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise _unusable(path, 'has a "private_key" that is not an unencrypted RSA key in PEM form')
    return ServiceAccount(account_id, key_id, key, clock)


@lru_cache(maxsize=1)
def _parsed(pem: str) -> object:
    """Return the key in a PEM text; raises what the library raises. Its numbers are checked, which takes 40 ms."""
    return load_pem_private_key(pem.encode(), password=None)


def _field(path: Path, content: dict[str, object], key: str) -> str:
    value = content.get(key)
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip():
        raise _unusable(path, f'has no "{key}"')
    return str(value)


def _unusable(path: Path, what: str) -> CredentialsUnusable:
    return CredentialsUnusable(f"The credentials file {path} {what}.")
