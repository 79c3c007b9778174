"""The same verbs from a terminal, beside a running bot and without one, on the day Slack is down."""

import asyncio
import dataclasses
import io
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryFile

import pytest
from rich.console import Console
from sqlite_utils import Database

from bot.cli._exit_codes import ExitCode
from bot.cli._login_user import actor
from bot.cli.terminal._command import table
from bot.cli.terminal._execution import CommandResult, NoBotYet, TypedCommand, execute, open_terminal, read_words
from bot.cli.terminal._plain import words
from bot.cli.terminal._result import as_json, exit_code
from bot.config._loading import SettingsProblems, load_settings
from bot.config._settings import Settings
from bot.dispatch._command_record import written_intent
from bot.ports._response import Offer
from bot.sandbox.slack import _faults as slack_faults
from bot.sandbox.voximplant._faults import Reset
from bot.text import channel, code, group, moment, person, strong
from bot.verbs import BY_NAME, Stop, TheseSessions
from storage import commands, sessions, stops
from storage.command import CommandState, NewCommand
from storage.records import Session, State
from storage.sealing import BadKey
from tests.forked import Forked
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World

WITHOUT_SLACK = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TERMINAL_OWNER = "cli-of-a-test"


def no(_offer: Offer) -> bool:
    """Agree to nothing."""
    return False


def yes(_offer: Offer) -> bool:
    """Agree to everything."""
    return True


def terminal_settings(world: World, **other: str) -> Settings:
    """Return the settings that a terminal of this world has: nothing of Slack's."""
    environ = {name: value for name, value in world.environ.items() if name not in WITHOUT_SLACK}
    return load_settings(environ | other, world.folder, slack=False)


def as_typed(text: str, *, channel: str | None = None, again: bool = False) -> TypedCommand:
    """Return a line as the command line makes it: words, which belong to the arguments of the verb."""
    verb, *words = text.split(" ")
    first, *_, last = [each.name for each in BY_NAME[verb].arguments] * 2
    named = {first: words} if first == last else {first: words[:1], last: words[1:]}
    return TypedCommand(verb=verb, asked=read_words(verb, named), channel=channel, again=again)


async def types(
    world: World, text: str, *, agree: bool = False, again: bool = False, channel: str | None = None, **other: str
) -> CommandResult:
    """Type a command at a terminal of this world, with its settings but nothing of Slack's; wait for its end."""
    typed = as_typed(text, channel=channel, again=again)
    async with open_terminal(terminal_settings(world, **other), world.clock) as context:
        return await execute(typed, context, lambda _: None, yes if agree else no)


async def starts(world: World, times: int) -> None:
    """Start sessions from the terminal, in the channel of the world."""
    for _ in range(times):
        result = await types(world, "start obedient", channel=world.ops.id, agree=True, again=True)
        assert exit_code(result) == 0, said(result)


def said(result: CommandResult) -> str:
    """Return all that was told, as a terminal shows it."""
    return "\n".join(words(each.text, "/session") for each in result.responses)


async def test_a_stop_from_the_terminal_is_confirmed_and_the_card_follows(world: World) -> None:
    """Beside the running bot a stop reaches the scenario once, is confirmed, and the card names who typed it."""
    await world.started()
    result = await types(world, "stop 1 wrong number")
    assert exit_code(result) == 0
    assert "Confirmed: #1 obedient ended" in said(result)
    assert "Thread" not in said(result)  # a link that nobody can follow here
    assert [json.loads(each.body) for each in world.platform.deliveries] == [{"command": "stop"}]
    card = await world.shows("ended")
    assert f"{actor().removeprefix('cli:')} (terminal)" in card.text
    await world.replied("wrong number")
    (command,) = [each for each in world.commands() if each.verb == "stop"]
    assert (command.actor, command.via, command.state) == (actor(), "terminal", CommandState.done)


async def test_a_start_from_the_terminal_needs_no_slack(make_world: MakeWorld) -> None:
    """With Slack away the session is started at once, and its card stands in the channel when Slack is back."""
    async with make_world() as world:
        channel = world.ops
        for method in ("chat.postMessage", "chat.update"):
            world.slack.faults.add(method, slack_faults.Http(503), times=3)
        result = await types(world, 'start obedient {"ticket": 12}', channel=channel.id, agree=True)
        assert exit_code(result) == 0
        (session,) = world.platform.sessions.values()
        assert session.custom_data == '{"ticket": 12}'
        card = await world.shows("running")
        assert actor().removeprefix("cli:") in card.text


