"""Who may do what, where: the default policy, asked on every way in, seen from the person's side."""

import asyncio

import pytest

from bot.sandbox.slack import Error, Person, RateLimited, Role
from storage.command import CommandState
from storage.records import State

from .conftest import MakeWorld, World

AN_HOUR_S = 3_600.0
EVERYTHING = ("start obedient", 'send 1 {"a": 1}', "stop 1", "list", "status 1", "rules")


def asked(world: World, method: str) -> int:
    """Count the calls of one of Slack's methods."""
    return len([call for call in world.slack.calls if call.method == method])


async def everything_is_denied(world: World, person: Person, says: str) -> None:
    """Try every verb and the card's button; each is denied with a sentence and a row, and nothing is called."""
    calls, commands = len(world.asked()), len(world.commands())
    for text in EVERYTHING:
        told = await world.says(person, text, expect=says)
        assert "Nothing was done" in told.text
    await world.presses(person, world.card(), "Stop", expect=says)
    denied = world.commands()[commands:]
    assert [each.state for each in denied] == [CommandState.denied] * (len(EVERYTHING) + 1)
    assert {(line.command, line.became) for line in world.audit()} >= {(each.id, "denied") for each in denied}
    done = set(world.asked()[calls:])
    assert done <= {"GetCallHistory"}
    assert world.platform.deliveries == []
    assert world.session().state is State.running


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (Role.GUEST, "you are a guest"),
        (Role.SINGLE_CHANNEL_GUEST, "you are a guest"),
        (Role.STRANGER, "members of this bot's own workspace"),
        (Role.BOT, "you are a bot"),
        (Role.DEACTIVATED, "no longer a member"),
    ],
)
async def test_only_full_members_may_do_anything(world: World, role: Role, says: str) -> None:
    """Guests, strangers, bots and former members are denied on every way in, stops included."""
    await world.started("stuck")
    await everything_is_denied(world, world.slack.person("other", role=role), says)


async def test_a_command_of_another_workspace_is_denied(world: World) -> None:
    """A payload that names another workspace is denied for every person: Socket Mode signs no requests."""
    await world.started("stuck")
    for text in EVERYTHING:
        typed = await world.ann.slash(world.ops, text, team_id="T0OTHER")
        assert typed.acked
    await world.until(lambda: world.commands()[-1].state is CommandState.denied, "the last one to be denied")
    assert [each.state for each in world.commands()[1:]] == [CommandState.denied] * len(EVERYTHING)
    assert len(world.platform.starts()) == 1
    assert world.platform.deliveries == []


async def test_nobody_acts_from_a_channel_that_is_shared_with_others(world: World) -> None:
    """Once a channel is shared with another workspace, its sessions are steered from elsewhere only."""
    await world.started("obedient")
    world.ops.shared = True
    world.clock.jump(AN_HOUR_S)
    await everything_is_denied(world, world.bob, "shared with another workspace")
    told = await world.says(world.bob, "stop 1", expect="works from a channel that is not shared")
    assert told.text
    told = await world.says(world.bob, "stop 1", channel=world.bob.dm, expect="Stop #1?")
    await world.presses(world.bob, told, "Stop #1", channel=world.bob.dm, expect="#1 obedient ended")


async def test_a_mention_that_says_that_its_channel_is_shared_is_denied(world: World) -> None:
    """What Slack tells with a mention counts also while it cannot say more of the channel: nobody stops from there."""
    card = await world.started("obedient")
    world.ops.shared = True
    world.clock.jump(AN_HOUR_S)
    world.slack.faults.add("conversations.info", Error("internal_error"), times=1_000)
    assert (await world.bob.mention(world.ops, "stop", thread=card)).acked
    await world.told(world.bob, "shared with another workspace, so nobody may stop")
    assert world.commands()[-1].state is CommandState.denied
    assert world.platform.deliveries == []


