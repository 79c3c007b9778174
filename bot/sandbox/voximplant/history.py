"""The call history: what the platform tells about sessions, later than it happens, and without their URLs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.voximplant.account import Account
from bot.sandbox.voximplant.engine.calls import Call
from bot.sandbox.voximplant.engine.engine import RunningScenario

DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
SCENARIO_PRICE_PER_SECOND = 0.0001  # made up, in the account's currency


@dataclass(frozen=True, kw_only=True)
class HistoryQuery:
    """The filters of GetCallHistory; None leaves a filter out. Dates are aware, shown in `timezone`."""

    timezone: ZoneInfo
    history_ids: frozenset[int] | None = None
    application_id: int | None = None
    rule_name: str | None = None
    custom_data: str | None = None
    from_date: datetime | None = None
    to_date: datetime | None = None
    with_calls: bool = False
    with_records: bool = False
    with_other_resources: bool = False
    newest_first: bool = False


def rows(
    scenarios: Iterable[RunningScenario],
    query: HistoryQuery,
    account: Account,
    now: datetime,
    delay: timedelta,
) -> list[dict[str, Any]]:
    """Tell the rows that fit `query` as the platform knows them at `now`: nothing younger than `delay`."""
    known = [
        scenario
        for scenario in scenarios
        if scenario.session.started_at + delay <= now and _fits(scenario, query)
    ]
    if query.newest_first:
        known.reverse()
    return [_row(scenario, query, account, now - delay) for scenario in known]


def _fits(scenario: RunningScenario, query: HistoryQuery) -> bool:
    session, rule = scenario.session, scenario.rule
    started = session.started_at.replace(microsecond=0)  # as it is shown
    return (
        (query.history_ids is None or session.history_id in query.history_ids)
        and query.application_id in (None, rule.application.application_id)
        and query.rule_name in (None, rule.rule_name)
        and query.custom_data in (None, session.custom_data)
        and (query.from_date is None or query.from_date <= started)
        and (query.to_date is None or started <= query.to_date)
    )


def _row(
    scenario: RunningScenario, query: HistoryQuery, account: Account, known_until: datetime
) -> dict[str, Any]:
    session, rule = scenario.session, scenario.rule
    over = session.ended_at is not None and session.ended_at <= known_until
    row: dict[str, Any] = {
        "call_session_history_id": session.history_id,
        "account_id": account.account_id,
        "application_id": rule.application.application_id,
        "application_name": rule.application.name,
        "rule_name": rule.rule_name,
        "start_date": _shown(session.started_at, query),
        "active": not over,
        "log_file_url": scenario.log_url,
    }
    if session.custom_data:
        row["custom_data"] = session.custom_data
    if session.ended_at is not None and over:
        seconds = math.ceil((session.ended_at - session.started_at).total_seconds())
        row |= {"duration": seconds, "finish_reason": session.finish_reason}
        if query.with_other_resources:
            row["other_resource_usage"] = [
                _scenario_usage(session.ended_at, seconds, session.history_id, query)
            ]
    elif query.with_other_resources:
        row["other_resource_usage"] = []
    if query.with_calls:
        finished = [
            call for call in session.calls if call.ended_at is not None and call.ended_at <= known_until
        ]
        row["calls"] = [
            _call(call, place, session.history_id, query) for place, call in enumerate(finished, 1)
        ]
    if query.with_records:
        row["records"] = []  # nothing is recorded here
    return row


def _call(call: Call, place: int, history_id: int, query: HistoryQuery) -> dict[str, Any]:
    return {
        "call_id": history_id * 100 + place,
        "start_time": _shown(call.placed_at, query),
        "duration": call.duration_seconds,
        "local_number": call.caller_id,
        "remote_number": call.number,
        "remote_number_type": "pstn",
        "incoming": False,
        "successful": call.connected_at is not None,
        "cost": call.cost,
    }


def _scenario_usage(ended_at: datetime, seconds: int, history_id: int, query: HistoryQuery) -> dict[str, Any]:
    return {
        "resource_usage_id": history_id,
        "resource_type": "SCENARIO",
        "description": "Scenario execution, at the sandbox's made-up price",
        "resource_quantity": seconds,
        "unit": "second",
        "used_at": _shown(ended_at, query),
        "cost": round(seconds * SCENARIO_PRICE_PER_SECOND, 5),
    }


def _shown(moment: datetime, query: HistoryQuery) -> str:
    return moment.astimezone(query.timezone).strftime(DATE_FORMAT)
