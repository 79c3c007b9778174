"""Scenario files on the page: they become a rule, whose verdict stands beside it, whatever is in them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.sandbox import Certificates
from bot.sandbox.page import Page, PageOptions, ScenarioCheck, ScenarioFile
from bot.sandbox.page._scenarios import Scenarios
from bot.sandbox.slack import LocalSlack, SlackOptions
from bot.sandbox.voximplant import Platform

GUARD = "Logger.write('guard');"
LIMIT_S = 20


class Tab:
    """A tab of the page, over real HTTP and a websocket."""

    def __init__(self, page: Page, platform: Platform, http: aiohttp.ClientSession) -> None:
        self.platform = platform
        self._page = page
        self._http = http
        self._origin = page.url.rstrip("/")

    async def post(self, name: str, **body: object) -> tuple[int, dict[str, Any]]:
        """Do something to the world; return the status and the answer."""
        url = f"{self._page.url}world/{name}"
        async with self._http.post(url, json=body, headers={"Origin": self._origin}) as response:
            return response.status, await response.json()

    async def drop(self, *files: tuple[str, str], **more: object) -> dict[str, Any]:
        """Drop files onto the page; return the answer."""
        status, answer = await self.post("scenarios", files=[{"name": n, "source": s} for n, s in files], **more)
        assert status == 200
        return answer

    async def rule(self, rule_id: int, *, checking: bool = False) -> dict[str, Any]:
        """Wait for the rule as a new tab sees it, in this state; return it."""
        async with (
            asyncio.timeout(LIMIT_S),
            self._http.ws_connect(f"{self._page.url}live", headers={"Origin": self._origin}) as live,
        ):
            while True:
                frame = await live.receive_json()
                found = [each for each in frame.get("rules", ()) if each["id"] == rule_id]
                if frame["type"] == "scenarios" and found and found[0]["checking"] is checking:
                    return dict(found[0])


@asynccontextmanager
async def tab(check: ScenarioCheck | None = None) -> AsyncIterator[Tab]:
    """Open a world with this check, and a tab of its page."""
    async with (
        Platform(Certificates()) as platform,
        LocalSlack(SlackOptions()) as slack,
        aiohttp.ClientSession() as http,
    ):
        slack.channel("night-shift", members=[slack.person("ann")])
        async with Page(slack, platform, PageOptions(check=check)) as page:
            yield Tab(page, platform, http)


async def good(files: Sequence[ScenarioFile]) -> str:
    """Return a verdict that names what was checked."""
    return f"stops: {', '.join(each.name for each in files)}"


async def test_dropped_files_are_one_rule_with_its_verdict() -> None:
    """The rule has the files' scenarios in their order, the line that starts it, and then the check's word."""
    async with tab(good) as page:
        answer = await page.drop(("my call.voxengine.js", GUARD), ("guard.js", GUARD))
        assert (answer["ok"], answer["line"], answer["check"]) == (True, "/session start my-call", "pending")
        shown = await page.rule(answer["rule"])
        assert (shown["name"], shown["scenarios"]) == ("my-call", ["my-call", "guard"])
        assert (shown["verdict"], shown["yours"]) == ("stops: my-call, guard", True)
        session = page.platform.start(page.platform.account.rules[-1])
        assert session.custom_data == ""


async def test_the_same_name_twice_is_another_rule() -> None:
    """A name that is taken gets a number, and one that is a number a word; a rule that is there stays as it is."""
    async with tab() as page:
        names = ["stuck.js", "stuck.js", "2024.js", "v.js"]
        lines = [(await page.drop((name, GUARD)))["line"].removeprefix("/session start ") for name in names]
        assert lines == ["stuck-2", "stuck-3", "scenario-2024", "v"]
        assert (await page.drop(("v.js", GUARD), rule="my call"))["line"] == '/session start "my call"'


async def test_a_rule_whose_name_cannot_be_typed_is_started_by_its_number() -> None:
    """So is one of several that are called the same; other clients of the account may have made them."""
    async with tab() as page:
        account = page.platform.account
        made = [
            account.add_rule(account.applications[0], name, GUARD) for name in ('a "b"', "a\nb", "7", "twin", "twin")
        ]
        for rule in made:
            assert (await page.rule(rule.rule_id))["line"] == f"/session start {rule.rule_id}"


async def test_without_a_check_nothing_is_said_to_be_checked() -> None:
    """A sandbox that is served without a bot adds the rule, and says that it has no check."""
    async with tab() as page:
        answer = await page.drop(("v.js", GUARD))
        assert answer["check"] == "none"
        assert (await page.rule(answer["rule"]))["verdict"] is None
        _, refused = await page.post("check", rule=answer["rule"])
        assert "without the bot's check" in refused["problem"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("let a = 1;\nlet b = ;\n", "<b>.js does not parse: unexpected token in expression: ';' at line 2, column 9"),
        ("\0\1", "<b>.js is no text: it holds a NUL byte."),
        ("/" * 131_072, "<b>.js has 131,072 bytes, and the platform takes less than 131,072."),
        ("(" * 60_000, "<b>.js does not parse: it is nested too deeply."),
    ],
    ids=["mistake", "binary", "too large", "too deep"],
)
async def test_a_file_that_is_no_scenario_adds_nothing(source: str, says: str) -> None:
    """One sentence names the file and the line of the mistake; no part of the rule is there."""
    async with tab(good) as page:
        before = len(page.platform.account.rules), len(page.platform.account.scenarios)
        answer = await page.drop(("fine.js", GUARD), ("<b>.js", source))
        assert not answer["ok"]
        assert answer["problem"].startswith(says)
        assert (len(page.platform.account.rules), len(page.platform.account.scenarios)) == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"files": []},
        {"files": "x"},
        {"files": [1]},
        {"files": [{"name": "a.js"}]},
        {"files": [{"name": "", "source": ""}]},
    ],
    ids=str,
)
async def test_what_no_page_would_send_is_refused(body: dict[str, object]) -> None:
    """A request without files as the page sends them is answered with 400, and adds nothing."""
    async with tab() as page:
        before = list(page.platform.account.rules)
        status, answer = await page.post("scenarios", **body)
        assert (status, answer["ok"]) == (400, False)
        assert page.platform.account.rules == before


async def test_checks_come_one_after_another_and_each_ends() -> None:
    """Only one check runs at a time; one that fails costs its own verdict alone, and can be asked for again."""
    running: list[str] = []
    most = 0
    fails = True

    async def check(files: Sequence[ScenarioFile]) -> str:
        nonlocal most
        running.append(files[0].name)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.pop()
        if fails and files[0].name == "bad":
            raise OSError
        return f"stops: {files[0].name}"

    async with tab(check) as page:
        rules = [(await page.drop((f"{name}.js", GUARD)))["rule"] for name in ("bad", "one", "two")]
        verdicts = [(await page.rule(rule))["verdict"] for rule in rules]
        assert verdicts == [
            "Not known: the check itself failed, and the log has the error.",
            "stops: one",
            "stops: two",
        ]
        fails = False
        assert (await page.post("check", rule=rules[0]))[1]["ok"]
        assert (await page.rule(rules[0]))["verdict"] == "stops: bad"
        assert (await page.post("check", rule=999))[1]["problem"] == "There is no such rule any more."
    assert most == 1


async def test_a_check_that_never_ends_is_ended() -> None:
    """After its time the verdict says that it is not known, and the next rule is checked."""

    async def check(files: Sequence[ScenarioFile]) -> str:
        if files[0].name == "endless":
            await asyncio.Event().wait()
        return "stops: at once"

    async with Platform(Certificates()) as platform, LocalSlack(SlackOptions()) as slack:
        scenarios = Scenarios(platform, PageOptions(check=check), check_s=0.01)
        add = scenarios.routes()["scenarios"]
        for name in ("endless.js", "quick.js"):
            await add(None, {"files": [{"name": name, "source": GUARD}]})

        def verdicts() -> list[str]:
            (frame,) = scenarios.frames(slack.person("ann"))
            return [rule["verdict"] for rule in frame["rules"] if rule["yours"] and not rule["checking"]]

        working = asyncio.create_task(scenarios.run())
        await scenarios.changes.until(lambda: len(verdicts()) == 2, LIMIT_S)
        working.cancel()
        assert verdicts() == ["stops: at once", "Not known: the check took longer than 0 s, and was ended."]


async def test_half_a_character_is_replaced() -> None:
    """JSON can hold half a character, which no file and no engine takes: in a name and in a source it is replaced."""
    async with tab() as page:
        answer = await page.drop(("a\ud800.js", "// \ud800"), rule="mine")
        assert (answer["ok"], answer["line"]) == (True, "/session start mine")
        (made,) = [rule for rule in page.platform.account.rules if rule.rule_name == "mine"]
        assert page.platform.account.scenarios_of(made)[0].source == "// \N{REPLACEMENT CHARACTER}"
