"""send: exactly the bytes that were typed, once, in order, and what came back."""

import json
from collections.abc import AsyncIterator

import pytest

from bot.sandbox.voximplant import default_account
from bot.sandbox.voximplant._faults import Hang, Slow, Status
from bot.text._known_secrets import secret_parts

from .conftest import BOTH_MODES, MakeWorld, World

pytestmark = BOTH_MODES

AS_TYPED = [
    '{"say":  "hello" , "n":1.0e5}',
    '{"a": 1, "a": 2}',
    '{"big": 123456789012345678901234567890, "small": 0.10000000000000000000001}',
    '{"escaped": "\\u00e9\\ud83d\\ude00\\/", "plain": "é😀/"}',
    '{"text": "it’s “fine” – and\xa0wide"}',
    "[ ]",
    '{"a":\n  [1,\n2]}   ',
    '{"<@U1>": "&amp; *x* `y`", "עברית": "\u202e"}',
    json.dumps({"long": "x" * 5_000}),
]


async def test_valid_json_arrives_byte_for_byte(world: World) -> None:
    """Odd spacing, duplicate keys, big numbers, escapes, curly quotes inside texts, 5 kB: sent as they were typed."""
    await world.started()
    for text in AS_TYPED:
        told = await world.says(world.ann, f"send 1 {text}", expect="Delivered to #1 obedient: HTTP 200 after")
        assert world.platform.deliveries[-1].body == text.encode()
        assert "Thread" in told.text
    assert [each.body for each in world.platform.deliveries] == [each.encode() for each in AS_TYPED]
    ids = {each.headers["X-Request-Id"] for each in world.platform.deliveries}
    assert len(ids) == len(AS_TYPED)
    assert not any("repair" in each.text for each in world.replies())


@pytest.mark.parametrize(
    ("typed", "meant", "change"),
    [
        ("{“say”: “it’s me”}", '{"say": "it’s me"}', "curly quotes made straight"),
        ('{"a":\xa01}', '{"a": 1}', "odd spaces made plain"),
        ('```json\n{"a": 1}\n```', '\n{"a": 1}\n', "code fence removed"),
    ],
)
async def test_what_was_repaired_is_shown(world: World, typed: str, meant: str, change: str) -> None:
    """JSON that only a keyboard or a chat has bent is understood, and the thread shows what was sent and why."""
    await world.started()
    await world.says(world.ann, f"send 1 {typed}", expect="Delivered")
    assert world.platform.deliveries[-1].body == meant.encode()
    reply = await world.replied("after repair")
    assert change in reply.text
    assert meant.strip() in reply.plain()


async def test_broken_json_is_shown_with_its_place_and_not_sent(world: World) -> None:
    """What stays broken is answered with line, column and a caret; nothing is sent, and no record repeats it."""
    await world.started()
    told = await world.says(world.ann, 'send 1 {"pin": "48151",}', expect="Line 1, column 16")
    assert "this comma is one too many. Nothing was sent." in told.text
    assert f'{{"pin": "48151",}}\n{" " * 15}^' in told.plain()
    await world.says(world.ann, 'send 1 {"a": NaN}', expect="NaN is not JSON")
    await world.says(world.ann, "send 1 {'a': 1}", expect="a text needs double quotes")
    await world.says(world.ann, "send 1 7", expect="This takes one session, not several")
    await world.says(world.ann, "send 1 true", expect="an object or an array is needed")
    await world.says(world.ann, f"send 1 {'[' * 300}{']' * 300}", expect="nested deeper than 200 levels")
    await world.says(world.ann, 'send 1 {\n"a":: 1}', expect="Line 2, column 5")
    assert not world.platform.deliveries
    assert not world.replies()
    assert {each.state for each in world.commands()[1:]} == {"refused"}
    assert b"48151" not in world.kept()


TEXTS = ["0", "command=disconnect", '"quoted" and ’bent’', "two\nlines\n\nand  spaces", "*bold* _so_ `code`", "{", "7"]


async def test_text_is_sent_as_it_is(world: World) -> None:
    """Behind `--text` everything goes out to the letter, and the thread says that it was text."""
    await world.started()
    for text in TEXTS:
        await world.says(world.ann, f"send 1 --text {text}", expect="Delivered to #1 obedient: HTTP 200 after")
    assert [each.body.decode() for each in world.platform.deliveries] == TEXTS
    reply = await world.replied("sent text:")
    assert "Delivered" in reply.text
    await world.says(world.ann, "send 1 —text pin=48151", expect="Delivered")
    assert world.platform.deliveries[-1].body == b"pin=48151"
    assert "48151" not in str([each.blocks for each in world.ops.entries])


