"""files.*: an upload in Slack's three documented steps: get a URL, POST the bytes there, share the file.

The URL is a capability like a response URL. That it serves once, and only for as many bytes as were announced,
is the stricter reading; the statuses of its refusals are this Slack's own.
"""

import secrets
from dataclasses import dataclass, field

from aiohttp import web

from bot.sandbox import read_first_part
from bot.sandbox.slack._chat import LONGEST_POST, as_json, parent_ts, writable
from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import File, Json
from bot.sandbox.slack._method import Kind, Method
from bot.sandbox.slack._schema import items, string, table
from bot.sandbox.slack._workspace import Workspace

# Slack takes files up to 1 GB. This server takes bodies up to 4 MiB, so a longer file is refused at once.
LARGEST = 4 * 2**20 - 4096
_SHARED = items(table({"id": string(255)}, {"title": string(255), "highlight_type": string(255)}), most=100)


@dataclass
class _Upload:
    id: str
    name: str
    length: int
    content: bytes | None = None


@dataclass(eq=False)
class Files:
    """The uploads that were begun."""

    workspace: Workspace
    origin: str = ""
    _by_secret: dict[str, _Upload] = field(default_factory=dict, repr=False)
    _by_id: dict[str, _Upload] = field(default_factory=dict, repr=False)

    @property
    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        return {
            "files.getUploadURLExternal": Method(
                self._begin,
                {"filename": Kind.TEXT, "length": Kind.COUNT},
                {"alt_txt": Kind.TEXT, "snippet_type": Kind.TEXT},
                scope="files:write",
            ),
            # Slack takes `channels` and `blocks`, too, and shares to nobody without a channel: refused here.
            "files.completeUploadExternal": Method(
                self._share,
                {"files": Kind.VALUE, "channel_id": Kind.TEXT},
                {"initial_comment": Kind.TEXT, "thread_ts": Kind.TEXT},
                scope="files:write",
            ),
        }

    async def handle(self, request: web.Request) -> web.Response:
        """Store the bytes, raw or as the first part of a multipart form: 200, or 404 and 400."""
        upload = self._by_secret.get(request.match_info["secret"])
        if upload is None or upload.content is not None:
            return web.Response(status=404)
        content = await _content(request)
        if len(content) != upload.length:
            return web.Response(status=400, text=f"{upload.length} bytes were announced, {len(content)} came")
        upload.content = content
        return web.Response(text=f"OK - {len(content)}")

    def _begin(self, _workspace: Workspace, arguments: Json) -> Json:
        """files.getUploadURLExternal: return the URL for the bytes."""
        if arguments["length"] == 0:
            refuse("missing_argument")  # documented for just this case
        if arguments["length"] > LARGEST:
            refuse("file_upload_size_restricted")
        upload = _Upload(f"F{secrets.token_hex(5).upper()}", arguments["filename"], arguments["length"])
        secret = secrets.token_urlsafe(18)
        self._by_secret[secret] = self._by_id[upload.id] = upload
        return {"upload_url": f"{self.origin}/upload/v1/{secret}", "file_id": upload.id}

    def _share(self, workspace: Workspace, arguments: Json) -> Json:
        """files.completeUploadExternal: post the uploaded file to a channel, as one message of the bot's.

        Slack shares a little later than it answers; here it is there at once. Its words for a channel the bot
        is not in are taken to be those of chat.postMessage.
        """
        if found := list(_SHARED(arguments["files"], "/files")):
            refuse("invalid_arguments", *found)
        uploads = [(self._uploaded(each["id"]), each.get("title")) for each in arguments["files"]]
        channel = writable(workspace, arguments["channel_id"])
        comment = arguments.get("initial_comment", "")
        if len(comment) > LONGEST_POST:
            refuse("msg_too_long")
        files = [File(each.id, each.name, title or each.name, each.content or b"") for each, title in uploads]
        message = workspace.add_message(
            channel, workspace.bot.id, comment, thread_ts=parent_ts(channel, arguments), files=files
        )
        for file in files:
            del self._by_id[file.id]  # shared twice: not known, refused here
        return {"files": as_json(workspace, message)["files"]}

    def _uploaded(self, file_id: str) -> _Upload:
        upload = self._by_id.get(file_id)
        if upload is None or upload.content is None:
            refuse("file_not_found")
        return upload


async def _content(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    return await read_first_part(request)
