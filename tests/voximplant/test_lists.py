"""Lists of the platform, row by row: what cannot be read is left out, and what is too large is asked for in parts."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.voximplant._answers import Application, Page, Rule, UnreadField
from bot.voximplant._lists import Rows, read_all, read_in_halves
from bot.voximplant._management import Management
from bot.voximplant.errors import AnswerTooLarge, NotUnderstood

from .conftest import ROW, form, paged

ODD_ROWS = [
    None,
    {},
    "text",
    7,
    [ROW],
    {"call_session_history_id": None},
    {"call_session_history_id": "odd"},
    {"call_session_history_id": True},
    {"call_session_history_id": 2**63},
    {"call_session_history_id": 0},
    {"call_session_history_id": -7},
    {"call_session_history_id": 7.5},
    {"finish_reason": 5},
    {"finish_reason": ["Normal termination"]},
]
"""Rows of which it cannot be said which session they are of, or whether it has ended."""


@pytest.mark.parametrize("odd", ODD_ROWS, ids=str)
async def test_a_row_that_cannot_be_read_hides_no_other(
    server: Any, management: Management, odd: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are read, the one is counted, and the log says so once however often it is read."""
    row = ROW | odd if isinstance(odd, dict) and odd else odd
    paged(server, [ROW | {"call_session_history_id": 8}, row, ROW | {"call_session_history_id": 9}])
    for _ in range(3):
        rows = await management.call_history([7, 8, 9])
        assert [each.history_id for each in rows] == [8, 9]
        assert rows.unread == 1
    assert caplog.text.count("is left out, and the others serve") == 1


@pytest.mark.parametrize(
    ("odd", "became"),
    [
        ({"start_date": "20 Nov 2026"}, {"start": None}),
        ({"start_date": None}, {"start": None}),
        ({"start_date": 1580999958}, {"start": None}),
        ({"start_date": "2026-11-20T02:14:05.5Z"}, {"start": datetime(2026, 11, 20, 2, 14, 5, 500_000, tzinfo=UTC)}),
        ({"start_date": "0001-01-01T00:00:00+14:00"}, {"start": None}),
        ({"start_date": "9999-12-31 23:59:59", "duration": 5}, {"end": None}),
        ({"duration": "n/a"}, {"duration": None}),
        ({"duration": 1e300}, {"duration": None}),
        ({"duration": float("nan")}, {"duration": None}),
        ({"duration": float("inf")}, {"duration": None}),
        ({"duration": -5}, {"duration": None}),
        ({"duration": "83"}, {"duration": timedelta(seconds=83)}),
        ({"duration": True}, {"duration": None}),
        ({"duration": 10**400}, {"duration": None}),
        ({"duration": 999_999_999_999}, {"end": None}),
        ({"call_session_history_id": "7"}, {"history_id": 7}),
        ({"call_session_history_id": 7.0}, {"history_id": 7}),
        ({"application_id": "3"}, {"application_id": 3}),
        ({"application_id": 2**63}, {"application_id": None}),
        ({"application_name": None, "rule_name": 5}, {"application_name": None, "rule_name": "5"}),
        ({"application_name": "calls.acme.voximplant.com"}, {"application_name": "calls"}),
        ({"application_name": "voximplant.com"}, {"application_name": "voximplant.com"}),
        ({"custom_data": 12}, {"custom_data": "12"}),
        ({"custom_data": {"a": [1.5]}}, {"custom_data": '{"a": ["1.5"]}'}),
        ({"log_file_url": 5}, {"log_url": None}),
        ({"active": "false"}, {"active": False}),
        ({"active": 0}, {"active": False}),
        ({"active": "perhaps"}, {"active": None}),
        ({"calls": [{"cost": "Infinity"}]}, {"cost": None, "calls": 1}),
        ({"calls": "none"}, {"cost": None, "calls": None}),
        ({"calls": [None]}, {"cost": None, "calls": None}),
        ({"records": [{"cost": "1e999999999"}], "calls": None}, {"cost": None, "calls": 0}),
    ],
    ids=str,
)
async def test_an_odd_field_hides_no_other(
    server: Any, management: Management, odd: dict[str, Any], became: dict[str, Any]
) -> None:
    """What a row lacks, or has in another form, is read as far as it can be: its end is seen all the same."""
    paged(server, [ROW | {"finish_reason": "Timeout"} | odd])
    (row,) = await management.call_history([7], costs=True)
    assert {name: getattr(row, name) for name in became} == became
    assert row.has_ended


async def test_a_session_that_is_said_to_be_active_runs_whatever_its_reason(
    server: Any, management: Management
) -> None:
    """An odd finish reason leaves open whether a session has ended, unless the row says that it is active."""
    for active in (True, 1, "true"):
        paged(server, [ROW | {"finish_reason": 5, "active": active}])
        (row,) = await management.call_history([7])
        assert not row.has_ended


