"""The platform's Management API: rules, starts, the history, the account.

Every call is one form-encoded POST; credentials go in its header or form, never in its URL. Nothing is tried
twice here: StartScenarios knows no idempotency key, so a second call can be a second live phone call (facts).
"""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlencode

from bot.clock import Clock, ahead_of, complaint
from bot.voximplant import answers
from bot.voximplant.answers import (
    AccountInfo,
    Application,
    HistoryRow,
    LogUrl,
    Misshapen,
    Row,
    Rule,
    Started,
)
from bot.voximplant.credentials import Credentials
from bot.voximplant.errors import NotUnderstood, NoUrlGiven, PlatformError, TryLater, UnsendableText, refusal
from bot.voximplant.lanes import Lane, Reply
from bot.voximplant.observed import Observe, observed, unobserved

__all__ = ["AccountInfo", "Application", "HistoryRow", "LogUrl", "Management", "Rule", "Started"]

T = TypeVar("T")

log = logging.getLogger(__name__)

_ANSWER_BYTES = 8 * 1024 * 1024
_IDS_A_CALL = 1000
_HISTORY_ROWS = 1000  # facts: at most so many a page
_OTHER_ROWS = 100  # no limit is documented for the other lists
_PAGES = 100  # a platform that always promises more must not keep us for ever
_OK = 200
_TOO_MANY = 429
_FIRST_DAY = datetime(2010, 1, 1, tzinfo=UTC)  # no session is older than the platform


