"""Every method of the Management API, asked with one odd parameter among good ones: it answers in its own form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import pytest

from bot.sandbox.voximplant import METHODS

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller

GOOD: Final = {
    "application_id": "4379001",
    "application_name": "demo",
    "conference_name": "daily",
    "from_date": "2026-01-01 00:00:00",
    "key": "ns:1",
    "rule_id": "1001",
    "rule_name": "obedient",
    "rule_pattern": ".*",
    "scenario_id": "5001",
    "scenario_name": "obedient",
    "secret_name": "key",
    "secret_value": "v",
    "to_date": "2026-01-02 00:00:00",
    "value": "v",
}
ODD: Final = ("", "all", "-1", "9" * 40, "1;1001;", "(é\x00\ud83d", "x" * 70_000)
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
STARTS: Final = {"StartScenarios", "StartConference"}  # each good call of these starts a session, which takes long


@pytest.mark.parametrize("method", sorted(METHODS.keys() - STARTS))
async def test_an_odd_parameter_is_answered(caller: Caller, method: str) -> None:
    """The answer is a result or a refusal with a code, never a fault of the server, and later calls still work."""
    parameters = sorted(METHODS[method].parameters)
    good = {name: GOOD[name] for name in parameters if name in GOOD}
    for name in parameters:
        for odd in ODD:
            form = caller.key | good | {name: odd}
            url = f"{caller.platform.api_url}/{method}"
            data = urlencode(form, errors="surrogatepass")
            async with caller.http.post(url, data=data, headers=FORM) as response:
                body = await response.json()
            assert response.status == 200, (name, odd[:20])
            assert ("result" in body) != ("error" in body)
            if "error" in body:
                assert isinstance(body["error"]["code"], int)
                assert body["error"]["msg"]
    assert "result" in await caller.call("GetAccountInfo")
