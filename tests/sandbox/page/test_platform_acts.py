"""The other side on the page: sessions as they change, what is done to them, and nothing secret among it."""

import asyncio
import json
import ssl

import aiohttp
import pytest

from bot.sandbox.page._platform import LINES_MAX, shown
from bot.sandbox.page._session_urls import PLACEHOLDER
from bot.sandbox.voximplant import Origin, Platform
from tests.sandbox.page.world import CERTIFICATES, Frame, WorldTab, a_world

TELLING = """
    VoxEngine.callPSTN("+15550100", "+15550199");
    VoxEngine.addEventListener(AppEvents.Started, async (e) => {
      VoxEngine.customData("<script>alert(1)</script>");
      Logger.write(`secure ${e.accessSecureURL}?a=1 plain ${e.accessURL}`);
      Logger.write(JSON.stringify({ url: e.accessURL.split("/").join("\\\\/"), log: e.logURL }));
      Logger.write(encodeURIComponent(e.accessSecureURL));
      await ApplicationStorage.put(`mine:${e.sessionId}`, e.accessSecureURL, 600);
      await ApplicationStorage.put("other", "of all", 600);
    });
"""
FLOOD = """
    VoxEngine.callPSTN("+15550100", "+15550199");
    VoxEngine.addEventListener(AppEvents.Started, () => { for (let i = 1; i <= 3000; i++) Logger.write(`line ${i}`); });
"""


async def begin(tab: WorldTab, platform: Platform, source: str) -> Frame:
    """Start a session of a scenario from the back-end; return its first frame."""
    account = platform.account
    rule = account.add_rule(account.applications[0], f"rule {len(account.rules)}", source)
    answer = await tab.does("start", rule=rule.rule_name)
    return await tab.until("session", lambda _: True, answer["id"])


def secrets_of(platform: Platform, history_id: int) -> list[str]:
    """Return the parts of a session's URLs that nobody may see."""
    running = platform.started[history_id]
    return [*running.access_url.split("/")[-2:], running.log_url.rsplit("/", 1)[1]]


async def test_a_session_is_a_frame_that_follows_its_life() -> None:
    """A session started from the back-end has a frame with its rule, data and calls, and another one when it ends."""
    async with a_world() as (tab, _, _):
        answer = await tab.does("start", rule="obedient", data="order 7714")
        frame = await tab.until(
            "session", lambda each: each["calls"][:1] and each["calls"][0]["connected_at"], answer["id"]
        )
        assert (frame["rule"], frame["data"], frame["by"]) == ("obedient", "order 7714", "the back-end")
        assert (frame["state"], frame["hangs"]) == ("running", False)
        (call,) = frame["calls"]
        assert (call["number"], call["direction"], call["state"]) == ("+15550100", "out", "connected")
        await tab.does("end", id=answer["id"])
        ended = await tab.until("session", lambda each: each["state"] == "ended", answer["id"])
        assert ended["reason"] == "Terminated administratively"
        assert ended["ended_at"] >= ended["started_at"]
        assert ended["calls"][0]["state"] == "ended"


async def test_a_call_that_comes_in_names_its_caller() -> None:
    """A ring starts a session by a call, whose number says who started it."""
    async with a_world() as (tab, platform, _):
        answer = await tab.does("ring", rule="obedient", number="+15550161")
        frame = await tab.until("session", lambda _: True, answer["id"])
        assert frame["by"] == "a call from +15550161"
        assert platform.started[answer["id"]].origin is Origin.CALL


async def test_the_log_requests_and_stored_values_have_no_session_url() -> None:
    """A session's URL is replaced wherever its scenario wrote it: plain, escaped, encoded, logged or stored."""
    async with a_world() as (tab, platform, _):
        frame = await begin(tab, platform, TELLING)
        await tab.until("session", lambda each: each["lines"] == 3 and each["data"].startswith("<script>"), frame["id"])
        await tab.until("stored", lambda each: max(each["revisions"].values()) == 2)
        found = await tab.does("session", id=frame["id"])
        everything = json.dumps([found, list(tab.frames.values())])
        assert not [secret for secret in secrets_of(platform, frame["id"]) if secret in everything]
        assert found["log"][0]["text"] == f"secure {PLACEHOLDER}?a=1 plain {PLACEHOLDER}"
        assert [(pair["key"], pair["own"]) for pair in found["stored"]] == [
            (f"mine:{frame['id']}", True),
            ("other", False),
        ]


