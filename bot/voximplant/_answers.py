"""The answers of the Management API, parsed into frozen records.

Only the fields the bot needs are read. A list is read row by row: a row without a required field is left out, and
the others are returned; a missing or unreadable field is None, and spoils no other one.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Generic, TypeVar

from bot.voximplant import _fields as fields
from bot.voximplant._access_url import AccessUrls, NotASessionUrl, SessionUrl
from bot.voximplant._fields import Reader, Row, UnreadableField
from bot.voximplant._secret import Secret
from bot.voximplant.errors import in_one_line

T = TypeVar("T")

_WARNINGS: Final = 5
_URLS: Final = ("media_session_access_secure_url", "media_session_access_url")
_NUMBER: Final = "call_session_history_id"
_COSTS: Final = ("calls", "records", "other_resource_usage")
_TEXT_FIELD: Final = re.compile(rf'"(?P<name>{"|".join(_URLS)})"\s*:\s*(?P<json>"(?:[^"\\]|\\.)*")')
_NUMBER_FIELD: Final = re.compile(rf'"{_NUMBER}"\s*:\s*"?(?P<digits>[0-9]{{1,19}})"?\s*[,}}]')


class LogUrl(Secret):
    """The URL of a session's log, kept for about a month (facts). Hidden: a log names phone numbers."""


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
class ScenarioRef:
    """A scenario as its rule names it; `modified` changes with its name or source, and is None if it was not told."""

    id: int
    name: str
    modified: datetime | None = None


@dataclass(frozen=True)
class Rule:
    """One rule. The same name can exist in two applications.

    `scenarios` are all that a session of it runs, in their order; None where not every one of them could be read.
    """

    id: int
    name: str
    application_id: int
    application_name: str
    scenarios: tuple[ScenarioRef, ...] | None = None


@dataclass(frozen=True)
class HistoryRow:
    """The history's facts about one session, now; an absent or unreadable one is None.

    `cost` is the sum over calls, records and other resources, in the account's currency; `calls` counts them. Both
    are there only if they were asked for. `active` is an undocumented field.
    """

    history_id: int
    rule_name: str | None
    application_id: int | None
    application_name: str | None
    start: datetime | None
    duration: timedelta | None
    finish_reason: str | None
    active: bool | None
    custom_data: str | None = field(repr=False)
    cost: Decimal | None
    log_url: LogUrl | None
    calls: int | None

    @property
    def has_ended(self) -> bool:
        """Return whether the history has a finish reason for the session, and does not call it active."""
        return bool(self.finish_reason) and self.active is not True

    @property
    def end(self) -> datetime | None:
        """Return when it ended, if the history has its start and its duration."""
        if self.start is None or self.duration is None:
            return None
        try:
            return self.start + self.duration
        except OverflowError:
            return None


@dataclass(frozen=True)
class UnreadField:
    """An unreadable field, of the row with this number (if that was readable); `left_out` marks the row as left out."""

    number: int | None
    field: str
    left_out: bool


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: the rows that could be read, and the fields that could not.

    `size` counts all of its rows; `total` is the number of rows in the whole list, if the platform names it.
    """

    rows: Sequence[T]
    size: int
    total: int | None
    unread: Sequence[UnreadField]


@dataclass(frozen=True)
class AccountInfo:
    """The account."""

    account_id: int
    name: str
    currency: str


def started(body: bytes) -> Started:
    """Read StartScenarios, never failing: a session may run, and every readable field of it must be kept.

    A URL of bad shape counts as absent; the field it stood in does not matter, its scheme does. An answer
    that is cut off, no JSON, or of another build is searched for its fields.
    """
    answer = fields.json_object(body) or {}
    if not (urls := _session_urls(answer)):
        answer = {**answer, **_remains(body)}
        urls = _session_urls(answer)
    return Started(
        urls=AccessUrls(
            secure=next((url for url in urls if url.secure), None),
            plain=next((url for url in urls if not url.secure), None),
        ),
        history_id=fields.or_none(fields.integer, answer, _NUMBER),
        warnings=_warnings(answer),
    )


def page(answer: Row, read: Callable[[Reader], T], key: str) -> Page[T]:
    """Read the rows of a list one by one; `key` is the field with a row's number, for naming the unreadable one."""
    rows: list[T] = []
    unread: list[UnreadField] = []
    found = fields.array(answer, "result")
    for row in found:
        reader = Reader(row if isinstance(row, dict) else {})
        number = fields.or_none(fields.integer, reader.row, key)
        try:
            rows.append(read(reader))
        except UnreadableField as problem:
            unread.append(UnreadField(number, str(problem), left_out=True))
        else:
            unread += [UnreadField(number, field, left_out=False) for field in reader.unread]
    return Page(rows=rows, size=len(found), total=fields.or_none(fields.count, answer, "total_count"), unread=unread)


def application(reader: Reader) -> Application:
    """Read a row of GetApplications."""
    row = reader.row
    return Application(fields.integer(row, "application_id"), fields.application_name(row, "application_name"))


