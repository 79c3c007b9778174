"""Mentions: a session's thread is a place to work in; what is not meant beyond doubt stops nothing."""

import pytest

from bot.sandbox.slack import Error, Message, Person, Role
from storage.command import CommandState
from storage.records import State

from .conftest import MakeWorld, World

HARD = '{"url": "https://x.y/z?a=1&b=2", "to": "a@b.com", "tel": "+491234567890", "t": "<b> & *http://x.dev/*."}'


async def writes(
    world: World, person: Person, text: str, *, thread: Message | None = None, expect: str = "", edited: bool = False
) -> Message:
    """Mention the bot; give the first new line with `expect` in it that this person alone sees."""
    before = {each.ts: each.text for each in person.ephemerals(world.ops)}
    typed = await person.mention(world.ops, text, thread=thread, edited=edited)
    assert typed.acked, typed
    return await world.told(person, expect, before=before)


async def test_stop_in_the_thread_needs_no_id(world: World) -> None:
    """`@bot stop` under a card stops that session, with the verdict told where it was written."""
    await world.started("stuck")
    card = await world.started("obedient")
    told = await writes(world, world.bob, "stop", thread=card, expect="Confirmed: #2")
    assert told.thread_ts == card.ts
    await world.shows("ended", 1)
    assert world.session(1).state is State.running
    assert world.commands()[-1].via == "mention"


@pytest.mark.parametrize("said", ["stop: 5 calls hang", "stop because 5 calls hang"])
async def test_a_reason_follows_a_colon_or_because(world: World, said: str) -> None:
    """The reason stands on the card, also one that begins with a number: it is no id."""
    card = await world.started("obedient")
    await writes(world, world.ann, said, thread=card, expect="Confirmed: #1")
    assert world.stop_of().reason == "5 calls hang"


async def test_other_text_after_stop_asks_and_one_tap_stops(world: World) -> None:
    """A sentence that begins with the word stops nothing, is a refusal on record, and brings the button."""
    card = await world.started("obedient")
    asked = await writes(
        world, world.ann, "stop is not working, can anyone check?", thread=card, expect="Nothing was stopped"
    )
    assert world.commands()[-1].state is CommandState.refused
    assert world.platform.deliveries == []
    await world.presses(world.ann, asked, "Stop #1", expect="Confirmed: #1")
    assert world.stop_of().by == world.ann.id


async def test_json_arrives_as_meant(world: World) -> None:
    """JSON whose texts Slack links and escapes reaches the scenario to the byte, also from within a fence."""
    card = await world.started("obedient")
    await writes(world, world.ann, f"send {HARD}", thread=card, expect="#1")
    await writes(world, world.ann, f"send ```{HARD.replace('1&', '2&')}```", thread=card, expect="#1")
    await world.until(lambda: len(world.platform.deliveries) == 2, "both to arrive")
    assert [each.body.decode() for each in world.platform.deliveries] == [HARD, HARD.replace("1&", "2&")]


@pytest.mark.parametrize("handed", ["send {}", "*send* {}", "*send {}*", "`send {}`", "send `{}`"])
@pytest.mark.parametrize(
    "json", ['{"say": "press *1* now", "_a_": "~b~ *_c_* _*d*_"}', '{"say": "use `x` now", "see": "*https://x.y/_1_*"}']
)
async def test_styles_take_nothing_from_json(world: World, json: str, handed: str) -> None:
    """What Slack makes bold, italic, struck through or code reaches the scenario with its marks, to the byte."""
    if "`" in json and "`" in handed:
        handed = handed.replace("`", "```")  # nobody puts backticks into backticks: Slack reads them otherwise
    card = await world.started("obedient")
    typed = await world.ann.mention(world.ops, handed.format(json), thread=card)
    assert typed.acked
    await world.until(lambda: world.platform.deliveries, "it to arrive")
    assert [each.body.decode() for each in world.platform.deliveries] == [json]


@pytest.mark.parametrize("said", ["*stop*", "_stop_: *wrong* number", "`stop`", "*stop #1*"])
async def test_an_emphasised_stop_stops(world: World, said: str) -> None:
    """`@bot *stop*` in the thread is a stop as any other."""
    card = await world.started("obedient")
    await writes(world, world.bob, said, thread=card, expect="Confirmed: #1")
    assert world.stop_of().reason == ("*wrong* number" if ":" in said else None)


async def test_a_stop_that_is_struck_through_stops_nothing(world: World) -> None:
    """Who strikes the word through has taken it back; nothing happens, and the answer says what is a command."""
    card = await world.started("obedient")
    await writes(world, world.bob, "~stop~", thread=card, expect="and nothing was done")
    assert world.commands()[-1].state is CommandState.refused
    assert world.session().stop is None


async def test_an_event_without_blocks_is_decoded(world: World) -> None:
    """Where Slack sends no rich text, its escapes and links are undone in the text."""
    card = await world.started("obedient")
    sent = await world.ann.mention(world.ops, f"send {HARD}", thread=card)
    await world.until(lambda: len(world.platform.deliveries) == 1, "the first to arrive")
    assert sent.envelope is not None
    message = world.ann.say(world.ops, f"@session-bot send {HARD.replace('1&', '2&')}", thread=card)
    event = {**sent.envelope.payload["event"], "text": message.text, "ts": message.ts, "event_ts": message.ts}
    del event["blocks"]
    sent.envelope.payload["event"] = event
    await world.ann.redeliver(sent)
    await world.until(lambda: len(world.platform.deliveries) == 2, "the second to arrive")
    assert world.platform.deliveries[1].body.decode() == HARD.replace("1&", "2&")


