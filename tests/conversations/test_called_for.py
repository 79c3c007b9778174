"""A session from elsewhere has no card, until something calls for one."""

from datetime import UTC, datetime

from bot.sandbox.voximplant import ScenarioSession
from storage import announced, messages
from storage.announced import Arrival
from storage.records import Origin
from storage.sealing import Sealer
from tests.factories import new_session

from .conftest import MakeWorld, World

GRANT = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop", "log"]\n'


def arrive(world: World) -> ScenarioSession:
    """Start a session behind the bot's back, and record it as the intake does."""
    (rule,) = [each for each in world.platform.account.rules if each.rule_name == "obedient"]
    session = world.platform.start(rule)
    url = world.platform._engine.started[session.history_id].access_secure_url
    sealer, now = Sealer(world.keys()), datetime.now(UTC)
    new = new_session(
        team=world.slack.workspace.team_id,
        channel=world.ops.id,
        starter="",
        rule_id=rule.rule_id,
        rule_name=rule.rule_name,
        application_id=rule.application.application_id,
        origin=Origin.elsewhere,
    )
    arrival = Arrival(
        new=new, history_id=session.history_id, secure_url=sealer.seal(url), started_at=now, heard_at=now, calls=1
    )
    with world.database() as connection:
        announced.record_arrival(
            connection, arrival, by="scenario", event="It announced itself.", with_card=False, now=now
        )
    return session


async def test_a_stop_calls_for_a_card(make_world: MakeWorld) -> None:
    """A stop of it posts its card, and says what came of it in its thread, also that it ended."""
    async with make_world() as world:
        arrive(world)
        assert world.ops.messages == []
        await world.says(world.ann, "stop 1", expect="#1")
        reply = await world.replied("Delivered")
        assert "Stop by ann." in reply.text
        card = await world.shows("ended")
        assert len(world.ops.messages) == 1
        assert "Start again" not in str(card.blocks)
        await world.says(world.ann, "again 1", expect="cannot be started again from here")


async def test_a_log_calls_for_a_card(make_world: MakeWorld) -> None:
    """A log has no thread to go to: its card is posted, and the log can be asked for once more."""
    async with make_world(config=GRANT) as world:
        session = arrive(world)
        await world.platform.changes.until(lambda: session.log, 30)
        told = await world.says(world.ann, "log 1", expect="had no card")
        assert "ask for the log again" in told.text
        await world.shows("running")
        await world.says(world.ann, "log 1", expect="is in its thread")


async def test_an_end_in_peace_calls_for_none(make_world: MakeWorld) -> None:
    """A session from elsewhere that ends as it should is never seen in its channel."""
    async with make_world() as world:
        session = arrive(world)
        await world.says(world.ann, "list", expect="#1")
        session.end("Normal termination")
        await world.until(lambda: world.session().state == "ended", "its end")
        assert world.ops.messages == []
        with world.database() as connection:
            assert messages.card_of(connection, 1) is None