class Management:
    """The account behind `credentials`, asked on one lane.

    `api_url` is the base without a method, `start_timeout` and `read_timeout` are seconds for one request,
    from its first packet to its answer's last; waiting for the lane is not part of it.

    Every method raises PlatformError: NotSent's kinds when surely nothing was asked, Refused's when the
    platform said no, OutcomeUnknown's when it may have acted. For a look-up the last only means: ask again.
    """

    def __init__(
        self,
        api_url: str,
        credentials: Credentials,
        lane: Lane,
        *,
        start_timeout: float = 15,
        read_timeout: float = 10,
        observe: Observe = unobserved,
        clock: Clock | None = None,
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._credentials = credentials
        self._lane = lane
        self._start_timeout = start_timeout
        self._read_timeout = read_timeout
        self._observe = observe
        self._clock = clock or Clock()
        self._ahead = timedelta()

    async def start_scenarios(self, rule_id: int, custom_data: str | None) -> Started:
        """Start one session, once. `custom_data` goes to the scenario as it is.

        An answer with a usable URL is a session, whatever else it says; one without is NoUrlGiven, since a
        session may be running.
        """
        form = {"rule_id": str(rule_id)}
        if custom_data is not None:
            form["script_custom_data"] = custom_data
        started = await self._call("StartScenarios", form, answers.started, self._start_timeout)
        if started.urls.secure is None and started.urls.plain is None:
            raise NoUrlGiven(_OK, started.history_id)
        return started

    async def applications(self) -> list[Application]:
        """Return every application of the account."""
        return await self._pages("GetApplications", {}, answers.application, _OTHER_ROWS)

    async def rules(self, application_id: int, application_name: str = "") -> list[Rule]:
        """Return every rule of one application; its name is passed on into them."""
        return await self._pages(
            "GetRules",
            {"application_id": str(application_id)},
            lambda row: answers.rule(row, application_id, application_name),
            _OTHER_ROWS,
        )

    async def call_history(self, ids: Sequence[int]) -> list[HistoryRow]:
        """Return what the history knows of these sessions, in calls of up to 1000 ids.

        A session that is not among them is not known yet (facts: the delay is undocumented), never ended.
        """
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        found: list[HistoryRow] = []
        for at in range(0, len(ids), _IDS_A_CALL):
            some = {"call_session_history_id": ";".join(str(one) for one in ids[at : at + _IDS_A_CALL])}
            found += await self._history(some, _FIRST_DAY, tomorrow)
        return found

    async def search_history(
        self, *, application_id: int, rule_name: str, custom_data: str | None, start: datetime, end: datetime
    ) -> list[HistoryRow]:
        """Return the sessions of a rule that began between two aware moments, to the full second outwards.

        The moments are of our clock, and asked for by the platform's, as far as its answers told what time it is.
        `custom_data` None means any. Rows that the filters should have kept out are left out here.
        """
        form = {"application_id": str(application_id), "rule_name": rule_name}
        if custom_data is not None:
            form["call_session_history_custom_data"] = custom_data
        found = await self._history(form, start - self._ahead, end - self._ahead + timedelta(seconds=1))
        return [
            row
            for row in found
            if row.application_id == application_id
            and row.rule_name == rule_name
            and custom_data in (None, row.custom_data)
        ]

    async def account(self) -> AccountInfo:
        """Return the account's name, currency and balance."""
        return await self._call("GetAccountInfo", {}, answers.account, self._read_timeout)

    async def _history(self, form: Mapping[str, str], start: datetime, end: datetime) -> list[HistoryRow]:
        window = {"from_date": _moment(start), "to_date": _moment(end), "timezone": "Etc/GMT"}
        details = {"with_calls": "true", "with_records": "true", "with_other_resources": "true"}
        return await self._pages("GetCallHistory", {**form, **window, **details}, answers.history_row, _HISTORY_ROWS)

    async def _pages(self, method: str, form: Mapping[str, str], read: Callable[[Row], T], rows: int) -> list[T]:
        """Ask for page after page until all that the platform counts are there, or one comes empty."""
        found: list[T] = []
        for _ in range(_PAGES):
            page_form = {**form, "count": str(rows), "offset": str(len(found))}
            page, total = await self._call(
                method,
                page_form,
                lambda answer: ([read(row) for row in answers.rows(answer)], answer.get("total_count")),
                self._read_timeout,
            )
            found += page
            if not page or (isinstance(total, int) and len(found) >= total):
                return found
        raise NotUnderstood(_OK)

    async def _call(self, method: str, form: Mapping[str, str], read: Callable[[Row], T], seconds: float) -> T:
        with observed(self._observe, method):
            return await self._ask(method, form, read, seconds)

    async def _ask(self, method: str, form: Mapping[str, str], read: Callable[[Row], T], seconds: float) -> T:
        headers, proof = self._credentials.headers_and_form()
        reply = await self._lane.post(
            f"{self._api_url}/{method}/",
            _encoded({**form, **proof}),
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **headers},
            seconds=seconds,
            at_most=_ANSWER_BYTES,
        )
        self._compare_clocks(reply.headers.get("date"))
        answer = _understood(reply)
        try:
            return read(answer)
        except Misshapen:
            raise NotUnderstood(reply.status) from None

    def _compare_clocks(self, date: str | None) -> None:
        """Learn how far our clock is ahead of the platform's; from when it is too far, the log has a line."""
        if (ahead := ahead_of(date, self._clock.now())) is None:
            return
        was_right = complaint(self._ahead, "") is None
        self._ahead = ahead
        if was_right and (wrong := complaint(ahead, "the platform's")) is not None:
            log.warning("%s", wrong)


def _encoded(form: Mapping[str, str]) -> bytes:
    try:
        return urlencode(form).encode("ascii")
    except UnicodeEncodeError:  # half of a surrogate pair, as JSON's "\ud800" can make one
        raise UnsendableText from None


def _understood(reply: Reply) -> Row:
    """Return the answer of a success. Raises what the reply says instead."""
    if reply.status == _TOO_MANY:
        raise TryLater(reply.status, "", _seconds(reply.headers.get("retry-after", "")))
    if reply.flaw is not None:
        raise reply.flaw
    answer = _json(reply)
    if "error" in answer:
        raise _refusal(answer["error"], reply.status)
    if reply.status != _OK:
        raise NotUnderstood(reply.status)
    return answer


def _json(reply: Reply) -> Row:
    try:
        answer = json.loads(reply.body, parse_float=Decimal)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise NotUnderstood(reply.status)
    return answer


def _refusal(error: object, status: int) -> PlatformError:
    """Read `{"code": 132, "msg": "…"}` (facts: `field_name` and a list `errors` may come along)."""
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        return NotUnderstood(status)
    return refusal(error["code"], str(error.get("msg", "")))


def _seconds(retry_after: str) -> float | None:
    """Read Retry-After; its other form, a date, counts as not said (facts: whether it comes is unknown)."""
    return float(retry_after) if re.fullmatch(r"[0-9]{1,5}", retry_after) else None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
