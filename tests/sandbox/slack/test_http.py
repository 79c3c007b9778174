"""HTTP mode: a real Bolt app behind a real HTTP server takes what Slack signs."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack, SlackOptions

Handler = Callable[[web.Request], Any]
Serving = Callable[[Handler], AbstractAsyncContextManager[str]]

STOP = {"type": "button", "text": {"type": "plain_text", "text": "Stop"}, "action_id": "stop", "value": "7"}
MODAL = {
    "type": "modal",
    "callback_id": "editor",
    "title": {"type": "plain_text", "text": "Send"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "json",
            "label": {"type": "plain_text", "text": "JSON"},
            "element": {"type": "plain_text_input", "action_id": "typed"},
        }
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """Return a Slack on the real clock, since Bolt compares timestamps with it, that retries events at once."""
    async with LocalSlack(SlackOptions(retry_seconds=(0, 0, 0))) as slack:
        yield slack


@pytest.fixture
def serving() -> Serving:
    """Serve one handler over HTTP for the length of a `with`, which gives its URL."""

    @asynccontextmanager
    async def serve(handler: Handler) -> AsyncIterator[str]:
        application = web.Application()
        application.router.add_post("/slack/events", handler)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        finally:
            await runner.cleanup()

    return serve


@pytest.fixture
def app(slack: LocalSlack) -> AsyncApp:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    logger = logging.getLogger("bolt-under-test")
    return AsyncApp(client=client, signing_secret=slack.signing_secret, logger=logger)


def behind(app: AsyncApp) -> Handler:
    """Put a Bolt app behind a handler."""

    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return handle


class Recorder:
    """Answers every request with what `answers` holds next, or 200 and the challenge, and keeps what came."""

    def __init__(self, *answers: web.Response) -> None:
        self.answers = list(answers)
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []

    async def take(self, request: web.Request) -> web.Response:
        """Record one request."""
        body = await request.read()
        if b"url_verification" in body and not self.answers:
            return web.json_response({"challenge": json.loads(body)["challenge"]})
        self.requests.append(request)
        self.bodies.append(body)
        if not self.answers:
            return web.Response()
        return self.answers.pop(0)


async def test_a_command_a_click_and_a_form(slack: LocalSlack, app: AsyncApp, serving: Serving) -> None:
    """Commands, clicks and submissions reach a Bolt app over HTTP, and its responses are their acks."""

    @app.command("/session")
    async def session(ack: Any, client: Any, command: dict[str, Any]) -> None:
        assert command["text"] == 'send 7 {"a": "<&> é"}'
        await ack(text="got it", blocks=[{"type": "actions", "elements": [STOP]}])
        await client.views_open(trigger_id=command["trigger_id"], view=MODAL)

    @app.action("stop")
    async def stop(ack: Any, respond: Any, action: dict[str, Any]) -> None:
        await ack()
        await respond(text=f"stopping {action['value']}")

    @app.view("editor")
    async def submitted(ack: Any, view: dict[str, Any]) -> None:
        typed = view["state"]["values"]["json"]["typed"]["value"]
        await (ack() if typed == "{}" else ack(response_action="errors", errors={"json": "not JSON"}))

    alice, ops = slack.person("alice"), slack.channel("ops")
    async with serving(behind(app)) as url:
        await slack.send_to(url)
        typed = await alice.slash(ops, 'send 7 {"a": "<&> é"}')
        assert (typed.acked, typed.error) == (True, None)
        shown = alice.ephemerals(ops)[0]
        assert shown.text == "got it"
        assert (await alice.click(shown, "Stop")).acked
        await slack.until(lambda: alice.ephemerals(ops)[1:], "the answer to the click")
        modal = (await slack.until(lambda: alice.modals, "the modal"))[0]
        await alice.submit(modal, {"JSON": "{"})
        assert modal.errors == {"json": "not JSON"}
        await alice.submit(modal, {"JSON": "{}"})
        assert not modal.is_open


async def test_events_are_signed_json(slack: LocalSlack, app: AsyncApp, serving: Serving) -> None:
    """A mention comes as signed JSON, and a request signed with another secret is refused by Bolt."""
    seen: list[dict[str, Any]] = []

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any]) -> None:
        seen.append(event)

    alice, ops = slack.person("alice"), slack.channel("ops")
    async with serving(behind(app)) as url:
        await slack.send_to(url)
        assert (await alice.mention(ops, "stop")).acked
        async with LocalSlack() as other:
            with pytest.raises(ConnectionError, match="http_client_error"):
                await other.send_to(url)
    assert [event["text"] for event in seen] == [f"<@{slack.bot_user_id}> stop"]


async def test_a_url_must_repeat_the_challenge(slack: LocalSlack, serving: Serving) -> None:
    """A URL that answers something else, or where nobody listens, is not taken."""
    async with serving(Recorder(web.Response(text="hello")).take) as url:
        with pytest.raises(ConnectionError, match="something else"):
            await slack.send_to(url)
    with pytest.raises(ConnectionError, match="dispatch_failed"):
        await slack.send_to(url)


@pytest.mark.parametrize("form", ["{}", "challenge={}"])
async def test_a_challenge_may_come_back_as_text(slack: LocalSlack, serving: Serving, form: str) -> None:
    """The challenge may be repeated as plain text or as a form."""

    async def repeat(request: web.Request) -> web.Response:
        return web.Response(text=form.format((await request.json())["challenge"]))

    async with serving(repeat) as url:
        await slack.send_to(url)


async def test_a_replay_is_the_same_request(slack: LocalSlack, serving: Serving) -> None:
    """A redelivered command is the same request to the byte: body, timestamp and signature."""
    recorder = Recorder()
    alice, ops = slack.person("alice"), slack.channel("ops")
    async with serving(recorder.take) as url:
        await slack.send_to(url)
        typed = await alice.slash(ops, "start demo")
        again = await alice.redeliver(typed)
    first, second = recorder.requests
    assert recorder.bodies[0] == recorder.bodies[1]
    for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp", "Content-Type"):
        assert first.headers[name] == second.headers[name]
    assert again.acked
    verifier = SignatureVerifier(slack.signing_secret)
    assert verifier.is_valid_request(recorder.bodies[1], dict(second.headers))
    assert slack.signing_secret not in repr(typed)
    assert typed.request is not None
    assert first.headers["X-Slack-Signature"] not in repr(typed)


@pytest.mark.parametrize(
    ("response", "word"),
    [
        (web.Response(status=404), "http_client_error"),
        (web.Response(status=502), "http_service_error"),
        (web.Response(status=204), "http_client_error"),
        (web.Response(status=302, headers={"Location": "/elsewhere"}), "http_client_error"),
        (web.json_response({"text": "x", "colour": "red"}), "invalid_command_response"),
    ],
)
async def test_what_a_person_reads(slack: LocalSlack, serving: Serving, response: web.Response, word: str) -> None:
    """A command that is not answered with 200 and something to show fails in front of the person."""
    recorder = Recorder()
    alice, ops = slack.person("alice"), slack.channel("ops")
    async with serving(recorder.take) as url:
        await slack.send_to(url)
        recorder.answers.append(response)
        typed = await alice.slash(ops, "list")
    assert typed.error == word
    assert [message.text for message in alice.ephemerals()] == [f'/session failed with the error "{word}"']


async def test_a_plain_answer_is_shown(slack: LocalSlack, serving: Serving) -> None:
    """A response of plain text is shown to the person as it is."""
    recorder = Recorder()
    alice, ops = slack.person("alice"), slack.channel("ops")
    async with serving(recorder.take) as url:
        await slack.send_to(url)
        recorder.answers.append(web.Response(text="all quiet"))
        await alice.slash(ops, "list")
    assert [message.text for message in alice.ephemerals()] == ["all quiet"]


async def test_an_app_that_is_gone(slack: LocalSlack, serving: Serving) -> None:
    """Where nobody listens any more a command and an event are dispatch_failed."""
    alice, ops = slack.person("alice"), slack.channel("ops")
    async with serving(Recorder().take) as url:
        await slack.send_to(url)
    assert (await alice.slash(ops, "list")).error == "dispatch_failed"
    typed = await alice.mention(ops, "stop")
    assert (typed.acked, typed.error) == (False, "dispatch_failed")


async def test_a_form_is_answered_with_json(slack: LocalSlack, serving: Serving) -> None:
    """A submission that is answered with a text leaves the modal open, and an empty answer closes it."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    recorder = Recorder()
    alice, ops = slack.person("alice"), slack.channel("ops")
    async with serving(recorder.take) as url:
        await slack.send_to(url)
        await client.views_open(trigger_id=(await alice.slash(ops, "send 7")).trigger_id, view=MODAL)
        modal = alice.modals[0]
        recorder.answers.append(web.Response(text="thanks"))
        assert (await alice.submit(modal, {"JSON": "{}"})).error == "invalid_view_response"
        assert modal.is_open
        assert (await alice.submit(modal, {"JSON": "{}"})).error is None
        assert not modal.is_open


