"""The real Bolt app over the real Socket Mode client: it sends and receives the payloads of Slack."""

import html
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.slack import LocalSlack, SlackOptions

STOP = {"type": "button", "text": {"type": "plain_text", "text": "Stop"}, "action_id": "stop", "value": "7"}
ASKING_STOP = STOP | {
    "confirm": {
        "title": {"type": "plain_text", "text": "Stop #7?"},
        "text": {"type": "mrkdwn", "text": "Started 02:14."},
        "confirm": {"type": "plain_text", "text": "Stop session"},
        "deny": {"type": "plain_text", "text": "Keep running"},
    }
}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def test_command_answered_in_the_ack(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """A command reaches its listener as typed, and what the ack says only its author sees."""

    @app.command("/session")
    async def session(ack: Any, command: dict[str, Any]) -> None:
        await ack(text=f"you typed {html.escape(command['text'], quote=False)}")

    alice, ops = slack.person("alice"), slack.channel("ops")
    async with running(app):
        typed = await alice.slash(ops, 'send 7 {"a": "<&>"}')
    assert typed.acked
    assert typed.error is None
    assert [message.plain() for message in alice.ephemerals(ops)] == ['you typed send 7 {"a": "<&>"}']
    assert slack.person("bob").ephemerals() == []
    assert ops.messages == []


async def test_command_without_an_ack_times_out() -> None:
    """A command not acked in time shows its author `operation_timeout`; a late ack changes nothing."""
    async with LocalSlack(SlackOptions(ack_seconds=0.05)) as slack, aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=slack.app_token, base_url=slack.api_url, session=session)
        url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        async with session.ws_connect(url) as socket:
            await slack.connected()
            alice = slack.person("alice")
            typed = await alice.slash(slack.channel("ops"), "list")
            await socket.send_json({"envelope_id": typed.envelope_id, "payload": {"text": "late"}})
            await alice.slash(slack.channel("ops"), "list")
    assert not typed.acked
    assert typed.error == "operation_timeout"
    assert [message.text for message in alice.ephemerals()] == [
        '/session failed with the error "operation_timeout"'
    ] * 2


async def test_command_with_nobody_connected(slack: LocalSlack) -> None:
    """A command that no connection can take fails at once."""
    typed = await slack.person("alice").slash(slack.channel("ops"), "list")
    assert typed.error == "dispatch_failed"
    assert not typed.acked


