"""A person's tab has what that person sees in Slack, and nothing else."""

import json

from bot.sandbox.slack import File, Person

from .conftest import Tab, World

BUTTON = {"type": "button", "action_id": "stop", "text": {"type": "plain_text", "text": "Stop"}, "value": "VALUE-7"}


def channels(tab: Tab) -> dict[str, tuple[str, bool]]:
    """Return the channels of a tab by name, each with its kind and whether the person is in."""
    return {each["name"]: (each["kind"], each["member"]) for each in tab.last("channels")["channels"]}


async def test_everyone_sees_their_own_channels(world: World) -> None:
    """A member sees public channels as well; a guest and a stranger only those they are in, and their own messages."""
    dm = ("dm", True)
    expected = {
        world.ann: {"night-shift": ("public", True), "partners": ("shared", True), "directmessage": dm},
        world.bob: {
            "night-shift": ("public", True), "leads": ("private", True), "partners": ("shared", False),
            "directmessage": dm,
        },
        world.gil: {"directmessage": dm},
        world.sam: {"partners": ("shared", True), "directmessage": dm},
    }  # fmt: skip
    for person, seen in expected.items():
        async with world.tab(person) as tab:
            assert channels(tab) == seen
            (direct,) = [each for each in tab.last("channels")["channels"] if each["kind"] == "dm"]
            assert (direct["id"], direct["with"]) == (person.dm.id, world.slack.bot_user_id)


async def test_a_secret_stays_where_it_was_said(world: World) -> None:
    """No frame of another person holds a word of a private channel, of a direct message, or its channel's name."""
    world.bob.say(world.leads, "SECRET one")
    world.bob.say(world.bob.dm, "SECRET two")
    world.bob.say(world.bob.dm_with(world.sam), "SECRET three")
    world.slack.workspace.add_message(world.shift, world.slack.bot_user_id, "SECRET four", ephemeral_for=world.bob.id)
    world.slack.workspace.add_message(
        world.leads, world.slack.bot_user_id, "", files=[File("F1", "SECRET.txt", "SECRET", b"SECRET five")]
    )
    for person in (world.ann, world.gil):
        async with world.tab(person) as tab:
            world.bob.say(world.leads, "SECRET six")
            world.bob.say(person.dm_with(world.bob), "the end")
            await tab.until(lambda tab=tab: "the end" in json.dumps(tab.shown))
            assert "SECRET" not in json.dumps(tab.frames)
            assert "leads" not in json.dumps(tab.frames)


async def test_a_person_who_is_invited_sees_what_was_said(world: World) -> None:
    """An invitation brings the channel, its name and all its messages to a tab that is open."""
    world.bob.say(world.leads, "before")
    async with world.tab(world.gil) as tab:
        world.slack.channel("leads", members=[world.gil])
        await tab.until(lambda: tab.texts(world.leads) == ["before"])
        assert channels(tab)["leads"] == ("private", True)
        assert tab.last("names")["names"] == {world.leads.id: "#leads"}


async def test_only_its_reader_sees_an_ephemeral_message(world: World) -> None:
    """It is marked for its reader, and gone from their tab when they dismiss it; nobody else hears of it."""
    async with world.tab(world.ann) as anns, world.tab(world.bob) as bobs:
        sent = world.slack.workspace.add_message(
            world.shift, world.slack.bot_user_id, "psst", ephemeral_for=world.ann.id
        )
        await anns.until(lambda: anns.texts(world.shift) == ["psst"])
        assert anns.shown[world.shift.id][sent.ts]["only_you"] is True
        assert "no longer there" in await world.problem(world.bob, "dismiss", channel=world.shift.id, ts=sent.ts)
        await world.act(world.ann, "dismiss", channel=world.shift.id, ts=sent.ts)
        await anns.until(lambda: anns.texts(world.shift) == [])
        world.ann.say(world.shift, "the end")
        await bobs.until(lambda: bobs.texts(world.shift) == ["the end"])
        assert "psst" not in json.dumps(bobs.frames)


