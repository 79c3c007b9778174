"""One intent, once: who presses Enter twice, and who really means it again."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.voximplant._faults import Error, Hang, Slow
from tests.quick_clock import QuickClock

from .conftest import BOTH_MODES, MakeWorld, World

pytestmark = BOTH_MODES


@pytest.fixture
async def world(make_world: MakeWorld) -> AsyncIterator[World]:
    """Return a world whose clock runs as the wall's, so that a window is as long as it says; `jump` passes it."""
    async with make_world(clock=QuickClock(times=1)) as made:
        yield made


async def test_the_same_start_again_is_one_start(world: World) -> None:
    """The same words of the same person here within 30 s start nothing, and say what was started and when."""
    await world.started()
    told = await world.says(world.ann, "start   obedient ", expect="Already started #1,")
    assert " ago. Nothing was done now." in told.text
    assert "Thread" in told.text
    assert [each.label for each in told.buttons()] == ["Start another"]
    assert len(world.platform.starts()) == 1
    assert world.commands()[-1].state == "refused"
    assert world.commands()[-1].session == 1


async def test_start_another_means_it_once(world: World) -> None:
    """The button starts another session, once, however often it is pressed or delivered, and for its person only."""
    await world.started()
    told = await world.says(world.ann, "start obedient", expect="Already started")
    pressed = await world.ann.click(told, "Start another")
    twice = await world.ann.redeliver(pressed)
    assert twice.acked
    await world.told(world.ann, "Started #2 obedient.")
    await world.shows("running", 1)
    assert (await world.ann.redeliver(pressed)).acked
    await world.says(world.ann, "list", expect="2 sessions are open")
    assert len(world.platform.starts()) == 2


async def test_after_the_window_the_same_words_are_a_new_intent(world: World) -> None:
    """31 seconds later the same words start another session without a question."""
    await world.started()
    world.clock.jump(31)
    await world.says(world.ann, "start obedient", expect="Started #2")
    assert len(world.platform.starts()) == 2


async def test_another_person_channel_or_text_is_another_intent(world: World) -> None:
    """Somebody else, another channel, and other data are no double press."""
    other = world.slack.channel("other", members=[world.ann])
    await world.started()
    await world.says(world.bob, "start obedient", expect="Started #2")
    await world.says(world.ann, "start obedient", channel=other, expect="Started #3")
    await world.says(world.ann, "start obedient 2", expect="Started #4")
    await world.says(world.ann, "start stuck", expect="Started #5")


async def test_while_the_first_is_on_its_way_the_second_waits_for_nothing(world: World) -> None:
    """A second press during a slow start is answered at once, and starts nothing; one in doubt counts as made."""
    world.platform.faults.management("StartScenarios", Hang())
    assert (await world.ann.slash(world.ops, "start obedient")).acked
    await world.shows("starting")
    await world.says(world.ann, "start obedient", expect="That is being done already for #1; it was typed")
    world.platform.faults.release()
    await world.told(world.ann, "never started again")
    told = await world.says(world.ann, "start obedient", expect="and its outcome is not known. Nothing was done now.")
    assert [each.label for each in told.buttons()] == ["Start another"]
    assert len([each for each in world.platform.requests if each.method == "StartScenarios"]) == 1


async def test_before_the_rule_is_known_the_second_press_is_told_so(world: World) -> None:
    """A second press before the first has a session says that the first is being done."""
    world.platform.faults.management("GetApplications", Slow(10))
    assert (await world.ann.slash(world.ops, "start obedient")).acked
    told = await world.says(world.ann, "start obedient", expect="That is being done already; it was typed")
    assert "Nothing was done now." in told.text
    world.platform.faults.release()
    await world.told(world.ann, "Started #1")
    assert len(world.platform.starts()) == 1


async def test_a_first_try_that_failed_does_not_block(world: World) -> None:
    """What surely came to nothing may be typed again at once: a refusal, a mistyped name, a missing invitation."""
    world.platform.faults.management("StartScenarios", Error(162, "later"))
    await world.says(world.ann, "start obedient", expect="#1 obedient was not started")
    await world.says(world.ann, "start obedient", expect="Started #2")
    await world.says(world.ann, "start obedeint", expect="No rule is called")
    await world.says(world.ann, "start obedeint", expect="No rule is called")
    await world.says(world.ann, "send 2 {]", expect="Nothing was sent")
    await world.says(world.ann, "send 2 {]", expect="Nothing was sent")
    assert len(world.platform.starts()) == 1


async def test_one_intent_however_the_session_is_named(make_world: MakeWorld) -> None:
    """A send, and a start once more, are the same by the session's number, by the platform's, and by its thread."""
    async with make_world(clock=QuickClock(times=1)) as world:
        card = await world.started()
        number = world.session().history_id
        await world.says(world.ann, 'send 1 {"n": 1}', expect="Delivered to #1")
        await world.says(world.ann, f'send h{number} {{"n": 1}}', expect="Already sent that to #1")
        await world.ann.mention(world.ops, 'send {"n": 2}', thread=card)
        await world.until(lambda: len(world.platform.deliveries) == 2, "the mention to be sent")
        await world.says(world.ann, 'send 1 {"n": 2}', expect="Nothing was done now")
        assert len(world.platform.deliveries) == 2
        await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        await world.says(world.ann, f"again h{number}", expect="Started #2")
        await world.says(world.ann, "again 1", expect="Already started #2")
        assert len(world.platform.starts()) == 2


