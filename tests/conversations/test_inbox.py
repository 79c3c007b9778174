"""Sessions that report to the bot themselves: the kit, the inbox, and what people see of it."""

import contextlib
from collections.abc import AsyncIterator

from bot.sandbox.voximplant import default_account
from bot.sandbox.voximplant._account import Rule
from bot.scenario import kit_source
from bot.scenario._options import with_options
from storage.records import Origin, State
from tests.factories import free_ports

from .conftest import MakeWorld, World

NO_STORAGE = "require(Modules.ApplicationStorage); ApplicationStorage.put = () => Promise.reject(new Error('full'));"
CALL = "VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.callPSTN('+15550100', '+15550199'));"
LONG_GRACE = "SessionBot.onStop(() => {});"


def counted(world: World) -> int:
    """Return the number of sessions on record."""
    with world.database() as db:
        return int(db.execute("select count(*) from sessions").fetchone()[0])


@contextlib.asynccontextmanager
async def reporting(
    make_world: MakeWorld, *scenarios: str, signed_with: str = "agreed"
) -> AsyncIterator[tuple[World, Rule]]:
    """Make a world with an inbox, and a rule whose kit reports there, and has no storage that could tell it else."""
    port = free_ports(1)
    options = {"ANNOUNCE": "true", "INBOX": f'"http://127.0.0.1:{port}/announcements"', "GRACE_SECONDS": "3600"}
    account = default_account()
    sources = (NO_STORAGE, with_options(kit_source(), options), *scenarios)
    rule = account.add_rule(account.applications[0], "reporting", *sources, rule_id=2000)
    environ = {
        "SESSION_BOT_INBOX_PORT": str(port),
        "SESSION_BOT_ANNOUNCE_SECRET": "the-one-before,agreed",
        "SESSION_BOT_CONFIRM_SECONDS": "3600",  # a busy machine calls no stop unconfirmed
    }
    secrets = {"SESSION_BOT_SECRET": signed_with}
    async with make_world(account=account, environ=environ, secrets=secrets, start=False) as world:
        (world.folder / "session-bot.toml").write_text(f'[directory]\nchannel = "{world.ops.id}"\n')
        await world.start_bot()
        yield world, rule


async def test_a_stop_that_is_taken_up_is_told_without_a_storage(make_world: MakeWorld) -> None:
    """The scenario's own word about a stop arrives by the inbox, while the session still runs."""
    async with reporting(make_world, CALL, LONG_GRACE) as (world, _):
        await world.started("reporting")
        await world.says(world.bob, "stop 1 wrong number")
        await world.until(lambda: world.stop_of().taken_at, "the scenario's word")
        assert world.session().state is State.stopping
        await world.says(world.bob, "status 1", expect="The scenario took it up")
        await world.slack.until(lambda: any("Its scenario took it up" in each.text for each in world.replies()), "told")
        (session,) = world.platform.sessions.values()
        assert session.running


async def test_a_session_from_elsewhere_reports_itself(make_world: MakeWorld) -> None:
    """One that a call began is listed and stopped though no round has read of it; no URL is told to anybody."""
    async with reporting(make_world, CALL) as (world, rule):
        session = world.platform.ring(rule)
        await world.until(lambda: counted(world), "a record")
        found = world.session()
        assert (found.history_id, found.origin, found.state) == (session.history_id, Origin.elsewhere, State.running)
        await world.says(world.bob, "list", expect="reporting")
        await world.says(world.bob, "stop 1", expect="Stop")
        await session.closed()
        assert session.finish_reason == "Normal termination"
        shown = [each.text for each in (*world.ops.messages, *world.bob.ephemerals(world.ops))]
        assert not [text for text in shown if "/request/" in text]


async def test_what_is_signed_with_another_secret_is_nobodys_word(make_world: MakeWorld) -> None:
    """A session whose secret is not one of the agreed ones changes nothing, and its log has one line of it."""
    async with reporting(make_world, CALL, signed_with="guessed") as (world, rule):
        session = world.platform.ring(rule)
        await world.until(lambda: any("inbox" in line for line in session.log), "the refusal")
        assert counted(world) == 0
