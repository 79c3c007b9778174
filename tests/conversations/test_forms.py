"""The editor of a send and the form of a start: opened at once, honest about what is wrong, submitted once."""

import asyncio

import pytest

from bot.sandbox.slack import Person
from bot.sandbox.slack._faults import Error, Hang
from bot.sandbox.slack._views import View
from bot.sandbox.voximplant import _faults as platform_faults
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World

CONFIG = """[rules.calm]
id = 1001
presets = { hello = '{"say":  "hello"}', table = { a = 1 } }
"""


async def opened(world: World, person: Person, title: str, word: str) -> View:
    """Wait until a form with this title, and this word in it, is on the person's screen."""
    return await world.slack.until(
        lambda: next((each for each in person.modals if each.title == title and word in each.plain()), None),
        f"the form {title!r} with {word!r}",
    )


async def test_send_without_json_opens_the_editor(world: World) -> None:
    """`send 1` opens an editor; a mistake is said under its field, and what is right is sent byte for byte, once."""
    await world.started()
    assert (await world.ann.slash(world.ops, "send 1")).acked
    editor = await opened(world, world.ann, "Send to #1", "obedient")
    wrong = await world.ann.submit(editor, {"JSON": '{"a": 1,\n "b":: 2}'})
    assert wrong.acked
    assert "Line 2, column 6: a value is needed here. Nothing was sent." in str(editor.errors)
    assert editor in world.ann.modals
    right = await world.ann.submit(editor, {"JSON": '{"say":  "it’s me"}'})
    assert editor not in world.ann.modals
    await world.ann.redeliver(right)
    await world.told(world.ann, "Delivered to #1 obedient")
    assert [each.body for each in world.platform.deliveries] == ['{"say":  "it’s me"}'.encode()]
    assert [each.via for each in world.commands()] == ["slash", "slash", "modal"]
    assert world.commands()[1].session == 1


async def test_the_cards_send_opens_the_editor_with_the_rules_presets(make_world: MakeWorld) -> None:
    """The card's Send… opens the editor, and a preset of the rule's takes the place of what stands in the field."""
    async with make_world(config=CONFIG) as world:
        card = await world.started("calm")
        assert (await world.bob.click(card, "Send…")).acked
        editor = await opened(world, world.bob, "Send to #1", "preset")
        assert (await world.bob.choose(editor, "preset", "hello")).acked
        await opened(world, world.bob, "Send to #1", '{"say":  "hello"}')
        assert (await world.bob.choose(editor, "preset", "table")).acked
        await opened(world, world.bob, "Send to #1", '{"a":1}')
        assert (await world.bob.submit(editor, {})).acked
        await world.told(world.bob, "Delivered to #1")
        assert [each.body for each in world.platform.deliveries] == [b'{"a":1}']


async def test_the_editor_sends_text_as_well(make_world: MakeWorld) -> None:
    """In the editor a person chooses between JSON and text; `--text` alone and a preset that is no JSON choose text."""
    config = "[rules.calm]\nid = 1001\npresets = { hang-up = 'command=disconnect', hello = '{\"a\": 1}' }\n"
    async with make_world(config=config) as world:
        await world.started("calm")
        assert (await world.ann.slash(world.ops, "send 1")).acked
        editor = await opened(world, world.ann, "Send to #1", "Sent as")
        assert (await world.ann.submit(editor, {"JSON": "0"})).acked
        assert "an object or an array is needed. Nothing was sent. To send it as it stands, choose" in str(
            editor.errors
        )
        assert (await world.ann.submit(editor, {"JSON": "0\n“1”", "Sent as": "Text, whatever it is"})).acked
        await world.told(world.ann, "Delivered to #1")
        assert (await world.bob.slash(world.ops, "send 1 --text")).acked
        editor = await opened(world, world.bob, "Send to #1", "Sent as")
        assert (await world.bob.submit(editor, {"JSON": '{"a": NaN}'})).acked
        await world.told(world.bob, "Delivered to #1")
        assert (await world.bob.click(world.card(), "Send…")).acked
        editor = await opened(world, world.bob, "Send to #1", "preset")
        assert (await world.bob.choose(editor, "preset", "hang-up")).acked
        await opened(world, world.bob, "Send to #1", "command=disconnect")
        assert (await world.bob.submit(editor, {})).acked
        await world.until(lambda: len(world.platform.deliveries) == 3, "the third send")
        assert (await world.bob.click(world.card(), "Send…")).acked
        editor = await opened(world, world.bob, "Send to #1", "preset")
        for preset, shown in (("hang-up", "command=disconnect"), ("hello", '{"a": 1}')):
            assert (await world.bob.choose(editor, "preset", preset)).acked
            await opened(world, world.bob, "Send to #1", shown)
        assert (await world.bob.submit(editor, {})).acked
        await world.until(lambda: len(world.platform.deliveries) == 4, "the fourth send")
        bodies = [each.body for each in world.platform.deliveries]
        assert bodies == ["0\n“1”".encode(), b'{"a": NaN}', b"command=disconnect", b'{"a": 1}']
        replies = "\n".join(each.text for each in world.replies())
        assert replies.count("sent text:") == 3


