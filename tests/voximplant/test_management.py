import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from bot.voximplant._credentials import ServiceAccount
from bot.voximplant._lanes import Lanes
from bot.voximplant._management import AccountInfo, Application, Management, Rule
from bot.voximplant.errors import (
    CannotConnect,
    ConnectionBroken,
    NotUnderstood,
    NoUrlGiven,
    PlatformFault,
    RoleMissing,
    TimedOut,
    TryLater,
    UnknownRule,
    UnsendableText,
)

from .conftest import HANGS_S, KEY, ROW, form, management_of, paged

SECURE = "https://1.2.3.4:12092/request/AF30CCA6.1580999958.1204800_185.164.149.16/90AB5D84"
PLAIN = "http://1.2.3.4:12092/request/AF30CCA6.1580999958.1204800_185.164.149.16/90AB5D84"
START = {
    "result": 1,
    "media_session_access_secure_url": SECURE,
    "media_session_access_url": PLAIN,
    "call_session_history_id": 4202753936,
}


async def test_a_start_asks_for_one_session(server: Any, management: Management) -> None:
    """StartScenarios is one form POST with rule, data and proof; both URLs and the id come back."""
    server.says(200, START | {"warnings": ["balance is low"]})
    data = "číslo=+7 900; 100% & \U0001f4de"
    started = await management.start_scenarios(1770571, data)
    (request,) = server.requests
    assert request.line == "POST /platform_api/StartScenarios/ HTTP/1.1"
    assert form(request) == {
        "rule_id": "1770571",
        "script_custom_data": data,
        "account_id": "1",
        "api_key": KEY,
    }
    assert started.urls.secure.reveal() == SECURE
    assert started.urls.plain.reveal() == PLAIN
    assert started.history_id == 4202753936
    assert started.warnings == ("balance is low",)
    assert "AF30" not in repr(started)


async def test_a_start_without_data_names_none(server: Any, management: Management) -> None:
    """No custom data is no parameter; empty custom data is an empty one."""
    server.says(200, START)
    await management.start_scenarios(1, None)
    await management.start_scenarios(1, "")
    assert "script_custom_data" not in form(server.requests[0])
    assert form(server.requests[1])["script_custom_data"] == ""


async def test_a_service_account_proves_itself_in_a_header(server: Any, lanes: Lanes, rsa_key: RSAPrivateKey) -> None:
    """The token goes as a Bearer header, is valid for the public key, and is nowhere else."""
    server.says(200, START)
    account = ServiceAccount("42", "k-1", rsa_key)
    await management_of(server, lanes, account).start_scenarios(1, None)
    (request,) = server.requests
    token = request.headers["authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, rsa_key.public_key(), algorithms=["RS256"])["iss"] == "42"
    assert token not in request.line
    assert form(request) == {"rule_id": "1"}


@pytest.mark.parametrize(
    ("changed", "secure", "plain"),
    [
        ({"media_session_access_secure_url": None}, None, PLAIN),
        ({"media_session_access_url": "http://user@1.2.3.4/request/A"}, SECURE, None),
        ({"media_session_access_secure_url": PLAIN, "media_session_access_url": 5}, None, PLAIN),
        ({"result": 0}, SECURE, PLAIN),
        ({"call_session_history_id": "odd"}, SECURE, PLAIN),
        ({"warnings": "odd"}, SECURE, PLAIN),
    ],
)
async def test_a_session_is_a_session_whatever_else_the_answer_lacks(
    server: Any, management: Management, changed: dict[str, object], secure: Any, plain: Any
) -> None:
    """Where one usable URL is there, the session stays in control; an http URL never counts as secure."""
    server.says(200, START | changed)
    urls = (await management.start_scenarios(1, None)).urls
    assert (urls.secure and urls.secure.reveal(), urls.plain and urls.plain.reveal()) == (secure, plain)


async def test_a_start_without_history_id_is_a_start(server: Any, management: Management) -> None:
    """Older answers lack the history id; the session runs all the same."""
    server.says(200, {name: value for name, value in START.items() if name != "call_session_history_id"})
    assert (await management.start_scenarios(1, None)).history_id is None


async def test_a_start_without_url_is_unknown_and_keeps_the_history_id(server: Any, management: Management) -> None:
    """A yes without a usable URL may be a running session, which the history can still find."""
    server.says(200, {"result": 1, "call_session_history_id": 9, "media_session_access_url": "nonsense"})
    with pytest.raises(NoUrlGiven) as caught:
        await management.start_scenarios(1, None)
    assert caught.value.history_id == 9
    server.says(200, {"result": 0})
    with pytest.raises(NotUnderstood):
        await management.start_scenarios(1, None)


@pytest.mark.parametrize("status", [200, 400, 403, 500])
async def test_a_code_is_read_whatever_the_status(server: Any, management: Management, status: int) -> None:
    """Errors come with HTTP 200, and may come with any other; the code decides."""
    server.says(status, {"error": {"code": 147, "msg": "bad rule_id"}, "errors": [{"code": 147}]})
    with pytest.raises(UnknownRule, match="no such rule"):
        await management.start_scenarios(1, None)
    server.says(status, {"error": {"code": 104, "msg": "forbidden"}})
    with pytest.raises(RoleMissing):
        await management.account()
    server.says(status, {"error": {"code": 2, "msg": "internal"}})
    with pytest.raises(PlatformFault):
        await management.start_scenarios(1, None)


@pytest.mark.parametrize(("header", "seconds"), [({}, None), ({"Retry_After": "12"}, 12), ({"Retry_After": "²"}, None)])
async def test_a_429_says_when_to_try_again(
    server: Any, management: Management, header: dict[str, str], seconds: float | None
) -> None:
    """HTTP 429 is a refusal with the seconds of Retry-After, if it names any, whatever its body."""
    server.says(429, "<html>slow down</html>", **{k: v.encode().decode("latin-1") for k, v in header.items()})
    with pytest.raises(TryLater) as caught:
        await management.start_scenarios(1, None)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, "<html>Bad Gateway</html>"),
        (200, "<html>Welcome</html>"),
        (200, ""),
        (204, ""),
        (200, "[]"),
        (200, "null"),
        (200, '{"error": "no"}'),
        (200, '{"error": {"msg": "no code"}}'),
        (200, '{"result": NaN}'),
        (200, "[" * 50_000),
        (200, b"\xff\xfe\x00"),
        (302, '{"result": 1}'),
        (503, '{"result": 1}'),
        (404, ""),
    ],
)
async def test_what_is_not_the_platforms_answer_is_unknown(
    server: Any, management: Management, status: int, body: Any
) -> None:
    """A gateway's page, an empty body, other JSON or a redirect leave a start's outcome unknown."""
    server.says(status, body, Location="/elsewhere")
    with pytest.raises(NotUnderstood) as caught:
        await management.start_scenarios(1, None)
    assert caught.value.status == status
    assert len(server.requests) == 1