async def test_without_a_bot_the_terminal_reads_the_history_itself(world: World) -> None:
    """With the bot stopped a stop is confirmed all the same, and the next bot shows it."""
    await world.started()
    await world.stop_bot()
    result = await types(world, "stop 1")
    assert exit_code(result) == 0
    assert world.session().state is State.ended
    await world.start_bot()
    await world.shows("ended")


async def test_a_stop_that_is_not_confirmed_is_exit_code_3(make_world: MakeWorld) -> None:
    """A session that ignores its stop is said to be not confirmed, with the truth of the history."""
    async with make_world(environ={"SESSION_BOT_CONFIRM_SECONDS": "30"}) as world:
        await world.started("stuck")
        await world.stop_bot()
        result = await types(world, "stop 1")
        assert exit_code(result) == ExitCode.not_confirmed
        assert "Not confirmed: #1 stuck may still run. The history says that it still runs." in said(result)


async def test_what_is_not_reached_is_exit_code_5(world: World) -> None:
    """A send, or a stop, that surely did not leave is told from a send that may have arrived."""
    await world.started()
    for text in ('send 1 {"a": 1}', "stop 1"):
        result = await types(world, text, VOXIMPLANT_SESSION_HOSTS="*.example.com")
        assert exit_code(result) == ExitCode.not_reached, said(result)
    assert world.platform.deliveries == []
    world.platform.faults.session(Reset())
    assert exit_code(await types(world, 'send 1 {"b": 1}')) == ExitCode.not_confirmed


async def test_what_is_refused_is_exit_code_4(world: World) -> None:
    """Bad JSON, an unknown session and a question that is not agreed to do nothing, and scripts can tell."""
    await starts(world, 2)
    for text in ("send 1 {", "send 9 {}", "stop 1 2", "start"):
        result = await types(world, text, channel=world.ops.id)
        assert exit_code(result) == ExitCode.refused, text
    assert world.platform.deliveries == []


async def test_several_are_stopped_when_agreed(world: World) -> None:
    """The question before stopping several is asked at the terminal, and a yes stops exactly those."""
    await starts(world, 2)
    result = await types(world, "stop 1 2", agree=True)
    assert exit_code(result) == 0
    assert [each.state for each in result.sessions] == [State.ended, State.ended]


async def test_the_list_is_of_all_channels_and_has_no_secret(world: World) -> None:
    """A script gets every session with its facts, and nothing that could be used to reach it."""
    await world.started()
    result = await types(world, "list channel=all")
    found = as_json(result, "/session")
    (shown,) = found["sessions"]
    assert (shown["id"], shown["rule"], shown["state"]) == (1, "obedient", "running")
    assert shown["channel"] == world.ops.id
    text = json.dumps(found)
    assert "url" not in text
    assert "/request/" not in text


async def test_a_long_list_comes_whole(world: World) -> None:
    """What Slack shows page by page a terminal shows at once."""
    await starts(world, 12)
    result = await types(world, "list channel=all")
    assert sorted(each.id for each in result.sessions) == list(range(1, 13))


async def test_channels_of_the_settings_hold_at_the_terminal(make_world: MakeWorld) -> None:
    """A mistyped channel starts nothing where SESSION_BOT_CHANNELS names others."""
    async with make_world(environ={"SESSION_BOT_CHANNELS": "C0OTHER"}) as world:
        result = await types(world, "start obedient", channel=world.ops.id)
        assert exit_code(result) == ExitCode.refused
        assert "only in #C0OTHER" in said(result)
        assert not world.platform.sessions


async def test_the_same_start_twice_is_one(make_world: MakeWorld) -> None:
    """A start repeated in haste starts nothing, at the terminal as in Slack, unless it is meant."""
    async with make_world(clock=QuickClock(times=1)) as world:  # the window is as long as it says
        for again, says in ((False, "Started #1"), (False, "Already started #1"), (True, "Started #2")):
            result = await types(world, "start obedient", channel=world.ops.id, agree=True, again=again)
            assert says in said(result)
        assert len(world.platform.sessions) == 2


