"""Sessions that nobody started in Slack: who sees them, who may act on them, and where they are told of."""

import io
from datetime import timedelta

import pytest
from rich.console import Console

from bot.cli.terminal._command import table
from bot.cli.terminal._result import as_json
from bot.sandbox.slack import Person
from storage import announcements, sessions
from storage.announcements import Announcements
from storage.records import Origin, State
from tests.conversations.test_lists import shown
from tests.conversations.test_terminal import types
from tests.factories import update_session

from .conftest import MakeWorld, World

POLICY = """
[[policy.grant]]
verbs = ["look", "start", "send", "stop"]

[[policy.grant]]
who = ["{carl}"]
verbs = ["everywhere"]

[[policy.grant]]
who = ["{dora}"]
verbs = ["everywhere"]
channels = ["{ops}"]
"""


async def make_homeless(world: World, *sessions: int, channel: str = "") -> None:
    """Turn sessions into ones that nobody started here, of this channel or of none, without cards."""
    await world.stop_bot()
    with world.database() as db:
        for session in sessions:
            values = {"channel": channel, "starter": "", "origin": Origin.elsewhere, "heard_at": None}
            db.execute("delete from messages where session = ?", [session])
            update_session(db, session, **values)
    await world.start_bot()


async def cast(world: World) -> tuple[Person, Person]:
    """Start a bot with this policy: carl may see all channels, dora the sessions of one."""
    carl, dora = world.slack.person("carl"), world.slack.person("dora")
    policy = POLICY.replace("{carl}", carl.id).replace("{dora}", dora.id).replace("{ops}", world.ops.id)
    (world.folder / "session-bot.toml").write_text(policy)
    await world.start_bot()
    return carl, dora


@pytest.mark.parametrize("verb", ["status 1", "stop 1", 'send 1 {"a": 1}'])
async def test_one_without_a_channel_is_hidden_from_all_but_those_who_see_every_channel(
    make_world: MakeWorld, verb: str
) -> None:
    """A grant for some channels does not open it, and a person who may not see it learns nothing of it."""
    async with make_world(start=False) as world:
        _, dora = await cast(world)
        await world.started("obedient")
        await make_homeless(world, 1)
        for person in (world.ann, dora):
            await world.says(person, verb, expect="No session #1 that you can see")
            assert shown(await world.says(person, "list", expect="No session is open")) == []
        assert world.platform.deliveries == []


async def test_the_first_stop_brings_it_to_its_channel(make_world: MakeWorld) -> None:
    """Seen with `channel=all`, it is stopped after a question, and its card and thread stand where that was asked."""
    async with make_world(start=False) as world:
        carl, _ = await cast(world)
        await world.started("obedient")
        await make_homeless(world, 1)
        told = await world.says(carl, "list elsewhere channel=all", expect="1 session is open")
        assert "not started in Slack, began " in told.text
        assert " in no channel" in told.text
        asked = await world.says(carl, "stop 1", expect="Nothing was stopped yet.")
        assert "in no channel, running, not started in Slack, began " in asked.text
        await world.presses(carl, asked, "Stop #1", expect="Confirmed: #1")
        assert world.session().channel == world.ops.id
        card = await world.shows("ended", 1)
        assert "Not started in Slack" in card.text
        assert world.replies(1)


async def test_the_first_send_brings_it_to_its_channel(make_world: MakeWorld) -> None:
    """A send needs no question first; its reply stands in a thread of the channel where it was typed."""
    async with make_world(start=False) as world:
        carl, _ = await cast(world)
        await world.started("obedient")
        await make_homeless(world, 1)
        await world.says(carl, 'send 1 {"a": 1}', expect="Delivered")
        assert world.session().channel == world.ops.id
        assert "Not started in Slack" in (await world.shows("running", 1)).text
        assert '{"a": 1}' in (await world.replied("Delivered", 1)).text


