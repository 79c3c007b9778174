"""What people write, fill in and see."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack, Role, SlackOptions, transcript
from bot.sandbox.slack._composer import compose


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("see https://x.test/p.", "see <https://x.test/p>."),
        ("(https://x.test/?a=1&b=2)", "(<https://x.test/?a=1&amp;b=2>)"),
        ('{"url":"https://x.test"}', '{"url":"<https://x.test>"}'),
        ("mail ops@x.test", "mail <mailto:ops@x.test|ops@x.test>"),
        ("call +4915112345678", "call <tel:+4915112345678|+4915112345678>"),
        ("see example.com", "see <http://example.com|example.com>"),
        ("@alice and @nobody", "<@U1> and @nobody"),
        ("<@U1>", "&lt;@U1&gt;"),
        ("run ```\n{}\n``` now", "run ```{}``` now"),
    ],
)
def test_what_slack_makes_of_a_text(typed: str, sent: str) -> None:
    """An event's text is escaped, mentions and links are resolved."""
    assert compose(typed, {"alice": "U1"}).text == sent


def test_blocks_hold_what_was_typed() -> None:
    """The rich text of an event keeps the text unescaped, links apart, fences as preformatted."""
    composed = compose('a & b\n```{"url": "https://x.test"}```', {})
    section, preformatted = composed.blocks[0]["elements"]
    assert section["elements"] == [{"type": "text", "text": "a & b\n"}]
    assert preformatted["type"] == "rich_text_preformatted"
    assert [part.get("url") or part["text"] for part in preformatted["elements"]] == [
        '{"url": "',
        "https://x.test",
        '"}',
    ]


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        ('"*1* now"', [('"', ""), ("1", "bold"), (' now"', "")]),
        ("_a_, ~b~ `*c*`", [("a", "italic"), (", ", ""), ("b", "strike"), (" ", ""), ("*c*", "code")]),
        ("*a _b_ `c`*", [("a ", "bold"), ("b", "bold italic"), (" ", "bold"), ("c", "bold code")]),
        ("*see https://x.y now*", [("see ", "bold"), ("https://x.y", "bold"), (" now", "bold")]),
        ("`https://x.y` `@alice`", [("https://x.y", "code"), (" ", ""), ("@alice", "code")]),
        ("snake_case_name 2*3*4 * a * ** ``", [("snake_case_name 2*3*4 * a * ** ``", "")]),
        ("*a\nb*", [("*a\nb*", "")]),
    ],
)
def test_styles_leave_the_words_and_take_the_marks(typed: str, pieces: list[tuple[str, str]]) -> None:
    """The blocks hold styled words without the marks that made them so; the text keeps the marks."""
    composed = compose(typed, {"alice": "U1"})
    elements = composed.blocks[0]["elements"][0]["elements"]
    assert [(each.get("url") or each["text"], " ".join(each.get("style", {}))) for each in elements] == pieces
    assert composed.text == typed.replace("https://x.y", "<https://x.y>")


async def test_private_channels_are_for_members(slack: LocalSlack) -> None:
    """Nobody acts in a private channel without being in it; a public one is joined by acting."""
    alice, bob = slack.person("alice"), slack.person("bob")
    secret = slack.channel("secret", private=True, members=[alice])
    with pytest.raises(PermissionError):
        await bob.slash(secret, "list")
    ops = slack.channel("ops")
    await bob.slash(ops, "list")
    assert ops.members == [bob.id]


async def test_nobody_acts_in_an_archived_channel(slack: LocalSlack) -> None:
    """An archived channel takes no commands and no messages."""
    alice, ops = slack.person("alice"), slack.channel("ops")
    ops.archived = True
    with pytest.raises(PermissionError, match="archived"):
        await alice.slash(ops, "list")
    with pytest.raises(PermissionError, match="archived"):
        alice.say(ops, "hello")


