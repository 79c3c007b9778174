"""The response to one intent that was given twice."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from bot.dispatch._double_press import double_press_response, offers_again
from bot.dispatch._parsing import Parsed
from bot.ports import DoublePress, Request, Services, Via
from bot.text import plain
from bot.verbs import Start
from storage.command import Command, CommandState

NOW: Final = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)
PRESS: Final = DoublePress(within=timedelta(seconds=30), done="started", again="Start another")
SERVICES: Final = cast("Services", SimpleNamespace(clock=SimpleNamespace(age=lambda _: timedelta(seconds=7))))


@pytest.mark.parametrize(
    ("earlier", "press", "says"),
    [
        ({}, PRESS, "Already started #4, 7 s ago."),
        ({"actor": "U2"}, PRESS, "Already started #4, 7 s ago by @U2."),
        (
            {"state": CommandState.unknown},
            PRESS,
            "That was tried already for #4, 7 s ago, and its outcome is not known.",
        ),
        (
            {"state": CommandState.calling, "actor": "U2"},
            PRESS,
            "That is being done already for #4; it was typed 7 s ago by @U2.",
        ),
        ({"session": None}, PRESS, "That is being done already; it was typed 7 s ago."),
        ({}, None, "That is being done already for #4; it was typed 7 s ago."),
    ],
)
async def test_the_earlier_command_is_named(earlier: dict[str, Any], press: DoublePress | None, says: str) -> None:
    """What came of the earlier one, when and by another person's hand is said, and a button does it all the same."""
    values = {"session": 4, "actor": "U" + "1", "state": CommandState.done, "accepted_at": NOW, **earlier}
    twin = cast("Command", SimpleNamespace(**values))
    request = cast("Request", SimpleNamespace(actor="U1", via=Via.terminal))
    intent, verb = Start("obedient", None), cast("Any", SimpleNamespace(double_press=press))
    parsed = Parsed(name="start", verb=verb, intent=intent, problem=None, digest="d")
    response = await double_press_response(request, parsed, twin, SERVICES)
    assert plain(response.text) == f"{says} Nothing was done now."
    assert [(each.label, each.intent, each.again) for each in offers_again(parsed)] == (
        [("Start another", intent, True)] if press else []
    )
