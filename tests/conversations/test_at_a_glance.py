"""Which of the twelve is it, and how is it: the start of the data, the alias and the sign, wherever sessions stand."""

from bot.sandbox.slack import Message

from .conftest import MakeWorld, World
from .test_bulk import in_full, stopped, summary

ALIAS = "[rules.hotline]\nid = 1002\n"
DATA = '{"ticket": 12, "pin": "s3cret", "note": "<!here> *b* `c` and much more than fits into a line of a list"}'
SHOWN = '{"ticket": 12, "pin": "•••", "note": "<!here> *b* \u02cbc\u02cb and m…'
QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "20"}


def seen(message: Message) -> str:
    """Return what a person sees of a message, in its text and in its blocks, each once."""
    return f"{message.text}\n{message.plain()}".replace("&lt;", "<").replace("&gt;", ">")


def question(card: Message) -> str:
    """Return what the dialog of a card's Stop asks."""
    (dialog,) = [each.confirm for each in card.buttons() if each.label == "Stop"]
    assert dialog is not None
    return dialog.text


async def test_the_start_of_the_data_stands_wherever_its_session_does(make_world: MakeWorld) -> None:
    """Card, list, status, dialog, preview, summary and Home show it: one line, cut, masked, without effect."""
    async with make_world(environ=QUICK) as world:
        card = await world.started(f"stuck {DATA}")
        await world.started("stuck other")
        assert 'data `{"ticket": 12, "pin": "•••", "' in question(card)
        listed = await world.says(world.bob, "list", expect="2 sessions are open")
        preview = await world.says(world.bob, "stop all", expect="Stop 2 sessions?")
        status = await world.says(world.bob, "status 1", expect="Custom data")
        assert (await world.ann.open_home()).acked
        home = await world.slack.until(lambda: world.ann.home, "Home")
        for shown in (seen(listed), seen(preview), home.plain()):
            assert shown.count(SHOWN) >= 1, shown
            assert "other" in shown
        await world.presses(world.bob, preview, "Stop 2 sessions", expect="were asked to stop")
        said = await summary(world, "It took")
        assert SHOWN in seen(said)
        rows = await in_full(world)
        assert [row["data"] for row in rows][1] == "other"
        everything = [card, listed, preview, status, said, *world.ops.messages]
        for message in everything:
            assert "s3cret" not in seen(message)
            assert "<!here>" not in message.text.replace("`", "")


async def test_the_alias_stands_beside_its_rule(make_world: MakeWorld) -> None:
    """A rule that has an alias is called by both, wherever a session of it is named."""
    async with make_world(environ=QUICK, config=ALIAS) as world:
        card = await world.started("1002")
        both = "#1 stuck (hotline)"
        assert both in card.text
        assert "Rule stuck (hotline)" in question(card)
        for line in ("list", "status 1", "list rule=hotline", "list rule=stuck"):
            await world.says(world.bob, line, expect=both)
        await world.says(world.bob, "stop 1", expect=f"Stop delivered to {both}.")
        assert both in (await world.replied("Stop not confirmed")).text


async def test_a_sign_stands_beside_each_state(make_world: MakeWorld) -> None:
    """Cards, lists and previews begin with a sign that is another one for each kind of state; its word stays."""
    async with make_world(environ=QUICK) as world:
        await world.started("obedient")
        await world.started("stuck")
        await world.says(world.bob, "stop 2", expect="Not confirmed")
        listed = await world.says(world.bob, "list", expect="2 sessions are open")
        rows = listed.text.splitlines()[1:]
        assert [row[0] for row in rows] == ["\U0001f534", "\U0001f7e2"]
        assert "stop not confirmed" in rows[0]
        assert "running" in rows[1]
        preview = await world.says(world.bob, "stop all", expect="Stop 2 sessions?")
        assert "\U0001f7e2 #1 obedient" in preview.text
        await world.says(world.bob, "stop 1", expect="Confirmed: #1")
        card = await world.shows("ended")
        assert card.text.startswith("\U0001f3c1 #1 obedient – ended")


async def test_a_private_channels_data_stays_there(world: World) -> None:
    """The summary of a stop of sessions from elsewhere shows no data of a private channel's."""
    cave = world.slack.channel("cave", private=True, members=[world.ann])
    await world.says(world.ann, "start stuck hidden", channel=cave, expect="Started")
    await world.started("stuck open")
    await stopped(world, world.ann, "stop all by=me channel=all", 2)
    rows = await in_full(world)
    assert [row["data"] for row in rows] == ["", "open"]