async def test_an_answer_too_large_is_not_understood(server: Any, management: Management) -> None:
    """Over 8 MB is not read."""
    server.says(200, b'{"result": "' + b"x" * (8 * 1024 * 1024) + b'"}')
    with pytest.raises(NotUnderstood):
        await management.account()


async def test_a_start_that_hangs_is_unknown_and_not_repeated(server: Any, lanes: Lanes) -> None:
    """After the start's own time-out the outcome is unknown; one request went out, no more."""
    server.hangs()
    management = management_of(server, lanes, start_timeout=HANGS_S, read_timeout=30)
    with pytest.raises(TimedOut) as caught:
        await management.start_scenarios(1, None)
    assert caught.value.seconds == HANGS_S
    assert len(server.requests) == 1


async def test_a_look_up_has_a_time_out_of_its_own(server: Any, lanes: Lanes) -> None:
    """Look-ups end after the read time-out."""
    server.hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    management = management_of(server, lanes, start_timeout=30, read_timeout=HANGS_S)
    with pytest.raises(TimedOut):
        await management.account()


async def test_a_connection_that_breaks_is_unknown(server: Any, management: Management) -> None:
    """A reset before or within the answer leaves a start's outcome unknown."""
    for first in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"):
        server.resets(first)
        with pytest.raises(ConnectionBroken):
            await management.start_scenarios(1, None)


async def test_a_refused_connection_is_not_sent(server: Any, lanes: Lanes, closed_port: int) -> None:
    """A start that found nobody surely did not happen."""
    server.port = closed_port
    with pytest.raises(CannotConnect):
        await management_of(server, lanes).start_scenarios(1, None)


async def test_half_a_character_is_not_sent(server: Any, management: Management) -> None:
    """A lone surrogate, as JSON can make one, has no UTF-8 form and is refused before anything leaves."""
    with pytest.raises(UnsendableText):
        await management.start_scenarios(1, "a\ud800")
    assert server.requests == []