async def test_events_come_again(slack: LocalSlack, serving: Serving) -> None:
    """An event that fails comes three times more, signed anew, saying which time and why."""
    recorder = Recorder()
    async with serving(recorder.take) as url:
        await slack.send_to(url)
        recorder.answers += [web.Response(status=500) for _ in range(4)]
        typed = await slack.person("alice").mention(slack.channel("ops"), "stop")
        assert not typed.acked
        await slack.until(lambda: len(recorder.requests) == 4, "the retries")
    numbers = [request.headers.get("X-Slack-Retry-Num") for request in recorder.requests]
    reasons = [request.headers.get("X-Slack-Retry-Reason") for request in recorder.requests]
    assert numbers == [None, "1", "2", "3"]
    assert reasons == [None, *["http_error"] * 3]
    assert len(set(recorder.bodies)) == 1
    verifier = SignatureVerifier(slack.signing_secret)
    for request, body in zip(recorder.requests, recorder.bodies, strict=True):
        assert verifier.is_valid_request(body, dict(request.headers))


async def test_events_stop_coming(slack: LocalSlack, serving: Serving) -> None:
    """Retries end with the first one that is acked, and with an answer that asks for no retry."""
    recorder = Recorder()
    alice, ops = slack.person("alice"), slack.channel("ops")
    async with serving(recorder.take) as url:
        await slack.send_to(url)
        recorder.answers.append(web.Response(status=500))
        await alice.mention(ops, "one")
        await slack.until(lambda: len(recorder.requests) == 2, "the retry")
        recorder.answers.append(web.Response(status=500, headers={"X-Slack-No-Retry": "1"}))
        await alice.mention(ops, "two")
        await alice.mention(ops, "three")
    assert [json.loads(body)["event"]["text"][-3:] for body in recorder.bodies] == ["one", "one", "two", "ree"]


