"""The policy with grants: what is not granted is denied, on every way in, and a denied person learns whom to ask."""

import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.sandbox.slack import Error, Hang, Person
from storage.command import CommandState
from storage.records import State

from .conftest import MakeWorld, World

AN_HOUR_S = 3_600.0


@dataclass(frozen=True)
class Cast:
    """A world with a policy: carl is on call (the group), ann and bob are members like others, dora is nobody yet."""

    world: World
    carl: Person
    dora: Person
    oncall: str


@contextlib.asynccontextmanager
async def cast(make_world: MakeWorld, policy: str) -> AsyncIterator[Cast]:
    """Start a bot with this policy, in which `{ann}`, `{ops}` and `{oncall}` stand for ids."""
    async with make_world(start=False) as world:
        carl, dora = world.slack.person("carl"), world.slack.person("dora")
        oncall = world.slack.usergroup("oncall", [carl])
        ids = {"ann": world.ann.id, "bob": world.bob.id, "ops": world.ops.id, "oncall": oncall}
        for name, value in ids.items():
            policy = policy.replace(f"{{{name}}}", value)
        (world.folder / "session-bot.toml").write_text(policy)
        await world.start_bot()
        yield Cast(world, carl, dora, oncall)


ANN_STARTS_ONCALL_STOPS = """
[[policy.grant]]
verbs = ["look"]

[[policy.grant]]
who = ["{ann}"]
verbs = ["start", "send"]
channels = ["{ops}"]
rules = ["obedient"]

[[policy.grant]]
who = ["{oncall}"]
verbs = ["stop"]
"""


async def test_what_is_not_granted_is_denied_on_every_way_in(make_world: MakeWorld) -> None:
    """Typed or pressed, a command needs its grant; the denial names it and who has it, and is a row."""
    async with cast(make_world, ANN_STARTS_ONCALL_STOPS) as made:
        world = made.world
        await world.started("obedient")
        before = len(world.commands())
        told = await world.says(world.bob, "start obedient", expect="needs a grant of start")
        assert f"<@{world.ann.id}> has" in told.text
        assert f"<#{world.ops.id}>" in told.text
        await world.says(world.bob, 'send 1 {"a": 1}', expect="needs a grant of send")
        told = await world.says(world.ann, "stop 1", expect="needs a grant of stop")
        assert f"<!subteam^{made.oncall}> has" in told.text
        await world.presses(world.ann, world.card(), "Stop", expect="needs a grant of stop")
        known = {each.ts: each.text for each in world.ann.ephemerals(world.ops)}
        await world.ann.mention(world.ops, "stop", thread=world.card())
        await world.told(world.ann, "needs a grant of stop", before=known)
        denied = world.commands()[before:]
        assert [each.state for each in denied] == [CommandState.denied] * 5
        assert {(each.command, each.became) for each in world.audit()} >= {(each.id, "denied") for each in denied}
        assert world.platform.deliveries == []
        await world.presses(made.carl, world.card(), "Stop", expect="#1 obedient ended")


async def test_the_rule_and_the_channel_of_a_start_count(make_world: MakeWorld) -> None:
    """A grant of one rule in one channel starts that rule there, and no other rule, nor elsewhere."""
    async with cast(make_world, ANN_STARTS_ONCALL_STOPS) as made:
        world = made.world
        elsewhere = world.slack.channel("elsewhere")
        told = await world.says(world.ann, "start stuck", expect="needs a grant of start")
        assert "the rule stuck" in told.text
        assert "nobody has" in told.text
        await world.says(world.ann, "start obedient", channel=elsewhere, expect="needs a grant of start")
        assert world.platform.starts() == []
        await world.started("obedient")


async def test_a_sessions_own_channel_and_rule_count_not_where_the_command_is_typed(make_world: MakeWorld) -> None:
    """From elsewhere and from home the same grant is asked for: that of the session's channel and rule."""
    policy = ANN_STARTS_ONCALL_STOPS.replace('verbs = ["stop"]', 'verbs = ["stop"]\nchannels = ["{ops}"]')
    policy += '[[policy.grant]]\nwho = ["{bob}"]\nverbs = ["stop", "send"]\nrules = ["stuck"]\n'
    async with cast(make_world, policy) as made:
        world = made.world
        elsewhere = world.slack.channel("elsewhere")
        await world.started("obedient")
        for channel in (world.ops, elsewhere):
            told = await world.says(world.bob, "stop 1", channel=channel, expect="needs a grant of stop")
            assert "the rule obedient" in told.text
        told = await world.says(made.carl, "stop 1", channel=elsewhere, expect="Stop #1?")
        await world.presses(made.carl, told, "Stop #1", channel=elsewhere, expect="#1 obedient ended")


