import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.voximplant import KEY_VALUE_PAGE, KeyValueItem, Management
from bot.voximplant._credentials import ApiKey
from bot.voximplant._lanes import Lanes
from bot.voximplant.errors import ConnectionBroken, NotUnderstood, RoleMissing, TimedOut, TryLater

from .conftest import HANGS_S, KEY, SECRET_PATH, form
from .keeping_server import KeepingServer

VALUE = '{"url":"https://www-ru-52-18.voximplant.com%s"}' % SECRET_PATH  # noqa: UP031 - JSON has braces of its own


def _row(number: int, **values: Any) -> dict[str, Any]:
    return {"key": f"session-bot:{number}", "value": VALUE, "expires_at": 1_771_000_000} | values


async def test_a_page_is_asked_for_by_namespace_and_offset(management: Management, server: Any) -> None:
    """A page has 50 rows at most; a shorter one is the last, and no value is in any repr."""
    server.says(200, {"result": [_row(number) for number in range(KEY_VALUE_PAGE)]})
    page = await management.key_values.items(3, 100)
    assert form(server.requests[0]) == {
        "application_id": "3", "key": "session-bot", "count": "50", "offset": "100", "account_id": "1", "api_key": KEY
    }  # fmt: skip
    assert len(page.items) == KEY_VALUE_PAGE
    assert not page.is_last
    assert page.items[0] == KeyValueItem("session-bot:0", VALUE, 1_771_000_000)
    assert "request" not in repr(page)
    server.says(200, {"result": [_row(1)]})
    assert (await management.key_values.items(3, 150)).is_last
    server.says(200, {"result": []})
    assert (await management.key_values.items(3, 150)).is_last


async def test_a_total_is_believed_where_one_is_told(management: Management, server: Any) -> None:
    """A platform that tells the total, which is not documented, spares the page that would be empty."""
    rows = [_row(number) for number in range(KEY_VALUE_PAGE)]
    server.says(200, {"result": rows, "total_count": 100})
    assert not (await management.key_values.items(3, 0)).is_last
    assert (await management.key_values.items(3, 50)).is_last
    server.says(200, {"result": rows[:10], "total_count": 100})
    assert not (await management.key_values.items(3, 0)).is_last


async def test_an_unreadable_row_spoils_no_other(management: Management, server: Any, caplog: Any) -> None:
    """Rows without a text as key and value are left out, counted, and logged without what they say."""
    odd = [_row(1, value={"url": VALUE}), _row(2, key=None), 7, _row(3, expires_at="never")]
    server.says(200, {"result": odd})
    page = await management.key_values.items(3, 0)
    assert [(each.key, each.expires_at) for each in page.items] == [("session-bot:3", None)]
    assert page.unread == 3
    assert "GetKeyValueItems: value" in caplog.text
    assert "request" not in caplog.text


async def test_one_row_is_asked_for_by_its_key(management: Management, server: Any) -> None:
    """A row is found by its key; how the platform says that there is none is not known, so each way counts."""
    server.says(200, {"result": _row(7)})
    item = await management.key_values.item(3, "session-bot:7")
    assert item is not None
    assert item.value == VALUE
    assert form(server.requests[0])["key"] == "session-bot:7"
    for nothing in (
        {"result": None},
        {"result": {}},
        {"result": []},
        {"error": {"code": 496, "msg": "The 'key' parameter is invalid."}},
        {"error": {"code": 9_999, "msg": "No such key."}},
    ):
        server.says(200, nothing)
        assert await management.key_values.item(3, "session-bot:7") is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": {"code": 104, "msg": "Forbidden command."}}, RoleMissing),
        ({"error": {"code": 340, "msg": "Too many."}}, TryLater),
        ({"result": "yes"}, NotUnderstood),
        ({"count": 1}, NotUnderstood),
        ("<html>", NotUnderstood),
    ],
)
async def test_a_refusal_is_no_missing_row(management: Management, server: Any, answer: Any, error: Any) -> None:
    """Refusals of the account, or for load, and odd answers are errors of reading, both for a page and for a row."""
    server.says(200, answer)
    for ask in (management.key_values.items(3, 0), management.key_values.item(3, "session-bot:7")):
        with pytest.raises(error):
            await ask


async def test_load_is_told_with_its_pause(management: Management, server: Any) -> None:
    """HTTP 429 names in Retry-After when to ask again."""
    server.says(429, "", Retry_After="17")
    with pytest.raises(TryLater) as busy:
        await management.key_values.items(3, 0)
    assert busy.value.retry_after == 17


@pytest.fixture
def on_its_lane(lanes: Lanes) -> Callable[[int], Management]:
    """Return a maker of an account that is asked at a port, with the announcements on their own lane."""

    def make(port: int) -> Management:
        url = f"http://127.0.0.1:{port}/platform_api"
        return Management(url, ApiKey(1, KEY), lanes.platform, read_timeout=HANGS_S, announcements=lanes.announcements)

    return make


async def test_reading_keeps_its_connections(on_its_lane: Callable[[int], Management], lanes: Lanes) -> None:
    """Pages are asked for on kept connections; one that the server closed under a request costs no page."""
    async with KeepingServer().listening() as keeping:
        management = on_its_lane(keeping.port)
        for _ in range(5):
            await management.key_values.items(3, 0)
        assert (keeping.connections, len(keeping.requests)) == (1, 5)
        keeping.hangs_up = True
        assert (await management.key_values.items(3, 0)).is_last
        assert (keeping.connections, len(keeping.requests)) == (2, 7)
        with pytest.raises(NotUnderstood):  # a start is never sent twice, and never on a used connection
            await management.account()
        assert (keeping.connections, len(keeping.requests)) == (3, 8)
        await lanes.aclose()
        await keeping.all_closed()


async def test_starts_do_not_wait_behind_reading(
    on_its_lane: Callable[[int], Management], server: Any, lanes: Lanes
) -> None:
    """Four hanging pages hold up the fifth, and no other question to the platform."""
    server.hangs()
    management = on_its_lane(server.port)
    pages = [asyncio.create_task(management.key_values.items(3, 0)) for _ in range(5)]
    await server.seen(4)
    assert (lanes.announcements.in_flight, lanes.announcements.waiting) == (4, 1)
    server.says(200, {"result": 1})
    with pytest.raises(NotUnderstood):
        await management.account()
    assert len(server.requests) >= 5
    for page in pages[:4]:
        with pytest.raises(TimedOut):
            await page
    with pytest.raises(NotUnderstood):
        await pages[4]


async def test_an_answer_that_breaks_off_is_an_error(on_its_lane: Callable[[int], Management], server: Any) -> None:
    """Half an answer is no page."""
    server.writes(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"result":[')
    with pytest.raises(ConnectionBroken):
        await on_its_lane(server.port).key_values.items(3, 0)