def rule(reader: Reader, application_id: int, application_name: str) -> Rule:
    """Read a row of GetRules, asked `with_scenarios` for one application (captured rows do not carry its name)."""
    return Rule(
        id=fields.integer(reader.row, "rule_id"),
        name=fields.name(reader.row, "rule_name"),
        application_id=application_id,
        application_name=application_name,
        scenarios=reader.optional(_scenario_refs, "scenarios"),
    )


def history_row(reader: Reader, *, calls: bool = False, costs: bool = False) -> HistoryRow:
    """Read a row of GetCallHistory, asked with `timezone=Etc/GMT`, and with or without its calls and all its costs.

    Required are its number, and whether it has ended: a finish reason that is no text could be either.
    """
    row = reader.row
    active, reason = reader.optional(fields.boolean, "active"), reader.optional(fields.text, "finish_reason")
    key = "finish_reason"
    if key in reader.unread and active is not True:
        raise UnreadableField(key)
    log_url = reader.optional(fields.text, "log_file_url")
    listed = (reader.optional(fields.objects, "calls") if row.get("calls") else []) if calls or costs else None
    return HistoryRow(
        history_id=fields.integer(row, _NUMBER),
        rule_name=reader.optional(fields.name, "rule_name") or None,
        application_id=reader.optional(fields.integer, "application_id"),
        application_name=reader.optional(fields.application_name, "application_name") or None,
        start=reader.optional(fields.moment, "start_date"),
        duration=reader.optional(fields.seconds, "duration"),
        finish_reason=reason or None,
        active=active,
        custom_data=reader.optional(fields.custom_data, "custom_data"),
        cost=_cost(reader) if costs else None,
        log_url=LogUrl(log_url) if log_url else None,
        calls=None if listed is None else len(listed),
    )


def account(answer: Row) -> AccountInfo:
    """Read GetAccountInfo."""
    key = "result"
    result = answer.get(key)
    if not isinstance(result, dict):
        raise UnreadableField(key)
    return AccountInfo(
        account_id=fields.integer(result, "account_id"),
        name=fields.name(result, "account_name"),
        currency=fields.text(result, "currency"),
    )


def _scenario_refs(row: Row, key: str) -> tuple[ScenarioRef, ...]:
    """Read the scenarios of a rule, all of them: an order with one left out would be another order."""
    try:
        return tuple(
            ScenarioRef(
                id=fields.integer(each, "scenario_id"),
                name=fields.name(each, "scenario_name"),
                modified=fields.or_none(fields.moment, each, "modified"),
            )
            for each in fields.objects(row, key)
        )
    except UnreadableField:
        raise UnreadableField(key) from None


def _remains(body: bytes) -> Row:
    """Return the fields of a start found in a broken answer, read as UTF-8 or in the encoding its first bytes name."""
    for encoding in ("utf-8", json.detect_encoding(body)):
        text = body.decode(encoding, "replace")
        urls = {
            each["name"]: fields.json_object(b'{"url":%b}' % each["json"].encode())
            for each in _TEXT_FIELD.finditer(text)
        }
        found: dict[str, object] = {field: url["url"] for field, url in urls.items() if url is not None}
        if found:
            break
    number = _NUMBER_FIELD.search(text)
    return found if number is None else {**found, _NUMBER: number["digits"]}


def _warnings(answer: Row) -> tuple[str, ...]:
    """Return the platform's warnings beside a success; an error beside a running session counts as one."""
    warnings, error = answer.get("warnings"), answer.get("error")
    said = [each for each in warnings if isinstance(each, str)] if isinstance(warnings, list) else []
    if isinstance(error, dict) and isinstance(error.get("msg"), str):
        said.append(error["msg"])
    return tuple(in_one_line(each) for each in said[:_WARNINGS])


def _session_urls(answer: Row) -> list[SessionUrl]:
    return [url for field in _URLS if (url := _session_url(answer.get(field)))]


def _session_url(value: object) -> SessionUrl | None:
    """Read a URL as the platform wrote it: blanks around it and capitals in its scheme are ignored."""
    if not isinstance(value, str):
        return None
    scheme, colon, rest = value.strip().partition(":")
    try:
        return SessionUrl(f"{scheme.lower()}{colon}{rest}")
    except NotASessionUrl:
        return None


def _cost(reader: Reader) -> Decimal | None:
    """Return the sum of all costs; None if a part of it cannot be read."""
    parts = [reader.optional(fields.objects, part) or [] for part in _COSTS]
    costs = [_cost_of(item) for items in parts for item in items]
    known = [cost for cost in costs if cost is not None]
    if len(known) == len(costs) and not set(_COSTS) & set(reader.unread):
        return sum(known, Decimal(0))
    reader.unread.append("cost")
    return None


def _cost_of(item: Row) -> Decimal | None:
    key = "cost"
    return Decimal(0) if item.get(key) is None else fields.or_none(fields.decimal, item, key)