async def test_card_thread_click_and_update(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """A card is posted, its button clicked, the card updated and a reply put in its thread."""

    @app.command("/session")
    async def start(ack: Any, client: Any, command: dict[str, Any]) -> None:
        await ack()
        await client.chat_postMessage(
            channel=command["channel_id"],
            text="#7 running",
            blocks=[section("*#7* running"), {"type": "actions", "elements": [ASKING_STOP]}],
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": "card", "event_payload": {"id": 7}},
        )

    @app.action("stop")
    async def stop(ack: Any, client: Any, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        assert action["value"] == "7"
        await client.chat_update(channel=channel, ts=ts, text="#7 ended")
        await client.chat_postMessage(channel=channel, thread_ts=ts, text=f"<@{body['user']['id']}> stopped it")

    alice, ops = slack.person("alice"), slack.channel("ops")
    async with running(app):
        await alice.slash(ops, "start demo")
        card = await slack.until(lambda: ops.messages and ops.messages[0], "the card")
        assert card.metadata == {"event_type": "card", "event_payload": {"id": 7}}
        assert card.plain() == "*#7* running\n[Stop]"
        assert [button.label for button in card.buttons()] == ["Stop"]
        kept = await alice.click(card, "Stop", confirm=False)
        assert kept.envelope is None
        typed = await alice.click(card, "Stop")
        assert typed.acked
        await slack.until(lambda: ops.thread(card), "the reply")
    assert card.text == "#7 ended"
    assert card.blocks == []
    assert card.edits == 1
    assert ops.thread(card)[0].plain() == "@alice stopped it"


async def test_click_on_an_ephemeral(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """A button on an ephemeral works through its response_url, which can replace and delete the ephemeral."""

    @app.command("/session")
    async def listed(ack: Any) -> None:
        await ack(text="Open sessions", blocks=[section("#7"), {"type": "actions", "elements": [STOP]}])

    @app.action("stop")
    async def stop(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        assert body["container"]["is_ephemeral"]
        assert "message" not in body
        assert (await respond(text="stopping", replace_original=True)).status_code == 200
        assert (await respond(delete_original=True)).status_code == 200
        assert (await respond(text="gone")).status_code == 200

    alice, ops = slack.person("alice"), slack.channel("ops", bot_in=False)
    async with running(app):
        await alice.slash(ops, "list")
        shown = alice.ephemerals()[0]
        await alice.click(shown, "stop")
        await slack.until(lambda: [m.text for m in alice.ephemerals()] == ["gone"], "the last answer")
    assert shown.text == "stopping"


async def test_mention_in_a_thread(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """A mention arrives escaped and auto-linked, with what was typed in its blocks, in its thread."""
    events: list[dict[str, Any]] = []
    ids: set[str] = set()

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any], body: dict[str, Any]) -> None:
        events.append(event)
        ids.add(body["event_id"])

    alice, ops = slack.person("alice"), slack.channel("ops")
    card = alice.say(ops, "a card")
    async with running(app):
        typed = await alice.mention(ops, 'send {"url":"https://x.test/?a=1&b"}', thread=card)
        await slack.until(lambda: typed.acked, "the ack")
        again = await alice.mention(ops, "stop", thread=card, edited=True)
    assert again.acked
    assert len(ids) == 2
    first, second = events
    assert first["blocks"][0]["elements"][0]["elements"] == [
        {"type": "user", "user_id": slack.bot_user_id},
        {"type": "text", "text": ' send {"url":"'},
        {"type": "link", "url": "https://x.test/?a=1&b"},
        {"type": "text", "text": '"}'},
    ]
    assert first["text"] == f'<@{slack.bot_user_id}> send {{"url":"<https://x.test/?a=1&amp;b>"}}'
    assert first["thread_ts"] == card.ts
    assert "edited" not in first
    assert second["edited"]["user"] == alice.id
    assert second["ts"] == first["ts"]
    assert second["text"] == f"<@{slack.bot_user_id}> stop"


async def test_modal_from_open_to_closed(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """A modal opens on a trigger, shows errors under its fields, and closes when it is accepted."""
    view = {
        "type": "modal",
        "callback_id": "editor",
        "title": {"type": "plain_text", "text": "Send to #7"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            {
                "type": "input",
                "block_id": "json",
                "label": {"type": "plain_text", "text": "JSON"},
                "element": {"type": "plain_text_input", "action_id": "typed", "multiline": True},
            }
        ],
    }

    @app.command("/session")
    async def edit(ack: Any, client: Any, command: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=view)

    @app.view("editor")
    async def submitted(ack: Any, view: dict[str, Any]) -> None:
        typed = view["state"]["values"]["json"]["typed"]["value"]
        if typed == "{}":
            await ack()
        else:
            await ack(response_action="errors", errors={"json": "not JSON"})

    alice = slack.person("alice")
    async with running(app):
        await alice.slash(slack.channel("ops"), "send 7")
        modal = (await slack.until(lambda: alice.modals, "the modal"))[0]
        await alice.submit(modal, {"JSON": "{"})
        assert modal.errors == {"json": "not JSON"}
        assert modal.is_open
        await alice.submit(modal, {"JSON": "{}"})
        assert not modal.is_open


async def test_reconnect_after_disconnect(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """An app that is asked to reconnect does, and commands reach it over the new connection."""

    @app.command("/session")
    async def session(ack: Any) -> None:
        await ack("here")

    alice, ops = slack.person("alice"), slack.channel("ops")
    async with running(app) as handler:
        for reason in ("warning", "refresh_requested"):
            await slack.disconnect(reason)
            await slack.connected()
            assert (await alice.slash(ops, "list")).acked
        assert await handler.client.is_connected()
        assert handler.client.last_ping_pong_time is not None  # its pings are answered
        assert len([call for call in slack.calls if call.method == "apps.connections.open"]) == 3


async def test_payloads_take_turns_over_connections(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """With two connections open each command goes to exactly one, and to each in turn."""
    seen: list[str] = []

    @app.command("/session")
    async def session(ack: Any, command: dict[str, Any]) -> None:
        seen.append(command["text"])
        await ack()

    async with running(app) as one, running(app) as two:
        counts = {one: 0, two: 0}
        for handler in (one, two):

            async def count(_client: Any, _request: Any, handler: Any = handler) -> None:
                counts[handler] += 1

            handler.client.socket_mode_request_listeners.append(count)
        for text in ("1", "2", "3", "4"):
            assert (await slack.person("alice").slash(slack.channel("ops"), text)).acked
        assert seen == ["1", "2", "3", "4"]
        assert list(counts.values()) == [2, 2]


async def test_duplicates_come_in_new_envelopes(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """A redelivered payload is the same, with the same trigger id, in another envelope."""
    seen: list[dict[str, Any]] = []

    @app.command("/session")
    async def session(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body)
        await ack()

    async with running(app):
        typed = await slack.person("alice").slash(slack.channel("ops"), "start demo", trigger_id="1.2.abc")
        again = await slack.person("alice").redeliver(typed)
    assert seen[0] == seen[1]
    assert typed.trigger_id == again.trigger_id == "1.2.abc"
    assert typed.envelope_id != again.envelope_id


async def test_ack_that_cannot_be_shown(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """An ack with too many blocks is acked, and shown to the person as invalid_command_response."""

    @app.command("/session")
    async def session(ack: Any) -> None:
        await ack(text="much", blocks=[section("x")] * 51)

    async with running(app):
        typed = await slack.person("alice").slash(slack.channel("ops"), "list")
    assert typed.acked
    assert typed.error == "invalid_command_response"


async def test_response_url_five_times(slack: LocalSlack, app: AsyncApp, running: Any) -> None:
    """A response URL serves five times, and cannot replace the command it came with."""
    urls: list[str] = []

    @app.command("/session")
    async def session(ack: Any, command: dict[str, Any]) -> None:
        await ack()
        urls.append(command["response_url"])

    alice = slack.person("alice")
    async with running(app):
        await alice.slash(slack.channel("ops"), "list")
    webhook = AsyncWebhookClient(urls[0])
    refused = await webhook.send(text="other", replace_original=True)
    assert (refused.status_code, "message_not_found" in refused.body) == (404, True)
    assert [(await webhook.send(text=str(n))).status_code for n in range(5)] == [200, 200, 200, 200, 404]
    assert [message.text for message in alice.ephemerals()] == ["0", "1", "2", "3"]
