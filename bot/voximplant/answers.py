"""What the Management API answers, and how it is read.

Only what the bot needs is read, and what it needs must be there: otherwise Misshapen, and the answer as a
whole is not understood. Fields that older answers lack (facts) are None.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from bot.voximplant.access_url import AccessUrls, NotASessionUrl, SessionUrl
from bot.voximplant.secret import Secret

Row = Mapping[str, Any]
T = TypeVar("T")


class Misshapen(Exception):  # noqa: N818 - read aloud: "the answer is misshapen"
    """A field is missing or of another kind; names the field, never its value. Seen by `management` only."""


class LogUrl(Secret):
    """Where a session's log lies, for about a month (facts). Hidden: a log names phone numbers."""


@dataclass(frozen=True)
class Started:
    """A session that the platform started; at least one of `urls` is there.

    `warnings` are the platform's own words (facts: a success may carry some).
    """

    urls: AccessUrls
    history_id: int | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Application:
    """One application of the account."""

    id: int
    name: str


@dataclass(frozen=True)
class Rule:
    """One rule. The same name can exist in two applications. `conference`: StartScenarios is not for it."""

    id: int
    name: str
    application_id: int
    application_name: str
    conference: bool


@dataclass(frozen=True)
class HistoryRow:
    """What the history says about one session, now.

    `cost` is the sum over calls, records and other resources, in the account's currency; `calls` counts them.
    `active` is an undocumented field, None when the answer lacks it.
    """

    history_id: int
    rule_name: str
    application_id: int
    application_name: str
    start: datetime
    duration: timedelta | None
    finish_reason: str | None
    active: bool | None
    custom_data: str | None
    cost: Decimal
    log_url: LogUrl | None
    calls: int

    @property
    def has_ended(self) -> bool:
        """Whether the history says that the session is over: a finish reason, and not active."""
        return bool(self.finish_reason) and self.active is not True


@dataclass(frozen=True)
class AccountInfo:
    """The account; `balance` is in `currency`."""

    account_id: int
    name: str
    currency: str
    balance: Decimal


def started(answer: Row) -> Started:
    """Read StartScenarios, never failing: the session runs, and what can be had of it must not be lost.

    A URL of bad shape counts as not there; which field it stood in does not matter, its scheme does.
    """
    fields = ("media_session_access_secure_url", "media_session_access_url")
    urls = [url for field in fields if (url := _session_url(answer.get(field)))]
    warnings = answer.get("warnings")
    return Started(
        urls=AccessUrls(
            secure=next((url for url in urls if url.secure), None),
            plain=next((url for url in urls if not url.secure), None),
        ),
        history_id=_whole_or_none(answer, "call_session_history_id"),
        warnings=tuple(str(warning) for warning in warnings) if isinstance(warnings, list) else (),
    )


def rows(answer: Row) -> Sequence[Row]:
    """Return the rows of a list, whose other fields are `count` and `total_count`."""
    key = "result"
    found = answer.get(key)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Misshapen(key)
    return found


def application(row: Row) -> Application:
    """Read a row of GetApplications."""
    return Application(_whole(row, "application_id"), _text(row, "application_name"))


def rule(row: Row, application_id: int, application_name: str) -> Rule:
    """Read a row of GetRules, asked for one application (captured rows do not carry its name)."""
    return Rule(
        id=_whole(row, "rule_id"),
        name=_text(row, "rule_name"),
        application_id=application_id,
        application_name=application_name,
        conference=row.get("video_conference") is True,
    )


def history_row(row: Row) -> HistoryRow:
    """Read a row of GetCallHistory, asked with `timezone=Etc/GMT`."""
    seconds = _optional(_amount, row, "duration")
    log_url = _optional(_text, row, "log_file_url")
    active = row.get("active")
    return HistoryRow(
        history_id=_whole(row, "call_session_history_id"),
        rule_name=_optional(_text, row, "rule_name") or "",
        application_id=_whole(row, "application_id"),
        application_name=_optional(_text, row, "application_name") or "",
        start=_moment(row, "start_date"),
        duration=None if seconds is None else timedelta(seconds=float(seconds)),
        finish_reason=_optional(_text, row, "finish_reason") or None,
        active=active if isinstance(active, bool) else None,
        custom_data=_optional(_text, row, "custom_data"),
        cost=sum((_cost(row, part) for part in ("calls", "records", "other_resource_usage")), Decimal(0)),
        log_url=LogUrl(log_url) if log_url else None,
        calls=len(_parts(row, "calls")),
    )


def account(answer: Row) -> AccountInfo:
    """Read GetAccountInfo."""
    key = "result"
    result = answer.get(key)
    if not isinstance(result, dict):
        raise Misshapen(key)
    return AccountInfo(
        account_id=_whole(result, "account_id"),
        name=_text(result, "account_name"),
        currency=_text(result, "currency"),
        balance=_amount(result, "balance"),
    )


def _session_url(value: object) -> SessionUrl | None:
    try:
        return SessionUrl(value) if isinstance(value, str) else None
    except NotASessionUrl:
        return None


def _cost(row: Row, part: str) -> Decimal:
    return sum((_optional(_amount, item, "cost") or Decimal(0) for item in _parts(row, part)), Decimal(0))


def _parts(row: Row, part: str) -> Sequence[Row]:
    items = row.get(part)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _optional(read: Callable[[Row, str], T], row: Row, key: str) -> T | None:
    return None if row.get(key) is None else read(row, key)


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise Misshapen(key)
    return value


def _whole(row: Row, key: str) -> int:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Misshapen(key)
    return value


def _whole_or_none(row: Row, key: str) -> int | None:
    try:
        return _whole(row, key)
    except Misshapen:
        return None


def _amount(row: Row, key: str) -> Decimal:
    value = row.get(key)
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise Misshapen(key) from None
        if amount.is_finite() and abs(amount) < _ABSURD:
            return amount
    raise Misshapen(key)


def _moment(row: Row, key: str) -> datetime:
    try:
        return datetime.strptime(_text(row, key), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise Misshapen(key) from None


_ABSURD = Decimal(10) ** 12  # more money or seconds than any account has; keeps timedelta in its range
