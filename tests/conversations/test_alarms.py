"""Alarms: the fact in the first line, whom it calls, the buttons before the details, and over when it is over."""

import re

import pytest

from bot.sandbox.slack import Message
from bot.sandbox.voximplant._faults import Edit

from .conftest import MakeWorld, World

QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "20"}
ON_CALL = """
[rules.stuck]
id = 1002
max = "1h"
notify = ["S0RESPOND"]
runbook = "https://wiki.example.com/stuck"
"""


def elsewhere(answer: dict[str, object]) -> dict[str, object]:
    """Lead the URLs of a start to where the bot may not go."""
    return {
        key: str(value).replace("127.0.0.1", "127.0.0.2") if "url" in key else value for key, value in answer.items()
    }


def first_line(message: Message) -> str:
    """Return what notifications show of a message."""
    return message.text.split("\n", maxsplit=1)[0]


async def test_an_alarm_says_first_what_is_wrong_and_what_can_be_done(make_world: MakeWorld) -> None:
    """The fact and whom it calls stand in line one, the buttons under it, and then the details."""
    async with make_world(environ=QUICK, config=ON_CALL) as world:
        await world.started("stuck")
        await world.says(world.bob, "stop 1 it hangs", expect="Not confirmed")
        alarm = await world.replied("Stop not confirmed")
        calls = f"<!subteam^S0RESPOND> <@{world.bob.id}>"
        assert first_line(alarm).startswith("Stop not confirmed: #1 stuck may still run, and bill.")
        assert first_line(alarm).endswith(calls)
        kinds = [block["type"] for block in alarm.blocks]
        assert kinds == ["section", "actions", "section"]
        assert "Runbook" in str(alarm.blocks[2])


async def test_an_alarm_is_over_when_its_session_is(make_world: MakeWorld) -> None:
    """After the end the first line of each alarm says *over*; no post tells an age that would stand there for ever."""
    async with make_world(environ=QUICK, config=ON_CALL) as world:
        await world.started("stuck")
        world.clock.jump(3_700)
        await world.says(world.bob, "refresh 1", expect="#1 stuck")
        await world.replied("Over its limit")
        await world.replied("Stop not confirmed")
        for session in world.platform.sessions.values():
            session.end()
        await world.replied("The alarm is over.")
        for word in ("Over its limit", "Stop not confirmed"):
            alarm = await world.replied(f"Said before: {word}")
            assert first_line(alarm) == "Over: #1 stuck ended (Terminated administratively)."
            assert not alarm.buttons()
        posted = [*world.ops.messages, *world.replies()]
        assert not [each.text for each in posted if re.search(r"\bago\b", each.text)]


@pytest.mark.parametrize(
    ("config", "called"), [(ON_CALL, "<!subteam^S0RESPOND>"), (ON_CALL.replace("notify", "#"), "<@{}>")]
)
async def test_a_stop_of_the_bots_own_that_fails_calls_somebody(
    make_world: MakeWorld, config: str, called: str
) -> None:
    """The stop of a session over its limit that cannot be sent calls whom the rule names, else the starter."""
    async with make_world(config=config) as world:
        world.platform.faults.management("StartScenarios", Edit(elsewhere))
        await world.started("stuck")
        world.clock.jump(3_700)
        await world.says(world.bob, "refresh 1", expect="#1 stuck")
        alarm = await world.replied("Stop not sent")
        assert first_line(alarm).startswith("Stop not sent: #1 stuck may still run, and bill.")
        assert called.format(world.ann.id) in first_line(alarm)
        assert "Stop by the bot: over its limit of 1 h" in alarm.text


async def test_what_happens_later_hides_no_alarm_from_the_card(make_world: MakeWorld) -> None:
    """Whatever is done to a session after its stop was not confirmed, its card goes on saying so, and since when."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.says(world.bob, "stop 1", expect="Not confirmed")
        await world.says(world.ann, 'send 1 {"a": 1}', expect="Delivered to #1")
        card = await world.shows("Last: ann sent 8 bytes")
        assert "Stop not confirmed, <!date^" in card.text
        assert "it may still run. The history says that it still runs." in card.text


async def test_a_session_without_a_number_goes_on_saying_so(world: World) -> None:
    """That its end cannot be confirmed yet stands on the card, not only in what happened last."""
    world.platform.faults.management("StartScenarios", Edit(without_number))
    await world.started("stuck")
    await world.says(world.ann, 'send 1 {"a": 1}', expect="Delivered to #1")
    assert "no number at the platform yet" in (await world.shows("Last: ann sent")).text


def without_number(answer: dict[str, object]) -> dict[str, object]:
    """Remove its number from the answer to a start, and hide it from those who look for it."""
    return {key: value for key, value in answer.items() if key != "call_session_history_id"}