async def test_rules_and_applications_are_read_row_by_row(
    server: Any, management: Management, caplog: pytest.LogCaptureFixture
) -> None:
    """A rule or an application that cannot be read is left out and logged once; the others can be started."""
    applications = [{"application_id": "3", "application_name": 5}, None, {"application_id": 4}]
    rules = [{"rule_id": 2**63, "rule_name": "a"}, {"rule_id": 7, "rule_name": "b"}, {"rule_id": True, "rule_name": ""}]
    for _ in range(2):
        paged(server, applications)
        found = await management.applications()
        assert (found, found.unread) == ([Application(3, "5")], 2)
        paged(server, rules)
        listed = await management.rules(3, "calls")
        assert (listed, listed.unread) == ([Rule(7, "b", 3, "calls")], 2)
    assert caplog.text.count("is left out") == 3


async def test_an_application_goes_by_its_short_name(server: Any, management: Management) -> None:
    """People type and read `calls`, not the full name with which the platform lists it."""
    paged(
        server,
        [
            {"application_id": 3, "application_name": "calls.acme.voximplant.com"},
            {"application_id": 4, "application_name": "calls"},
        ],
    )
    assert await management.applications() == [Application(3, "calls"), Application(4, "calls")]


@pytest.mark.parametrize("row", [None, {}, {"application_id": True, "application_name": "a"}, "text"], ids=str)
async def test_a_list_of_which_nothing_can_be_read_is_not_empty(
    server: Any, management: Management, row: object
) -> None:
    """Where no row can be read the answer is not understood: there is something, and nobody knows what."""
    server.says(200, {"result": [row], "total_count": 1})
    with pytest.raises(NotUnderstood) as caught:
        await management.applications()
    assert caught.value.__cause__ is None


async def test_rows_that_the_platform_counts_and_does_not_give_are_not_read(
    server: Any, management: Management
) -> None:
    """An empty page of a list that is said to have more leaves the rest unread, not absent."""
    server.says(200, {"result": [], "total_count": 2})
    assert (await management.call_history([7, 8])).unread == 2


MB = 1024 * 1024


async def test_an_answer_over_8_mb_is_asked_for_in_halves(server: Any, management: Management) -> None:
    """Less is asked for, down to the one row that is too large by itself: it is left out, and the others are read."""
    listed = {number: ROW | {"call_session_history_id": number} for number in range(1, 6)}
    listed[4]["log_file_url"] = "x" * 9 * MB

    async def script(request: Any, writer: asyncio.StreamWriter) -> None:
        asked = form(request)
        ids = [int(each) for each in asked.get("call_session_history_id", "").split(";") if each] or list(listed)
        some = [listed[number] for number in ids][int(asked["offset"]) :][: int(asked["count"])]
        body = json.dumps({"result": some, "total_count": len(ids)}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    server.runs(script)
    by_ids = await management.call_history(list(listed))
    assert (sorted(each.history_id for each in by_ids), by_ids.unread) == ([1, 2, 3, 5], 1)


Sizes = st.lists(st.integers(1, 12), max_size=40)
"""Rows by their size, of which ten fit into an answer; a larger one fits into none."""

FITS = 10


def left_out(sizes: Sequence[int]) -> list[int]:
    """Return the places of the rows that fit into no answer."""
    return [place for place, size in enumerate(sizes) if size > FITS]


@given(Sizes)
async def test_pages_shrink_until_they_fit(sizes: list[int]) -> None:
    """Whatever the sizes of the rows, each that fits into an answer by itself is read, once and in its order."""
    unread: list[UnreadField] = []

    async def ask(size: int, offset: int) -> Page[int]:
        if sum(sizes[offset : offset + size]) > FITS:
            raise AnswerTooLarge(200)
        rows = range(len(sizes))[offset : offset + size]
        return Page(rows=rows, size=len(rows), total=len(sizes), unread=())

    try:
        rows = await read_all(ask, 100, unread.append)
    except (AnswerTooLarge, NotUnderstood):
        assert len(left_out(sizes)) > 3
        return
    assert rows == [place for place in range(len(sizes)) if place not in left_out(sizes)]
    assert (rows.unread, len(unread)) == (len(left_out(sizes)), len(left_out(sizes)))


@given(Sizes)
async def test_ids_are_halved_until_they_fit(sizes: list[int]) -> None:
    """Whatever the sizes of the rows, each id whose row fits into an answer is answered, once."""
    unread: list[UnreadField] = []

    async def ask(ids: Sequence[int]) -> Rows[int]:
        if sum(sizes[each] for each in ids) > FITS:
            raise AnswerTooLarge(200)
        return Rows(ids)

    try:
        rows = await read_in_halves(range(len(sizes)), 25, ask, unread.append)
    except AnswerTooLarge:
        assert sum(sizes) > 3 * FITS
        return
    assert rows == [place for place in range(len(sizes)) if place not in left_out(sizes)]
    assert [each.number for each in unread] == left_out(sizes)
    assert rows.unread == len(left_out(sizes))


async def test_a_platform_whose_answers_are_all_too_large_is_given_up() -> None:
    """Less is not asked for for ever."""
    asked = 0

    async def ask(_: object, __: object = None) -> Any:
        nonlocal asked
        asked += 1
        raise AnswerTooLarge(200)

    for question in (read_in_halves(range(1000), 1000, ask, print), read_all(ask, 1000, print)):
        with pytest.raises(AnswerTooLarge):
            await question
    assert asked < 100
