"""The platform's Management API: rules, starts, the history, the account.

Every call is one form-encoded POST; credentials go in its header or form, never in its URL. A call that may have
had an effect is never retried: StartScenarios knows no idempotency key, so a second call can be a second live phone
call (facts).
"""

import functools
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from bot.process import Clock, RemoteClock
from bot.voximplant import _answers as answers
from bot.voximplant import _fields as fields
from bot.voximplant._answers import AccountInfo, Application, HistoryRow, LogUrl, Page, Rule, ScenarioRef, Started
from bot.voximplant._credentials import Credentials
from bot.voximplant._fields import Reader, Row, UnreadableField
from bot.voximplant._key_values import KeyValues
from bot.voximplant._lanes import Lane, Reply
from bot.voximplant._lists import Rows, UnreadFieldLog, read_all, read_in_halves
from bot.voximplant._observed import Observe, is_answer, observed, unobserved
from bot.voximplant._scenarios import Scenarios
from bot.voximplant.errors import (
    ClockSkew,
    NotUnderstood,
    NoUrlGiven,
    PlatformError,
    TryLater,
    UnsendableText,
    refusal,
)

__all__ = ["AccountInfo", "Application", "HistoryRow", "LogUrl", "Management", "Rows", "Rule", "ScenarioRef", "Started"]

T = TypeVar("T")

_ANSWER_BYTES = 8 * 1024 * 1024
_IDS_A_CALL = 1000
_HISTORY_ROWS = 1000  # facts: at most so many a page
_OTHER_ROWS = 100  # no limit is documented for the other lists
_OK = 200
_TOO_MANY = 429
_FIRST_DAY = datetime(2010, 1, 1, tzinfo=UTC)  # no session is older than the platform