async def test_all_are_stopped_from_the_terminal(world: World) -> None:
    """`stop all` asks, then stops every open session, and the exit code is that of the worst."""
    await starts(world, 3)
    asked = await types(world, "stop all channel=all")
    assert exit_code(asked) == ExitCode.refused
    assert world.platform.deliveries == []
    result = await types(world, "stop all channel=all", agree=True)
    assert exit_code(result) == 0, said(result)
    assert {each.id for each in result.sessions} == {1, 2, 3}
    assert len(world.platform.deliveries) == 3


async def test_several_are_stopped_without_a_channel_and_no_channel_is_chosen(world: World) -> None:
    """Without a channel a stop of several is told at the terminal and recorded, and gets no summary anywhere."""
    await starts(world, 2)
    result = await types(world, "stop all channel=all", agree=True)
    assert exit_code(result) == 0
    assert said(result).count("Confirmed: #") == 2
    assert result.command is not None
    assert result.command.state is CommandState.done
    with world.database() as connection:
        assert connection.execute("select count(*) from bulks").fetchone() == (0,)
        recorded = connection.execute("select channel from commands where verb = 'stop' order by id").fetchall()
    assert recorded == [("",), ("",)]


async def test_a_channel_that_is_named_gets_the_summary(world: World) -> None:
    """With a channel several are stopped with one summary, which stands in that channel."""
    await starts(world, 2)
    result = await types(world, "stop 1 2", agree=True, channel=world.ops.id)
    assert exit_code(result) == 0
    with world.database() as connection:
        assert connection.execute("select channel from bulks").fetchall() == [(world.ops.id,)]


@pytest.mark.parametrize("text", ["stop all", "stop all rule=obedient", "list", "list channel=here", "start obedient"])
async def test_what_means_one_channel_is_refused_without_one(world: World, text: str) -> None:
    """No channel is taken for the one that is meant: nothing is done, and the sentence names the option."""
    await starts(world, 1)
    result = await types(world, text, agree=True)
    assert exit_code(result) == ExitCode.refused
    assert "--channel" in said(result)
    assert world.platform.deliveries == []
    assert len(world.platform.sessions) == 1


async def test_words_of_the_shell_stay_words(world: World) -> None:
    """A reason that begins with a number is no id, and the data of a start and of a send arrives byte for byte."""
    data = '{"a":  "x  y", "b": 1}'
    code, out, _ = await runs(world, "start", "obedient", data, "--channel", world.ops.id, "--yes")
    assert code == 0, out
    (session,) = world.platform.sessions.values()
    assert session.custom_data == data
    assert (await runs(world, "send", "1", data))[0] == 0
    assert world.platform.deliveries[-1].body == data.encode()
    code, out, _ = await runs(world, "list", "rule=no such rule")
    assert (code, "of rule no such rule" in out) == (0, True)
    code, out, _ = await runs(world, "stop", "all", "--yes")
    assert (code, "--channel" in out) == (ExitCode.refused, True)
    code, out, _ = await runs(world, "stop-all", "rule=no such rule", "reason=3 calls stuck", "--yes")
    assert (code, "No open session fits" in out) == (ExitCode.refused, True)
    await runs(world, "stop", "1", "3 calls stuck")  # its clock is not the world's, so its code is not judged here
    assert world.stop_of().reason == "3 calls stuck"


async def test_who_waits_hears_what_another_process_learnt(world: World) -> None:
    """A verdict that the bot reads in the history is told to a terminal that waits for it, and does not ask itself."""
    await world.started()
    async with open_terminal(terminal_settings(world), world.clock) as context:
        store = context.services.store
        waiting = asyncio.create_task(
            context.services.changes.until(
                1, lambda each: each.state.is_final, lambda: store.read(lambda db: sessions.get(db, 1))
            )
        )
        await world.says(world.bob, "stop 1", expect="Confirmed")
        assert (await asyncio.wait_for(waiting, 5)).state is State.ended
    assert "(terminal)" not in world.card().text


