"""Every interactive element can be used from the page, and its payload is Slack's."""

from typing import Any

import pytest

from bot.sandbox.slack import Message

from .conftest import Bot, Frame, Tab, World


def plain(text: str) -> Frame:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Frame:
    return {"text": plain(value.title()), "value": value}


OPTIONS = [option("one"), option("two"), option("three")]
ELEMENTS: dict[str, Frame] = {
    "button": {"text": plain("Stop"), "value": "7", "style": "danger"},
    "overflow": {"options": OPTIONS},
    "static_select": {"options": OPTIONS, "placeholder": plain("Choose")},
    "grouped": {"type": "static_select", "option_groups": [{"label": plain("All"), "options": OPTIONS}]},
    "external_select": {"min_query_length": 1},
    "radio_buttons": {"options": OPTIONS},
    "checkboxes": {"options": OPTIONS, "initial_options": OPTIONS[2:]},
    "users_select": {},
    "conversations_select": {},
}


def element(name: str, **more: Any) -> Frame:
    return {"type": name, "action_id": name, **ELEMENTS[name], **more}


def actions(*names: str) -> list[Frame]:
    return [{"type": "actions", "block_id": "acts", "elements": [element(name) for name in names]}]


def block(name: str, label: str = "Field", **more: Any) -> Frame:
    """Return an input block of a form; block id and action id are the name of the element."""
    kinds = ELEMENTS | {"plain_text_input": {}}
    shape = {"type": name, "action_id": name, **kinds.get(name, {}), **more.pop("element", {})}
    return {"type": "input", "block_id": name, "label": plain(label), "element": shape, **more}


async def posted(world: World, bot: Bot, blocks: list[Frame]) -> Message:
    """Post blocks to the channel as the bot; return the message."""
    await bot.call("chat.postMessage", channel=world.shift.id, text="card", blocks=blocks)
    return world.shift.messages[-1]


async def opened(world: World, bot: Bot, *blocks: Frame, **more: Any) -> str:
    """Open a form for ann; return its id."""
    await world.act(world.ann, "slash", channel=world.shift.id, text="/session send")
    form = {"type": "modal", "title": plain("Send"), "submit": plain("Send"), "blocks": list(blocks), **more}
    answer = await bot.call("views.open", trigger_id=bot.payloads[-1]["trigger_id"], view=form)
    return str(answer["view"]["id"])


def errors(tab: Tab) -> Frame:
    """Return the errors of the form on the screen, by block id."""
    return next((form["errors"] for form in tab.last("views")["modals"]), {})


async def test_a_button_of_a_message(world: World) -> None:
    """A button is found by its ids, and its value, which no page has, goes to the bot."""
    async with world.bot_running() as bot:
        card = await posted(world, bot, actions("button", "static_select"))
        at = {"channel": world.shift.id, "ts": card.ts, "block_id": "acts"}
        await world.act(world.bob, "press", **at, action_id="button")
        payload = bot.payloads[-1]
        (done,) = payload["actions"]
        assert {key: done[key] for key in ("type", "block_id", "action_id", "value", "style")} == {
            "type": "button", "block_id": "acts", "action_id": "button", "value": "7", "style": "danger",
        }  # fmt: skip
        assert payload["user"]["id"] == world.bob.id
        assert payload["container"]["message_ts"] == payload["message"]["ts"] == card.ts
        assert payload["trigger_id"]
        assert payload["response_url"].startswith("http")
        assert payload["state"]["values"] == {
            "acts": {"static_select": {"type": "static_select", "selected_option": None}}
        }


CHOICES: list[tuple[str, Any, Frame]] = [
    ("overflow", "two", {"selected_option": OPTIONS[1]}),
    ("static_select", "two", {"selected_option": OPTIONS[1]}),
    ("grouped", "two", {"selected_option": OPTIONS[1]}),
    ("radio_buttons", "one", {"selected_option": OPTIONS[0]}),
    ("checkboxes", ["one", "two"], {"selected_options": OPTIONS[:2]}),
    ("checkboxes", [], {"selected_options": []}),
    ("users_select", "BOB", {"selected_user": "BOB"}),
    ("conversations_select", "SHIFT", {"selected_conversation": "SHIFT"}),
]