async def test_a_session_of_a_shared_channel_is_seen_from_there_only(world: World) -> None:
    """From elsewhere a shared channel's session is seen by its starter only; to others it is as if there were none."""
    elsewhere = world.slack.channel("elsewhere")
    await world.started("obedient")
    with world.database() as db:
        db.execute("update sessions set channel_shared = 1")
    for text in ("status 1", "stop 1"):
        await world.says(world.bob, text, channel=elsewhere, expect="No session")
    await world.says(world.bob, "status 1", expect="obedient – running")
    await world.says(world.ann, "status 1", channel=elsewhere, expect="obedient – running")
    assert world.platform.deliveries == []


async def test_when_slack_cannot_say_who_somebody_is_only_known_people_may_stop(world: World) -> None:
    """Without Slack's word nobody starts or sends, and who had a command carried out before may stop."""
    await world.started("obedient")
    world.clock.jump(AN_HOUR_S)
    world.slack.faults.add("users.info", Error("internal_error"), times=1_000)
    for text in ("start obedient", 'send 1 {"a": 1}', "list"):
        told = await world.says(world.ann, text, expect="Slack cannot say now who you are")
        assert "Nothing was done" in told.text
    await world.says(world.slack.person("new"), "stop 1", expect="Slack cannot say now who you are")
    assert world.platform.deliveries == []
    await world.says(world.ann, "stop 1", expect="#1 obedient ended")
    states = [each.state for each in world.commands()]
    assert states == [CommandState.done, *[CommandState.denied] * 4, CommandState.done]


async def test_when_slack_cannot_say_whether_a_channel_is_shared_nothing_is_started(world: World) -> None:
    """Start and send need Slack's word on the channel; looking and stopping do not."""
    await world.started("obedient")
    world.clock.jump(AN_HOUR_S)
    world.slack.faults.add("conversations.info", Error("internal_error"), times=1_000)
    for text in ("start obedient", 'send 1 {"a": 1}'):
        await world.says(world.ann, text, expect="whether this channel is shared")
    await world.says(world.ann, "list", expect="1 session is open")
    await world.says(world.ann, "stop 1", expect="#1 obedient ended")


async def test_after_a_restart_slack_is_not_asked_again_for_what_it_said(world: World) -> None:
    """Slack's limits hold for all channels together: the bot knows for minutes what it was told, and no longer."""
    await world.started("obedient")
    await world.stop_bot()
    questions = ("conversations.info", "users.info")
    for method in questions:
        world.slack.faults.stand(method, RateLimited(60))
    before = [asked(world, each) for each in questions]
    await world.start_bot()
    await world.says(world.ann, "start obedient two", expect="Started #2")
    assert [asked(world, each) for each in questions] == before
    await world.stop_bot()
    world.clock.jump(AN_HOUR_S)
    await world.start_bot()
    await world.says(world.ann, "start obedient", expect="Slack cannot say now")


async def test_a_command_waits_for_its_turn_under_slacks_limits(world: World) -> None:
    """Where Slack asks for a pause of seconds, a start waits for it; a stop asks for no patience."""
    world.slack.faults.add("conversations.info", RateLimited(8))
    await world.says(world.ann, "start obedient", expect="Started #1")
    world.clock.jump(AN_HOUR_S)
    world.slack.faults.add("conversations.info", RateLimited(8), times=1_000)
    began = world.clock.monotonic()
    await world.says(world.ann, "stop 1", expect="Confirmed: #1")
    await world.says(world.ann, "start obedient", expect="whether this channel is shared")
    assert world.clock.monotonic() - began > 24


async def test_where_the_app_may_not_look_nothing_is_started_and_no_patience_is_asked_for(world: World) -> None:
    """A kind of conversation that the app has no scope for, as a group message is, will be none in a minute either."""
    group = world.slack.channel("mpdm-ann--bob-1", private=True, members=[world.ann, world.bob])
    await world.started("obedient")
    world.slack.faults.add("conversations.info", Error("missing_scope"), times=1_000)
    for text in ("start obedient", 'send 1 {"a": 1}'):
        told = await world.says(world.ann, text, channel=group, expect="conversations of this kind")
        assert "Nothing was done" in told.text
        assert "Use a channel" in told.text
        assert "try again" not in told.text
    assert len(world.platform.starts()) == 1
    await world.says(world.ann, "list", channel=group, expect="No session is open")