async def test_slow_answers_time_out(serving: Serving) -> None:
    """A command answered too late is operation_timeout; an event so answered comes again as http_timeout."""
    ending, seen = asyncio.Event(), list[web.Request]()

    async def hang(request: web.Request) -> web.Response:
        seen.append(request)
        await ending.wait()
        return web.Response()

    async with serving(hang) as url:
        async with LocalSlack(SlackOptions(ack_seconds=0.5, retry_seconds=(0,), request_url=url)) as slack:
            alice, ops = slack.person("alice"), slack.channel("ops")
            assert (await alice.slash(ops, "list")).error == "operation_timeout"
            await alice.mention(ops, "stop")
            await slack.until(lambda: len(seen) == 3, "the retry")
        ending.set()
    assert [request.headers.get("X-Slack-Retry-Reason") for request in seen] == [None, None, "http_timeout"]


async def test_socket_mode_ends_with_http_mode(slack: LocalSlack, serving: Serving) -> None:
    """An app that is connected when it gets a request URL is told link_disabled, and gets nothing more."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    recorder = Recorder()
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        async with serving(recorder.take) as request_url:
            await slack.send_to(request_url)
            assert (await slack.person("alice").slash(slack.channel("ops"), "list")).acked
        assert (await socket.receive_json())["reason"] == "link_disabled"
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert len(recorder.requests) == 1

    with pytest.raises(SlackApiError, match="access_denied"):
        await client.apps_connections_open(app_token=slack.app_token)