async def test_a_choice_in_a_message(world: World) -> None:
    """Each kind of element has its own key in the payload, and what was chosen goes along with later acts."""
    ids = {"BOB": world.bob.id, "SHIFT": world.shift.id}
    async with world.bot_running() as bot:
        card = await posted(world, bot, actions(*{name: None for name, _, _ in CHOICES}))
        at = {"channel": world.shift.id, "ts": card.ts, "block_id": "acts"}
        for name, given, expected in CHOICES:
            value = ids.get(given, given) if isinstance(given, str) else given
            answer = {key: ids.get(each, each) if isinstance(each, str) else each for key, each in expected.items()}
            await world.act(world.ann, "press", **at, action_id=name, value=value)
            (done,) = bot.payloads[-1]["actions"]
            kind = ELEMENTS[name].get("type", name)
            assert {"type": done["type"], **{key: done[key] for key in answer}} == {"type": kind, **answer}
            state = bot.payloads[-1]["state"]["values"]["acts"]
            assert state.get(name) == (None if name == "overflow" else {"type": kind, **answer})
        await world.act(world.bob, "press", **at, action_id="users_select", value=world.ann.id)
        state = bot.payloads[-1]["state"]["values"]["acts"]
        assert state["static_select"]["selected_option"] is None, "what ann chose is not bob's choice"
        assert state["checkboxes"]["selected_options"] == OPTIONS[2:]


async def test_what_is_not_there_cannot_be_chosen(world: World) -> None:
    """An option, an element or a message that has gone is a sentence, and nothing is sent."""
    async with world.bot_running() as bot:
        card = await posted(world, bot, actions("static_select", "users_select", "conversations_select", "overflow"))
        at = {"channel": world.shift.id, "ts": card.ts, "block_id": "acts"}
        for name, value in (
            ("static_select", "four"), ("users_select", "U99999999"), ("conversations_select", world.leads.id),
            ("nothing", "one"), ("overflow", "four"),
        ):  # fmt: skip
            assert "no longer there" in await world.problem(world.ann, "press", **at, action_id=name, value=value)
        for name, value in (("static_select", ["one", "two"]), ("overflow", None)):
            status, _ = await world.post("press", **{"as": world.ann.id, **at, "action_id": name, "value": value})
            assert status == 400
        world.slack.workspace.remove_message(card)
        assert "no longer there" in await world.problem(world.ann, "press", **at, action_id="overflow", value="one")
        assert bot.payloads == []


async def test_a_button_of_a_card_that_was_updated_meanwhile(world: World) -> None:
    """A person who confirms on a card that is updated just then presses its button, unless it is another one now."""
    async with world.bot_running() as bot:
        row = {"type": "actions", "elements": [element("button")]}
        card = await posted(world, bot, [row])
        at = {"channel": world.shift.id, "ts": card.ts, "block_id": card.blocks[0]["block_id"], "action_id": "button"}
        await bot.call("chat.update", channel=world.shift.id, ts=card.ts, text="card", blocks=[row])
        assert card.blocks[0]["block_id"] != at["block_id"]
        await world.act(world.ann, "press", **at)
        assert bot.payloads[-1]["actions"][0]["block_id"] == card.blocks[0]["block_id"]
        for blocks in ([row, row], [{"type": "divider"}]):
            await bot.call("chat.update", channel=world.shift.id, ts=card.ts, text="card", blocks=blocks)
            assert "no longer there" in await world.problem(world.ann, "press", **at)