async def test_who_joins_or_leaves_a_group_is_known_at_once(make_world: MakeWorld) -> None:
    """Slack's word that a group changed makes the bot ask again: nobody waits for the cache."""
    async with cast(make_world, ANN_STARTS_ONCALL_STOPS) as made:
        world = made.world
        await world.started("obedient")
        await world.says(made.dora, "stop 1", expect="needs a grant of stop")
        await world.slack.change_usergroup("oncall", [made.dora])
        await world.says(made.carl, "stop 1", expect="needs a grant of stop")
        await world.says(made.dora, "stop 1", expect="#1 obedient ended")


async def test_while_a_group_cannot_be_read_its_last_known_members_may_only_stop(make_world: MakeWorld) -> None:
    """Without Slack's word the members known last may stop, for as long as it takes; everything else is denied."""
    policy = ANN_STARTS_ONCALL_STOPS.replace('verbs = ["stop"]', 'verbs = ["stop", "start"]')
    async with cast(make_world, policy) as made:
        world = made.world
        await world.started("obedient")
        await world.says(made.carl, "status 1", expect="#1")
        world.clock.jump(AN_HOUR_S)
        world.slack.faults.add("usergroups.users.list", Error("internal_error"), times=1_000)
        told = await world.says(made.carl, "start obedient", expect="needs a grant of start")
        assert f"Slack cannot say now who is in <!subteam^{made.oncall}>" in told.text
        await world.says(made.dora, "stop 1", expect="needs a grant of stop")
        await world.says(made.carl, "stop 1", expect="#1 obedient ended")


async def test_a_stop_does_not_wait_for_a_slack_that_hangs(make_world: MakeWorld) -> None:
    """With every look-up hanging, the last known members' stop goes out, after a moment's patience."""
    async with cast(make_world, ANN_STARTS_ONCALL_STOPS) as made:
        world = made.world
        await world.started("obedient")
        await world.says(made.carl, "status 1", expect="#1")
        await world.says(made.carl, "list", expect="1 session")
        world.clock.jump(AN_HOUR_S)
        for method in ("users.info", "conversations.info", "usergroups.users.list"):
            world.slack.faults.add(method, Hang(), times=1_000)
        await world.says(made.carl, "stop 1", expect="Stop delivered")
        await world.shows("ended")


async def test_help_lists_what_the_asker_may_do(make_world: MakeWorld) -> None:
    """Help names the verbs that may be used, also beside a mistyped word, and says it of a single one."""
    async with cast(make_world, ANN_STARTS_ONCALL_STOPS) as made:
        world = made.world
        await world.says(world.ann, "stop 1", expect="needs a grant of")
        listed = (await world.says(world.ann, "help", expect="/session")).text
        assert "/session start" in listed
        assert "/session stop" not in listed
        assert "/session adopt" not in listed
        assert "/session stop" not in (await world.says(world.ann, "strat", expect="There is no")).text
        assert "You may not use it" in (await world.says(world.ann, "help stop", expect="/session stop")).text
        listed = (await world.says(made.carl, "help", expect="/session stop")).text
        assert "/session start" not in listed


async def test_help_never_waits_for_slack(make_world: MakeWorld) -> None:
    """Help goes by what is known; what is not known is listed, and Slack is not asked. The version needs no grant."""
    async with cast(make_world, ANN_STARTS_ONCALL_STOPS) as made:
        world = made.world
        await world.until(lambda: _asked(world, "usergroups.users.list"), "the group to be read at the start")
        for method in ("users.info", "conversations.info", "usergroups.users.list"):
            world.slack.faults.add(method, Hang(), times=1_000)
        listed = (await world.says(made.dora, "help", expect="/session")).text
        assert "/session list" in listed
        assert (await world.says(made.dora, "version")).text.startswith("session-bot ")
        assert _asked(world, "users.info") == 0


def _asked(world: World, method: str) -> int:
    return len([call for call in world.slack.calls if call.method == method])


async def test_without_a_policy_some_things_need_a_grant_all_the_same(world: World) -> None:
    """Logs, adoption and all channels at once are nobody's until somebody grants them; help does not offer them."""
    await world.started("obedient")
    for text in ("log 1", "list channel=all", "stop all channel=all"):
        told = await world.says(world.ann, text, expect="needs a grant of")
        assert "which nobody has" in told.text
        assert "session-bot.toml" in told.text
    listed = (await world.says(world.ann, "help", expect="/session")).text
    assert "/session log" not in listed
    assert "/session adopt" not in listed
    assert "/session close" in listed
    assert [each.state for each in world.commands()[1:4]] == [CommandState.denied] * 3