async def test_lists_are_read_to_the_end(server: Any, management: Management) -> None:
    """Applications and rules come in pages, also when the platform gives fewer than were asked for."""
    applications = [{"application_id": n, "application_name": f"a{n}"} for n in range(1, 251)]
    paged(server, applications)
    assert await management.applications() == [Application(n, f"a{n}") for n in range(1, 251)]
    assert [form(r)["offset"] for r in server.requests] == ["0", "100", "200"]
    rules = [
        {"rule_id": n, "rule_name": f"r{n}", "rule_pattern": ".*", "video_conference": n == 1} for n in range(1, 8)
    ]
    paged(server, rules, most=3)
    assert await management.rules(3, "calls") == [Rule(n, f"r{n}", 3, "calls") for n in range(1, 8)]
    assert form(server.requests[-1])["application_id"] == "3"


async def test_a_list_without_total_is_read_until_a_page_is_empty(server: Any, management: Management) -> None:
    """Where no total is named, an empty page is the end."""
    server.says(200, {"result": []})
    assert await management.applications() == []


async def test_a_list_that_never_ends_is_given_up(server: Any, management: Management) -> None:
    """A platform that promises ever more rows does not keep the bot for ever."""
    server.says(200, {"result": [{"application_id": 1, "application_name": "a"}], "total_count": 10**9})
    with pytest.raises(NotUnderstood):
        await management.applications()
    assert len(server.requests) == 100


async def test_history_is_asked_by_ids_up_to_a_thousand(server: Any, management: Management) -> None:
    """Ids are joined with `;`, up to 1000 a call, with a window in GMT that holds them all."""
    paged(server, [])
    await management.call_history(range(1, 1502))
    first, second = (form(request) for request in server.requests)
    assert first["call_session_history_id"] == ";".join(str(n) for n in range(1, 1001))
    assert len(second["call_session_history_id"].split(";")) == 501
    assert first["timezone"] == "Etc/GMT"
    assert first["from_date"] == "2010-01-01 00:00:00"
    assert datetime.strptime(first["to_date"] + "Z", "%Y-%m-%d %H:%M:%S%z") > datetime.now(UTC)
    assert first["count"] == "1000"
    assert not [name for name in first if name.startswith("with_")]


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [({"calls": True}, {"with_calls"}), ({"costs": True}, {"with_calls", "with_records", "with_other_resources"})],
)
async def test_calls_and_costs_are_asked_for_where_they_are_wanted(
    server: Any, management: Management, wanted: dict[str, bool], asked: set[str]
) -> None:
    """The details make an answer large, so each is asked for by who shows it; without them nothing is said of them."""
    paged(server, [ROW])
    (row,) = await management.call_history([7], **wanted)
    assert {name for name, value in form(server.requests[0]).items() if value == "true"} == asked
    assert (row.calls, row.cost) == (0, Decimal(0) if "costs" in wanted else None)


async def test_no_ids_ask_nothing(server: Any, management: Management) -> None:
    """Without ids there is no request, which would mean the whole history."""
    assert await management.call_history([]) == []
    assert server.requests == []


async def test_a_running_session_is_read(server: Any, management: Management) -> None:
    """A row without finish reason and duration is a session that runs."""
    paged(server, [ROW | {"active": True}])
    (row,) = await management.call_history([7])
    assert (row.history_id, row.rule_name, row.application_id) == (7, "night call", 3)
    assert row.start == datetime(2026, 11, 20, 2, 14, 5, tzinfo=UTC)
    assert (row.duration, row.finish_reason, row.custom_data, row.log_url) == (None, None, None, None)
    assert (row.cost, row.calls, row.active, row.has_ended) == (None, None, True, False)


async def test_an_ended_session_is_read(server: Any, management: Management) -> None:
    """Cost is summed exactly over calls, records and other resources; the log's address stays hidden."""
    log = "https://storage-gw-ru-01.voximplant.com/voximplant-logs/2026/11/20/c0ffee.log"
    ended = {
        "duration": 83,
        "finish_reason": "Normal termination",
        "custom_data": "a;b",
        "log_file_url": log,
        "calls": [{"cost": 0.1, "duration": 5}, {"cost": 0.2}, {}],
        "records": [{"cost": "0.05"}],
        "other_resource_usage": [{"cost": 1}, {"cost": None}],
    }
    paged(server, [ROW | ended])
    (row,) = await management.call_history([7], costs=True)
    assert row.duration == timedelta(seconds=83)
    assert row.cost == Decimal("1.35")
    assert (row.calls, row.custom_data, row.finish_reason) == (3, "a;b", "Normal termination")
    assert row.log_url.reveal() == log
    assert "c0ffee" not in repr(row)


