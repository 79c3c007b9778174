"""Other sites of the same browser cannot drive the page, and no request breaks it."""

import asyncio
import io
import json
from functools import reduce
from itertools import product
from typing import Any

import pytest

from bot.sandbox.slack import Role

from .conftest import World

PATHS = ("", "static/index.html", "static/js/main.js", "static/nothing.js", "nothing", "files/F1?as=U1", "live")


async def test_every_answer_has_the_headers(world: World) -> None:
    """Whatever is answered is not sniffed, framed, kept or embedded by another site, and runs no inline script."""
    for path in PATHS:
        async with world.http.get(world.page.url + path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
            assert f"connect-src 'self' ws://{world.origin.removeprefix('http://')};" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert answer.headers["Cache-Control"] == "no-store"


FOREIGN = ("evil.example", "evil.example:{port}", "127.0.0.1", "localhost:1", "127.0.0.1.evil:{port}", "LOCALHOST")


async def test_a_foreign_name_is_not_served(world: World) -> None:
    """A name of another site that was made to resolve here (DNS rebinding) gets nothing."""
    port = world.origin.rpartition(":")[2]
    for name, path in product(FOREIGN, ("", "static/index.html", "live")):
        host = name.format(port=port)
        async with world.http.get(world.page.url + path, headers={"Host": host, "Origin": f"http://{host}"}) as answer:
            assert answer.status == 403
            assert "127.0.0.1 and localhost" in await answer.text()


async def test_localhost_is_served(world: World) -> None:
    """The page works under both names of this machine, each its own origin."""
    host = world.origin.removeprefix("http://").replace("127.0.0.1", "localhost")
    body = {"as": world.ann.id, "channel": world.shift.id, "text": "hello"}
    for origin, expected in ((f"http://{host}", 200), (world.origin, 403)):
        status, _ = await world.send("acts/say", json=body, headers={"Host": host, "Origin": origin})
        assert status == expected


ORIGINS = (None, "null", "http://evil.example", "https://127.0.0.1", "http://127.0.0.1:1")


async def test_another_site_cannot_act(world: World) -> None:
    """An act without this page's own origin is refused, and nothing happens."""
    body = {"as": world.ann.id, "channel": world.shift.id, "text": "evil"}
    for origin, path in product(ORIGINS, ("acts/say", "world/scenarios", "acts/nothing")):
        status, answer = await world.send(path, json=body, headers={"Origin": origin} if origin else {})
        assert (status, answer["ok"]) == (403, False)
    assert world.shift.messages == []


async def test_another_site_cannot_listen(world: World) -> None:
    """A websocket without this page's own origin is not opened."""
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    for origin in ORIGINS:
        headers = {**upgrade, "Sec-WebSocket-Key": "A" * 22 + "==", **({"Origin": origin} if origin else {})}
        async with world.http.get(world.page.url + "live", headers=headers) as answer:
            assert answer.status == 403


async def test_a_form_cannot_act(world: World) -> None:
    """A content type that a form of another site could send is refused, whatever its origin."""
    body = json.dumps({"as": world.ann.id, "channel": world.shift.id, "text": "evil"}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {"Origin": world.origin, "Content-Type": kind}
        assert (await world.send("acts/say", data=body, headers=headers))[0] == 415
    assert world.shift.messages == []


BROKEN: tuple[bytes, ...] = (
    b"", b"null", b"[]", b'"x"', b"{", b"[" * 100_000, b"\xff\xfe", b'{"as": 1}', b'{"as": {}}', b'{"as": "U1"}',
    b'{"as": "ANN"}', b'{"as": "ANN", "channel": 1}', b'{"as": "ANN", "channel": "C1"}',
    b'{"as": "ANN", "channel": "SHIFT", "text": null}', b'{"as": "ANN", "channel": "SHIFT", "text": ["x"]}',
    b'{"as": "ANN", "view": "V1", "values": []}', b'{"as": "ANN", "view": 7}', b'{"as": "ANN", "view": null}',
    b'{"as": "ANN", "channel": "SHIFT", "ts": "TS", "block_id": [], "action_id": "x"}',
    b'{"as": "ANN", "channel": "SHIFT", "ts": "TS", "block_id": "x", "action_id": "x", "values": {"x": 1}}',
    b'{"as": "ANN", "channel": "SHIFT", "ts": "TS", "block_id": "x", "action_id": "x", "value": {"x": 1}}',
    b'{"as": "ANN", "channel": "SHIFT", "ts": "TS", "block_id": "x", "action_id": "x", "values": {"x": {"y": [1]}}}',
)  # fmt: skip
ACTS = ("say", "slash", "edit", "delete", "dismiss", "join", "press", "search", "submit", "close", "home", "nothing")


async def test_a_broken_request_is_refused(world: World) -> None:
    """Whatever the body, the answer is a sentence and a status of the client's, and the world stays as it is."""
    said = world.slack.workspace.add_message(world.shift, world.bob.id, "hello")
    names = {"ANN": world.ann.id, "SHIFT": world.shift.id, "TS": said.ts}
    for act, broken in product(ACTS, BROKEN):
        body = reduce(lambda text, name: text.replace(name.encode(), names[name].encode()), names, broken)
        if act in {"home", "join"} and world.ann.id.encode() in body:
            continue  # these need no more than that
        headers = {"Origin": world.origin, "Content-Type": "application/json"}
        status, answer = await world.send(f"acts/{act}", data=body, headers=headers)
        assert answer["ok"] is False, (act, body)
        assert answer["problem"].endswith("."), (act, body)
        assert status in ({404} if act == "nothing" else {200, 400}), (act, body)
    assert [each.text for each in world.shift.messages] == ["hello"]


async def test_too_large_is_refused(world: World) -> None:
    """A body over the limit is not read to its end, and the page goes on."""
    headers = {"Origin": world.origin, "Content-Type": "application/json"}
    status, answer = await world.send("acts/say", data=io.BytesIO(b"x" * (4 * 2**20 + 1)), headers=headers)
    assert (status, answer["ok"]) == (413, False)


async def test_a_body_that_never_comes_whole_is_no_error(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A tab that is closed while it sends, and a body that is not what its headers say, leave nothing in the log."""
    head = f"POST /acts/home HTTP/1.1\r\nHost: {world.origin[7:]}\r\nOrigin: {world.origin}\r\n"
    head += "Content-Type: application/json\r\n"
    for more, refusal in (
        ("Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", b"400"),
        ("Content-Length: 100\r\n\r\n{}", None),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(world.origin.rpartition(":")[2]))
        writer.write((head + more).encode())
        if refusal is not None:
            assert refusal in await reader.readline()
        writer.close()
        await writer.wait_closed()
    await world.act(world.ann, "home")
    assert [each.message for each in caplog.records if each.exc_info] == []


async def test_an_address_longer_than_any_name_is_refused(world: World) -> None:
    """No file system is asked for a file of a name that none can have."""
    async with world.http.get(f"{world.page.url}static/{'a' * 300}") as answer:
        assert answer.status == 414


async def test_other_methods_are_refused(world: World) -> None:
    """An act is a POST: no other method does it, and no preflight allows another site to."""
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "GET"):
        headers = {"Origin": world.origin}
        async with world.http.request(method, world.page.url + "acts/home", headers=headers) as answer:
            assert answer.status == 405
            assert "Access-Control-Allow-Origin" not in answer.headers


async def test_no_request_goes_out_of_the_folder(world: World) -> None:
    """Only the page's own files are served."""
    port = int(world.origin.rpartition(":")[2])
    for path in ("/static/../_page.py", "/static/%2e%2e/_page.py", "/static/..%2f_page.py", "/static/js/"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        status = (await reader.read()).split(b" ", 2)[1]
        writer.close()
        assert status in {b"403", b"404"}, path


async def test_nobody_acts_as_a_bot(world: World) -> None:
    """Neither the bot, nor another one, nor a deactivated person can be acted as."""
    other, gone = world.slack.person("other", role=Role.BOT), world.slack.person("gone", role=Role.DEACTIVATED)
    body: dict[str, Any] = {"channel": world.shift.id, "text": "x"}
    for user_id in (world.slack.bot_user_id, other.id, gone.id):
        status, _ = await world.post("say", **{"as": user_id, **body})
        assert status == 400
