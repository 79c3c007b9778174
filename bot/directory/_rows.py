"""Announcements as claims: the checks that need nothing but the text, the settings and the platform's clock.

Anyone who may write the application's storage, or post to the inbox, writes that text: nothing in it is trusted, and
nothing of it is raised. The work is linear in its length, which is bounded.
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.directory._claim import Claim
from bot.directory._refusal import Refusal, key_of
from bot.text import foreign
from bot.voximplant import HostRules, NotASessionUrl, SessionUrl

LONGEST: Final = 8_192
"""Characters of an announcement that are read: the platform keeps 2,000, the inbox takes 8 kB."""

_VERSION: Final = 1
_LARGEST: Final = 2**63 - 1
_LARGEST_DIGITS: Final = 19
_DATA_BYTES: Final = 200
_AHEAD: Final = timedelta(minutes=2)
"""A beat may be so far ahead of the platform's clock: its machines need not agree to the second."""

_LAST_SECOND: Final = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_SIGNATURE: Final = re.compile(r',"hmac":"([0-9a-fA-F]{64})"\}')
_SIGNATURE_CHARACTERS: Final = len(',"hmac":""}') + 64


@dataclass(frozen=True, kw_only=True)
class ClaimChecks:
    """The checks of every announcement: its form, the host of its URL and, where `secrets` are agreed, its signature.

    One of the secrets must have signed it: there are several while one takes the place of another.
    """

    hosts: HostRules
    secrets: Sequence[bytes] = field(default=(), repr=False)

    def of_row(
        self, key: str, value: str, *, application_id: int, application_name: str, now: datetime
    ) -> Claim | Refusal:
        """Return the claim of a row of an application's storage; `now` is the platform's."""
        read = self._read(value, application_id, application_name, now)
        return Refusal.other_key if isinstance(read, Claim) and key != key_of(read.session) else read

    def of_text(self, text: str, *, now: datetime) -> Claim | Refusal:
        """Return the claim of an announcement that came without its application, which is 0 in it."""
        return self._read(text, 0, "", now)

    def _read(self, text: str, application_id: int, application_name: str, now: datetime) -> Claim | Refusal:
        members = _members(text)
        if (refusal := self._form_refusal(text, members)) is not None:
            return refusal
        url = self._url(members["url"])
        if isinstance(url, Refusal):
            return url
        started, beat = (datetime.fromtimestamp(members[name], UTC) for name in ("started", "beat"))
        if max(started, beat) > now + _AHEAD:
            return Refusal.future
        return Claim(
            session=_session(members["session"]),
            application_id=application_id,
            application_name=application_name,
            url=url,
            data=_beginning(members.get("data") or "") or None,
            started=started,
            beat=beat,
            calls=members["calls"],
            taken=_request_id(members.get("taken")),
            ending=members.get("ending") is True,
            signed=bool(self.secrets),
        )

    def _form_refusal(self, text: str, members: Mapping[str, Any]) -> Refusal | None:
        if _whole(members.get("v"), _VERSION + 1):
            return Refusal.newer
        if members and self.secrets and not self._has_signed(text):
            return Refusal.signature
        return None if _has_right_kinds(members) else Refusal.unreadable

    def _url(self, text: str) -> SessionUrl | Refusal:
        try:
            url = SessionUrl(text)
        except NotASessionUrl:
            return Refusal.no_url
        return url if self.hosts.matches(url) else Refusal.host

    def _has_signed(self, text: str) -> bool:
        """Return whether the last member signs the text without it, as the kit does."""
        found = _SIGNATURE.fullmatch(text[-_SIGNATURE_CHARACTERS:])
        if found is None:
            return False
        signed = f"{text[:-_SIGNATURE_CHARACTERS]}}}".encode("utf-8", "surrogatepass")
        given = found[1].lower()
        right = [hmac.compare_digest(hmac.digest(each, signed, "sha256").hex(), given) for each in self.secrets]
        return any(right)


def _members(text: str) -> Mapping[str, Any]:
    """Return the members of an announcement, none where the text is no such thing."""
    try:
        read = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _has_right_kinds(members: Mapping[str, Any]) -> bool:
    """Return whether every member of version 1 is there and of its kind; further ones may be."""
    return (
        _whole(members.get("v"), _VERSION, _VERSION)
        and _session(members.get("session")) > 0
        and isinstance(members.get("url"), str)
        and all(_whole(members.get(name), 1, _LAST_SECOND) for name in ("started", "beat"))
        and _whole(members.get("calls"), 0)
        and isinstance(members.get("data"), str | None)
        and isinstance(members.get("taken"), str | None)
        and isinstance(members.get("ending"), bool | None)
    )


def _whole(value: object, least: int, most: int = _LARGEST) -> bool:
    """Return whether a value is a whole number of this range; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _session(value: object) -> int:
    """Return the platform's number of a session, 0 where it is none; leading zeros would give a session two keys."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LARGEST_DIGITS:
        number = int(value)
        return number if str(number) == value and number <= _LARGEST else 0
    return value if isinstance(value, int) and _whole(value, 1) else 0


def _request_id(taken: str | None) -> str | None:
    """Return the request id of the stop that was taken up; what has no such form is of another client's stop."""
    return taken if taken is not None and _REQUEST_ID.fullmatch(taken) else None


def _beginning(data: str) -> str:
    """Return the first 200 bytes of the data, in whole characters, without those that delimit tokens."""
    beginning = data[:_DATA_BYTES].encode("utf-8", "replace")[:_DATA_BYTES].decode("utf-8", "ignore")
    return foreign(beginning)