async def test_text_by_mention_and_twice(world: World) -> None:
    """In a thread a text needs no id; what is sent again is the same text, and nothing else."""
    card = await world.started()
    await world.ann.mention(world.ops, "@session-bot send --text command=disconnect", thread=card)
    await world.replied("sent text:")
    assert [each.body for each in world.platform.deliveries] == [b"command=disconnect"]
    told = await world.says(world.bob, "send 1 --text 0", expect="Delivered to #1")
    told = await world.says(world.bob, "send 1 --text 0", expect="Already sent that")
    await world.presses(world.bob, told, "Send again", expect="Delivered to #1")
    assert [each.body for each in world.platform.deliveries[1:]] == [b"0", b"0"]
    await world.ann.mention(world.ops, "@session-bot send --text", thread=card)
    await world.told(world.ann, "The text is missing. Nothing was sent")


async def test_bad_json_can_be_sent_as_text(world: World) -> None:
    """What is refused as JSON says how to send it as it stands, and has a button for that."""
    await world.started()
    told = await world.says(world.ann, "send 1 true", expect="an object or an array is needed. Nothing was sent.")
    assert "/session send 1 --text … sends a text as it is." in told.text
    await world.presses(world.ann, told, "Send it as text", expect="Delivered to #1")
    assert [each.body for each in world.platform.deliveries] == [b"true"]


@pytest.fixture
async def answering_world(make_world: MakeWorld) -> AsyncIterator[World]:
    """Return a world whose platform passes a scenario's answer on."""
    async with make_world(answer_bodies=True) as made:
        yield made


async def test_an_answer_is_not_needed(world: World) -> None:
    """The platform answers with an empty 200, whatever the scenario returns: the thread says delivered, and no more."""
    await world.started()
    await world.says(world.ann, 'send 1 {"say": "hello"}', expect="Delivered to #1")
    reply = await world.replied("Delivered")
    assert "It answered" not in reply.text
    started = next(iter(world.platform.sessions.values()))
    assert 'Received: {"say": "hello"}' in started.log


async def test_telling_values_are_masked_in_the_thread_only(answering_world: World) -> None:
    """Values under telling names are sent and not shown, at any depth, in what went out and in what came back."""
    world = answering_world
    await world.started()
    text = '{"user": {"pinCode": "48151", "name": "Bo"}, "api_key": ["62342"], "otp": 998877}'
    await world.says(world.ann, f"send 1 {text}", expect="Delivered")
    assert world.platform.deliveries[-1].body == text.encode()
    reply = await world.replied("It answered:")
    assert reply.text.count("•••") + reply.text.count("[hidden]") == 6
    assert '"name": "Bo"' in reply.text
    for secret in ("48151", "62342", "998877"):
        assert secret not in str([each.blocks for each in world.ops.entries])
    url = "https://127.0.0.1:1/request/AF301580999958.1204800_185/90AB5D84"
    await world.says(world.ann, f'send 1 {{"call": "{url}"}}', expect="Delivered")
    reply = await world.replied('"call"')
    assert "90AB5D84" not in str(reply.blocks)


async def test_what_a_session_answers_is_shown_without_secrets(world: World) -> None:
    """The answer's body stands in the thread, cut and without URLs that act, and it is not needed."""
    await world.started()
    answer = "see https://127.0.0.1:1/request/AF301580999958.1204800_185/90AB5D84 <!channel> ``` " + "z" * 5_000
    world.platform.faults.session(Status(200, answer))
    await world.says(world.ann, 'send 1 {"n": 1}', expect="Delivered")
    reply = await world.replied("It answered:")
    assert "[hidden]" in reply.text
    assert "90AB5D84" not in str(reply.blocks)
    assert "<!channel>" not in str(reply.blocks)
    world.platform.faults.session(Status(204))
    await world.says(world.ann, 'send 1 {"n": 2}', expect="HTTP 204")
    reply = await world.replied("HTTP 204")
    assert "It answered" not in reply.text