async def test_what_slack_says_of_people_is_remembered_for_a_while(world: World) -> None:
    """One question serves many commands, at once and for five minutes; a good answer for fifteen when Slack errs."""
    await asyncio.gather(*(world.ann.slash(world.ops, "list") for _ in range(8)))
    await world.slack.until(lambda: len(world.ann.ephemerals(world.ops)) == 8, "all to be answered")
    assert (asked(world, "users.info"), asked(world, "conversations.info")) == (1, 1)
    world.clock.jump(400)
    await world.says(world.ann, "list", expect="No session")
    assert asked(world, "users.info") == 2
    world.slack.faults.add("users.info", Error("internal_error"), times=1_000)
    world.clock.jump(600)
    await world.says(world.ann, "list", expect="No session")
    world.clock.jump(600)
    await world.says(world.ann, "list", expect="Slack cannot say")


async def test_sessions_start_only_in_the_channels_that_are_set(make_world: MakeWorld) -> None:
    """SESSION_BOT_CHANNELS narrows where sessions start, by name in the answer, and nothing else."""
    async with make_world(start=False) as world:
        elsewhere = world.slack.channel("elsewhere")
        world.environ["SESSION_BOT_CHANNELS"] = world.ops.id
        await world.start_bot()
        await world.started("obedient")
        told = await world.says(world.ann, "start obedient", channel=elsewhere, expect="only in")
        assert f"<#{world.ops.id}>" in told.text
        assert "Nothing was started" in told.text
        assert len(world.platform.starts()) == 1
        await world.says(world.ann, "list", channel=elsewhere, expect="No session is open")


async def test_only_responders_stop_the_sessions_of_other_channels(make_world: MakeWorld) -> None:
    """SESSION_BOT_RESPONDERS are users and groups; while Slack cannot name one's members, the last known may.

    A restart does not forget them.
    """
    async with make_world(start=False) as world:
        elsewhere = world.slack.channel("elsewhere")
        carl, dora = world.slack.person("carl"), world.slack.person("dora")
        group = world.slack.usergroup("oncall", [dora])
        world.environ["SESSION_BOT_RESPONDERS"] = f"{carl.id},{group}"
        await world.start_bot()
        for number in range(3):
            await world.started("obedient", world.slack.person(f"starter-{number}"))
        told = await world.says(world.bob, "stop 1", channel=elsewhere, expect="Nothing was stopped")
        assert f"<@{carl.id}>" in told.text
        assert f"<!subteam^{group}>" in told.text
        assert f"<#{world.ops.id}>" in told.text
        assert world.commands()[-1].state is CommandState.denied
        for number, person in enumerate((carl, dora), 1):
            told = await world.says(person, f"stop {number}", channel=elsewhere, expect=f"Stop #{number}?")
            label = f"Stop #{number}"
            await world.presses(person, told, label, channel=elsewhere, expect=f"#{number} obedient ended")
        await world.stop_bot()
        world.clock.jump(AN_HOUR_S)
        world.slack.faults.add("usergroups.users.list", Error("internal_error"), times=1_000)
        await world.start_bot()
        told = await world.says(dora, "stop 3", channel=elsewhere, expect="Stop #3?")
        await world.presses(dora, told, "Stop #3", channel=elsewhere, expect="#3 obedient ended")
        await world.says(world.bob, "stop 3", expect="has ended already")


@pytest.mark.parametrize("name", ["bot", "cli:ann"])
async def test_a_payload_that_calls_itself_the_bot_is_trusted_with_nothing(world: World, name: str) -> None:
    """What the bot and a terminal do is known by its way in: no user id of a payload stands for them."""
    card = await world.started("stuck")
    for typed in (await world.ann.slash(world.ops, "list"), await world.ann.click(card, "Refresh")):
        assert typed.envelope is not None
        payload = typed.envelope.payload
        payload |= {"user_id": name, "trigger_id": "forged", "text": "stop 1"}
        if "user" in payload:
            payload["user"]["id"] = name
            payload["actions"][0] |= {"action_id": "stop:1", "action_ts": "1.000001"}
        assert (await world.ann.redeliver(typed)).acked
    await world.until(lambda: [each.state for each in world.commands() if each.actor == name] == ["denied"] * 2, "both")
    assert world.platform.deliveries == []
