"""The acts of people on the page do what the same act does in Slack, or say in a sentence why not."""

import pytest

from bot.sandbox.slack import Message

from .conftest import World


async def test_a_command_reaches_the_bot_and_its_reply_the_person(world: World) -> None:
    """A slash command goes out as typed, with its reply as an ephemeral message."""
    async with world.bot_running() as bot, world.tab(world.ann) as tab:
        bot.answer = {"text": "started"}
        await world.act(world.ann, "slash", channel=world.shift.id, text='  /session start x {"a": "<b>"}  ')
        assert (bot.payloads[-1]["command"], bot.payloads[-1]["text"]) == ("/session", 'start x {"a": "<b>"}')
        await tab.until(lambda: tab.texts(world.shift) == ["started"])


async def test_a_command_in_a_thread_is_refused(world: World) -> None:
    """As in Slack, nothing is sent; the sentence has the mention that does the same."""
    parent = world.bob.say(world.shift, "a thread")
    async with world.bot_running() as bot:
        said = await world.problem(
            world.ann, "slash", channel=world.shift.id, text="/session stop 7", thread_ts=parent.ts
        )
        assert "does not work in a thread" in said
        assert said.endswith("@session-bot stop 7")
        assert bot.payloads == []
    assert world.ann.messages(world.shift) == [parent]
    direct = world.ann.say(world.ann.dm, "a thread")
    said = await world.problem(world.ann, "slash", channel=world.ann.dm.id, text="/session help", thread_ts=direct.ts)
    assert said.endswith("Type it in the conversation itself."), "where a mention reaches no bot"


async def test_a_word_that_is_no_command_is_refused(world: World) -> None:
    """Another command is not there, and one without a word is none."""
    for text in ("/sessions list", "/remind me", "session list", "/", ""):
        assert "is not a command here" in await world.problem(world.ann, "slash", channel=world.shift.id, text=text)


async def test_without_a_bot_a_command_fails_as_in_slack(world: World) -> None:
    """Slack's own message says so, to the person alone."""
    async with world.tab(world.ann) as tab:
        await world.act(world.ann, "slash", channel=world.shift.id, text="/session list")
        await tab.until(lambda: tab.texts(world.shift))
        (shown,) = tab.shown[world.shift.id].values()
        assert (shown["user"], shown["only_you"], shown["bot"]) == ("USLACKBOT", True, True)
        assert "dispatch_failed" in shown["text"]


async def test_a_message_is_posted_as_typed(world: World) -> None:
    """Markup in it is text, names are mentions, and an answer stands in its thread."""
    async with world.tab(world.bob) as tab:
        await world.act(world.ann, "say", channel=world.shift.id, text="<script>@bob</script>\nsee")
        await tab.until(lambda: tab.texts(world.shift))
        (shown,) = tab.shown[world.shift.id].values()
        assert shown["text"] == f"&lt;script&gt;<@{world.bob.id}>&lt;/script&gt;\nsee"
        assert (shown["user"], shown["bot"], shown["edited"], shown["thread_ts"]) == (world.ann.id, False, False, None)
        await world.act(world.bob, "say", channel=world.shift.id, text="seen", thread_ts=shown["ts"])
        await tab.until(lambda: len(tab.shown[world.shift.id]) == 2)
        assert [each["thread_ts"] for each in tab.shown[world.shift.id].values()] == [None, shown["ts"]]


async def test_a_mention_reaches_the_bot(world: World) -> None:
    """A message that names the bot is an event, in a thread with the thread; an edit that names it is one again."""
    parent = world.bob.say(world.shift, "a thread")
    async with world.bot_running() as bot:
        await world.act(world.ann, "say", channel=world.shift.id, text="@session-bot stop 7", thread_ts=parent.ts)
        (event,) = [each["event"] for each in bot.payloads]
        assert (event["type"], event["thread_ts"]) == ("app_mention", parent.ts)
        (reply,) = world.shift.thread(parent)
        for text, events in (("@session-bot stop 8", 2), ("@session-bot stop 8", 2), ("never mind", 2)):
            await world.act(world.ann, "edit", channel=world.shift.id, ts=reply.ts, text=text)
            assert len(bot.payloads) == events
        assert bot.payloads[-1]["event"]["edited"]["user"] == world.ann.id
    assert (reply.text, reply.edits) == ("never mind", 2)


async def test_only_a_mention_is_one(world: World) -> None:
    """The bot's name in code, in a longer name or in a direct message reaches nobody, and is posted."""
    async with world.bot_running() as bot:
        for text in ("`@session-bot stop 7`", "@session-bottom stop 7", "session-bot stop 7"):
            await world.act(world.ann, "say", channel=world.shift.id, text=text)
        await world.act(world.ann, "say", channel=world.ann.dm.id, text="@session-bot stop 7")
        assert bot.payloads == []
    assert len(world.shift.messages) == 3