async def test_bad_json_opens_in_the_editor_as_it_was_typed(world: World) -> None:
    """After bad JSON the editor holds what was typed; over 3,000 characters or after 10 min it says why it is empty."""
    await world.started()
    told = await world.says(world.ann, 'send 1 {"pin": "48151",}', expect="Line 1, column 16")
    assert (await world.ann.click(told, "Open the editor")).acked
    editor = await opened(world, world.ann, "Send to #1", '{"pin": "48151",}')
    assert (await world.ann.submit(editor, {"JSON": '{"pin": "48151"}'})).acked
    await world.told(world.ann, "Delivered")
    long = await world.says(world.ann, f"send 1 [{'1,' * 2_000}]", expect="comma is one too many")
    assert (await world.ann.click(long, "Open the editor")).acked
    await opened(world, world.ann, "Send to #1", "has 4,002 characters and the editor takes 3,000")
    world.clock.jump(601)
    assert (await world.ann.click(told, "Open the editor")).acked
    await opened(world, world.ann, "Send to #1", "kept for 10 minutes")
    assert len(world.platform.deliveries) == 1


async def test_a_form_that_does_not_open_leaves_the_typed_way(world: World) -> None:
    """An expired trigger, a refusal or a Slack that hangs: the person is told, with the typed form as the way on."""
    await world.started()
    world.slack.faults.add("views.open", Error("expired_trigger_id"))
    told = await world.says(world.ann, "send 1", expect="The form was not opened in time")
    assert '/session send 1 {"key": "value"}' in told.plain()
    world.slack.faults.add("views.open", Hang())
    told = await world.says(world.ann, "start", expect="Slack did not open the form in time.")
    assert "Nothing was started; type it instead: /session start <rule> [data]" in told.plain().replace("`", "")
    assert [each.state for each in world.commands()[1:]] == ["failed", "failed"]


async def test_what_cannot_be_sent_is_said_in_the_form_as_well(world: World) -> None:
    """Send for what is over opens nothing to write in: the form and a line say why."""
    await world.started()
    await world.says(world.bob, "stop 1", expect="Confirmed: #1")
    await world.says(world.ann, "send 1", expect="#1 obedient is over")
    form = await opened(world, world.ann, "Send to #1", "is over")
    assert "submit" not in form.content


async def test_start_without_a_rule_opens_its_form(world: World) -> None:
    """`start` opens a form that finds rules by what is typed, says what is wrong under its field, and starts once."""
    assert (await world.ann.slash(world.ops, "start")).acked
    form = await opened(world, world.ann, "Start a session", "Rule")
    assert await world.ann.search(form, "Rule", "no such rule") == []
    (found,) = await world.ann.search(form, "Rule", "OBED")
    assert found.startswith("obedient")
    assert (await world.ann.submit(form, {"Rule": found, "Data": "x" * 201})).acked
    assert "The data is 201 bytes" in str(form.errors)
    done = await world.ann.submit(form, {"Rule": found, "Data": '{"ticket": 12}'})
    await world.ann.redeliver(done)
    await world.told(world.ann, "Started #1 obedient.")
    assert world.session().custom_data == '{"ticket": 12}'
    assert form not in world.ann.modals
    assert len(world.platform.starts()) == 1


async def test_the_form_lists_what_is_known_of_a_platform_that_hangs(world: World) -> None:
    """The rules known before can be chosen and started; a last choice says why there may be more, and is none."""
    await world.says(world.ann, "rules", expect="obedient")
    world.clock.jump(61)
    world.platform.faults.management("GetApplications", platform_faults.Hang(), times=10)
    await world.ann.slash(world.ops, "start")
    form = await opened(world, world.ann, "Start a session", "Rule")
    found, note = await world.ann.search(form, "Rule", "OBED")
    assert note == "The platform does not tell all rules now; a number can be typed"
    assert (await world.ann.submit(form, {"Rule": note})).acked
    assert "This choice is no rule." in str(form.errors)
    assert (await world.ann.submit(form, {"Rule": found})).acked
    await world.told(world.ann, "Started #1 obedient.")


