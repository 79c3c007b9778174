"""Authorisation of API calls by a service account's token or an API key, as on the platform (facts)."""

import hmac
from collections.abc import Mapping
from datetime import datetime

import jwt

from bot.sandbox.voximplant._account import Account
from bot.sandbox.voximplant._errors import ApiError

_TTL_SECONDS_MAX = 3600
_SCHEME = "Bearer "


def authorize(account: Account, authorization: str | None, parameters: Mapping[str, str], now: datetime) -> None:
    """Check the credentials of a call.

    `authorization` is the header of that name. Raises ApiError: 100 for unknown callers and wrong keys or
    signatures, 447 / 454 / 455 / 456 for a token's format, time to live, issue in the future, expiry.
    """
    if authorization is not None:
        _check_token(account, authorization, now)
    elif not _has_key(account, parameters):
        raise ApiError(100)


def _has_key(account: Account, parameters: Mapping[str, str]) -> bool:
    key = parameters.get("api_key", "").encode("utf-8", "surrogateescape")
    return parameters.get("account_id") == str(account.account_id) and hmac.compare_digest(
        key, account.api_key.encode("ascii")
    )


def _check_token(account: Account, authorization: str, now: datetime) -> None:
    if not authorization.startswith(_SCHEME):
        raise ApiError(447)
    token = authorization.removeprefix(_SCHEME)
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
        # Times are looked at below, because each failure has a code of its own.
        options: jwt.types.Options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
        claims = jwt.decode(token, account.public_key, algorithms=["RS256"], options=options)
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
        raise ApiError(100) from None
    except jwt.InvalidTokenError:
        raise ApiError(447) from None
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or not isinstance(expires, int) or not _is_account(claims.get("iss")):
        raise ApiError(447)
    if key_id != account.key_id or str(claims["iss"]) != str(account.account_id):
        raise ApiError(100)
    if expires > issued + _TTL_SECONDS_MAX:
        raise ApiError(454)
    if issued > now.timestamp():
        raise ApiError(455)
    if expires <= now.timestamp():
        raise ApiError(456)


def _is_account(issuer: object) -> bool:
    """Return whether `iss` is a text (as of the Python client) or a number (as of the Node client, facts)."""
    return isinstance(issuer, str | int) and not isinstance(issuer, bool)
