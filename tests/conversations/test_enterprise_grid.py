"""A workspace of Enterprise Grid: whose member somebody is decides on every way in, whatever a payload calls home.

What Slack's payloads say there is played as `facts-slack` has it from reports; on a live Grid it was never tried.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.sandbox.slack import Error, Person, Role
from bot.slack.api._connection import WrongToken
from storage.command import CommandState

from .conftest import MakeWorld, World

ORGANISATION, SISTER = "E0LOCAL", "T0SISTER"
OURS = [
    pytest.param("socket", {"home": ORGANISATION}, id="at home in the organisation"),
    pytest.param("http", {"home": SISTER, "teams": ("T0LOCAL", SISTER)}, id="at home in a sister workspace"),
]
OTHERS = [
    pytest.param("http", {"home": ORGANISATION, "teams": (SISTER,)}, id="of a sister workspace only"),
    pytest.param("socket", {"role": Role.STRANGER}, id="of another company"),
]


@contextlib.asynccontextmanager
async def grid(make_world: MakeWorld) -> AsyncIterator[World]:
    """Return a world whose workspace belongs to an organisation, with ann and bob as its plain members."""
    async with make_world(slack_options={"enterprise_id": ORGANISATION}) as world:
        yield world


async def home(world: World, person: Person, expect: str) -> Any:
    """Wait until the Home tab of this person says this."""
    return await world.slack.until(
        lambda: person.home if person.home and expect in person.home.plain() else None, f"Home to say {expect!r}"
    )


async def modal(world: World, person: Person, label: str) -> Any:
    """Wait until a form with this submit button is on the screen of this person."""
    return await world.slack.until(
        lambda: next((each for each in person.modals if each.content.get("submit", {}).get("text") == label), None),
        f"a form with {label}",
    )


@pytest.mark.parametrize(("mode", "kind"), OURS, indirect=["mode"])
async def test_members_act_on_every_way_in(make_world: MakeWorld, kind: dict[str, Any]) -> None:
    """A member of this workspace starts, sends and stops by command, click, form, mention and on Home."""
    async with grid(make_world) as world:
        gail = world.slack.person("gail", **kind)
        assert gail.id.startswith("W")
        card = await world.started(person=gail)
        assert (await gail.mention(world.ops, "status", thread=card)).acked
        await world.told(gail, "#1 obedient – running")
        await gail.click(card, "Send…")
        editor = await modal(world, gail, "Send")
        assert (await gail.submit(editor, {"JSON": '{"a": 1}'})).acked
        await world.until(lambda: len(world.platform.deliveries) == 1, "it to be delivered")
        assert (await gail.slash(world.ops, "start")).acked
        form = await modal(world, gail, "Start")
        assert any("obedient" in each for each in await gail.search(form, "Rule", ""))
        assert (await gail.open_home()).acked
        await home(world, gail, "1 session is open")
        await world.presses(gail, card, "Stop", expect="Confirmed: #1")
        await world.says(gail, "help", expect="/session stop")
        assert {each.state for each in world.commands()} <= {CommandState.done, CommandState.refused}
        assert {each.actor for each in world.commands()} == {gail.id}


@pytest.mark.parametrize(("mode", "kind"), OTHERS, indirect=["mode"])
async def test_others_act_on_no_way_in(make_world: MakeWorld, kind: dict[str, Any]) -> None:
    """Who is no member of this workspace does nothing by any way in, not even help, and is told why."""
    async with grid(make_world) as world:
        card = await world.started()
        gail, says = world.slack.person("gail", **kind), "Only members of this bot's own workspace"
        for text in ("start obedient", "stop 1", "list", "help"):
            await world.says(gail, text, expect=says)
        await world.presses(gail, card, "Stop", expect=says)
        assert (await gail.mention(world.ops, "stop", thread=card)).acked
        await world.until(lambda: world.commands()[-1].via == "mention", "the mention to come")
        assert (await gail.open_home()).acked
        await home(world, gail, says)
        await world.ann.click(card, "Send…")
        editor = await modal(world, world.ann, "Send")
        view = replace(editor, user_id=gail.id)
        world.slack.workspace.views[editor.id] = view
        assert (await gail.submit(view, {"JSON": '{"a": 1}'})).acked
        await world.until(lambda: world.commands()[-1].via == "modal", "the form to come")
        assert (await world.ann.slash(world.ops, "start")).acked
        form = await modal(world, world.ann, "Start")
        assert await world.ann.search(form, "Rule", "obe") != []
        world.slack.workspace.views[form.id] = replace(form, user_id=gail.id)
        assert await gail.search(world.slack.workspace.views[form.id], "Rule", "obe") == []
        await world.until(lambda: all(each.state.is_final for each in world.commands()), "all to be answered")
        theirs = [each for each in world.commands() if each.actor == gail.id]
        assert {each.state for each in theirs} == {CommandState.denied}
        assert {each.via for each in theirs} == {"slash", "button", "mention", "home", "modal"}
        assert world.platform.deliveries == []
        assert len(world.platform.starts()) == 1


async def test_a_member_from_a_sister_workspace_stops_while_slack_cannot_say(make_world: MakeWorld) -> None:
    """Whom Slack vouched for once may stop by a click while it cannot say, though the payload names another home."""
    async with grid(make_world) as world:
        gail = world.slack.person("gail", home=SISTER, teams=("T0LOCAL", SISTER))
        card = await world.started(person=gail)
        world.clock.jump(3_600)
        world.slack.faults.add("users.info", Error("internal_error"), times=1_000)
        await world.presses(gail, card, "Stop", expect="Confirmed: #1")


async def test_help_believes_the_payload_where_slack_cannot_say(make_world: MakeWorld) -> None:
    """While Slack says nothing of a person, the payload's home decides on help; our own organisation is no other."""
    async with grid(make_world) as world:
        world.slack.faults.add("users.info", Error("internal_error"), times=1_000)
        here, sister = world.slack.person("here", home=ORGANISATION), world.slack.person("sister", home=SISTER)
        for person, says in ((here, "/session stop"), (sister, "Only members of this bot's own workspace")):
            assert (await person.mention(world.ops, "help")).acked
            await world.told(person, says)


async def test_a_channel_that_sister_workspaces_read_counts_as_shared(make_world: MakeWorld) -> None:
    """Nothing is started or stopped where other workspaces of the organisation read along."""
    async with grid(make_world) as world:
        wide = world.slack.channel("wide", org_shared=True, members=[world.ann])
        told = await world.says(world.ann, "start obedient", channel=wide, expect="shared with another workspace")
        assert "Nothing was done" in told.text
        assert not world.platform.starts()


async def test_a_token_of_the_whole_organisation_is_refused_at_the_start(make_world: MakeWorld) -> None:
    """The bot serves one workspace: a token for all of them is refused in a sentence that says what to take."""
    options = {"enterprise_id": ORGANISATION, "org_wide": True}
    async with make_world(start=False, slack_options=options) as world:
        with pytest.raises(WrongToken, match=r"whole organisation.*install the app to that workspace"):
            await world.start_bot()