async def test_an_ephemeral_message_is_pressed_by_its_reader(world: World) -> None:
    """Its payload has the place alone, as Slack's; nobody else can press it."""
    async with world.bot_running() as bot:
        await bot.call(
            "chat.postEphemeral", channel=world.shift.id, user=world.ann.id, text="sure?", blocks=actions("button")
        )
        (asked,) = world.ann.ephemerals()
        at = {"channel": world.shift.id, "ts": asked.ts, "block_id": "acts", "action_id": "button"}
        assert "no longer there" in await world.problem(world.bob, "press", **at)
        await world.act(world.ann, "press", **at)
        assert "message" not in bot.payloads[-1]
        assert bot.payloads[-1]["container"]["is_ephemeral"] is True


@pytest.mark.parametrize("place", ["message", "form"])
async def test_an_external_select_is_searched(world: World, place: str) -> None:
    """Typing asks the bot, also for groups; what was offered once can be chosen after another search."""
    async with world.bot_running() as bot:
        if place == "message":
            card = await posted(world, bot, actions("external_select"))
            at = {"channel": world.shift.id, "ts": card.ts, "block_id": "acts", "action_id": "external_select"}
        else:
            view = await opened(world, bot, block("external_select", element={"min_query_length": 1}))
            at = {"view": view, "block_id": "external_select", "action_id": "external_select"}
        before = len(bot.payloads)
        assert await world.act(world.ann, "search", **at, query="") == {"ok": True, "options": [], "groups": []}
        assert len(bot.payloads) == before, "too short a word asks nobody"
        bot.answer = {"options": OPTIONS[:1]}
        assert (await world.act(world.ann, "search", **at, query="o"))["options"] == OPTIONS[:1]
        assert (bot.payloads[-1]["type"], bot.payloads[-1]["value"]) == ("block_suggestion", "o")
        bot.answer = {"option_groups": [{"label": plain("Group"), "options": OPTIONS[1:]}]}
        assert (await world.act(world.ann, "search", **at, query="t"))["groups"][0]["options"] == OPTIONS[1:]
        bot.answer = None
        for value in ("one", "three"):
            await world.act(world.ann, "press", **at, value=value)
            assert bot.payloads[-1]["actions"][0]["selected_option"] == option(value)
        bot.answer = {"options": [{"text": "bad"}]}
        assert "listed nothing" in await world.problem(world.ann, "search", **at, query="x")


async def test_a_form_is_submitted_with_all_its_values(world: World) -> None:
    """Each field has its entry in `state.values`; null is an empty field, and one left out keeps the app's value."""
    kinds = ("static_select", "radio_buttons", "users_select", "conversations_select")
    async with world.bot_running() as bot:
        view = await opened(
            world,
            bot,
            block("plain_text_input", element={"initial_value": "before"}, optional=True),
            block("checkboxes", optional=True),
            *(block(kind) for kind in kinds),
            {"type": "actions", "block_id": "acts", "elements": [element("static_select", initial_option=OPTIONS[0])]},
        )
        values: dict[str, Any] = {
            "plain_text_input": None, "static_select": "two", "radio_buttons": "three", "users_select": world.bob.id,
            "conversations_select": world.partners.id,
        }  # fmt: skip
        await world.act(world.ann, "submit", view=view, values={name: {name: given} for name, given in values.items()})
        assert bot.payloads[-1]["type"] == "view_submission"
        state = bot.payloads[-1]["view"]["state"]["values"]
        assert state == {
            "plain_text_input": {"plain_text_input": {"type": "plain_text_input", "value": None}},
            "checkboxes": {"checkboxes": {"type": "checkboxes", "selected_options": OPTIONS[2:]}},
            "static_select": {"static_select": {"type": "static_select", "selected_option": OPTIONS[1]}},
            "radio_buttons": {"radio_buttons": {"type": "radio_buttons", "selected_option": OPTIONS[2]}},
            "users_select": {"users_select": {"type": "users_select", "selected_user": world.bob.id}},
            "conversations_select": {
                "conversations_select": {
                    "type": "conversations_select", "selected_conversation": world.partners.id,
                }
            },
            "acts": {"static_select": {"type": "static_select", "selected_option": OPTIONS[0]}},
        }  # fmt: skip
        assert world.ann.modals == []


