"""The session URLs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from yarl import URL

from bot.sandbox.voximplant import PlatformOptions, ScenarioSession

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller, OpenPlatform

ECHO = "VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => JSON.stringify(e));"


async def test_a_request_raises_http_request_with_its_documented_fields(caller: Caller) -> None:
    """The scenario sees method, path, content and, of the headers, only those that start with X-."""
    started = await caller.run(ECHO)
    headers = {"X-Request-Id": "r1", "Authorization": "none", "Content-Type": "application/json"}
    answer = await caller.send(started.url, '{"text": "é😀"}'.encode(), headers)
    assert json.loads(answer.text) == {
        "method": "POST",
        "path": re.sub(r"^https://[^/]+", "", started.url),
        "content": '{"text": "é😀"}',
        "headers": [{"key": "X-Request-Id", "value": "r1"}],
    }


async def test_both_urls_lead_to_the_same_session(caller: Caller) -> None:
    """The plain URL has the path of the secure one, and any HTTP method is passed on."""
    started = await caller.run(ECHO)
    assert started.plain_url.split("/", 3)[3] == started.url.split("/", 3)[3]
    async with caller.http.put(started.plain_url, data=b"x") as response:
        assert (await response.json(content_type=None))["method"] == "PUT"


@pytest.mark.parametrize("suffix", ["/", "/hangup", "/a/b%20c?now=1&again=%D7%90", "?command=stop", "?"])
async def test_what_follows_the_url_arrives_in_path(caller: Caller, suffix: str) -> None:
    """A suffix and a query reach the scenario as they were sent, by any method, and are no other session's."""
    started = await caller.run(ECHO)
    for method in ("GET", "DELETE", "PURGE"):
        url = URL(started.url + suffix, encoded=True)
        async with caller.http.request(method, url) as response:
            fields = await response.json(content_type=None)
        assert fields["path"] == re.sub(r"^https://[^/]+", "", started.url) + suffix.removesuffix("?")
        assert fields["method"] == method


@pytest.mark.parametrize(
    ("returned", "text"),
    [
        ('"as it is \\u{1F600}"', "as it is 😀"),
        ("7", "7"),
        ("-0.5", "-0.5"),
        ("true", "true"),
        ("({ a: [1, 'b'] })", '{"a":[1,"b"]}'),
        ("[]", "[]"),
        ("null", "null"),
        ("undefined", ""),
        ("() => 1", ""),
        ("Promise.resolve(1)", ""),
        ("(() => { const o = {}; o.o = o; return o })()", ""),
    ],
)
async def test_an_answer_is_text_or_a_number_as_it_is_and_else_json(caller: Caller, returned: str, text: str) -> None:
    """What a handler returns is sent as documented; a promise, and what JSON cannot hold, is no answer."""
    started = await caller.run(f"VoxEngine.addEventListener(AppEvents.HttpRequest, () => {returned});")
    assert (await caller.send(started.url, b"")).text == text


async def test_the_first_handler_that_returns_something_answers(caller: Caller) -> None:
    """All handlers of a request are called, in their order."""
    started = await caller.run("""
        let called = "";
        for (const value of [undefined, "one", "two"])
          VoxEngine.addEventListener(AppEvents.HttpRequest, () => { called += String(value)[0]; return value; });
        VoxEngine.addEventListener(AppEvents.HttpRequest, () => Logger.write(called));
    """)
    assert (await caller.send(started.url, b"")).text == "one"
    assert started.session.log == ["uot"]


async def test_session_urls_look_like_the_real_ones(caller: Caller) -> None:
    """The path is /request/<16 hex>.<unix time>.<number>_<address>/<16 hex>, different for every session."""
    one, other = await caller.run(ECHO), await caller.run(ECHO)
    form = r"https://127\.0\.0\.1:\d+/request/[0-9A-F]{16}\.\d+\.\d+_127\.0\.0\.1/[0-9A-F]{16}"
    assert re.fullmatch(form, one.url)
    assert one.url != other.url


async def test_a_scenario_without_a_handler_answers_200_too(caller: Caller) -> None:
    """A 2xx means delivered, not applied: a session that listens to nothing answers 200, with no body."""
    started = await caller.run("// listens to nothing")
    answer = await caller.send(started.url, b"{}")
    assert (answer.status, answer.text) == (200, "")


async def test_what_a_handler_returns_is_not_sent_unless_asked_for(open_platform: OpenPlatform) -> None:
    """As reported of the platform, a request is answered by an empty 200, whatever the handler returns."""
    caller = await open_platform(PlatformOptions())
    started = await caller.run(ECHO)
    answer = await caller.send(started.url, b'{"a": 1}')
    assert (answer.status, answer.text) == (200, "")
    assert [each.body for each in caller.platform.deliveries] == [b'{"a": 1}']


async def test_after_the_end_the_url_is_404(caller: Caller) -> None:
    """A session that is over answers 404, and so does a path that never was one."""
    started = await caller.run("VoxEngine.terminate()")
    await started.session.closed()
    assert (await caller.send(started.url, b"{}")).status == 404
    assert (await caller.send(started.url + "0", b"{}")).status == 404


async def test_a_request_that_waits_when_the_session_ends_is_404(caller: Caller) -> None:
    """A request whose turn never comes was not delivered, and its sender is told so."""
    started = await caller.run("VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.terminate())")
    assert (await caller.send(started.url, b"{}")).status == 404


async def test_deliveries_are_seen(caller: Caller) -> None:
    """What reached a session's URL can be looked at byte for byte, also when it came too late."""
    started = await caller.run("VoxEngine.addEventListener(AppEvents.HttpRequest, () => VoxEngine.terminate())")
    await caller.send(started.url, b'{"a":  1}', {"X-Request-Id": "r1"})
    await caller.send(started.url, b"late")
    first, late = caller.platform.deliveries
    assert (first.history_id, first.http_method, first.body) == (
        started.session.history_id,
        "POST",
        b'{"a":  1}',
    )
    assert first.headers == {"X-Request-Id": "r1"}
    assert late.body == b"late"


async def test_no_repr_shows_a_session_url(caller: Caller) -> None:
    """The session, its facts and what was recorded name no URL when they are printed."""
    started = await caller.start(1001)
    await caller.send(started.url, b"{}")
    platform = caller.platform
    session: ScenarioSession = started.session
    shown = repr([platform, session, session._facts, session.__dict__, platform.requests, platform.deliveries])
    assert "/request/" not in shown
    assert platform.account.api_key not in shown