async def test_stop_all_in_a_thread_asks_first(world: World) -> None:
    """A bulk stop written in a thread is one of its channel, and stops nothing before its preview is confirmed."""
    card = await world.started("obedient")
    await writes(world, world.ann, "stop all older=1s", thread=card, expect="1")
    await writes(world, world.ann, "stop all stuck ones", thread=card, expect="Nothing was stopped")
    assert world.session().stop is None


async def test_status_in_the_thread(world: World) -> None:
    """Every verb that takes an id takes the thread's."""
    card = await world.started("obedient")
    told = await writes(world, world.bob, "status", thread=card, expect="#1 obedient – running")
    assert "As of" in told.text
    assert "The history says that it still runs." in told.text or "was not read yet" in told.text


async def test_outside_a_thread_ids_are_typed(world: World) -> None:
    """In the channel itself, and under a message that is no card, a mention is a typed command."""
    await world.started("obedient")
    await writes(world, world.ann, "status", expect="1 session is open")
    note = world.bob.say(world.ops, "look at this")
    await writes(world, world.ann, "stop", thread=note, expect="Nothing was stopped: which one?")
    await writes(world, world.ann, f"list by=@{world.ann.name}", expect="1 session is open")
    await writes(world, world.ann, "stop 1 wrong number", expect="Confirmed: #1")


async def test_a_bare_mention_helps(world: World) -> None:
    """Who writes only the bot's name gets the commands."""
    card = await world.started("obedient")
    await writes(world, world.ann, "", expect="More:")
    await writes(world, world.ann, "", thread=card, expect="More:")


async def test_an_edit_is_not_run_and_answered_once(world: World) -> None:
    """A message edited into a command does nothing, however often it is edited, and says so once."""
    card = await world.started("obedient")
    first = await world.ann.mention(world.ops, "status", thread=card)
    assert first.message is not None
    await world.told(world.ann, "Commands, newest first")
    await writes(world, world.ann, "stop", thread=card, expect="Edits are not run", edited=True)
    lines = len(world.ann.ephemerals(world.ops))
    again = await world.ann.edit(first.message, "@session-bot stop: really")
    assert again.acked
    await writes(world, world.ann, "help", expect="More:")
    assert len(world.ann.ephemerals(world.ops)) == lines + 1
    assert world.session().stop is None
    assert [each.state for each in world.commands()[-2:]] == [CommandState.refused, CommandState.done]


async def test_a_message_delivered_twice_is_one_command(world: World) -> None:
    """Slack repeats events: the second delivery of a mention does nothing and says nothing."""
    typed = await world.ann.mention(world.ops, "start obedient")
    await world.shows("running")
    again = await world.ann.redeliver(typed)
    assert again.acked
    assert [each.verb for each in world.commands()] == ["start"]
    assert len(world.platform.sessions) == 1


async def test_what_arrives_late_is_not_started(world: World) -> None:
    """An event older than a minute starts and sends nothing, and says so; a stop still runs."""
    card = await world.started("obedient")
    sent = await world.ann.mention(world.ops, "help", thread=card)

    async def late(text: str, expect: str) -> None:
        assert sent.envelope is not None
        assert world.bot is not None
        message = world.ann.say(world.ops, f"@session-bot {text}", thread=card)
        await world.bot._tasks.idle()  # an answer of Slack's that is on its way would tell the time before the jump
        world.clock.jump(90)
        event = {**sent.envelope.payload["event"], "text": message.text, "blocks": message.blocks}
        event |= {"ts": message.ts, "event_ts": message.ts}
        sent.envelope.payload["event"] = event
        before = {each.ts: each.text for each in world.ann.ephemerals(world.ops)}
        assert (await world.ann.redeliver(sent)).acked
        await world.told(world.ann, expect, before=before)

    await late("start obedient", "arrives only now, so nothing was done")
    await late('send {"a": 1}', "arrives only now, so nothing was done")
    await late("stop", "Confirmed: #1")
    assert len(world.platform.sessions) == 1


async def test_adopt_by_mention_is_refused(world: World) -> None:
    """A session's URL in a message is not taken: the person is told to delete it, and no record keeps it."""
    url = "https://www1.voximplant.com/request/abc/def"
    await writes(world, world.ann, f"adopt {url}", expect="Delete your message")
    assert world.commands()[-1].state is CommandState.refused
    assert url not in str(world.audit())


async def test_the_policy_holds_for_mentions(world: World) -> None:
    """Guests and strangers are denied on this way in as on every other."""
    card = await world.started("stuck")
    await writes(world, world.slack.person("gus", role=Role.GUEST), "stop", thread=card, expect="you are a guest")
    stranger = world.slack.person("sid", role=Role.STRANGER)
    await writes(world, stranger, "stop", thread=card, expect="own workspace")
    assert [each.state for each in world.commands()[-2:]] == [CommandState.denied] * 2


async def test_an_answer_waits_for_a_slack_that_asks_to(world: World) -> None:
    """A line that Slack does not take now is whispered again; what was asked is done meanwhile."""
    card = await world.started("obedient")
    world.slack.faults.add("chat.postEphemeral", Error("internal_error"))
    await writes(world, world.ann, "stop", thread=card, expect="Confirmed: #1")


async def test_a_mention_over_http(make_world: MakeWorld) -> None:
    """In HTTP mode events come to the same URL and are answered the same way."""
    async with make_world(http=True) as world:
        card = await world.started("obedient")
        await writes(world, world.ann, "stop", thread=card, expect="Confirmed: #1")
