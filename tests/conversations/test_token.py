"""Slack takes the bot's token no more while the bot runs: its operator is told, with Slack's word."""

import logging

import aiohttp
import pytest

from bot.process._redaction import Redactor
from bot.sandbox.slack import Error
from bot.slack.api._error_codes import LOCKED

from .conftest import World

SURE = sorted(LOCKED - {"invalid_auth"})


async def ops(world: World, path: str) -> tuple[int, str]:
    """Ask an ops endpoint."""
    assert world.bot is not None
    url = f"http://127.0.0.1:{world.bot.ops_port}{path}"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return answer.status, await answer.text()


async def readiness(world: World, expected: int) -> str:
    """Wait until the bot is as ready as expected, and give what it says of Slack."""
    while True:
        status, says = await ops(world, "/readyz")
        if status == expected:
            return next(line for line in says.splitlines() if line.startswith("slack: "))
        await world.clock.sleep(1)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the errors that were logged, as the log shows them."""
    lines = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    return [Redactor().scrub(line) for line in lines]


async def test_a_revoked_token_is_said_aloud_while_nobody_types(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Not ready, one ERROR with Slack's word, and a metric; when Slack takes the token again, all is well."""
    assert await readiness(world, 200) == "slack: ok"
    world.slack.refuse_token("token_revoked")
    assert await readiness(world, 503) == "slack: Slack does not accept SLACK_BOT_TOKEN (token_revoked)"
    assert 'session_bot_slack_token_accepted{setting="SLACK_BOT_TOKEN"} 0.0' in (await ops(world, "/metrics"))[1]
    world.slack.refuse_token(None)
    assert await readiness(world, 200) == "slack: ok"
    assert 'session_bot_slack_token_accepted{setting="SLACK_BOT_TOKEN"} 1.0' in (await ops(world, "/metrics"))[1]
    (said,) = errors(caplog)
    assert "SLACK_BOT_TOKEN any more (token_revoked)" in said


async def test_each_word_for_a_refused_token_is_said(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever Slack's word is, a start says it and starts nothing, and the operator reads it once."""
    await world.says(world.ann, "list", expect="No session is open")
    for count, word in enumerate(SURE, 1):
        world.slack.refuse_token(word)
        await world.says(world.ann, f"start obedient {word}", expect=f"({word}), so nothing was started")
        assert await readiness(world, 503) == f"slack: Slack does not accept SLACK_BOT_TOKEN ({word})"
        assert [each for each in errors(caplog) if word in each] == errors(caplog)[count - 1 :]
        assert len(errors(caplog)) == count
        world.slack.refuse_token(None)
        world.clock.jump(100)
        await readiness(world, 200)


async def test_a_stop_goes_out_without_a_token(world: World) -> None:
    """A stop that is typed while Slack takes no token reaches its session, and its outcome is told later."""
    await world.started("obedient", world.bob)
    world.slack.refuse_token("token_revoked")
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")
    await readiness(world, 503)
    world.slack.refuse_token(None)
    await world.replied("Confirmed: #1 obedient ended")


async def test_invalid_auth_is_believed_the_second_time(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """`invalid_auth` was seen to pass: once says nothing, and again and again is a refused token."""
    await world.started("obedient")
    asked = sum(call.method == "auth.test" for call in world.slack.calls)
    world.slack.faults.add("chat.update", Error("invalid_auth"))
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")
    await world.slack.until(
        lambda: sum(call.method == "auth.test" for call in world.slack.calls) > asked, "Slack to be asked"
    )
    assert (await ops(world, "/readyz"))[0] == 200
    assert errors(caplog) == []
    world.slack.refuse_token("invalid_auth")
    assert await readiness(world, 503) == "slack: Slack does not accept SLACK_BOT_TOKEN (invalid_auth)"
    assert len(errors(caplog)) == 1


async def test_a_refused_app_token_is_said_aloud(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that cannot be renewed because of the app token is not ready, and one ERROR with the word."""
    world.slack.refuse_token("token_revoked", app=True)
    await world.slack.disconnect()
    assert await readiness(world, 503) == "slack: Slack does not accept SLACK_APP_TOKEN (token_revoked)"
    (said,) = errors(caplog)
    assert "SLACK_APP_TOKEN any more (token_revoked)" in said
