"""What a terminal takes, asks and answers: channels by their ids, questions with `--yes`, usage of its own."""

import json
import logging

import pytest

from bot.cli._exit_codes import ExitCode
from bot.cli.terminal._result import exit_code
from bot.cli.terminal._verbs import USAGES
from storage.command import CommandState
from storage.records import State

from .conftest import World
from .test_terminal import runs, said, starts, types

HINT = "`--channel` must be a channel's id, like C0123456789.".replace("`", "")


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("start obedient", "Nothing was started."),
        ("stop all", "Nothing was stopped."),
        ("stop 1 2", "Nothing was stopped."),
        ("list", ""),
    ],
)
@pytest.mark.parametrize("channel", ["night-shift", "#ops", "c0123456789", "U0123456789", ""])
async def test_a_channel_is_named_by_its_id(world: World, text: str, nothing: str, channel: str) -> None:
    """A name is not taken for an id: the command is refused and recorded so, and nothing is started or listed."""
    result = await types(world, text, channel=channel, agree=True)
    assert (exit_code(result), said(result)) == (ExitCode.refused, f"{HINT} {nothing}".strip())
    assert result.command is not None
    assert result.command.state is CommandState.refused
    assert not world.platform.sessions


async def test_a_start_where_nothing_ever_came_from_is_asked_about(world: World) -> None:
    """An id that may be mistyped starts nothing until that is meant, however often it is typed."""
    for _ in range(2):
        result = await types(world, "start obedient", channel="C0MISTYPED")
        assert exit_code(result) == ExitCode.refused
        assert "Nothing has come from #C0MISTYPED yet" in said(result)
        assert said(result).endswith("Nothing was started; add --yes if it is meant.")
    assert not world.platform.sessions
    assert exit_code(await types(world, "start obedient", channel="C0MISTYPED", agree=True)) == 0
    assert exit_code(await types(world, "start obedient", channel="C0MISTYPED", again=True)) == ExitCode.refused
    assert len(world.platform.sessions) == 1


async def test_a_channel_that_is_known_is_not_asked_about(world: World) -> None:
    """Where somebody typed before, or the settings let sessions be started, a start needs no second word."""
    await world.says(world.ann, "list")
    assert exit_code(await types(world, "start obedient", channel=world.ops.id)) == 0
    other = world.slack.channel("other", members=[world.ann])
    result = await types(world, "start obedient", channel=other.id, SESSION_BOT_CHANNELS=other.id)
    assert exit_code(result) == 0


async def test_a_card_that_slack_refuses_for_good_is_an_error_of_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names session and channel, and says how to end what nobody in Slack can see."""
    away = world.slack.channel("away", members=[world.ann], bot_in=False)
    await types(world, "start obedient", channel=away.id, agree=True)

    def errors() -> list[str]:
        return [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]

    (told,) = await world.until(errors, "the log to have an error")
    assert told.startswith("#1 obedient (")
    assert away.id in told
    assert "`session-bot stop 1` asks it to end" in told


async def test_a_start_that_slack_kept_from_happening_is_no_error(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A person who starts in Slack is told that nothing was started: no session goes on unseen."""
    away = world.slack.channel("away", members=[world.ann], bot_in=False)
    await world.says(world.ann, "start obedient", channel=away, expect="so nothing was started")
    await world.until(lambda: world.session().state is State.failed, "the record to be closed")
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert not [each for each in world.ann.dm.messages if each.user != world.ann.id]


async def test_several_without_an_answer_say_what_to_add(world: World) -> None:
    """Where nobody can be asked, the preview names no button, and its last line says what to do."""
    await starts(world, 2)
    for more in ([], ["--json"]):
        code, out, _ = await runs(world, "stop", "1", "2", *more)
        lines = json.loads(out)["said"] if more else out.splitlines()
        assert code == ExitCode.refused
        assert lines[-1] == "Nothing was stopped; add --yes if it is meant."
        assert "button" not in out
    assert world.platform.deliveries == []


async def test_status_says_how_fresh_it_is(world: World) -> None:
    """The last line at the terminal is the one that Slack shows beside the Stop button."""
    await world.started()
    _, out, _ = await runs(world, "status", "1")
    assert out.splitlines()[-1].startswith("As of ")


async def test_rules_are_listed_without_slack(world: World) -> None:
    """A person who must start something on the day Slack is down can list the rules."""
    code, out, _ = await runs(world, "rules", "obed")
    assert (code, len(out.splitlines())) == (0, 1)
    assert "obedient" in out


async def test_a_record_is_closed_at_the_terminal(world: World) -> None:
    """What nobody can confirm is put aside here, too, with its reason; what is not so far is refused."""
    await world.started("stuck")
    assert (await runs(world, "close", "1"))[0] == ExitCode.refused
    await world.says(world.bob, "stop 1", expect="Not confirmed")
    code, out, _ = await runs(world, "close", "1", "support", "ended it")
    assert (code, world.session().state) == (0, State.abandoned), out
    assert "support ended it" in world.session().last_event


@pytest.mark.parametrize(
    ("arguments", "verb"),
    [(["stop-all", "foo"], "stop-all"), (["list", "foo", "bar"], "list"), (["close", "x"], "close")],
)
async def test_usage_is_the_terminals_own(world: World, arguments: list[str], verb: str) -> None:
    """What was typed wrong is answered with what can be typed here, not with the slash command's grammar."""
    code, out, _ = await runs(world, *arguments)
    assert (code, out.splitlines()[-1]) == (ExitCode.refused, f"Usage: session-bot {USAGES[verb]}")


async def test_a_log_is_all_that_standard_output_gets(world: World) -> None:
    """`session-bot log 1 > file` has the log in the file, and what is said of it on standard error."""
    await world.started()
    await world.says(world.ann, "stop 1", expect="Confirmed")
    code, out, err = await runs(world, "log", "1")
    assert code == 0, err
    assert out
    assert "was written to standard output" not in out
    assert "The log of #1 obedient was written to standard output" in err