@pytest.mark.parametrize("act", ["edit", "delete"])
async def test_only_its_author_changes_a_message(world: World, act: str) -> None:
    """Another person's message, and the bot's, stay as they are."""
    others = [
        world.bob.say(world.shift, "bob's"),
        world.slack.workspace.add_message(world.shift, world.slack.bot_user_id, "the bot's"),
    ]
    for message in others:
        await world.problem(world.ann, act, channel=world.shift.id, ts=message.ts, text="x")
    assert [each.text for each in world.shift.messages] == ["bob's", "the bot's"]


async def test_a_message_is_deleted(world: World) -> None:
    """It is gone; one with replies leaves a note in its place, and its replies stay."""
    plain, parent = world.ann.say(world.shift, "plain"), world.ann.say(world.shift, "parent")
    world.bob.say(world.shift, "reply", thread=parent)
    async with world.tab(world.bob) as tab:
        for message in (plain, parent):
            await world.act(world.ann, "delete", channel=world.shift.id, ts=message.ts)
        await tab.until(lambda: tab.texts(world.shift) == ["This message was deleted.", "reply"])
        assert tab.shown[world.shift.id][parent.ts]["user"] == "USLACKBOT"


async def test_a_public_channel_is_joined(world: World) -> None:
    """A member joins a channel by a click, or by the first word said there."""
    other = world.slack.channel("day-shift")
    async with world.tab(world.ann) as tab:
        await world.act(world.ann, "join", channel=other.id)
        await world.act(world.bob, "say", channel=other.id, text="hello")
        assert other.members == [world.ann.id, world.bob.id]
        await tab.until(lambda: tab.texts(other) == ["hello"])
        assert [each["member"] for each in tab.last("channels")["channels"] if each["id"] == other.id] == [True]


ACTS = ("say", "slash", "edit", "delete", "join", "press", "search")


async def test_an_archived_channel_is_only_read(world: World) -> None:
    """Each act there says so in a sentence, and what is there can be read."""
    world.ann.say(world.shift, "before")
    world.slack.archive(world.shift)
    for act in ACTS:
        said = await world.problem(
            world.ann, act, channel=world.shift.id, text="/session x", ts="1", block_id="x", action_id="x", query="x"
        )
        assert said.startswith("#night-shift is archived")
    async with world.tab(world.ann) as tab:
        assert tab.texts(world.shift) == ["before"]


async def test_a_channel_that_is_not_seen_is_not_there(world: World) -> None:
    """A person does nothing in a channel they do not see, and is not told whether it exists."""
    said: Message = world.bob.say(world.leads, "secret")
    for person, channel in ((world.ann, world.leads), (world.gil, world.shift), (world.ann, world.bob.dm)):
        for act in (*ACTS, "dismiss"):
            more = {"text": "/session x", "ts": said.ts, "block_id": "x", "action_id": "x", "query": "x"}
            there = await world.post(act, **{"as": person.id, "channel": channel.id, **more})
            nowhere = await world.post(act, **{"as": person.id, "channel": "C99999999", **more})
            assert there == nowhere
            assert (there[0], there[1]["ok"]) == (400, False)
    assert world.leads.members == [world.bob.id]


async def test_what_slack_does_not_send_is_not_sent(world: World) -> None:
    """An empty message and one that is too long are refused in a sentence; half a character is replaced."""
    for text in ("", "   \n", "x" * 40_001):
        assert await world.problem(world.ann, "say", channel=world.shift.id, text=text)
    body = f'{{"as": "{world.ann.id}", "channel": "{world.shift.id}", "text": "\\ud83d \\u0000"}}'
    headers = {"Origin": world.origin, "Content-Type": "application/json"}
    assert (await world.send("acts/say", data=body.encode(), headers=headers))[0] == 200
    assert [each.text for each in world.shift.messages] == ["\N{REPLACEMENT CHARACTER} \x00"]


async def test_the_home_tab_is_asked_for(world: World) -> None:
    """Opening Home tells the bot, which publishes it for that person."""
    async with world.bot_running() as bot, world.tab(world.ann) as tab:
        await world.act(world.ann, "home")
        assert bot.payloads[-1]["event"]["type"] == "app_home_opened"
        view = {"type": "home", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Sessions"}}]}
        await bot.call("views.publish", user_id=world.ann.id, view=view)
        await tab.until(lambda: tab.last("views")["home"])
        assert tab.last("views")["home"]["blocks"][0]["text"]["text"] == "Sessions"
