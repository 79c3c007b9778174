"""The Web API refuses what Slack refuses, in Slack's words."""

from collections.abc import Awaitable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.slack import LocalSlack, Role, SlackOptions


async def refusal(call: Awaitable[Any]) -> str:
    """Make a call that must be refused and give the word."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def post(slack: LocalSlack, method: str, **request: Any) -> dict[str, Any]:
    """Call a method by hand, as no client would."""
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.api_url + method, **{"headers": headers, **request}) as response,
    ):
        answer: dict[str, Any] = await response.json()
        return answer


async def test_auth(slack: LocalSlack, client: AsyncWebClient) -> None:
    """The bot token is known by auth.test, with its scopes in a header; no other token is."""
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"]) == (slack.team_id, slack.bot_user_id)
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]
    client.token = "xoxb-wrong"
    assert await refusal(client.auth_test()) == "invalid_auth"
    client.token = None
    assert await refusal(client.auth_test()) == "not_authed"


async def test_app_token_and_bot_token_differ(slack: LocalSlack, client: AsyncWebClient) -> None:
    """apps.connections.open takes the app token only, and everything else the bot token only."""
    assert await refusal(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"
    answer = await client.apps_connections_open(app_token=slack.app_token)
    assert answer["url"].startswith("ws://127.0.0.1:")
    client.token = slack.app_token
    assert await refusal(client.auth_test()) == "not_allowed_token_type"


async def test_socket_url_is_good_once(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A websocket URL opens one connection, and one that was never given opens none."""
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["num_connections"] == 1
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_eleventh_connection_is_refused(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Ten connections may be open; the next is told too_many_websockets."""
    async with aiohttp.ClientSession() as session:
        sockets, frames = [], []
        for _ in range(11):
            url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
            sockets.append(await session.ws_connect(url))
            frames.append(await sockets[-1].receive_json())
    assert [frame.get("num_connections") for frame in frames] == [*range(1, 11), None]
    assert frames[-1]["reason"] == "too_many_websockets"


async def test_unknown_method(slack: LocalSlack) -> None:
    """A method that does not exist is refused."""
    assert (await post(slack, "chat.shout"))["error"] == "unknown_method"


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        ({"json": {"channel": "C1", "text": "x", "colour": "red"}}, "invalid_arguments"),
        ({"json": {"text": "x"}}, "invalid_arguments"),
        ({"json": {"channel": "C1", "text": 7}}, "invalid_arguments"),
        ({"json": ["C1"]}, "json_not_object"),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, "invalid_json"),
        ({"data": b"x", "headers": {"Content-Type": "text/csv"}}, "invalid_post_type"),
        ({"data": {"channel": "C1", "blocks": "["}}, "invalid_blocks_format"),
    ],
)
async def test_wrong_arguments(slack: LocalSlack, request_: dict[str, Any], word: str) -> None:
    """Arguments that are unknown, missing, of a wrong kind or unreadable are refused."""
    headers = {"Authorization": f"Bearer {slack.bot_token}", **request_.pop("headers", {})}
    assert (await post(slack, "chat.postMessage", headers=headers, **request_))["error"] == word


@pytest.mark.parametrize("how", ["header", "form", "both"])
async def test_token_may_stand_in_the_form(slack: LocalSlack, how: str) -> None:
    """Header, form field or both: Bolt for JavaScript sends it in the form. None is kept in the list of calls."""
    headers = {} if how == "form" else {"Authorization": f"Bearer {slack.bot_token}"}
    data = {} if how == "header" else {"token": slack.bot_token}
    assert (await post(slack, "auth.test", headers=headers, data=data))["ok"]
    assert [call.arguments for call in slack.calls] == [{}]


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        ({"data": {"token": "xoxb-wrong"}}, "invalid_auth"),
        ({"data": {"token": ""}}, "not_authed"),
        ({"json": {"token": "{bot}"}}, "not_authed"),
        ({"params": {"token": "{bot}"}}, "not_authed"),
        ({"params": {"token": "{bot}"}, "data": {"x": "y"}}, "not_authed"),
        ({"headers": {"Authorization": "Bearer {bot}"}, "data": {"token": "xoxb-wrong"}}, "invalid_auth"),
        ({"headers": {"Authorization": "Bearer {bot}"}, "data": {"token": "{app}"}}, "invalid_auth"),
    ],
)
async def test_wrong_token(slack: LocalSlack, request_: dict[str, Any], word: str) -> None:
    """Of two tokens both must be good, and in an address or in JSON it is none, as it ends up in logs."""

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(each) for name, each in value.items()}
        return value.replace("{bot}", slack.bot_token).replace("{app}", slack.app_token)

    assert (await post(slack, "auth.test", **{"headers": {}, **filled(request_)}))["error"] == word
    assert slack.calls == []


async def test_reading_methods_take_no_json(slack: LocalSlack) -> None:
    """users.info reads forms and queries; of JSON it sees nothing."""
    user = slack.person("alice").id
    assert (await post(slack, "users.info", json={"user": user}))["error"] == "invalid_arguments"
    assert (await post(slack, "users.info", data={"user": user}))["ok"]


async def test_form_bodies(slack: LocalSlack) -> None:
    """A form carries blocks as JSON text and flags as words."""
    ops = slack.channel("ops")
    blocks = '[{"type": "divider"}]'
    form = {"channel": ops.id, "text": "x", "blocks": blocks, "unfurl_links": "false"}
    assert (await post(slack, "chat.postMessage", data=form))["ok"]
    assert ops.messages[0].blocks[0]["type"] == "divider"


async def test_where_the_bot_may_write(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Outside a public channel it is not_in_channel, outside a private one channel_not_found."""
    alice = slack.person("alice")
    public = slack.channel("public", bot_in=False)
    private = slack.channel("private", private=True, bot_in=False, members=[alice])
    archived = slack.channel("old")
    archived.archived = True
    for channel, word in (
        (public, "not_in_channel"),
        (private, "channel_not_found"),
        (archived, "is_archived"),
    ):
        assert await refusal(client.chat_postMessage(channel=channel.id, text="x")) == word
    assert await refusal(client.chat_postMessage(channel="#public", text="x")) == "channel_not_found"
    await client.chat_postMessage(channel=alice.id, text="to you")
    message = alice.dm.messages[0]
    assert message.text == "to you"
    update = client.chat_update(channel=alice.id, ts=message.ts, text="y")
    assert await refusal(update) == "channel_not_found"


@pytest.mark.parametrize(("role", "word"), [(Role.BOT, "cannot_dm_bot"), (Role.DEACTIVATED, "user_disabled")])
async def test_who_takes_no_direct_message(slack: LocalSlack, client: AsyncWebClient, role: Role, word: str) -> None:
    """Another bot and a deactivated person have no conversation to post to."""
    with pytest.raises(SlackApiError, match=word):
        await client.chat_postMessage(channel=slack.person("other", role=role).id, text="hello")


async def test_texts_and_their_limits(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A message needs a text or blocks, and an update takes 4000 characters at most."""
    ops = slack.channel("ops")
    assert (await post(slack, "chat.postMessage", json={"channel": ops.id, "text": " "}))["error"] == "no_text"
    assert await refusal(client.chat_postMessage(channel=ops.id, text="x" * 40_001)) == "msg_too_long"
    ts = (await client.chat_postMessage(channel=ops.id, text="x"))["ts"]
    await client.chat_update(channel=ops.id, ts=ts, text="x" * 4000)
    assert await refusal(client.chat_update(channel=ops.id, ts=ts, text="x" * 4001)) == "msg_too_long"


async def test_blocks_have_a_limit_together(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Blocks that fit one by one are msg_blocks_too_long when they hold too much together."""
    block = {"type": "section", "text": {"type": "plain_text", "text": "x" * 3000}}
    ops = slack.channel("ops")
    await client.chat_postMessage(channel=ops.id, text="x", blocks=[block] * 4)
    too_much = client.chat_postMessage(channel=ops.id, text="x", blocks=[block] * 5)
    assert await refusal(too_much) == "msg_blocks_too_long"


async def test_threads_hang_on_parents(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A reply hangs on a message that is no reply; broadcast, it is marked so."""
    ops = slack.channel("ops")
    parent = (await client.chat_postMessage(channel=ops.id, text="card"))["ts"]
    reply = await client.chat_postMessage(channel=ops.id, text="r", thread_ts=parent, reply_broadcast=True)
    for wrong in (reply["ts"], "1.000000"):
        call = client.chat_postMessage(channel=ops.id, text="r", thread_ts=wrong)
        assert await refusal(call) == "thread_not_found"
    assert [message.text for message in ops.messages] == ["card"]
    assert [(message.text, message.broadcast) for message in ops.thread(ops.messages[0])] == [("r", True)]


async def test_update_knows_its_messages(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Only the bot's own messages that exist can be updated, and ephemerals cannot."""
    alice, ops = slack.person("alice"), slack.channel("ops")
    hers = alice.say(ops, "mine")
    whispered = await client.chat_postEphemeral(channel=ops.id, user=alice.id, text="psst")
    for ts, word in ((hers.ts, "cant_update_message"), (whispered["message_ts"], "message_not_found")):
        assert await refusal(client.chat_update(channel=ops.id, ts=ts, text="x")) == word


async def test_the_bot_deletes_its_own_messages(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Only the bot's own messages that exist can be deleted; one with replies becomes a note in its place."""
    alice, ops = slack.person("alice"), slack.channel("ops")
    hers = alice.say(ops, "mine")
    parent, alone = [(await client.chat_postMessage(channel=ops.id, text=text))["ts"] for text in ("a", "b")]
    await client.chat_postMessage(channel=ops.id, text="below", thread_ts=parent)
    assert await refusal(client.chat_delete(channel=ops.id, ts=hers.ts)) == "cant_delete_message"
    for ts in (parent, alone):
        assert (await client.chat_delete(channel=ops.id, ts=ts))["ts"] == ts
    assert await refusal(client.chat_delete(channel=ops.id, ts=alone)) == "message_not_found"
    assert [each.text for each in ops.messages] == ["mine", "This message was deleted."]


async def test_ephemerals_reach_members_only(slack: LocalSlack, client: AsyncWebClient) -> None:
    """chat.postEphemeral to somebody who is not in the channel is user_not_in_channel."""
    ops = slack.channel("ops")
    call = client.chat_postEphemeral(channel=ops.id, user=slack.person("bob").id, text="psst")
    assert await refusal(call) == "user_not_in_channel"


async def test_metadata_has_its_form(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Metadata without an event_type or with a payload that is no object is refused."""
    ops = slack.channel("ops")
    for wrong in ({"event_payload": {}}, {"event_type": "card", "event_payload": []}):
        call = client.chat_postMessage(channel=ops.id, text="x", metadata=wrong)
        assert await refusal(call) == "invalid_metadata_format"


async def test_permalinks(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A permalink names the channel and the message; of no message there is none."""
    ops = slack.channel("ops")
    ts = (await client.chat_postMessage(channel=ops.id, text="x"))["ts"]
    link = (await client.chat_getPermalink(channel=ops.id, message_ts=ts))["permalink"]
    assert link == f"https://local.slack.com/archives/{ops.id}/p{ts.replace('.', '')}"
    assert await refusal(client.chat_getPermalink(channel=ops.id, message_ts="1.0")) == "message_not_found"


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.MEMBER, {"is_restricted": False, "is_ultra_restricted": False, "is_bot": False}),
        (Role.GUEST, {"is_restricted": True, "is_ultra_restricted": False}),
        (Role.SINGLE_CHANNEL_GUEST, {"is_restricted": True, "is_ultra_restricted": True}),
        (Role.STRANGER, {"is_stranger": True, "team_id": "T0OTHER"}),
        (Role.BOT, {"is_bot": True}),
        (Role.DEACTIVATED, {"deleted": True}),
    ],
)
async def test_people(slack: LocalSlack, client: AsyncWebClient, role: Role, expected: dict[str, object]) -> None:
    """users.info says what a person is, and knows nobody else."""
    person = slack.person("somebody", role=role, tz="Asia/Kolkata")
    user = (await client.users_info(user=person.id))["user"]
    assert user.items() >= expected.items()
    assert ("tz" in user) == (role is not Role.DEACTIVATED)
    assert user.get("tz_offset", 19_800) == 19_800
    assert await refusal(client.users_info(user="U404")) == "user_not_found"


async def test_strangers_in_a_shared_channel_are_not_called_so(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Once an external person shares a channel with the app only their team tells that they are external."""
    eve = slack.person("eve", role=Role.STRANGER)
    assert (await client.users_info(user=eve.id))["user"]["is_stranger"] is True
    slack.channel("shared", shared=True, members=[eve])
    user = (await client.users_info(user=eve.id))["user"]
    assert (user["is_stranger"], user["team_id"]) == (False, "T0OTHER")


async def test_channels(slack: LocalSlack, client: AsyncWebClient) -> None:
    """conversations.info tells what kind of channel it is; a private one without the bot does not exist."""
    alice = slack.person("alice")
    shared = slack.channel("shared", shared=True, bot_in=False)
    hidden = slack.channel("hidden", private=True, bot_in=False)
    info = (await client.conversations_info(channel=shared.id))["channel"]
    assert (info["is_ext_shared"], info["is_member"], info["is_private"]) == (True, False, False)
    assert await refusal(client.conversations_info(channel=hidden.id)) == "channel_not_found"
    assert await refusal(client.conversations_info(channel=alice.dm.id)) == "missing_scope"


async def test_members_come_in_pages(slack: LocalSlack, client: AsyncWebClient) -> None:
    """conversations.members gives a page and the cursor of the next."""
    people = [slack.person(name) for name in ("alice", "bob")]
    ops = slack.channel("ops", members=people)
    first = await client.conversations_members(channel=ops.id, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_members(channel=ops.id, limit=2, cursor=cursor)
    assert first["members"] + second["members"] == [person.id for person in people] + [slack.bot_user_id]
    assert second["response_metadata"]["next_cursor"] == ""


async def test_where_the_bot_is(slack: LocalSlack, client: AsyncWebClient) -> None:
    """users.conversations lists the bot's own channels by type, page by page, archived ones unless excluded."""
    names = ("one", "two", "old")
    one, two, old = (slack.channel(name) for name in names)
    secret = slack.channel("secret", private=True)
    slack.channel("away", bot_in=False)
    old.archived = True
    public = await client.users_conversations()
    assert [channel["id"] for channel in public["channels"]] == [one.id, two.id, old.id]
    both = await client.users_conversations(
        types="public_channel, private_channel", exclude_archived=True, limit=2, cursor="2"
    )
    assert [channel["id"] for channel in both["channels"]] == [secret.id]
    assert await refusal(client.users_conversations(types="im")) == "missing_scope"
    assert await refusal(client.users_conversations(types="mpim")) == "invalid_types"


async def test_between_two_people(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A command typed in a direct conversation of two people is answered there; the bot cannot post to it."""
    alice, bob = slack.person("alice"), slack.person("bob")
    place = alice.dm_with(bob)
    assert place is bob.dm_with(alice)
    typed = await alice.slash(place, "list")
    assert typed.envelope is not None
    payload = typed.envelope.payload
    assert (payload["channel_id"], payload["channel_name"]) == (place.id, "directmessage")
    assert await refusal(client.chat_postMessage(channel=place.id, text="x")) == "channel_not_found"
    assert await refusal(client.conversations_info(channel=place.id)) == "channel_not_found"
    assert (await AsyncWebhookClient(payload["response_url"]).send(text="here")).status_code == 200
    assert [message.text for message in alice.ephemerals(place)][-1] == "here"
    with pytest.raises(PermissionError):
        await slack.person("eve").slash(place, "list")


async def test_usergroups(slack: LocalSlack, client: AsyncWebClient) -> None:
    """A group's members are listed, and change; another group does not exist."""
    alice, bob = slack.person("alice"), slack.person("bob")
    group = slack.usergroup("oncall", [alice])
    assert slack.usergroup("oncall", [alice, bob]) == group
    assert [one["handle"] for one in (await client.usergroups_list())["usergroups"]] == ["oncall"]
    assert (await client.usergroups_users_list(usergroup=group))["users"] == [alice.id, bob.id]
    assert await refusal(client.usergroups_users_list(usergroup="S0")) == "no_such_subteam"


async def test_scopes_are_checked() -> None:
    """A method whose scope was not granted answers missing_scope and says which is needed."""
    async with LocalSlack(SlackOptions(scopes=("chat:write",))) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        with pytest.raises(SlackApiError) as caught:
            await client.users_info(user=slack.person("alice").id)
        assert caught.value.response["needed"] == "users:read"
        assert await refusal(client.team_info()) == "missing_scope"