async def test_a_long_answer_stands_in_one_block_after_another(answering_world: World) -> None:
    """5 kB that are sent and echoed fill their code blocks: none of them is empty."""
    world = answering_world
    await world.started()
    await world.says(world.ann, f"send 1 {json.dumps({'long': 'x' * 5_000})}", expect="Delivered")
    reply = await world.replied("It answered:")
    assert len(reply.blocks) > 1
    assert not any("```\n```" in block["text"]["text"] for block in reply.blocks)


async def test_sends_go_in_order_and_a_stop_passes_them(world: World) -> None:
    """Sends of one session wait for each other; a stop waits for none of them."""
    await world.started("stuck")
    world.platform.faults.session(Hang())
    for number in range(1, 4):
        assert (await world.ann.slash(world.ops, f'send 1 {{"n": {number}}}')).acked
    await world.until(lambda: world.platform.deliveries, "the first to be on its way")
    await world.says(world.bob, "stop 1", expect="Stop delivered to #1")
    assert [json.loads(each.body) for each in world.platform.deliveries] == [{"n": 1}, {"command": "stop"}]
    world.platform.faults.release()
    await world.told(world.ann, "perhaps delivered, and not repeated")
    await world.slack.until(lambda: len([each for each in world.replies() if "sent:" in each.text]) == 3, "all sends")
    assert [json.loads(each.body) for each in world.platform.deliveries[2:]] == [{"n": 2}, {"n": 3}]


async def test_sessions_do_not_wait_for_each_other(world: World) -> None:
    """A send that hangs holds up its own session only."""
    await world.started()
    await world.started("stuck")
    world.platform.faults.session(Hang(), history_id=min(world.platform.sessions))
    assert (await world.ann.slash(world.ops, "send 1 {}")).acked
    await world.until(lambda: world.platform.deliveries, "the first to hang")
    await world.says(world.ann, "send 2 {}", expect="Delivered to #2")
    world.platform.faults.release()
    await world.told(world.ann, "perhaps delivered")


async def test_what_cannot_be_sent_says_why(world: World) -> None:
    """A session that starts, is over, or belongs to another channel gets nothing, and the person is told so."""
    elsewhere = world.slack.channel("elsewhere", members=[world.bob])
    world.platform.faults.management("StartScenarios", Slow(10))
    assert (await world.ann.slash(world.ops, "start obedient")).acked
    await world.shows("starting")
    await world.says(world.ann, "send 1 {}", expect="still starting and has no URL yet. Nothing was sent")
    world.platform.faults.release()
    await world.shows("running")
    told = await world.says(world.bob, "send 1 {}", channel=elsewhere, expect="Nothing was sent")
    assert f"belongs to <#{world.ops.id}>" in told.text
    await world.says(world.ann, "stop 1", expect="Confirmed: #1")
    await world.says(world.ann, "send 1 {}", expect="#1 obedient is over (Normal termination). Nothing was sent.")
    assert [each.body for each in world.platform.deliveries] == [b'{"command": "stop"}']


URL_SHOWN_OTHERWISE = """
let url;
VoxEngine.addEventListener(AppEvents.Started, (e) => { url = e.accessSecureURL; VoxEngine.callPSTN("+15550100"); });
VoxEngine.addEventListener(AppEvents.HttpRequest, () => JSON.stringify({
  spaced: url.split("").join(" "),
  turned: url.replace(/\\//g, "\\\\"),
  parts: url.split(/[/.]/),
  wide: url.split("").join("\\0"),
}));
"""


async def test_a_session_cannot_show_its_own_url(make_world: MakeWorld) -> None:
    """Neither the thread nor the database has a part of the URL that acts, however the scenario writes it."""
    account = default_account()
    account.add_rule(account.applications[0], "shows", URL_SHOWN_OTHERWISE)
    async with make_world(answer_bodies=True, account=account) as world:
        await world.started("shows")
        await world.says(world.ann, "send 1 {}", expect="Delivered to #1")
        await world.replied("[hidden]")
        await world.says(world.ann, "stop 1", expect="Stop delivered to #1")
        await world.slack.until(
            lambda: sum("It answered" in each.text for each in world.replies()) == 2, "both answers"
        )
        (running,) = world.platform._engine.started.values()
        secrets = secret_parts(running.access_secure_url)
        seen = str([each.blocks for each in world.ops.entries]) + world.kept().decode("latin-1")
        letters = "".join(filter(str.isalnum, seen))
        assert secrets
        assert not [each for each in secrets if each in letters]
