"""The platform's own uploader (voxengine-ci 28.0.0), as it was recorded: its calls, their order, and its way in.

It knows no other host than api.voximplant.com, so it comes as to a proxy: over TLS under that name, with a whole URL as
the request's target, and with its parameters as multipart fields. It sends some of them empty, and names and ids of
the same thing together. What is asserted is what it reads in the answers.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest

if TYPE_CHECKING:
    from bot.sandbox._certificates import Certificates
    from tests.sandbox.judge.conftest import Judge

URL = "https://api.voximplant.com/platform_api"
DEMO = "demo.sandbox.voximplant.com"
Row = dict[str, Any]


@dataclass(frozen=True)
class Uploader:
    """A connection for each call, as the recorded one makes them."""

    judge: Judge
    tls: ssl.SSLContext

    async def call(self, cmd: str, **parameters: object) -> Row:
        """Make a call; its JSON."""
        fields: dict[str, tuple[None, str]] = {name: (None, str(value)) for name, value in parameters.items()}
        request = httpx.Request("POST", URL, files={"cmd": (None, cmd), **fields})
        body = request.read()
        head = (
            f"POST {URL} HTTP/1.1\r\nHost: api.voximplant.com\r\nConnection: close\r\n"
            f"Authorization: Bearer {self._token()}\r\nContent-Type: {request.headers['Content-Type']}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        port = urlsplit(self.judge.platform.api_url).port
        async with asyncio.timeout(20):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=self.tls, server_hostname="api.voximplant.com"
            )
            writer.write(head.encode("ascii") + body)
            answer = await reader.read()
            writer.close()
        status, _, content = answer.partition(b"\r\n\r\n")
        assert status.startswith(b"HTTP/1.1 200 ")
        parsed: Row = json.loads(content)
        return parsed

    async def all_of(self, cmd: str, **parameters: object) -> list[Row]:
        """Ask for a list twice, as it does: for the length first."""
        first = await self.call(cmd, **parameters)
        rows: list[Row] = (await self.call(cmd, **parameters, count=first["total_count"]))["result"]
        return rows

    async def rules(self, application: Row) -> list[Row]:
        """Ask for an application's rules, by id and full name together."""
        named = {key: application[key] for key in ("application_id", "application_name")}
        first = await self.call("GetRules", **named)
        if first["total_count"] == 0:
            return []
        rows = await self.call("GetRules", **named, with_scenarios="true", count=first["total_count"])
        found: list[Row] = rows["result"]
        return found

    async def application(self, name: str) -> Row | None:
        """Find an application by the full name, which it makes of the account's."""
        account = (await self.call("GetAccountInfo"))["result"]["account_name"]
        for row in await self.all_of("GetApplications"):
            if row["application_name"] == f"{name}.{account}.voximplant.com":
                return row
        return None

    async def scenario(self, name: str) -> Row | None:
        """Look for a scenario by name with its source, which comes only when it is asked for by id."""
        for row in (await self.call("GetScenarios", scenario_name=name, with_script="true"))["result"]:
            if row["scenario_name"] == name:
                asked = await self.call("GetScenarios", scenario_id=row["scenario_id"], with_script="true")
                (found,) = asked["result"]
                scenario: Row = found
                return scenario
        return None

    async def new_scenario(self, name: str, source: str) -> int:
        """Add a scenario after having looked twice that there is none."""
        assert await self.scenario(name) is None
        assert (await self.call("GetScenarios", scenario_name=name))["result"] == []
        added = await self.call("AddScenario", scenario_name=name, scenario_script=source)
        assert added["result"] == 1
        found = await self.scenario(name)
        assert found is not None
        assert (found["scenario_id"], found["scenario_script"]) == (added["scenario_id"], source)
        scenario_id: int = added["scenario_id"]
        return scenario_id

    async def new_rule(self, application: Row, name: str, pattern: str, scenarios: list[int]) -> int:
        """Add a rule; the names beside the ids are empty."""
        added = await self.call(
            "AddRule",
            application_id=application["application_id"],
            application_name="",
            rule_name=name,
            rule_pattern=pattern,
            scenario_name="",
            scenario_id=";".join(map(str, scenarios)),
        )
        assert added["result"] == 1
        rule_id: int = added["rule_id"]
        return rule_id

    def _token(self) -> str:
        account = self.judge.platform.account.service_account()
        claims = {"iat": int(time.time()) - 5, "iss": account["account_id"], "exp": int(time.time()) + 64}
        key, headers = str(account["private_key"]), {"kid": str(account["key_id"])}
        return jwt.PyJWS().encode(json.dumps(claims).encode(), key, "RS256", headers)  # `iss` is a number