async def test_a_form_is_on_one_screen(world: World) -> None:
    """Modals and Home tabs are shown to their person alone, without what they keep for the app."""
    form = {"type": "modal", "private_metadata": "KEPT", "callback_id": "KEPT", "external_id": "KEPT"}
    form |= {"title": {"type": "plain_text", "text": "A form"}, "blocks": [{"type": "actions", "elements": [BUTTON]}]}
    async with world.bot_running() as bot, world.tab(world.ann) as anns, world.tab(world.bob) as bobs:
        await world.act(world.ann, "slash", channel=world.shift.id, text="/session send")
        await bot.call("views.open", trigger_id=bot.payloads[-1]["trigger_id"], view=form)
        await bot.call("views.publish", user_id=world.ann.id, view={"type": "home", "blocks": [{"type": "divider"}]})
        await anns.until(lambda: anns.last("views")["modals"] and anns.last("views")["home"])
        (shown,) = anns.last("views")["modals"]
        assert (shown["title"], shown["submit"], shown["close"], shown["errors"]) == ("A form", None, None, {})
        world.ann.say(world.shift, "the end")
        await bobs.until(lambda: bobs.texts(world.shift) == ["the end"])
        assert bobs.last("views") == {"type": "views", "modals": [], "home": None}
        assert "not open" in await world.problem(world.bob, "close", view=shown["id"])
        for secret in ("KEPT", "VALUE-7", bot.payloads[-1]["trigger_id"], bot.payloads[-1]["response_url"]):
            assert secret not in json.dumps(anns.frames + bobs.frames)


async def test_a_page_holds_no_secret_of_messages(world: World) -> None:
    """Neither metadata nor the values of buttons, nor a token, is in any frame."""
    async with world.tab(world.ann) as tab, world.bot_running() as bot:
        await bot.call(
            "chat.postMessage",
            channel=world.shift.id,
            text="card",
            blocks=[
                {"type": "actions", "elements": [BUTTON]},
                {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "accessory": BUTTON},
            ],
            metadata={"event_type": "session", "event_payload": {"id": "KEPT"}},
        )
        await tab.until(lambda: tab.texts(world.shift) == ["card"])
        sent = json.dumps(tab.frames)
        assert sent.count('"Stop"') == 2
        for secret in ("KEPT", "VALUE-7", world.slack.bot_token, world.slack.app_token, world.slack.signing_secret):
            assert secret not in sent


async def read(world: World, file_id: str, person: Person | None) -> tuple[int, bytes, dict[str, str]]:
    """Read a file as a person; return status, content and headers."""
    query = f"?as={person.id}" if person else ""
    async with world.http.get(f"{world.page.url}files/{file_id}{query}") as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def test_a_file_is_text_to_download_for_those_who_see_it(world: World) -> None:
    """A file comes as plain text under its name, whatever it claims to be, and only to one who sees its message."""
    content, name = "<script>alert(1)</script>\n\x00ü".encode(), 'a"b\r\nSet-Cookie: x=1; <ü>.html'
    message = world.slack.workspace.add_message(
        world.leads, world.slack.bot_user_id, "the log", files=[File("F1", name, "the log", content)]
    )
    async with world.tab(world.bob) as tab:
        (file,) = tab.shown[world.leads.id][message.ts]["files"]
        assert (file["name"], file["size"]) == (name, len(content))
        async with world.http.get(world.origin + file["url"]) as answer:
            assert (answer.status, await answer.read()) == (200, content)
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''a%22b%0D%0ASet")
            assert "Set-Cookie" not in answer.headers
    for person in (world.ann, world.gil, None):
        assert (await read(world, "F1", person))[0] == 404
    assert (await read(world, "F2", world.bob))[0] == 404


async def test_the_shapes_say_who_can_do_what(world: World) -> None:
    """The hello names the people with their roles, and what each may do, in the options' words or the role's."""
    async with world.tab(None) as tab:
        hello = tab.last("hello")
        assert hello["me"] == world.ann.id
        assert [(each["name"], each["role"]) for each in hello["people"]] == [
            ("ann", "member"), ("bob", "member"), ("gil", "guest"), ("sam", "stranger"),
        ]  # fmt: skip
        assert hello["people"][0]["about"] == "may start"
        assert all(each["about"] for each in hello["people"])
        assert hello["names"][world.ann.id] == "@ann"
        assert hello["names"][world.shift.id] == "#night-shift"
        assert hello["notes"] == ["faster"]
        assert hello["can"] == {"check": False, "bot": False}
        assert hello["commands"] == [{"word": "/session", "verbs": []}]
        assert hello["workspace"]["bot"]["id"] == world.slack.bot_user_id
    async with world.http.ws_connect(f"{world.page.url}live?as=U99999999", headers={"Origin": world.origin}) as socket:
        assert (await socket.receive_json())["me"] == world.ann.id
