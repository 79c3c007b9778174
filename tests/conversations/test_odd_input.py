"""Names, reasons and data as people and strangers write them: shown as they are, without effect, cut where needed."""

import json
import re
from typing import Any

import pytest

from bot.sandbox.slack import Message
from bot.sandbox.voximplant import Account, default_account
from bot.sandbox.voximplant._account import shipped_scenario
from bot.text import call, code, link, strong
from storage.command import CommandState

from .conftest import MakeWorld, World

ODD_NAMES = [
    "<@U1> <!channel> <https://evil.example|here>",
    "*bold* _it_ ~no~ `code` ```fence```",
    "a & b < c > d",
    "\u202eevil\u202c name",
    "שלום עולם",
    "👩‍👩‍👧‍👦 family",
    "new\nline\ttab",
    "n" * 3_500,
    "“quoted” name",
    f"{call('U1')} {link('https://evil.example', 'here')} {strong('bold')}",
]


def formatted(part: Any) -> list[str]:
    """Collect the texts in which Slack looks for markup, without what stands in backticks."""
    if isinstance(part, dict):
        own = [re.sub("`[^`]*`", "", part["text"])] if part.get("type") == "mrkdwn" else []
        return [*own, *(text for value in part.values() for text in formatted(value))]
    return [text for each in part for text in formatted(each)] if isinstance(part, list) else []


def account_of(name: str) -> Account:
    account = default_account()
    account.add_rule(account.applications[0], name, shipped_scenario("obedient"), rule_id=2000)
    return account


@pytest.mark.parametrize("name", ODD_NAMES)
async def test_a_rules_odd_name_is_shown_without_effect(make_world: MakeWorld, name: str) -> None:
    """Whatever a rule is called, it can be started, listed and stopped, and its name mentions and formats nothing."""
    async with make_world(account=account_of(name)) as world:
        await world.says(world.ann, "start 2000", expect="Started #1")
        await world.shows("running")
        await world.says(world.ann, "status 1", expect="running")
        told = await world.says(world.ann, "list", expect="1 session is open")
        await world.says(world.ann, "rules 2000", expect="rule 2000")
        elsewhere = world.slack.channel("elsewhere", members=[world.bob])
        await world.says(world.bob, "stop 1", channel=elsewhere, expect="Stop #1?")
        await world.presses(world.ann, told, "Stop", expect="Confirmed: #1")
        await world.shows("ended")
        for each in [*world.ops.entries, *elsewhere.entries]:
            texts = [each.text, *formatted(each.blocks)]
            for harm in ("<!channel>", "<@U1>", "<https://evil", "*bold*"):
                assert harm not in str(texts)
            assert "\u202e" not in json.dumps([each.text, each.blocks], ensure_ascii=False)
        with world.database() as records:
            assert not records.execute("select error from messages where error is not null").fetchall()


@pytest.mark.parametrize(
    "reason",
    [
        "<@U1> <!here> *bold* `tick` ```fence``` & <b>",
        "\u202ereversed\u202c and שלום",
        "🚨 " + "very long " * 400,
        "line one\nline two",
        "--force",
        "it's fine, isn't it",
        '"unclosed quote',
        pytest.param("half \ud83d and \x00", id="half"),
        "https://127.0.0.1:1/request/AF301580999958.1204800_185/90AB5D84",
        pytest.param(f"{call('U1')} {strong('bold')} {code('x')} \x02 \x03", id="tokens"),
    ],
)
async def test_an_odd_reason_stops_all_the_same(world: World, reason: str) -> None:
    """Nothing that is written as a reason keeps a stop from going out, nor has an effect where it is shown."""
    await world.started()
    await world.says(world.ann, f"stop 1 {reason}", expect="Confirmed: #1")
    card = await world.shows("Confirmed by the history")
    reply = await world.replied("Confirmed")
    told = await world.says(world.bob, "stop 1", expect="has ended already")
    status = await world.says(world.bob, "status 1", expect="ended")
    for shown in (card, reply, told, status):
        said = str((shown.text, shown.blocks))
        for harm in ("<@U1>", "<!here>", "*bold*", "\u202e", "\\u202e", "<b>", "90AB5D84"):
            assert harm not in said
        assert len(shown.text) <= 4_000
    assert len(world.platform.deliveries) == 1


async def test_odd_data_is_sent_as_it_is_and_shown_without_effect(world: World) -> None:
    """Data with markup, backticks or a session's URL reaches the scenario as typed; the card only shows it."""
    data = "<@U1> *x* ``` `y` 🚑 שלום /request/AF301580999958.1204800_185/90AB5D84"
    await world.says(world.ann, f"start obedient {data}", expect="Started #1")
    (session,) = world.platform.sessions.values()
    assert session.custom_data == data
    card = await world.shows("running")
    status = await world.says(world.ann, "status 1", expect="Custom data")
    for shown in (card, status):
        said = str((shown.text, shown.blocks))
        for harm in ("<@U1>", "90AB5D84"):
            assert harm not in said
        assert "שלום" in said