@pytest.fixture
def uploader(judge: Judge, certificates: Certificates) -> Uploader:
    """Trust the sandbox, and nobody else."""
    return Uploader(judge, ssl.create_default_context(cadata=certificates.ca_pem.decode("ascii")))


async def test_init_reads_the_whole_account(uploader: Uploader) -> None:
    """Every scenario comes with its source, every application with its full name and rules with their scenarios."""
    listed = await uploader.all_of("GetScenarios")
    for row in listed:
        asked = await uploader.call("GetScenarios", scenario_id=row["scenario_id"], with_script="true")
        assert "VoxEngine" in asked["result"][0]["scenario_script"]
    (application,) = await uploader.all_of("GetApplications")
    assert application["application_name"] == DEMO
    names = [scenario["scenario_name"] for rule in await uploader.rules(application) for scenario in rule["scenarios"]]
    assert names == [row["scenario_name"] for row in listed]


async def test_an_upload_deploys_new_scenarios_and_their_rule(uploader: Uploader) -> None:
    """Two new scenarios and a new rule with them: the rule can be started, and runs them in order."""
    application = await uploader.application("demo")
    assert application is not None
    sources = {"guard": "Logger.write('guard');\n", "welcome": "Logger.write('welcome');\nVoxEngine.terminate();\n"}
    scenarios = [await uploader.new_scenario(name, source) for name, source in sources.items()]
    assert "welcome" not in [rule["rule_name"] for rule in await uploader.rules(application)]
    rule_id = await uploader.new_rule(application, "welcome", "7495.*", scenarios)
    *_, rule = await uploader.rules(application)
    assert (rule["rule_name"], rule["rule_pattern"]) == ("welcome", "7495.*")
    started = await uploader.judge.ask(uploader.judge.api.start_scenarios, rule_id=rule_id)
    session = uploader.judge.platform.sessions[started["call_session_history_id"]]
    await session.closed()
    assert [line.rpartition(" ")[2] for line in session.log if line.endswith(("guard", "welcome"))] == [*sources]


async def test_an_upload_changes_a_scenario_and_a_rule(uploader: Uploader) -> None:
    """A source, a pattern and the list of a rule's scenarios are changed, by ids and names together."""
    application = await uploader.application("demo")
    assert application is not None
    guard, welcome = await uploader.new_scenario("guard", "1"), await uploader.new_scenario("welcome", "2")
    rule_id = await uploader.new_rule(application, "welcome", "7495.*", [guard, welcome])
    updated = await uploader.call(
        "SetScenarioInfo", scenario_id=welcome, required_scenario_name="welcome", scenario_script="3"
    )
    assert updated["result"] == 1
    assert (await uploader.call("SetRuleInfo", rule_id=rule_id, rule_pattern=".*"))["result"] == 1
    both = {"rule_id": rule_id, "rule_name": "welcome", "application_name": DEMO}
    both["application_id"] = application["application_id"]
    for scenario_id, name, bind in ((guard, "guard", "false"), (welcome, "welcome", "true")):
        bound = await uploader.call("BindScenario", scenario_id=scenario_id, scenario_name=name, bind=bind, **both)
        assert bound["result"] == 1
    *_, rule = await uploader.rules(application)
    assert [scenario["scenario_name"] for scenario in rule["scenarios"]] == ["welcome"]
    assert rule["rule_pattern"] == ".*"
    found = await uploader.scenario("welcome")
    assert found is not None
    assert found["scenario_script"] == "3"


async def test_an_upload_deploys_a_new_application(uploader: Uploader) -> None:
    """An application is added under its full name, gets a rule, and its rules are put in order."""
    assert await uploader.application("sales") is None
    added = await uploader.call("AddApplication", application_name="sales.sandbox.voximplant.com")
    application = {"application_id": added["application_id"], "application_name": "sales.sandbox.voximplant.com"}
    assert await uploader.rules(application) == []
    scenarios = [(await uploader.call("GetScenarios", count=1))["result"][0]["scenario_id"]]
    refused = await uploader.call(
        "AddRule",
        application_id=application["application_id"],
        application_name="",
        rule_name="r",
        rule_pattern=".*",
        scenario_name="",
        scenario_id=scenarios[0],
    )
    assert refused["error"]["code"] == 132  # it is of the application "demo", and not shared
    shared = await uploader.new_scenario("shared", "//")
    one, two = [await uploader.new_rule(application, name, ".*", [shared]) for name in ("one", "two")]
    assert (await uploader.call("ReorderRules", rule_id=f"{two};{one}"))["result"] == 1
    assert [rule["rule_id"] for rule in await uploader.rules(application)] == [two, one]