async def test_the_same_send_again_is_one_send(world: World) -> None:
    """The same JSON to the same session within 4 s is sent once; its button, or five seconds, means it again."""
    await world.started()
    await world.says(world.ann, 'send 1 {"n": 1}', expect="Delivered")
    told = await world.says(world.ann, 'send  #1   {"n": 1} ', expect="Already sent that to #1,")
    assert len(world.platform.deliveries) == 1
    pressed = await world.ann.click(told, "Send again")
    await world.ann.redeliver(pressed)
    await world.until(lambda: len(world.platform.deliveries) > 1, "the second send")
    assert [each.body for each in world.platform.deliveries] == [b'{"n": 1}', b'{"n": 1} ']
    await world.until(lambda: world.commands()[-1].state == "done", "the second send to be done")
    world.clock.jump(5)
    await world.says(world.ann, 'send 1 {"n": 1}', expect="Delivered")
    await world.says(world.ann, 'send 1 {"n": 2}', expect="Delivered")
    await world.says(world.bob, 'send 1 {"n": 2}', expect="Delivered")
    assert len(world.platform.deliveries) == 5


async def test_a_start_that_lasts_longer_than_the_window_is_still_one_start(world: World) -> None:
    """However long the platform takes to answer, the same words start nothing more; neither do they right after it."""
    world.platform.faults.management("StartScenarios", Slow(60))
    assert (await world.ann.slash(world.ops, "start obedient")).acked
    await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
    world.clock.jump(31)
    await world.says(world.ann, "start obedient", expect="That is being done already for #1; it was typed")
    world.platform.faults.release()
    await world.told(world.ann, "Started #1")
    await world.says(world.ann, "start obedient", expect="Already started #1,")
    assert len(world.platform.starts()) == 1


async def test_a_send_that_lasts_longer_than_the_window_is_still_one_send(make_world: MakeWorld) -> None:
    """The same JSON while the first is on its way is not sent; neither is it right after a slow answer."""
    async with make_world(environ={"VOXIMPLANT_SESSION_TIMEOUT": "60"}, clock=QuickClock(times=1)) as world:
        await world.started()
        world.platform.faults.session(Slow(60))
        assert (await world.ann.slash(world.ops, 'send 1 {"pay": 1}')).acked
        await world.until(lambda: world.platform.deliveries, "the first to be on its way")
        world.clock.jump(4.2)
        await world.says(world.ann, 'send 1 {"pay": 1}', expect="That is being done already for #1; it was typed")
        world.platform.faults.release()
        await world.told(world.ann, "Delivered")
        await world.says(world.ann, 'send 1 {"pay": 1}', expect="Already sent that to #1,")
        assert len(world.platform.deliveries) == 1


async def test_data_that_differs_in_a_space_is_another_intent(world: World) -> None:
    """Data counts to the byte: what differs in the spaces of a text is sent, and starts, for itself."""
    await world.says(world.ann, "start obedient a  b", expect="Started #1")
    await world.says(world.ann, "start obedient a b", expect="Started #2")
    await world.says(world.ann, 'send 2 {"a": "x  y"}', expect="Delivered")
    await world.says(world.ann, 'send 2 {"a": "x y"}', expect="Delivered")
    assert [each.body for each in world.platform.deliveries] == [b'{"a": "x  y"}', b'{"a": "x y"}']


async def test_quotes_make_no_other_intent(world: World) -> None:
    """A rule's name in quotes, straight or bent, is the same start as without; so are an option's two dashes."""
    await world.started()
    for text in ("start 'obedient'", "start “obedient”", "START  obedient"):
        await world.says(world.ann, text, expect="Already started #1,")
    await world.says(world.ann, "start obedient --max 30m x", expect="Started #2")
    await world.says(world.ann, "start obedient  —max=30m  x", expect="Already started #2,")
    await world.says(world.ann, "start obedient --max 31m x", expect="Started #3")
    assert len(world.platform.starts()) == 3


async def test_a_second_delivery_of_a_command_does_nothing(world: World) -> None:
    """The same payload delivered twice is one command: nobody is told anything twice, and one session starts."""
    typed = await world.ann.slash(world.ops, "start obedient")
    again = await world.ann.redeliver(typed)
    assert again.acked
    await world.told(world.ann, "Started #1")
    assert (await world.ann.redeliver(typed)).acked
    await world.says(world.ann, "list", expect="1 session is open")
    assert len([each for each in world.ann.ephemerals() if "Started" in each.text]) == 1
    assert [each.verb for each in world.commands()] == ["start", "list"]
    assert len(world.platform.starts()) == 1


async def test_what_could_not_be_recorded_does_not_block(world: World) -> None:
    """A start that the database could not take did nothing, and the next one is the first."""
    with world.locked():
        await world.says(world.ann, "start obedient", expect="so nothing was done. Try again soon.")
    await world.says(world.ann, "start obedient", expect="Started #1")
    assert len(world.platform.starts()) == 1