@pytest.mark.parametrize(
    ("fields", "ended"),
    [
        ({}, False),
        ({"duration": 5}, False),
        ({"finish_reason": ""}, False),
        ({"finish_reason": "Timeout"}, True),
        ({"finish_reason": "Timeout", "active": False}, True),
        ({"finish_reason": "Timeout", "active": True}, False),
        ({"active": False}, False),
    ],
)
async def test_ended_needs_a_finish_reason_and_no_activity(
    server: Any, management: Management, fields: dict[str, object], ended: object
) -> None:
    """Only a finish reason with `active` not true is an end; a missing row is none either."""
    paged(server, [ROW | fields])
    (row,) = await management.call_history([7])
    assert row.has_ended is ended


async def test_a_search_keeps_to_what_was_asked(server: Any, management: Management) -> None:
    """The filters are sent, the window is in GMT, and rows they should have kept out are left out."""
    right = ROW | {"custom_data": "x"}
    paged(server, [right, ROW, right | {"rule_name": "night call 2"}, right | {"application_id": 4}])
    start = datetime(2026, 11, 20, 5, 14, 5, 900_000, tzinfo=timezone(timedelta(hours=3)))
    rows = await management.search_history(
        application_id=3,
        rule_name="night call",
        custom_data="x",
        start=start,
        end=start + timedelta(minutes=1),
    )
    assert len(rows) == 1
    asked = form(server.requests[0])
    assert (asked["from_date"], asked["to_date"]) == ("2026-11-20 02:14:05", "2026-11-20 02:15:06")
    assert (asked["application_id"], asked["rule_name"]) == ("3", "night call")
    assert asked["call_session_history_custom_data"] == "x"


async def test_a_search_for_any_data_sends_no_filter_for_it(server: Any, management: Management) -> None:
    """Custom data None means any."""
    paged(server, [ROW, ROW | {"custom_data": "x"}])
    now = datetime.now(UTC)
    rows = await management.search_history(
        application_id=3, rule_name="night call", custom_data=None, start=now, end=now
    )
    assert len(rows) == 2
    assert "call_session_history_custom_data" not in form(server.requests[0])


async def test_sessions_of_a_number_are_one_page_of_the_newest(server: Any, management: Management) -> None:
    """The spellings of a number are one filter, the newest come first, and no further page is asked for."""
    paged(server, [ROW])
    start = datetime(2026, 11, 19, 2, 14, 5, tzinfo=UTC)
    numbers = ["442079460018", "+442079460018"]
    rows = await management.sessions_with_number(numbers, start, start + timedelta(days=1))
    assert [row.history_id for row in rows] == [7]
    (request,) = server.requests
    asked = form(request)
    assert (asked["from_date"], asked["to_date"]) == ("2026-11-19 02:14:05", "2026-11-20 02:14:05")
    assert asked["remote_number"] == "442079460018;+442079460018"
    assert (asked["desc_order"], asked["count"], asked["timezone"]) == ("true", "100", "Etc/GMT")


async def test_the_account_is_read(server: Any, management: Management) -> None:
    """The account's id, name and currency."""
    server.says(
        200,
        b'{"result": {"account_id": 1, "account_name": "acme", "currency": "EUR", "balance": 12.3450000000000001}}',
    )
    assert await management.account() == AccountInfo(1, "acme", "EUR")


async def test_many_calls_share_the_lane(server: Any, management: Management, lanes: Lanes) -> None:
    """Calls beyond the lane's size wait for it and all are answered."""
    server.says(200, START)
    started = await asyncio.gather(*(management.start_scenarios(n, None) for n in range(10)))
    assert len(started) == 10
    assert server.most_at_once <= lanes.platform.size


@pytest.mark.parametrize("trouble", ["echo", "gateway", "hang", "reset", "refused", "odd row"])
async def test_no_failure_shows_a_secret(
    server: Any, lanes: Lanes, closed_port: int, told: Callable[[BaseException], str], trouble: str
) -> None:
    """Key and session URL appear in no error, none of its causes, and no log line at DEBUG."""
    management = management_of(server, lanes, start_timeout=0.2, read_timeout=0.2)
    if trouble == "echo":
        server.says(200, {"error": {"code": 132, "msg": f"api_key={KEY} is bad, see {SECURE}"}})
    elif trouble == "gateway":
        server.says(502, f"<html>{SECURE} {KEY}</html>", Location=SECURE)
    elif trouble == "hang":
        server.hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + SECURE.encode())
    elif trouble == "reset":
        server.resets(SECURE.encode())
    elif trouble == "odd row":
        server.says(200, {"result": 1, "media_session_access_secure_url": "ftp" + SECURE})
    else:
        server.port = closed_port
    for call in (management.start_scenarios(1, "private data"), management.account()):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is, it must not show a secret
            await call
        shown = told(caught.value)
        assert not [secret for secret in (KEY, "AF30CCA6", "90AB5D84", "private data") if secret in shown]
