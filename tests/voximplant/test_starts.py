"""What StartScenarios answers: whatever else is in it, a session's URL is taken out of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.voximplant import _answers as answers
from bot.voximplant._management import Management
from bot.voximplant.errors import NotUnderstood, NoUrlGiven, PlatformFault, UnknownRule

SECURE = "https://1.2.3.4:12092/request/AF30CCA6.1580999958.1204800_185.164.149.16/90AB5D84"
PLAIN = "http://1.2.3.4:12092/request/AF30CCA6.1580999958.1204800_185.164.149.16/90AB5D84"
URLS = {"media_session_access_secure_url": SECURE, "media_session_access_url": PLAIN}
OTHERS = ("result", "call_session_history_id", "error", "errors", "warnings", "media_session_check_url", "count")

numbers = st.integers() | st.sampled_from([0, -1, 2**63 - 1, 2**63, 2**64, 10**400]) | st.floats()
odd = st.recursive(
    st.none() | st.booleans() | numbers | st.text() | st.just("\ud800") | st.just("\0"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
errors = st.fixed_dictionaries({"code": odd, "msg": odd})


def urls(started: answers.Started) -> tuple[str | None, str | None]:
    """Return both URLs as texts."""
    secure, plain = started.urls.secure, started.urls.plain
    return secure.reveal() if secure else None, plain.reveal() if plain else None


@given(st.dictionaries(st.sampled_from(OTHERS), odd | errors), st.integers(0, 1))
def test_nothing_beside_a_url_loses_it(others: dict[str, Any], first: int) -> None:
    """Whatever stands beside them, before or after, both URLs are read, and a number only if it can be kept."""
    both = [others, URLS]
    started = answers.started(json.dumps({**both[first], **both[1 - first]}).encode())
    assert urls(started) == (SECURE, PLAIN)
    assert started.history_id is None or 0 < started.history_id < 2**63
    assert len("".join(started.warnings)) < 5_000


def test_an_answer_that_is_cut_off_gives_what_is_whole() -> None:
    """Wherever an answer breaks off, each URL and number whose end is there is read, and no half of one."""
    body = json.dumps({**URLS, "call_session_history_id": 4202753936, "result": 1}).encode()
    ends = {each: body.index(each.encode()) + len(each) for each in (SECURE, PLAIN, "4202753936")}
    for cut in range(len(body) + 1):
        started = answers.started(body[:cut])
        whole = [each if ends[each] < cut else None for each in ends]
        assert [*urls(started), started.history_id and str(started.history_id)] == whole, cut


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("4202753936", 4202753936),
        ('"4202753936"', 4202753936),
        ('" 4202753936 "', 4202753936),
        ("4202753936.0", 4202753936),
        (f"{2**63 - 1}", 2**63 - 1),
        (f"{2**63}", None),
        (f'"{2**63}"', None),
        ("0", None),
        ("-1", None),
        ('"-1"', None),
        ("true", None),
        ("1.5", None),
        ("Infinity", None),
        ("NaN", None),
        ("1" + "0" * 5_000, None),
        ("1e400", None),
        ("1e99999999999999999999", None),
        ('"1e3"', None),
        ('"²"', None),
        ("[1]", None),
        ("null", None),
    ],
    ids=lambda value: str(value)[:25],
)
def test_a_number_is_read_if_it_can_be_kept(said: str, read: int | None) -> None:
    """A history id may come as text; out of 64 bits, 0 or negative it is none, and the session runs all the same."""
    body = json.dumps(URLS)[:-1] + f', "call_session_history_id": {said}}}'
    started = answers.started(body.encode())
    assert (started.history_id, *urls(started)) == (read, SECURE, PLAIN)


@pytest.mark.parametrize(
    "answer",
    [
        URLS | {"error": None},
        URLS | {"error": {"code": 147, "msg": "No such rule."}},
        URLS | {"error": "odd"},
        b"\xff\xfe bytes " + json.dumps(URLS).encode(),
        json.dumps(URLS).encode()[:-1] + b', "warnings": ["\xff\xfe"]}',
        json.dumps(URLS).encode()[:-1] + b', "depth": ' + b"[" * 50_000,
        json.dumps(URLS).encode()[:-1] + b', "much": 1e9999999999999999999}',
        json.dumps(URLS).replace("/", "\\/").encode()[:-1],
        "\ufeff" + json.dumps(URLS),
        json.dumps(URLS).encode("utf-16")[:-2],
        {"result": URLS},
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [200, 500, 429])
async def test_an_answer_with_a_url_is_a_session_however_it_comes(
    server: Any, management: Management, answer: Any, status: int
) -> None:
    """An error beside a URL, a status that is none of a success, broken JSON: the platform has named a session."""
    server.says(status, answer)
    assert urls(await management.start_scenarios(1, None)) == (SECURE, PLAIN)


@pytest.mark.parametrize("written", [f" {SECURE}\n", SECURE.replace("https", "HTTPS")])
def test_a_url_is_read_as_it_is_meant(written: str) -> None:
    """Blanks around a URL and capitals in its scheme cost nobody the way to the session."""
    body = json.dumps({"media_session_access_secure_url": written}).encode()
    assert urls(answers.started(body)) == (SECURE, None)


async def test_an_error_beside_a_url_is_told_as_a_warning(server: Any, management: Management) -> None:
    """What the platform says against a session that runs is not lost."""
    server.says(200, URLS | {"error": {"code": 1, "msg": "Half done."}, "warnings": ["Low balance.", 5]})
    assert (await management.start_scenarios(1, None)).warnings == ("Low balance.", "Half done.")


async def test_an_answer_that_breaks_off_after_the_url_is_a_session(server: Any, management: Management) -> None:
    """When the connection ends within the answer, what came of it counts."""
    server.resets(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + json.dumps(URLS).encode()[:-1])
    assert urls(await management.start_scenarios(1, None)) == (SECURE, PLAIN)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ({"code": "147", "msg": "bad rule_id"}, UnknownRule),
        ({"code": 147.0, "msg": None}, UnknownRule),
        ({"code": "2"}, PlatformFault),
        ({"code": 2**63, "msg": "odd"}, NotUnderstood),
        ({"code": -1}, NotUnderstood),
        ({"code": True}, NotUnderstood),
        (None, NoUrlGiven),
        ({}, NoUrlGiven),
    ],
    ids=str,
)
async def test_a_code_is_read_also_as_text(
    server: Any, management: Management, error: object, raised: type[Exception]
) -> None:
    """A refusal is known by its code, whatever its form; what has none that can be read is no refusal."""
    server.says(200, {"error": error})
    with pytest.raises(raised) as caught:
        await management.start_scenarios(1, None)
    assert type(caught.value) is raised


async def test_a_number_without_a_url_is_kept_for_the_search(
    server: Any, management: Management, told: Callable[[BaseException], str]
) -> None:
    """Without a URL the session may run: its number is kept, if it is one, and no URL of bad shape is shown."""
    for number, kept in (("9", 9), (2**63, None)):
        server.says(200, {"call_session_history_id": number, "media_session_access_url": "ftp" + SECURE})
        with pytest.raises(NoUrlGiven) as caught:
            await management.start_scenarios(1, None)
        assert caught.value.history_id == kept
        assert "AF30" not in told(caught.value)