async def test_mentions_need_the_bot_in_the_channel(slack: LocalSlack) -> None:
    """A mention where the bot is not, or in a direct conversation, makes no event."""
    alice = slack.person("alice")
    for place in (slack.channel("away", bot_in=False), alice.dm):
        typed = await alice.mention(place, "stop")
        assert (typed.envelope, typed.error) == (None, "not_in_channel")
        assert typed.message in place.messages


async def test_a_stranger_is_of_another_team(slack: LocalSlack) -> None:
    """What a stranger types carries the id of another workspace."""
    typed = await slack.person("eve", role=Role.STRANGER).slash(slack.channel("ops", shared=True), "list")
    assert typed.envelope is not None
    assert typed.envelope.payload["team_id"] == "T0OTHER"
    claimed = await slack.person("alice").slash(slack.channel("ops"), "list", team_id="T9")
    assert claimed.envelope is not None
    assert claimed.envelope.payload["team_id"] == "T9"


async def test_only_what_is_seen_can_be_clicked(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Somebody else's ephemeral and a button that is not there cannot be clicked."""
    alice, bob = slack.person("alice"), slack.person("bob")
    ops = slack.channel("ops", members=[alice, bob])
    stop = {"type": "button", "text": {"type": "plain_text", "text": "Stop"}}
    await client.chat_postEphemeral(
        channel=ops.id, user=alice.id, text="x", blocks=[{"type": "actions", "elements": [stop]}]
    )
    shown = alice.ephemerals(ops)[0]
    assert shown.buttons()[0].action_id
    with pytest.raises(LookupError):
        await bob.click(shown, "Stop")
    with pytest.raises(LookupError):
        await alice.click(shown, "Start")


def field(name: str, **element: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": name.title()}
    element = {"type": "plain_text_input", "action_id": f"{name}-typed", **element}
    return {"type": "input", "block_id": name, "label": label, "element": element}


def modal(*blocks: dict[str, Any], **parts: Any) -> dict[str, Any]:
    text = {"type": "plain_text", "text": "Go"}
    return {"type": "modal", "title": text, "submit": text, "blocks": list(blocks), **parts}


async def test_forms_ask_for_what_they_require(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A form does not submit without a required field, nor with a text too long or a field unknown."""
    alice = slack.person("alice")
    trigger = (await alice.slash(slack.channel("ops"), "send 7")).trigger_id
    await client.views_open(trigger_id=trigger, view=modal(field("json", max_length=5)))
    view = alice.modals[0]
    for values, error in (({}, ValueError), ({"json": "123456"}, ValueError), ({"other": "x"}, LookupError)):
        with pytest.raises(error):
            await alice.submit(view, values)
    with pytest.raises(LookupError):
        await alice.submit(view, {"json": "{}", "other": "x"})
    typed = await alice.submit(view, {"Json": "{}"})
    assert typed.envelope is not None
    state = typed.envelope.payload["view"]["state"]["values"]
    assert state == {"json": {"json-typed": {"type": "plain_text_input", "value": "{}"}}}
    assert view.is_open  # nobody acked


@pytest.mark.parametrize(
    "view",
    [
        {"type": "modal", "blocks": []},
        modal(title={"type": "plain_text", "text": "x" * 25}),
        modal(private_metadata="x" * 3001),
        modal(field("json", initial_value="x" * 3001)),
        {key: value for key, value in modal(field("json")).items() if key != "submit"},
        modal(*[{"type": "divider"}] * 101),
        {"type": "home", "blocks": []},
    ],
)
async def test_modals_have_limits(slack: LocalSlack, client: AsyncWebClient, view: dict[str, Any]) -> None:
    """A modal that breaks a limit is refused with invalid_arguments."""
    trigger = (await slack.person("alice").slash(slack.channel("ops"), "send 7")).trigger_id
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=trigger, view=view)
    assert caught.value.response["error"] == "invalid_arguments"


async def test_modals_and_homes_are_updated(slack: LocalSlack, client: AsyncWebClient) -> None:
    """views.update changes an open modal and knows its hash; views.publish sets the one Home tab."""
    alice = slack.person("alice")
    trigger = (await alice.slash(slack.channel("ops"), "send 7")).trigger_id
    opened = (await client.views_open(trigger_id=trigger, view=modal(external_id="e1")))["view"]
    await client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(field("json")))
    assert alice.modals[0].plain() == "Go\nJson: []"
    for wrong, word in (
        ({"view_id": opened["id"], "hash": opened["hash"]}, "hash_conflict"),
        ({"view_id": "V404"}, "not_found"),
    ):
        with pytest.raises(SlackApiError) as caught:
            await client.views_update(view=modal(), **wrong)
        assert caught.value.response["error"] == word
    for text in ("one", "two"):
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        await client.views_publish(user_id=alice.id, view={"type": "home", "blocks": [block]})
    assert alice.home is not None
    assert alice.home.plain() == "two"
    assert len(alice.modals) == 1


async def test_a_conversation_is_read_as_it_is_seen(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A transcript has threads under their parents, and ephemerals for those who see them."""
    alice, bob = slack.person("alice"), slack.person("bob")
    ops = slack.channel("ops", members=[alice, bob])
    stop = {"type": "button", "text": {"type": "plain_text", "text": "Stop"}, "action_id": "stop"}
    card = (
        await client.chat_postMessage(
            channel=ops.id,
            text="#7",
            blocks=[
                {"type": "section", "text": {"type": "mrkdwn", "text": f"#7 by <@{alice.id}> &amp; co"}},
                {"type": "actions", "elements": [stop]},
            ],
        )
    )["ts"]
    await client.chat_postEphemeral(channel=ops.id, user=bob.id, text="psst")
    await client.chat_postMessage(channel=ops.id, thread_ts=card, text="a reply", reply_broadcast=True)
    names = slack.workspace.names
    seen = [(entry.text, entry.depth, entry.only_visible_to) for entry in transcript(ops, names, bob.id)]
    assert seen == [("#7 by @alice & co\n[Stop]", 0, None), ("a reply", 1, None), ("psst", 0, "you")]
    assert transcript(ops, names)[0].buttons == ("Stop",)
    assert [entry.text for entry in transcript(ops, names, alice.id)][1:] == ["a reply"]
    assert slack.conversation().splitlines() == [
        "#ops",
        "  session-bot: #7 by @alice & co",
        "    [Stop]",
        "      session-bot (also in the channel): a reply",
        "  session-bot (only visible to bob): psst",
    ]


async def test_on_enterprise_grid_payloads_name_a_persons_home() -> None:
    """A command names the workspace where it is typed, everything else the home; users.info alone tells membership."""
    async with LocalSlack(SlackOptions(enterprise_id="E0LOCAL", ack_seconds=0.01)) as slack:
        ops = slack.channel("ops", org_shared=True)
        gail = slack.person("gail", home="E0LOCAL", teams=("T0LOCAL", "T0SISTER"))
        typed, written = await gail.slash(ops, "list"), await gail.mention(ops, "list")
        assert typed.envelope is not None
        assert written.envelope is not None
        assert gail.id.startswith("W")
        command, event = typed.envelope.payload, written.envelope.payload
        assert (command["team_id"], command["enterprise_id"]) == ("T0LOCAL", "E0LOCAL")
        assert (event["event"]["user_team"], event["event"]["source_team"]) == ("E0LOCAL", "E0LOCAL")
        assert event["authorizations"][0]["team_id"] == "T0LOCAL"
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        user = (await client.users_info(user=gail.id))["user"]
        assert "team_id" not in user
        assert user["enterprise_user"]["teams"] == ["T0LOCAL", "T0SISTER"]
        channel = (await client.conversations_info(channel=ops.id))["channel"]
        assert (channel["is_org_shared"], channel["is_ext_shared"]) == (True, False)
        assert (await client.auth_test())["enterprise_id"] == "E0LOCAL"