class Management:
    """The account behind `credentials`, asked on one lane; its announcements on the lane `announcements`, if given.

    `api_url` is the base without a method, `start_timeout` and `read_timeout` are seconds for one request,
    from its first packet to its answer's last; waiting for the lane is not part of it. `clock` learns the
    platform's time from every answer.

    Every method raises PlatformError: NotSent's kinds when surely nothing was asked, Refused's when the platform
    refused, OutcomeUnknown's when it may have acted. A look-up may be retried after any of them.
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
        clock: RemoteClock | None = None,
        announcements: Lane | None = None,
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._credentials = credentials
        self._lane = lane
        self._start_timeout = start_timeout
        self._read_timeout = read_timeout
        self._count = observe
        self.reachable: bool | None = None
        """Whether the platform answered when it was asked last; None before it was asked."""
        self.history_read_at: float | None = None
        """When the history was read last, on the monotonic clock."""
        self.clock = clock or RemoteClock(Clock(), "the platform's")
        self._unread_fields = UnreadFieldLog()
        self.scenarios = Scenarios(self._call, self._listing)
        """The account's scenarios, by methods of their own."""
        on_their_lane = functools.partial(self._call, lane=announcements)
        self.key_values = KeyValues(on_their_lane, self._unread_fields.of("GetKeyValueItems"))
        """What sessions announce in the storage of their applications."""

    def _observe(self, method: str, outcome: str, seconds: float) -> None:
        self._count(method, outcome, seconds)
        self.reachable = is_answer(outcome)
        if method == "GetCallHistory" and outcome == "ok":
            self.history_read_at = self.clock.ours.monotonic()

    async def start_scenarios(self, rule_id: int, custom_data: str | None) -> Started:
        """Start one session, once. `custom_data` goes to the scenario as it is.

        An answer with a usable URL is a session, whatever else is in it; one without raises
        NoUrlGiven, since a session may be running.
        """
        form = {"rule_id": str(rule_id)}
        if custom_data is not None:
            form["script_custom_data"] = custom_data
        method = "StartScenarios"

        async def start() -> Started:
            reply = await self._post(method, form, self._start_timeout, acts=True)
            started = answers.started(reply.body)
            if started.urls.secure is None and started.urls.plain is None:
                _understood(reply)
                raise NoUrlGiven(_OK, started.history_id)
            return started

        with observed(self._observe, method):
            return await _by_the_right_clock(start)

    async def applications(self) -> Rows[Application]:
        """Return every readable application of the account."""
        return await self._listing("GetApplications", {}, answers.application, "application_id")

    async def rules(self, application_id: int, application_name: str = "") -> Rows[Rule]:
        """Return every readable rule of one application, with its scenarios; the application's name goes into them."""
        read = functools.partial(answers.rule, application_id=application_id, application_name=application_name)
        form = {"application_id": str(application_id), "with_scenarios": "true"}
        return await self._listing("GetRules", form, read, "rule_id")

    async def call_history(self, ids: Sequence[int], *, calls: bool = False, costs: bool = False) -> Rows[HistoryRow]:
        """Return the history's rows of these sessions, in calls of up to 1000 ids; calls and costs only if asked for.

        A session without a row is not known yet (facts: the delay is undocumented), never ended; where
        rows are `unread` not even that is known of it.
        """
        tomorrow = self.clock.now() + timedelta(days=1)

        async def ask(some: Sequence[int]) -> Rows[HistoryRow]:
            form = {"call_session_history_id": ";".join(str(one) for one in some)}
            return await self._history(form, _FIRST_DAY, tomorrow, calls=calls, costs=costs, shrink=False)

        return await read_in_halves(ids, _IDS_A_CALL, ask, self._unread_fields.of("GetCallHistory"))

    async def search_history(
        self, *, application_id: int, rule_name: str, custom_data: str | None, start: datetime, end: datetime
    ) -> Rows[HistoryRow]:
        """Return the sessions of a rule that began between two aware moments, to the full second outwards.

        The moments are of the platform's clock. `custom_data` None means any. Rows that the filters should have kept
        out are left out here; where one does not say of which rule it is, the filter counts.
        """
        form = {"application_id": str(application_id), "rule_name": rule_name}
        if custom_data is not None:
            form["call_session_history_custom_data"] = custom_data
        found = await self._history(form, start, end + timedelta(seconds=1))
        fitting = [
            row
            for row in found
            if row.application_id in {None, application_id}
            and row.rule_name in {None, rule_name}
            and custom_data in (None, row.custom_data)
        ]
        return Rows(fitting, found.unread)

    async def sessions_with_number(self, numbers: Sequence[str], start: datetime, end: datetime) -> Rows[HistoryRow]:
        """Return the newest sessions, 100 at most, that had a call with one of these numbers on the client's side.

        The moments are of the platform's clock. A number has to be spelt as the history has it, and whether that
        lists calls which still go on is not known (facts).
        """
        form = {"remote_number": ";".join(numbers), "desc_order": "true", "with_total_count": "false"}
        window = {"from_date": _moment(start), "to_date": _moment(end), "timezone": "Etc/GMT"}
        read = functools.partial(answers.history_row, calls=False, costs=False)
        cut = {"count": str(_OTHER_ROWS), "offset": "0"}
        page = await self._call(
            "GetCallHistory", form | window | cut, lambda answer: answers.page(answer, read, "call_session_history_id")
        )
        return Rows(page.rows, len(page.unread))

    async def account(self) -> AccountInfo:
        """Return the account's name and currency."""
        return await self._call("GetAccountInfo", {}, answers.account)

    async def _history(
        self, form: Mapping[str, str], start: datetime, end: datetime, *,
        calls: bool = False, costs: bool = False, shrink: bool = True,
    ) -> Rows[HistoryRow]:  # fmt: skip
        window = {"from_date": _moment(start), "to_date": _moment(end), "timezone": "Etc/GMT"}
        wanted = {"with_calls": calls or costs, "with_records": costs, "with_other_resources": costs}
        asked = {**form, **window, **{name: "true" for name, is_wanted in wanted.items() if is_wanted}}
        read = functools.partial(answers.history_row, calls=calls, costs=costs)
        return await self._pages("GetCallHistory", asked, read, "call_session_history_id", _HISTORY_ROWS, shrink=shrink)

    async def _listing(self, method: str, form: Mapping[str, str], read: Callable[[Reader], T], key: str) -> Rows[T]:
        """Return a list that has readable rows: one with only unreadable rows raises NotUnderstood."""
        rows = await self._pages(method, form, read, key, _OTHER_ROWS)
        if rows.unread and not rows:
            raise NotUnderstood(_OK)
        return rows

    async def _pages(
        self, method: str, form: Mapping[str, str], read: Callable[[Reader], T], key: str, at_most: int, *,
        shrink: bool = True,
    ) -> Rows[T]:  # fmt: skip
        async def ask(size: int, offset: int) -> Page[T]:
            cut = {"count": str(size), "offset": str(offset)}
            return await self._call(method, {**form, **cut}, lambda answer: answers.page(answer, read, key))

        return await read_all(ask, at_most, self._unread_fields.of(method), shrink=shrink)

    async def _call(
        self, method: str, form: Mapping[str, str], read: Callable[[Row], T], *, lane: Lane | None = None
    ) -> T:
        async def ask() -> T:
            reply = await self._post(method, form, self._read_timeout, lane)
            answer = _understood(reply)
            try:
                return read(answer)
            except UnreadableField:
                raise NotUnderstood(reply.status) from None

        with observed(self._observe, method):
            return await _by_the_right_clock(ask)

    async def _post(
        self, method: str, form: Mapping[str, str], seconds: float, lane: Lane | None = None, *, acts: bool = False
    ) -> Reply:
        headers, proof = self._credentials.headers_and_form()
        reply = await (lane or self._lane).request(
            "POST",
            f"{self._api_url}/{method}/",
            _encoded({**form, **proof}),
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **headers},
            seconds=seconds,
            at_most=_ANSWER_BYTES,
            acts=acts,
        )
        self.clock.learn(reply.headers.get("date"))
        return reply