async def test_who_comes_later_is_told_who_stopped_it(world: World) -> None:
    """A stop in Slack of what a terminal has stopped sends nothing and names the terminal's user."""
    await world.started()
    await types(world, "stop 1")
    told = await world.says(world.bob, "stop 1", expect="has ended already")
    assert "(terminal)" in told.text
    assert len(world.platform.deliveries) == 1


def test_the_table_keeps_names_as_they_are() -> None:
    """Spaces in a rule's name stay spaces, and what is no markup is no markup."""
    blank = Session(**dict.fromkeys((each.name for each in dataclasses.fields(Session)), None))  # type: ignore[arg-type]
    shown = dataclasses.replace(
        blank, id=7, rule_name="Night shift [red]", state=State.running, starter="cli:ann", channel="C1",
        created_at=NOW, alias="night", custom_data='{"ticket": [12]}',
    )  # fmt: skip
    console = Console(file=io.StringIO(), width=200)
    console.print(table([shown], NOW))
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Night shift [red] (night)" in printed
    assert "\U0001f7e2 running" in printed
    assert '{"ticket": [12]}' in printed
    assert "ann (terminal)" in printed
    assert "0 s ago" in printed


async def test_a_stop_of_several_from_no_channel_is_a_line_of_each(world: World) -> None:
    """A terminal is in no channel, so its stop of several has no summary; each session has its line, too."""
    await world.started("stuck")
    await world.started()
    await world.started(person=world.bob)
    await world.says(world.ann, "stop 1", expect="Stop delivered")
    result = await types(world, "stop all channel=all", agree=True)
    assert [each.id for each in result.sessions] == [1, 2, 3]
    assert result.command is not None
    assert result.command.session is None
    for number in (1, 2, 3):
        told = await world.says(world.ann, f"status {number}", expect="Commands")
        assert "stop by " + actor().removeprefix("cli:") + " (terminal)" in told.text
        assert "→ calling" in said(await types(world, f"audit {number}"))


async def test_in_no_channel_an_unknown_id_names_what_is_open_anywhere(world: World) -> None:
    """Where no channel is meant, no word is of "this channel": the open sessions of all of them help on."""
    for text in ("status 99", "stop 99", 'send 99 {"a": 1}'):
        told = said(await types(world, text))
        assert "No session #99 that you can see, so nothing was done." in told
        assert "No session is open." in told
    await world.started()
    for text in ("status 99", "stop 99", 'send 99 {"a": 1}'):
        told = said(await types(world, text))
        assert "Open: #1 obedient." in told
        assert "this channel" not in told


@pytest.mark.sqlite
async def test_a_terminal_makes_no_key_where_one_is_lost(world: World) -> None:
    """A key that is gone is told by its file, and not replaced: the URLs that are stored would stay shut for good."""
    await world.started()
    key = world.folder / "session-bot.db.key"
    content = key.read_text()
    key.unlink()
    with pytest.raises(BadKey, match=r"session-bot\.db\.key is gone"):
        await types(world, "list")
    assert not key.exists()
    key.write_text(content)
    key.chmod(0o600)
    assert (await types(world, "stop 1")).sessions[0].state is State.ended


async def test_what_a_killed_terminal_left_is_taken_up_by_the_bot(world: World) -> None:
    """A stop whose terminal died before it was delivered is delivered by the bot, without a restart."""
    await world.started()
    with world.database() as connection:
        leave_half_done(connection, world)
        connection.commit()
    await world.shows("ended")
    assert [json.loads(each.body) for each in world.platform.deliveries] == [{"command": "stop"}]


async def test_what_a_living_terminal_does_is_left_to_it(world: World) -> None:
    """A bot that comes up while a terminal delivers a stop does not deliver it as well."""
    await world.started()
    await world.stop_bot()
    owners = world.owners()
    await owners.hold(TERMINAL_OWNER)
    with world.database() as connection:
        leave_half_done(connection, world)
    await world.start_bot()
    await world.says(world.ann, "status 1", expect="obedient – running")  # so the bot is at work
    assert world.platform.deliveries == []
    await owners.release(TERMINAL_OWNER)
    await world.shows("ended")