async def test_rules_tell_the_home_of_their_sessions(make_world: MakeWorld) -> None:
    """Where the settings name a home or a time of silence, `rules` shows them."""
    async with make_world(start=False) as world:
        (world.folder / "session-bot.toml").write_text(
            f'[rules.calm]\nid = 1001\nhome = "{world.ops.id}"\nsilent = "5m"\n'
        )
        await world.start_bot()
        told = await world.says(world.ann, "rules obedient", expect="rule 1001, alias calm")
        assert f", home <#{world.ops.id}>, silent after 5 min" in told.text


async def test_a_bulk_stop_tells_how_many_nobody_started_here(make_world: MakeWorld) -> None:
    """Its preview counts them, its summary names them, and it brings none of them anywhere."""
    async with make_world(start=False) as world:
        carl, _ = await cast(world)
        for number in range(3):
            await world.started(f"obedient {number}")
        await make_homeless(world, 1, 2)
        await world.says(carl, "stop all origin=elsewhere", expect="No open session in this channel fits")
        asked = await world.says(carl, "stop all channel=all", expect="Stop 3 sessions")
        assert "Stop 3 sessions, 2 of them not started in Slack? Nothing was stopped yet." in asked.text
        asked = await world.says(carl, "stop all channel=all origin=elsewhere", expect="Stop 2 sessions")
        assert "Stop 2 sessions, none of them started in Slack?" in asked.text
        await world.presses(carl, asked, "Stop 2 sessions", expect="2 of 2 sessions were asked")
        summary = await world.slack.until(
            lambda: next((each for each in world.ops.messages if "2 confirmed ended" in each.text), None), "the end"
        )
        assert "private" not in summary.text
        assert [world.session(each).channel for each in (1, 2)] == ["", ""]
        assert world.session(3).state is State.running


async def test_a_home_makes_it_a_session_of_that_channel(world: World) -> None:
    """With a channel it is listed and stopped there by everybody who may, like any other."""
    await world.started("obedient")
    await make_homeless(world, 1, channel=world.ops.id)
    told = await world.says(world.bob, "list origin=elsewhere", expect="1 session is open in this channel, not started")
    assert shown(told) == [1]
    await world.says(world.bob, "list origin=slack", expect="No session is open in this channel, started in Slack.")
    await world.says(world.bob, "status 1", expect="not started in Slack, began ")
    await world.says(world.bob, "refresh 1", expect="what it says is shown by status 1.")
    await world.says(world.bob, "stop 1", expect="Stop delivered")
    assert "nobody" not in (await world.shows("ended", 1)).text


async def test_what_is_silent_or_not_read_is_said(world: World) -> None:
    """Rows, status and the list of silent ones say when it was heard of, and since when nothing could be read."""
    await world.started("obedient")
    await make_homeless(world, 1, channel=world.ops.id)
    now = world.clock.now()
    heard, application = now - timedelta(minutes=7), world.session().application_id or 0
    with world.database() as db:
        sessions.record_silently(db, 1, heard_at=heard, silent_at=now, calls=2)
        read = Announcements(
            application_id=application, application_name="demo", read_at=now - timedelta(minutes=1), problem="No role."
        )
        announcements.keep(db, read)
    told = await world.says(
        world.bob, "list silent", expect="1 session is open in this channel, not heard of for 5 min."
    )
    assert "running, silent" in told.text
    assert ", not heard of for 7 min" in told.text
    for line in (told, await world.says(world.bob, "status 1", expect="with 2 live calls")):
        assert "What sessions of demo announce could not be read since " in line.text
        assert "so none of them counts as silent by now. No role." in line.text
    told = await world.says(world.bob, "list silent=8m", expect="No session is open in this channel, not heard of")
    assert "list shows all that are open" in told.text


async def test_a_terminal_tells_where_they_come_from(world: World) -> None:
    """JSON has the origin, and null where there is no starter and no channel; the table says it in words."""
    await world.started("obedient")
    await make_homeless(world, 1)
    shown_ = await types(world, "list origin=elsewhere channel=all")
    (found,) = as_json(shown_, "/session")["sessions"]
    assert (found["origin"], found["starter"], found["channel"]) == ("elsewhere", None, None)
    console = Console(file=io.StringIO(), width=200)
    console.print(table(shown_.sessions, world.clock.now()))
    assert "not in Slack" in console.file.getvalue()  # type: ignore[attr-defined]
