"""The Home tab: one's own open sessions, what needs attention first, and what a click there comes to."""

from bot.sandbox.slack import Error, Person, Role, View
from storage.records import State

from .conftest import MakeWorld, World


async def home(world: World, person: Person, expect: str) -> View:
    """Wait until the Home tab of this person says this."""
    return await world.slack.until(
        lambda: person.home if person.home and expect in person.home.plain() else None, f"Home to say {expect!r}"
    )


async def test_home_shows_ones_own_open_sessions(world: World) -> None:
    """Who opens the tab sees the sessions they started, with Stop; nobody else's."""
    await world.started("obedient")
    await world.started("stuck", world.bob)
    assert (await world.ann.open_home()).acked
    shown = await home(world, world.ann, "1 session is open in the channels that you may see")
    assert "#1 obedient – running" in shown.plain().replace("*", "")
    assert "#2" not in shown.plain()
    assert {"Stop", "Refresh"} <= {each.label for each in shown.buttons()}
    assert world.commands()[-1].via == "home"


async def test_home_is_read_anew_by_its_button(world: World) -> None:
    """Refresh shows what is true now."""
    await world.ann.open_home()
    shown = await home(world, world.ann, "No session is open")
    await world.started("obedient")
    assert (await world.ann.click(shown, "Refresh")).acked
    await home(world, world.ann, "1 session is open")


async def test_a_stop_on_home_is_told_there(world: World) -> None:
    """A click on Stop stops the session, and the tab says so on top of what is left."""
    await world.started("obedient")
    await world.ann.open_home()
    shown = await home(world, world.ann, "1 session is open")
    assert (await world.ann.click(shown, "Stop")).acked
    shown = await home(world, world.ann, "Confirmed: #1")
    assert "No session is open" in shown.plain()
    await world.shows("ended")


async def test_a_session_of_a_private_channel_can_be_stopped_from_home(world: World) -> None:
    """What one started in a private channel stands on one's Home, and its Stop works there."""
    cave = world.slack.channel("cave", private=True, members=[world.ann])
    await world.says(world.ann, "start obedient", channel=cave, expect="Started")
    await world.ann.open_home()
    shown = await home(world, world.ann, "1 session is open")
    assert (await world.ann.click(shown, "Stop")).acked
    await home(world, world.ann, "Confirmed: #1")


async def test_two_looks_at_once_leave_the_newer(world: World) -> None:
    """Whatever comes back first, the tab shows the last look; the same event delivered twice is one look."""
    first = await world.ann.open_home()
    await world.ann.redeliver(first)
    await world.ann.open_home()
    await home(world, world.ann, "No session is open")
    assert [each.verb for each in world.commands()] == ["list", "list"]


async def test_a_guest_sees_why_there_is_nothing(world: World) -> None:
    """The policy holds for Home, too: the tab gives the sentence, and no session."""
    await world.started("stuck")
    guest = world.slack.person("gus", role=Role.GUEST)
    await guest.open_home()
    shown = await home(world, guest, "you are a guest")
    assert "#1" not in shown.plain()
    assert world.commands()[-1].state == "denied"


async def test_a_slack_that_stumbles_gets_the_tab_later(world: World) -> None:
    """A publish that Slack cannot take now is made again."""
    world.slack.faults.add("views.publish", Error("internal_error"))
    await world.ann.open_home()
    await home(world, world.ann, "No session is open")


async def test_pages_are_turned_on_home(make_world: MakeWorld) -> None:
    """More than ten sessions are paged on the tab itself."""
    async with make_world() as world:
        for number in range(11):
            await world.says(world.ann, f"start stuck {number}", expect=f"Started #{number + 1}")
        await world.ann.open_home()
        shown = await home(world, world.ann, "Page 1 of 2")
        assert (await world.ann.click(shown, "Next page")).acked
        shown = await home(world, world.ann, "Page 2 of 2")
        assert "stuck" in shown.plain()
        assert [each.state for each in map(world.session, range(1, 12))] == [State.running] * 11


async def test_a_session_is_started_from_home(world: World) -> None:
    """The form asks for the rule and the channel; what it starts stands on the tab at the next look."""
    await world.ann.open_home()
    shown = await home(world, world.ann, "No session is open")
    assert (await world.ann.click(shown, "Start a session")).acked
    form = await world.slack.until(lambda: next(iter(world.ann.modals), None), "the form")
    assert form.title == "Start a session"


async def test_a_form_that_cannot_be_opened_is_told_on_home(world: World) -> None:
    """Without the form the tab says how to start by typing, and nothing was started."""
    await world.ann.open_home()
    shown = await home(world, world.ann, "No session is open")
    world.slack.faults.add("views.open", Error("expired_trigger_id"))
    assert (await world.ann.click(shown, "Start a session")).acked
    shown = await home(world, world.ann, "Nothing was started")
    assert "/session start" in shown.plain()


async def test_a_starter_stops_their_own_from_home_beside_the_responders(make_world: MakeWorld) -> None:
    """SESSION_BOT_RESPONDERS narrows other people's stops from elsewhere, not the starter's own."""
    async with make_world(environ={"SESSION_BOT_RESPONDERS": "U0000RESP"}) as world:
        await world.started("obedient")
        await world.ann.open_home()
        shown = await home(world, world.ann, "1 session is open")
        assert (await world.ann.click(shown, "Stop")).acked
        await home(world, world.ann, "Confirmed: #1")
