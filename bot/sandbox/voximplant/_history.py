"""GetCallHistory: rows of sessions, delayed, and without their URLs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.sandbox.voximplant._account import Account
from bot.sandbox.voximplant._errors import ApiError, refuse
from bot.sandbox.voximplant._method import APPLICATION, PAGE, Answer, Method, MethodCall, page
from bot.sandbox.voximplant._parameters import DATE_FORMAT, Parameters
from bot.sandbox.voximplant.engine import Call, RunningScenario, ScenarioSession

SCENARIO_PRICE_PER_SECOND = 0.0001  # made up, in the account's currency

_IDS_MAX = 1000
_DEFAULT_PERIOD = timedelta(days=31)
_OFFSET_MAX = 10_000
_ADDRESS = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class HistoryQuery:
    """The filters of GetCallHistory; None leaves a filter out. Dates are aware, shown in `timezone`."""

    timezone: ZoneInfo
    from_date: datetime
    to_date: datetime
    history_ids: frozenset[int] | None = None
    application_id: int | None = None
    rule_name: str | None = None
    custom_data: str | None = None
    min_seconds: int | None = None
    max_seconds: int | None = None
    remote_numbers: frozenset[str] | None = None
    local_numbers: frozenset[str] | None = None
    with_calls: bool = False
    with_records: bool = False
    with_other_resources: bool = False
    newest_first: bool = False


def _get_call_history(call: MethodCall) -> Answer:
    given = call.parameters
    query = _query(call)
    cut = given.page(offset_limit=_OFFSET_MAX)
    with_total_count = given.flag("with_total_count", default=True)
    delay = timedelta(seconds=call.options.history_delay_seconds)
    found = rows(call.engine.started.values(), query, call.account, call.request.at, delay)
    answer = page(found, cut) | {"timezone": query.timezone.key}
    if not with_total_count:
        del answer["total_count"]
    return answer


METHODS: Mapping[str, Method] = {
    "GetCallHistory": Method(
        answer=_get_call_history,
        parameters=PAGE
        | APPLICATION
        | {
            "call_session_history_custom_data",
            "call_session_history_id",
            "desc_order",
            "from_date",
            "local_number",
            "max_duration",
            "min_duration",
            "remote_number",
            "remote_number_list",
            "rule_name",
            "timezone",
            "to_date",
            "with_calls",
            "with_other_resources",
            "with_records",
            "with_total_count",
        },
        not_simulated=frozenset({"child_account_id", "children_calls_only", "is_async", "user_id", "with_header"}),
    )
}


def _query(call: MethodCall) -> HistoryQuery:
    """Read the filters."""
    given = call.parameters
    application = call.application()
    rule_name = given.text("rule_name")
    if rule_name is not None and application is None:
        refuse("rule_name")  # documented: a rule's name counts only together with its application
    timezone = given.timezone("timezone")
    from_date, to_date = _dates(given, timezone, call.request.at)
    history_ids = given.numbers("call_session_history_id", limit=_IDS_MAX)
    if call.options.unknown_ids_refused and not call.engine.started.keys() >= set(history_ids or ()):
        refuse("call_session_history_id")
    return HistoryQuery(
        timezone=timezone,
        from_date=from_date,
        to_date=to_date,
        history_ids=None if history_ids is None else frozenset(history_ids),
        application_id=None if application is None else application.application_id,
        rule_name=rule_name,
        custom_data=given.text("call_session_history_custom_data"),
        min_seconds=given.number("min_duration"),
        max_seconds=given.number("max_duration"),
        remote_numbers=_remote_numbers(given),
        local_numbers=given.texts("local_number"),
        with_calls=given.flag("with_calls"),
        with_records=given.flag("with_records"),
        with_other_resources=given.flag("with_other_resources"),
        newest_first=given.flag("desc_order"),
    )


def _dates(given: Parameters, timezone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """Read the range of the sessions' start dates; without both it is the last month (facts).

    What one date alone means is not known, so it is refused. Raises ApiError.
    """
    if given.text("from_date") is None and given.text("to_date") is None:
        return now - _DEFAULT_PERIOD, now
    from_date, to_date = given.date("from_date", timezone), given.date("to_date", timezone)
    if from_date > to_date:
        raise ApiError(123)
    return from_date, to_date


def _remote_numbers(given: Parameters) -> frozenset[str] | None:
    """Read both forms of the filter; the list goes before the other (documented)."""
    listed, joined = given.json_texts("remote_number_list"), given.texts("remote_number")
    return listed or joined


def rows(
    scenarios: Iterable[RunningScenario], query: HistoryQuery, account: Account, now: datetime, delay: timedelta
) -> list[Answer]:
    """Return the rows that fit `query` as the platform knows them at `now`: nothing younger than `delay`."""
    known_until = now - delay
    known = [
        scenario
        for scenario in scenarios
        if scenario.session.started_at <= known_until and _fits(scenario, query, known_until)
    ]
    if query.newest_first:
        known.reverse()
    return [_row(scenario, query, account, known_until) for scenario in known]


def _fits(scenario: RunningScenario, query: HistoryQuery, known_until: datetime) -> bool:
    session, rule = scenario.session, scenario.rule
    return (
        (query.history_ids is None or session.history_id in query.history_ids)
        and query.application_id in (None, rule.application.application_id)
        and query.rule_name in (None, rule.rule_name)
        and query.custom_data in (None, session.custom_data)
        and query.from_date <= session.started_at.replace(microsecond=0) <= query.to_date  # as it is shown
        and _fits_duration(session, query, known_until)
        and _fits_numbers(session, query, known_until)
    )


def _fits_duration(session: ScenarioSession, query: HistoryQuery, known_until: datetime) -> bool:
    """Compare whole seconds; a running session has no duration yet and fits neither bound."""
    if query.min_seconds is None and query.max_seconds is None:
        return True
    ended_at = _known_end(session, known_until)
    if ended_at is None:
        return False
    seconds = _seconds(session, ended_at)
    longest = seconds if query.max_seconds is None else query.max_seconds
    return (query.min_seconds or 0) <= seconds <= longest


def _fits_numbers(session: ScenarioSession, query: HistoryQuery, known_until: datetime) -> bool:
    """Return whether one call fits both lists of numbers."""
    if query.remote_numbers is None and query.local_numbers is None:
        return True
    return any(
        (query.remote_numbers is None or call.remote_number in query.remote_numbers)
        and (query.local_numbers is None or call.local_number in query.local_numbers)
        for call in _known_calls(session, known_until)
    )


def _row(scenario: RunningScenario, query: HistoryQuery, account: Account, known_until: datetime) -> Answer:
    session, rule = scenario.session, scenario.rule
    ended_at = _known_end(session, known_until)
    row: Answer = {
        "call_session_history_id": session.history_id,
        "account_id": account.account_id,
        "application_id": rule.application.application_id,
        "application_name": rule.application.name,  # whether the full name stands here is not known
        "rule_name": rule.rule_name,
        "user_id": 0,  # the sandbox's account has no users
        "audio_quality": "Standard",
        "start_date": _shown(session.started_at, query),
        "initiator_address": _ADDRESS,
        "media_server_address": _ADDRESS,
        "active": ended_at is None,
        "log_file_url": scenario.log_url,
    }
    if session.custom_data:
        row["custom_data"] = session.custom_data
    if ended_at is not None:
        row |= {"duration": _seconds(session, ended_at), "finish_reason": session.finish_reason}
    if query.with_other_resources:
        row["other_resource_usage"] = [] if ended_at is None else [_scenario_usage(session, ended_at, query)]
    if query.with_calls:
        calls = enumerate(_known_calls(session, known_until), 1)
        row["calls"] = [_call(call, place, session.history_id, query) for place, call in calls]
    if query.with_records:
        row["records"] = []  # nothing is recorded here
    return row


def _known_end(session: ScenarioSession, known_until: datetime) -> datetime | None:
    return session.ended_at if session.ended_at is not None and session.ended_at <= known_until else None


def _known_calls(session: ScenarioSession, known_until: datetime) -> list[Call]:
    return [call for call in session.calls if call.ended_at is not None and call.ended_at <= known_until]


def _seconds(session: ScenarioSession, ended_at: datetime) -> int:
    return math.ceil((ended_at - session.started_at).total_seconds())


def _call(call: Call, place: int, history_id: int, query: HistoryQuery) -> Answer:
    call_id = history_id * 100 + place
    return {
        "call_id": call_id,
        "transaction_id": call_id,
        "start_time": _shown(call.placed_at, query),
        "duration": call.duration_seconds,
        "local_number": call.local_number,
        "remote_number": call.remote_number,
        "remote_number_type": call.kind.value,
        "media_server_address": _ADDRESS,
        "incoming": call.incoming,
        "successful": call.connected_at is not None,
        "cost": call.cost,
    }


def _scenario_usage(session: ScenarioSession, ended_at: datetime, query: HistoryQuery) -> Answer:
    seconds = _seconds(session, ended_at)
    return {
        "resource_usage_id": session.history_id,
        "transaction_id": session.history_id,
        "resource_type": "SCENARIO",
        "description": "Scenario execution, at the sandbox's made-up price",
        "resource_quantity": seconds,
        "unit": "second",
        "used_at": _shown(ended_at, query),
        "cost": round(seconds * SCENARIO_PRICE_PER_SECOND, 5),
    }


def _shown(moment: datetime, query: HistoryQuery) -> str:
    return moment.astimezone(query.timezone).strftime(DATE_FORMAT)