def isolated(message: Message) -> list[str]:
    """Return what a message shows in isolates, with them: as a person copies it."""
    return re.findall("\u2068[^\u2069]*\u2069", message.plain())


async def test_right_to_left_text_can_be_used_as_it_is_shown(make_world: MakeWorld) -> None:
    """A rule's name, JSON and data, copied from where the bot shows them, mean the same as when they were typed."""
    async with make_world(account=account_of("שלמה")) as world:
        shown = await world.says(world.ann, "rules שלמה", expect="rule 2000")
        (name,) = isolated(shown)
        assert name == "\u2068שלמה\u2069"
        await world.says(world.ann, f"start {name} נתונים", expect="Started #1")
        card = await world.shows("running")
        (data,) = [each for each in isolated(card) if "נתונים" in each]
        await world.says(world.ann, f'start "{name}" {data}', expect="Already started #1")
        await world.says(world.ann, f"start “{name}” x", expect="Started #2")
        typed = '{"text": "שלמה", "mark": "\u200f\u061c"}'
        await world.says(world.ann, f"send 1 {typed}", expect="Delivered")
        reply = await world.replied("sent:")
        text, *_ = isolated(reply)
        world.clock.jump(5)
        await world.says(world.ann, f"send 1 {text}", expect="Delivered")
        assert [each.body for each in world.platform.deliveries] == [typed.encode()] * 2
        await world.says(world.ann, f'send 1 {{\n  {text[0]}"a": "שלמה"{text[-1]}\n}}', expect="Delivered")
        assert json.loads(world.platform.deliveries[-1].body) == {"a": "שלמה"}
        assert [each.custom_data for each in world.platform.sessions.values()] == ["נתונים", "x"]


async def test_a_name_with_a_direction_mark_is_found_with_and_without_it(make_world: MakeWorld) -> None:
    """Marks at the ends of a rule's name, which nobody sees, keep nobody from starting it by its name."""
    async with make_world(account=account_of("\u200fשלמה\u200e")) as world:
        await world.says(world.ann, "start \u200fשלמה\u200e", expect="Started #1")
        await world.says(world.ann, "start שלמה x", expect="Started #2")
        assert world.session(2).custom_data == "x"


async def test_spaces_and_cases_of_a_keyboard_do_not_matter(world: World) -> None:
    """No-break spaces, leading and trailing spaces, commas between ids and capitals are what keyboards make."""
    await world.says(world.ann, " \xa0START\xa0 obedient \u200b", expect="Started #1")
    await world.shows("running")
    (session,) = world.platform.sessions.values()
    assert session.custom_data.strip(" \u200b") == ""
    await world.says(world.ann, "Status\u2003#1", expect="running")
    await world.says(world.ann, "Stop\xa0#1,", expect="Confirmed: #1")


async def test_a_huge_line_is_answered(world: World) -> None:
    """A line of many thousand characters gets its answer within Slack's limits, whatever it is."""
    await world.started()
    for text in (
        "x" * 9_000,
        "stop " + "9" * 9_000,
        "status 1 " + "y " * 4_000,
        "help " + "z" * 9_000,
        "rules " + "r" * 9_000,
    ):
        told = await world.says(world.ann, text)
        assert len(told.text) <= 4_000
    await world.says(world.ann, "start " + "n" * 9_000, expect="No rule is called")
    await world.says(world.ann, 'start "' + "n" * 9_000, expect="has no end")
    assert not world.platform.deliveries


async def test_a_number_that_no_session_has_is_said_to_be_none(make_world: MakeWorld) -> None:
    """Whatever its size, a number of no session is answered in a sentence, by every verb that takes one."""
    config = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop", "close", "log", "audit", "adopt"]\n'
    verbs = ("status {}", "send {} {{}}", "stop {}", "stop 1 {}", "close {}", "again {}", "log {}", "audit {}")
    url = "https://www-ru-1-1.voximplant.com:12092/request/AF30.1580999958.1_1.2.3.4/90AB"
    async with make_world(config=config) as world:
        await world.started()
        for typed in ("0", str(2**63 - 1), str(2**63), f"h{2**63}", "9" * 100):
            named = typed if typed.startswith("h") else f"#{typed}"
            for text in verbs:
                told = await world.says(world.bob, text.format(typed), expect=named)
                assert f"No session {named} that you can see" in told.text, text
            if not 0 < int(typed.strip("h")) < 2**63:
                await world.says(world.bob, f"adopt {url} {typed}", expect="no session the number that you typed")
        assert not world.platform.deliveries
        assert {each.state for each in world.commands()[1:]} == {CommandState.refused}
