"""Uploading a file, by the SDK and by hand."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack, SlackOptions


async def put(url: str, content: bytes) -> int:
    """Send bytes to an upload URL and give the status."""
    async with aiohttp.ClientSession() as session, session.post(url, data=content) as response:
        return response.status


async def test_a_log_goes_into_a_thread(slack: LocalSlack, client: AsyncWebClient) -> None:
    """What the SDK uploads stands in the thread with its comment, byte for byte."""
    ops = slack.channel("ops")
    card = await client.chat_postMessage(channel=ops.id, text="#7 ended")
    shared = await client.files_upload_v2(
        channel=ops.id,
        thread_ts=card["ts"],
        filename="7.log",
        title="Log of #7",
        content="started\nключ\n",
        initial_comment="The log of #7",
    )
    message = ops.thread(ops.messages[0])[0]
    assert message.plain() == "The log of #7\n[file: Log of #7]"
    assert [(file.id, file.name) for file in message.files] == [(shared["file"]["id"], "7.log")]
    assert message.files[0].content == "started\nключ\n".encode()
    assert "started" not in repr(message)


async def test_a_form_may_carry_the_bytes(slack: LocalSlack, client: AsyncWebClient) -> None:
    """The bytes may come as the first part of a multipart form."""
    ops = slack.channel("ops")
    begun = await client.files_getUploadURLExternal(filename="a.log", length=3)
    form = aiohttp.FormData()
    form.add_field("filename", b"abc", filename="a.log")
    async with aiohttp.ClientSession() as session, session.post(begun["upload_url"], data=form) as response:
        assert response.status == 200
    await client.files_completeUploadExternal(files=[{"id": begun["file_id"]}], channel_id=ops.id)
    assert [(file.title, file.content) for file in ops.messages[0].files] == [("a.log", b"abc")]


async def test_uploads_are_what_was_announced(slack: LocalSlack, client: AsyncWebClient) -> None:
    """An upload URL takes just the bytes announced, once; what was not uploaded, or was shared, is no file."""
    ops = slack.channel("ops")
    begun = await client.files_getUploadURLExternal(filename="a.log", length=3)
    file = [{"id": begun["file_id"]}]

    async def refusal(**arguments: str) -> str:
        with pytest.raises(SlackApiError) as caught:
            await client.files_completeUploadExternal(files=file, **{"channel_id": ops.id, **arguments})  # type: ignore[arg-type]
        return str(caught.value.response["error"])

    assert await refusal() == "file_not_found"
    assert await put(begun["upload_url"], b"four") == 400
    assert await put(begun["upload_url"], b"abc") == 200
    assert await put(begun["upload_url"], b"abc") == 404
    assert await refusal(channel_id=slack.channel("away", bot_in=False).id) == "not_in_channel"
    assert await refusal(thread_ts="1.0") == "thread_not_found"
    await client.files_completeUploadExternal(files=file, channel_id=ops.id)
    assert await refusal() == "file_not_found"


@pytest.mark.parametrize(
    ("length", "word"),
    [(0, "missing_argument"), (5 * 2**20, "file_upload_size_restricted"), ("x", "invalid_arguments")],
)
async def test_lengths(client: AsyncWebClient, length: int, word: str) -> None:
    """A file of no bytes, of too many, or of no number is refused at once."""
    with pytest.raises(SlackApiError, match=word):
        await client.files_getUploadURLExternal(filename="a.log", length=length)


async def test_files_need_their_scope() -> None:
    """Without files:write nothing is uploaded."""
    async with LocalSlack(SlackOptions(scopes=("chat:write",))) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        with pytest.raises(SlackApiError, match="missing_scope"):
            await client.files_getUploadURLExternal(filename="a.log", length=3)