async def _by_the_right_clock(ask: Callable[[], Awaitable[T]]) -> T:
    """Call `ask`, and retry it where a token was refused for its times: the refusal carried the platform's time."""
    try:
        return await ask()
    except ClockSkew:
        return await ask()


def _encoded(form: Mapping[str, str]) -> bytes:
    try:
        return urlencode(form).encode("ascii")
    except UnicodeEncodeError:  # half of a surrogate pair, as JSON's "\ud800" can make one
        raise UnsendableText from None


def _understood(reply: Reply) -> Row:
    """Return the answer of a success. Raises the error of any other reply."""
    if reply.status == _TOO_MANY:
        raise TryLater(reply.status, "", _seconds(reply.headers.get("retry-after", "")))
    if reply.flaw is not None:
        raise reply.flaw
    answer = fields.json_object(reply.body)
    if answer is None:
        raise NotUnderstood(reply.status)
    if error := answer.get("error"):
        raise _refusal(error, reply.status)
    if reply.status != _OK:
        raise NotUnderstood(reply.status)
    return answer


def _refusal(error: object, status: int) -> PlatformError:
    """Read `{"code": 132, "msg": "…"}` (facts: `field_name` and a list `errors` may come along)."""
    code = fields.or_none(fields.integer, error, "code") if isinstance(error, dict) else None
    if not isinstance(error, dict) or code is None:
        return NotUnderstood(status)
    return refusal(code, str(error.get("msg", "")))


def _seconds(retry_after: str) -> float | None:
    """Read Retry-After in seconds; its other form, a date, counts as absent (facts: whether it comes is unknown)."""
    return float(retry_after) if re.fullmatch(r"[0-9]{1,5}", retry_after) else None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