async def test_everywhere_opens_the_private_channels_it_covers(make_world: MakeWorld) -> None:
    """Who is granted `everywhere` stops a private channel's session from elsewhere; for others there is none."""
    policy = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop"]\n'
    policy += '[[policy.grant]]\nwho = ["{oncall}"]\nverbs = ["everywhere"]\n'
    async with cast(make_world, policy) as made:
        world = made.world
        secret = world.slack.channel("secret", private=True, members=[world.ann])
        await world.says(world.ann, "start obedient", channel=secret, expect="Started")
        await world.says(world.bob, "stop 1", expect="No session #1 that you can see")
        told = await world.says(made.carl, "stop 1", expect="Stop #1?")
        await world.presses(made.carl, told, "Stop #1", expect="#1 obedient ended")


async def test_a_list_leaves_out_what_may_not_be_looked_at(make_world: MakeWorld) -> None:
    """Looking is granted like everything else: rows of other rules are not shown."""
    policy = '[[policy.grant]]\nwho = ["{ann}"]\nverbs = ["look", "start", "stop"]\n'
    policy += '[[policy.grant]]\nwho = ["{bob}"]\nverbs = ["look"]\nrules = ["stuck"]\n'
    async with cast(make_world, policy) as made:
        world = made.world
        await world.started("obedient")
        await world.started("stuck")
        told = await world.says(world.bob, "list", expect="1 session")
        assert "stuck" in told.text
        assert "obedient" not in told.text
        await world.says(world.bob, "status 1", expect="needs a grant of look")
        await world.says(world.ann, "list", expect="2 sessions")


async def test_the_settings_narrow_what_is_granted(make_world: MakeWorld) -> None:
    """SESSION_BOT_CHANNELS and SESSION_BOT_RESPONDERS hold beside a policy: a grant alone is not enough there."""
    policy = '[[policy.grant]]\nverbs = ["look", "start", "stop"]\n'
    async with make_world(start=False, config=policy) as world:
        elsewhere = world.slack.channel("elsewhere")
        world.environ |= {"SESSION_BOT_CHANNELS": world.ops.id, "SESSION_BOT_RESPONDERS": world.bob.id}
        await world.start_bot()
        await world.started("obedient")
        await world.says(world.ann, "start obedient", channel=elsewhere, expect="Sessions can be started only in")
        dora = world.slack.person("dora")
        told = await world.says(dora, "stop 1", channel=elsewhere, expect="from elsewhere")
        assert f"only <@{world.bob.id}>" in told.text
        assert world.session().state is State.running


async def test_a_grant_of_a_rule_that_is_gone_is_a_warning(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """A rule that the account no longer has grants nothing; the bot starts, and its log names entry and rule."""
    policy = '[[policy.grant]]\nverbs = ["start"]\nrules = ["obedient", "Old line", 4242]\n'
    with caplog.at_level(logging.WARNING):
        async with make_world(config=policy) as world:
            await world.until(lambda: "4242" in caplog.text, "the warnings")
            await world.started("obedient")
    told = [each.getMessage() for each in caplog.records if "grants nothing" in each.getMessage()]
    assert [each.split(",")[0] for each in told] == [
        "grant 1 names the rule Old line",
        "grant 1 names the rule 4242",
    ]


async def test_a_group_that_cannot_be_read_is_a_warning(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """A group that Slack does not tell of is named at the start; what is granted to it is nobody's."""
    policy = '[[policy.grant]]\nverbs = ["look", "stop"]\nwho = ["S0GONE"]\n'
    with caplog.at_level(logging.WARNING):
        async with make_world(config=policy) as world:
            await world.until(lambda: "who is in the group S0GONE" in caplog.text, "the warning")
            told = await world.says(world.ann, "list", expect="needs a grant of look")
            assert "Slack cannot say now who is in <!subteam^S0GONE>" in told.text


async def test_who_may_only_start_can_choose_in_the_form(make_world: MakeWorld) -> None:
    """A grant of start in a channel is enough to find a rule in the form that is opened there."""
    policy = '[[policy.grant]]\nwho = ["{ann}"]\nverbs = ["start"]\nchannels = ["{ops}"]\n'
    async with cast(make_world, policy) as made:
        world = made.world
        await world.ann.slash(world.ops, "start")
        form = await world.slack.until(lambda: next((f for f in world.ann.modals if "Rule" in f.plain()), None), "it")
        (found,) = await world.ann.search(form, "Rule", "obedient")
        await world.ann.submit(form, {"Rule": found})
        await world.told(world.ann, "Started #1 obedient.")
        await world.says(world.bob, "start", expect="needs a grant of start")