async def test_a_refusal_in_the_form_leaves_the_form_usable(world: World) -> None:
    """What is refused under a field is recorded and uses nothing up: corrected it acts, and only once."""
    await world.ann.slash(world.ops, "start")
    form = await opened(world, world.ann, "Start a session", "Rule")
    (found,) = await world.ann.search(form, "Rule", "obedient")
    for _ in range(2):
        assert (await world.ann.submit(form, {"Rule": found, "Data": "x" * 300})).acked
        assert "The data is 300 bytes" in str(form.errors)
        assert form in world.ann.modals
    values = {"Rule": found, "Data": "x"}
    right, other = await asyncio.gather(world.ann.submit(form, values), world.ann.submit(form, values))
    assert right.acked
    assert other.acked
    await world.ann.redeliver(right)
    await world.told(world.ann, "Started #1 obedient.")
    assert form not in world.ann.modals
    assert len(world.platform.starts()) == 1
    assert [each.state for each in world.commands()] == ["done", "refused", "done"]
    assert [each.became for each in world.audit() if each.command == 2] == ["refused"]


async def test_each_refusal_of_a_form_is_on_record(world: World) -> None:
    """What is wrong in one form in two ways is two refusals, each with its row; the same one twice is one."""
    await world.ann.slash(world.ops, "start")
    form = await opened(world, world.ann, "Start a session", "Rule")
    (found,) = await world.ann.search(form, "Rule", "obedient")
    for data in ("x" * 300, "y" * 300, "y" * 300):
        assert (await world.ann.submit(form, {"Rule": found, "Data": data})).acked
        assert "The data is 300 bytes" in str(form.errors)
    assert [each.state for each in world.commands()] == ["done", "refused", "refused"]


@pytest.mark.parametrize("data", ["--max 30m hello", " --max soon", "—max 30m", "  two  \n ", " ", "-- x", '"a'])
async def test_the_forms_data_arrives_as_typed(make_world: MakeWorld, data: str) -> None:
    """Data that looks like an option, or has blanks at its ends, reaches the scenario as typed, and `again` as well."""
    async with make_world(clock=QuickClock(times=2)) as world:  # what is typed again comes within the window
        await world.ann.slash(world.ops, "start")
        form = await opened(world, world.ann, "Start a session", "Rule")
        (found,) = await world.ann.search(form, "Rule", "obedient")
        assert (await world.ann.submit(form, {"Rule": found, "Data": data})).acked
        await world.told(world.ann, "Started #1 obedient.")
        assert (world.session().custom_data, world.session().max) == (data, None)
        await world.ann.slash(world.ops, "start")
        form = await opened(world, world.ann, "Start a session", "Rule")
        (found,) = await world.ann.search(form, "Rule", "obedient")
        assert (await world.ann.submit(form, {"Rule": found, "Data": data})).acked
        shown = await world.told(world.ann, "Nothing was done now.")
        assert (await world.ann.click(shown, "Start another")).acked
        await world.told(world.ann, "Started #2 obedient.")
        await world.says(world.bob, "stop 1", expect="Confirmed: #1")
        await world.says(world.ann, "again 1", expect="Started #3 obedient.")
        assert [each.custom_data for each in world.platform.sessions.values()] == [data] * 3


async def test_a_preset_that_the_config_lost_is_not_another(make_world: MakeWorld) -> None:
    """After a change of the config an open form gives the preset of that name, or says that it is gone."""
    async with make_world(config=CONFIG) as world:
        card = await world.started("calm")
        assert (await world.bob.click(card, "Send…")).acked
        editor = await opened(world, world.bob, "Send to #1", "preset")
        await world.stop_bot()
        (world.folder / "session-bot.toml").write_text("[rules.calm]\nid = 1001\npresets = { table = { a = 2 } }\n")
        await world.start_bot()
        assert (await world.bob.choose(editor, "preset", "hello")).acked
        await world.told(world.bob, "this preset is no longer in it. The form is as it was and nothing was sent")
        assert (await world.bob.choose(editor, "preset", "table")).acked
        await opened(world, world.bob, "Send to #1", '{"a":2}')
        assert (await world.bob.submit(editor, {})).acked
        await world.told(world.bob, "Delivered to #1")
        assert [each.body for each in world.platform.deliveries] == [b'{"a":2}']


@pytest.mark.parametrize("where", ["command", "home"])
async def test_what_a_form_came_to_is_told_where_the_bot_can_write(world: World, where: str) -> None:
    """A form for a channel without the bot: its refusal cannot be shown there, so it comes as a direct message."""
    away = world.slack.channel("away", bot_in=False, members=[world.ann])
    if where == "command":
        await world.ann.slash(away, "start")
    else:
        await world.ann.open_home()
        home = await world.slack.until(lambda: world.ann.home, "the Home tab")
        await world.ann.click(home, "Start a session")
    form = await opened(world, world.ann, "Start a session", "Rule")
    (found,) = await world.ann.search(form, "Rule", "obedient")
    assert (await world.ann.submit(form, {"Rule": found} | ({} if where == "command" else {"Channel": away.id}))).acked
    line = await world.slack.until(lambda: world.ann.dm.messages[:1], "a direct message")
    assert f"About <#{away.id}>" in line[0].text
    assert "Type /invite @session-bot first." in line[0].text
    assert not away.messages
    assert not world.platform.starts()