async def test_a_request_is_shown_with_its_answer() -> None:
    """A request to a session's URL has its body, the headers that the scenario sees, and its answer with its time."""
    async with a_world() as (tab, platform, _), aiohttp.ClientSession() as http:
        frame = await tab.does("start", rule="obedient")
        url = platform.started[frame["id"]].access_secure_url
        tls = ssl.create_default_context(cadata=CERTIFICATES.ca_pem.decode("ascii"))
        async with http.post(url, data=b'{"say": "\xff"}', headers={"X-Request-Id": "r1"}, ssl=tls) as response:
            assert response.status == 200
        await tab.until("session", lambda each: each["requests"] == 1, frame["id"])
        (request,) = (await tab.does("session", id=frame["id"]))["requests"]
        assert (request["method"], request["status"], request["body"]) == ("POST", 200, '{"say": "�"}')
        assert ["X-Request-Id", "r1"] in request["headers"]
        assert (request["answer"], request["ms"] >= 0) == ("", True)


async def test_a_flood_of_lines_is_few_frames() -> None:
    """Of three thousand lines at once the last are shown, and the tab gets a handful of frames for them."""
    async with a_world() as (tab, platform, _):
        frame = await begin(tab, platform, FLOOD)
        before = tab.received
        await tab.until("session", lambda each: each["lines"] == 3000, frame["id"])
        assert tab.received - before < 20
        found = await tab.does("session", id=frame["id"])
        assert [found["log"][0]["text"], found["log"][-1]["text"]] == ["line 2501", "line 3000"]
        assert (len(found["log"]), found["lines_before"]) == (LINES_MAX, 2500)


async def test_many_sessions_are_one_frame_each() -> None:
    """A tab gets each of many sessions, and then only those that change."""
    async with a_world() as (tab, platform, _):
        rule = platform.account.add_rule(platform.account.applications[0], "quiet", "1;")
        ids = [platform.start(rule, f"session {number}").history_id for number in range(40)]
        for history_id in ids:
            await tab.until("session", lambda _: True, history_id)
        before = tab.received
        await tab.does("end", id=ids[20])
        await tab.until("session", lambda each: each["state"] == "ended", ids[20])
        assert tab.received - before < 20


async def test_a_session_hangs_or_crashes() -> None:
    """Hanging stays to be seen, and nothing can crash in it; a crash ends the session as an error of its scenario."""
    async with a_world() as (tab, _, _):
        hanging, crashing = [(await tab.does("start", rule="stuck"))["id"] for _ in range(2)]
        await tab.does("hang", id=hanging)
        await tab.until("session", lambda each: each["hangs"], hanging)
        assert "hangs already" in await tab.refused("hang", id=hanging)
        assert "It can be ended" in await tab.refused("crash", id=hanging)
        await tab.does("crash", id=crashing)
        crashed = await tab.until("session", lambda each: each["state"] == "ended", crashing)
        assert crashed["reason"] == "JS session error"
        assert "has ended already" in await tab.refused("end", id=crashing)


async def test_what_cannot_be_started_is_told() -> None:
    """What a person may try in vain gets a sentence, and starts nothing."""
    async with a_world() as (tab, platform, _):
        assert "Nothing was started" in await tab.refused("ring", rule="no such rule")
        assert "60 characters at most" in await tab.refused("ring", rule="obedient", number="1" * 61)
        too_long = await tab.refused("start", rule="obedient", data="é" * 101)
        assert "has 202 bytes, and the platform takes 200" in too_long
        assert not platform.sessions


async def test_an_id_that_is_none_is_refused() -> None:
    """A request that a page would never send is answered with 400, whatever it holds in the place of an id."""
    async with a_world() as (tab, _, _):
        for act in ("session", "end", "hang", "crash"):
            answered = [(await tab.post(act, id=id_))[0] for id_ in (None, 7, "4202753936", True, 4202753936.5, [1])]
            assert set(answered) == {400}, act


@pytest.mark.parametrize(
    "text",
    [
        "https://127.0.0.1:4443/request/0123456789ABCDEF.1795730109.1_127.0.0.1/FEDCBA9876543210",
        "/request/0123456789abcdef.1795730109.1_127.0.0.1/fedcba9876543210",
        r"https:\/\/127.0.0.1:4443\/request\/0123456789ABCDEF.1795730109.12_127.0.0.1\/FEDCBA9876543210",
        "https%3A%2F%2F127.0.0.1%3A4443%2Frequest%2F0123456789ABCDEF.1795730109.1_127.0.0.1%2FFEDCBA9876543210",
        "https://127.0.0.1:4443/logs/0123456789abcdef0123456789abcdef",
    ],
)
def test_a_session_url_is_found_in_every_spelling(text: str) -> None:
    """The secret parts of a URL are gone, what stands around it is kept, and other addresses stay."""
    replaced = shown(f"before {text} after https://example.com/request/12", 1000)
    assert replaced == f"before {PLACEHOLDER} after https://example.com/request/12"


async def test_a_watcher_of_the_page_ends_with_it() -> None:
    """Leaving the page in the middle of a drill leaves no task behind."""
    async with a_world() as (tab, _, _):
        await tab.post("drill", act="start")
    assert len(asyncio.all_tasks()) == 1