def leave_half_done(db: Database, world: World) -> None:
    """Record a stop of session 1 as a terminal does before it sends it."""
    team, channel, now = world.slack.workspace.team_id, world.ops.id, world.clock.now()
    new = NewCommand(
        key="cli:killed", verb="stop", actor=actor(), team=team, channel=channel, via="terminal", digest="",
        owner=TERMINAL_OWNER, at=now, intent=written_intent(Stop(TheseSessions.own(1))),
    )  # fmt: skip
    command = commands.admit(db, new, window=None).command.id
    commands.mark_calling(db, command, now=now)
    commands.set_session(db, command, 1)
    stops.take(db, 1, by=actor(), reason=None, command=command, request_id="r-1", now=now)


async def test_a_database_on_which_no_bot_ran_is_refused(tmp_path: Path) -> None:
    """A wrong directory is told, and no empty database is left in it."""
    environ = {"VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "key"}
    with pytest.raises(NoBotYet, match="There is no database"):
        async with open_terminal(load_settings(environ, tmp_path, slack=False)):
            pass
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - a list of names is all that is wanted


def test_slack_is_needed_by_the_bot_alone(tmp_path: Path) -> None:
    """Without Slack's settings, or with wrong ones, the terminal works and the bot does not."""
    environ = {"VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "key", "SLACK_BOT_TOKEN": "nonsense"}
    assert load_settings(environ, tmp_path, slack=False).slack_bot_token is None
    with pytest.raises(SettingsProblems, match="SLACK_BOT_TOKEN"):
        load_settings(environ, tmp_path)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"{strong('Stop')} by {person('U1')}: {code('x')}", "Stop by @U1: x", id="marks and people"),
        pytest.param(f"in {channel('C1')}, {group('S1')}", "in #C1, S1", id="channel and group"),
        pytest.param(f"at {moment(NOW)}", "at 2026-11-20 03:00 UTC", id="date"),
        pytest.param("a < b \u202e\x1b[31m", "a < b [31m", id="what steers a terminal"),
        pytest.param(f"{code('/session stop 7')} asks again", "session-bot stop 7 asks again", id="command"),
    ],
)
def test_words_are_plain_at_the_terminal(text: str, shown: str) -> None:
    """Only the words are shown, and the command is the one that can be typed here."""
    assert words(text, "/session") == shown


async def test_the_program_prints_json_and_ends_with_the_code(world: World) -> None:
    """`session-bot` itself, as a script calls it, with its exit code and one JSON object."""
    code, out, _ = await runs(world, "start", "obedient", "--channel", world.ops.id, "--json", "--yes")
    assert code == 0
    assert json.loads(out)["sessions"][0]["state"] == "running"
    code, out, _ = await runs(world, "list")
    assert code == 0
    assert "obedient" in out
    code, out, err = await runs(world, "status", "1", VOXIMPLANT_CREDENTIALS="gone.json")
    assert (code, out) == (2, "")
    assert "VOXIMPLANT_CREDENTIALS" in err


async def starting(world: World, *arguments: str, out: int = DEVNULL, err: int = DEVNULL, **other: str) -> Forked:
    """Start `session-bot` as a process of its own."""
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SSL_CERT_FILE") if name in os.environ}
    environ = {name: value for name, value in world.environ.items() if name not in WITHOUT_SLACK}
    settings = inherited | environ | other
    return await asyncio.to_thread(Forked, arguments, environ=settings, cwd=world.folder, stdout=out, stderr=err)


async def runs(world: World, *arguments: str, **other: str) -> tuple[int, str, str]:
    """Run `session-bot` to its end; give exit code, standard output and standard error."""
    with TemporaryFile() as out, TemporaryFile() as err:
        process = await starting(world, *arguments, out=out.fileno(), err=err.fileno(), **other)
        code = await process.ended()
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()


async def test_ctrl_c_ends_the_waiting_and_not_the_stop(make_world: MakeWorld) -> None:
    """Who does not want to wait gets exit code 3 at once; the stop was sent, and is not taken back."""
    async with make_world(environ={"SESSION_BOT_CONFIRM_SECONDS": "3600"}) as world:
        await world.started("stuck")
        process = await starting(world, "stop", "1")
        await world.shows("stopping")
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(8):
            assert await process.ended() == ExitCode.not_confirmed
        assert len(world.platform.deliveries) == 1
        assert world.stop_of().delivered_at is not None