async def test_what_slack_itself_asks_for_stands_under_the_field(world: World) -> None:
    """A required field left empty, and a text too short or too long, are said there, and nothing is sent."""
    async with world.bot_running() as bot, world.tab(world.ann) as tab:
        view = await opened(
            world, bot, block("plain_text_input", element={"min_length": 3, "max_length": 5}), block("radio_buttons")
        )
        sent = len(bot.payloads)
        cases = {None: "required", "": "required", "ab": "At least 3 characters", "abcdef": "At most 5 characters"}
        for text, fault in cases.items():
            values = {"plain_text_input": {"plain_text_input": text}, "radio_buttons": {"radio_buttons": None}}
            said = await world.problem(world.ann, "submit", view=view, values=values)
            assert said == "Some fields need another look. Nothing was sent."
            await tab.until(lambda fault=fault: fault in errors(tab).get("plain_text_input", ""))
            assert "required" in errors(tab)["radio_buttons"]
        assert len(bot.payloads) == sent
        values = {"plain_text_input": {"plain_text_input": "abcd"}, "radio_buttons": {"radio_buttons": "one"}}
        bot.answer = {"response_action": "errors", "errors": {"radio_buttons": "Not this one."}}
        await world.act(world.ann, "submit", view=view, values=values)
        await tab.until(lambda: errors(tab) == {"radio_buttons": "Not this one."})
        bot.answer = None
        await world.act(world.ann, "submit", view=view, values=values)
        await tab.until(lambda: tab.last("views")["modals"] == [])


async def test_a_press_in_a_form_sends_what_is_typed(world: World) -> None:
    """The fields as they stand go along, survive an update of the form, and only the ones it renames are lost."""
    async with world.bot_running() as bot:
        fields = [block("plain_text_input"), block("static_select", dispatch_action=True)]
        view = await opened(world, bot, *fields)
        typed = {"plain_text_input": {"plain_text_input": "half a wor"}}
        at = {"view": view, "block_id": "static_select", "action_id": "static_select"}
        await world.act(world.ann, "press", **at, value="two", values=typed)
        state = bot.payloads[-1]["view"]["state"]["values"]
        assert state["plain_text_input"]["plain_text_input"]["value"] == "half a wor"
        assert state["static_select"]["static_select"]["selected_option"] == OPTIONS[1]
        assert "response_url" not in bot.payloads[-1]
        content = {"type": "modal", "title": plain("Send"), "submit": plain("Send")}
        fewer = block("static_select", element={"options": OPTIONS[:1]})
        await bot.call("views.update", view_id=view, view={**content, "blocks": [fields[0], fewer]})
        state = world.ann.modals[0].state()
        assert state["plain_text_input"]["plain_text_input"]["value"] == "half a wor"
        assert state["static_select"]["static_select"]["selected_option"] is None, "it is no option any more"
        await bot.call("views.update", view_id=view, view={**content, "blocks": [{**fields[0], "block_id": "new"}]})
        assert world.ann.modals[0].state()["new"]["plain_text_input"]["value"] is None


async def test_a_form_whose_bot_does_not_answer_stays(world: World) -> None:
    """A form that nobody takes says so, and keeps what is filled in; closed, it is gone."""
    async with world.bot_running() as bot:
        view = await opened(world, bot, block("plain_text_input"), notify_on_close=True)
    await world.slack.disconnected()
    values = {"plain_text_input": {"plain_text_input": "x"}}
    assert "dispatch_failed" in await world.problem(world.ann, "submit", view=view, values=values)
    (form,) = world.ann.modals
    assert form.state()["plain_text_input"]["plain_text_input"]["value"] == "x"
    await world.act(world.ann, "close", view=view)
    for act in ("close", "submit"):
        assert "not open any more" in await world.problem(world.ann, act, view=view, values={})
