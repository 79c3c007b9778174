import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import trustme

from bot.voximplant._lanes import Lanes
from bot.voximplant._session_url import AccessUrls, HostRules, PlainHttp, SessionRequests, SessionUrl
from bot.voximplant._stop_request import TEXT, Method, StopRequest
from bot.voximplant.errors import (
    Answered,
    CannotConnect,
    CertificateUnverified,
    ConnectionBroken,
    Gone,
    HostRefused,
    NoUsableUrl,
    PlainHttpForbidden,
    PlatformError,
    Redirected,
    TimedOut,
)

from .conftest import HANGS_S

BODY = '{ "text" : "it\u2019s fine" ,\r\n"n":1e2}'.encode()

STOP = StopRequest(body=BODY, content_type="application/json")


def requests_of(
    lanes: Lanes, hosts: str = "127.0.0.1,localhost", *, resolve: Any = None, **settings: Any
) -> SessionRequests:
    rules = HostRules(hosts, resolve=resolve) if resolve else HostRules(hosts)
    return SessionRequests(lanes, rules, **settings)


def urls_of(secure: Any = None, plain: Any = None, host: str = "127.0.0.1") -> AccessUrls:
    return AccessUrls(SessionUrl(secure.url(host)) if secure else None, SessionUrl(plain.url(host)) if plain else None)


async def test_a_send_delivers_the_very_bytes(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any]
) -> None:
    """The body goes byte for byte to the secure URL, once, with its type and its request id."""
    server = await serve(certified("127.0.0.1"))
    server.says(200, "done ✓")
    answer = await requests_of(lanes).send(urls_of(server), BODY, "req-1")
    (request,) = server.requests
    assert request.body == BODY
    assert request.line.startswith("POST /request/AF30")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-request-id"] == "req-1"
    assert request.headers["x-session-bot"] == "send"
    assert not {"x-session-bot-by", "x-session-bot-reason"} & set(request.headers)
    assert (answer.status, answer.body, answer.plain_http) == (200, "done ✓", False)
    assert answer.elapsed > timedelta(0)


async def test_a_stop_says_by_whom_and_why(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """A stop says that it is the bot's, who asked for it and why, in headers that no text can break out of."""
    server = await serve()
    server.says(200)
    requests = requests_of(lanes)
    await requests.stop(urls_of(None, server), STOP, "r-1", by="U1 (Zoë)", reason="wrong\r\nX-Evil: 1\r\n\r\n☎️")
    await requests.stop(urls_of(None, server), STOP, "r-1", by="bot")
    first, second = server.requests
    assert first.headers["x-session-bot"] == second.headers["x-session-bot"] == "stop"
    assert first.headers["x-request-id"] == second.headers["x-request-id"] == "r-1"
    assert unquote(first.headers["x-session-bot-by"]) == "U1 (Zoë)"
    assert unquote(first.headers["x-session-bot-reason"]) == "wrong\r\nX-Evil: 1\r\n\r\n☎️"
    assert "x-evil" not in first.headers
    assert first.body == second.body == BODY
    assert "x-session-bot-reason" not in second.headers


async def test_a_send_of_text_has_its_type(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """A body that is no JSON goes under its own content type."""
    server = await serve()
    server.says(200)
    requests = requests_of(lanes, plain_http=PlainHttp.always)
    await requests.send(urls_of(None, server), b"0", "r", content_type=TEXT)
    (request,) = server.requests
    assert (request.body, request.headers["content-type"]) == (b"0", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("own", "path", "line"),
    [
        ("/request/AB12/CD34", "/stop", "POST /request/AB12/CD34/stop HTTP/1.1"),
        ("/request/AB12/CD34/", "/stop/", "POST /request/AB12/CD34/stop/ HTTP/1.1"),
        ("/request/AB12/CD34", "?action=stop%20now", "POST /request/AB12/CD34?action=stop%20now HTTP/1.1"),
        ("/request?id=AB12&token=CD34", "/end?a=1", "POST /request/end?id=AB12&token=CD34&a=1 HTTP/1.1"),
        ("/request?id=AB12&token=CD34", "", "POST /request?id=AB12&token=CD34 HTTP/1.1"),
    ],
)
async def test_a_path_stands_behind_the_sessions_own(
    lanes: Lanes, serve: Callable[..., Any], own: str, path: str, line: str
) -> None:
    """A rule's path and query are added to the session's URL, which stays whole in both of its forms."""
    server = await serve()
    server.says(200)
    urls = AccessUrls(None, SessionUrl(server.url(path=own)))
    await requests_of(lanes).stop(urls, replace(STOP, path=path), "r", by="U1")
    assert server.requests[0].line == line


async def test_a_stop_can_be_a_get(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """Where a scenario looks for GET the stop is one: without a body, and so without a content type."""
    server = await serve()
    server.says(200)
    stop = StopRequest(body=b"", content_type="text/plain", path="/stop", method=Method.get)
    await requests_of(lanes).stop(urls_of(None, server), stop, "r", by="U1", reason="why")
    (request,) = server.requests
    assert request.line.startswith("GET /request/AF30")
    assert request.line.endswith("/stop HTTP/1.1")
    assert request.body == b""
    assert "content-type" not in request.headers
    assert (request.headers["x-session-bot"], request.headers["x-session-bot-reason"]) == ("stop", "why")


async def test_a_path_is_in_no_repr_and_follows_no_redirect(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """What is added to a URL makes it no less secret, and leads nowhere else."""
    server = await serve()
    server.says(307, Location=f"{server.url()}/elsewhere")
    urls = urls_of(None, server)
    with pytest.raises(Redirected) as caught:
        await requests_of(lanes).stop(urls, replace(STOP, path="/stop"), "r", by="U1")
    assert len(server.requests) == 1
    assert "AF30" not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__context__!r}{urls!r}"


async def test_the_secure_url_is_preferred(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any]
) -> None:
    """Where both URLs are there, the plain one is not touched, in whichever mode."""
    secure, plain = await serve(certified("127.0.0.1")), await serve()
    secure.says(200)
    for mode in PlainHttp:
        requests = requests_of(lanes, plain_http=mode)
        await requests.send(urls_of(secure, plain), BODY, "r")
        await requests.stop(urls_of(secure, plain), STOP, "r", by="U1")
    assert len(secure.requests) == 6
    assert plain.requests == []


@pytest.mark.parametrize(
    ("mode", "go"),
    [(PlainHttp.never, []), (PlainHttp.stop, ["stop"]), (PlainHttp.always, ["send", "stop"])],
)
async def test_plain_http_goes_as_far_as_the_setting(
    lanes: Lanes,
    serve: Callable[..., Any],
    certified: Callable[..., Any],
    mode: PlainHttp,
    go: list[str],
) -> None:
    """Without encryption where the setting says so, if there is no secure URL or no good certificate."""
    plain, false_friend = await serve(), await serve(certified("127.0.0.1", by=trustme.CA()))
    plain.says(200)
    requests = requests_of(lanes, plain_http=mode)
    ways = {
        "send": lambda urls: requests.send(urls, BODY, "r"),
        "stop": lambda urls: requests.stop(urls, STOP, "r", by="U1"),
    }
    cases = [
        (urls_of(None, plain), PlainHttpForbidden),
        (urls_of(false_friend, plain), CertificateUnverified),
    ]
    for urls, refusal in cases:
        for verb, way in ways.items():
            if verb in go:
                assert (await way(urls)).plain_http
            else:
                with pytest.raises(refusal):
                    await way(urls)
    assert len(plain.requests) == 2 * len(go)
    assert false_friend.requests == []


async def test_only_a_bad_certificate_opens_the_plain_way(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any], closed_port: int
) -> None:
    """A secure URL that hangs, refuses, is gone or is not allowed never leads to the plain one."""
    secure, plain = await serve(certified("127.0.0.1")), await serve()
    plain.says(200)
    requests = requests_of(lanes, timeout=HANGS_S, plain_http=PlainHttp.always)
    urls = urls_of(secure, plain)
    secure.hangs()
    with pytest.raises(TimedOut):
        await requests.stop(urls, STOP, "r", by="U1")
    secure.says(404)
    with pytest.raises(Gone):
        await requests.stop(urls, STOP, "r", by="U1")
    secure.port = closed_port
    with pytest.raises(CannotConnect):
        await requests.stop(urls_of(secure, plain), STOP, "r", by="U1")
    with pytest.raises(HostRefused):
        await requests.stop(AccessUrls(SessionUrl("https://10.0.0.1/request/A"), urls.plain), STOP, "r", by="U1")
    assert plain.requests == []


async def test_a_certificate_whose_time_is_over_is_not_verified(
    lanes: Lanes, serve: Callable[..., Any], authority: trustme.CA
) -> None:
    """An expired certificate of a trusted authority is refused like any other bad one."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1)).configure_cert(context)
    server = await serve(context)
    with pytest.raises(CertificateUnverified):
        await requests_of(lanes).stop(urls_of(server), STOP, "r", by="U1")
    assert server.requests == []


async def test_no_url_at_all_is_said(lanes: Lanes) -> None:
    """A session without URLs cannot be asked anything."""
    with pytest.raises(NoUsableUrl):
        await requests_of(lanes).stop(AccessUrls(None, None), STOP, "r", by="U1")


@pytest.mark.parametrize("status", [404, 410])
async def test_gone_is_told_apart(lanes: Lanes, serve: Callable[..., Any], status: int) -> None:
    """404 and 410 mean that no session listens there any more, or not yet."""
    server = await serve()
    server.says(status, "no such session")
    with pytest.raises(Gone) as caught:
        await requests_of(lanes).stop(urls_of(None, server), STOP, "r", by="U1")
    assert caught.value.status == status


@pytest.mark.parametrize("status", [400, 403, 429, 500, 502, 503])
async def test_any_other_status_is_doubtful(lanes: Lanes, serve: Callable[..., Any], status: int) -> None:
    """A status that is neither 2xx nor gone arrived somewhere; what it did is unknown."""
    server = await serve()
    server.says(status, "<html>")
    with pytest.raises(Answered) as caught:
        await requests_of(lanes).stop(urls_of(None, server), STOP, "r", by="U1")
    assert (type(caught.value), caught.value.status) == (Answered, status)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed(
    lanes: Lanes, serve: Callable[..., Any], status: int, told: Callable[[BaseException], str]
) -> None:
    """A redirect could carry the URL elsewhere: it is reported, its target neither asked nor shown."""
    server, elsewhere = await serve(), await serve()
    server.says(status, Location=elsewhere.url())
    with pytest.raises(Redirected) as caught:
        await requests_of(lanes).stop(urls_of(None, server), STOP, "r", by="U1")
    assert caught.value.status == status
    assert elsewhere.requests == []
    assert "AF30" not in told(caught.value)


async def test_delivered_is_delivered_whatever_becomes_of_the_body(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """After a 2xx a body that breaks off, hangs, is too long or is no text changes nothing."""
    server = await serve()
    requests = requests_of(lanes, timeout=HANGS_S)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    for script in (server.writes, server.hangs):
        script(head + b"half\xff")
        assert (await requests.stop(urls_of(None, server), STOP, "r", by="U1")).body == "half�"
    server.says(200, b"x" * 1_000_000)
    assert (await requests.stop(urls_of(None, server), STOP, "r", by="U1")).body == "x" * 65536
    server.says(204)
    assert (await requests.stop(urls_of(None, server), STOP, "r", by="U1")).body == ""


async def test_one_call_is_one_attempt(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """Nothing is repeated here, however doubtful its outcome: repeating is the caller's, who records it."""
    server = await serve()
    requests = requests_of(lanes, timeout=HANGS_S)
    for count, script in enumerate((server.resets, server.hangs, lambda: server.says(503)), start=1):
        script()
        with pytest.raises((ConnectionBroken, TimedOut, Answered)):
            await requests.stop(urls_of(None, server), STOP, "r", by="U1")
        assert len(server.requests) == count


async def test_a_name_is_resolved_once_and_that_address_is_used(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any]
) -> None:
    """The checked address is connected to, while certificate and Host header keep the name."""
    server = await serve(certified("www.sandbox.example"))
    server.says(200)
    asked = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    requests = requests_of(lanes, "www.sandbox.example", resolve=resolve)
    await requests.stop(urls_of(server, host="www.sandbox.example"), STOP, "r", by="U1")
    assert asked == [("www.sandbox.example", server.port)]
    assert server.requests[0].headers["host"] == f"www.sandbox.example:{server.port}"


async def test_another_address_is_tried_only_while_nothing_left(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """An address that takes no connection is passed over; one that took the request is the last."""
    server = await serve()
    server.says(200)

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1", "127.0.0.3"]

    requests = requests_of(lanes, "many.example", resolve=resolve, plain_http=PlainHttp.always)
    urls = urls_of(None, server, host="many.example")
    assert (await requests.send(urls, BODY, "r")).status == 200
    server.resets()
    with pytest.raises(ConnectionBroken):
        await requests.send(urls, BODY, "r")
    assert len(server.requests) == 2


async def test_an_address_that_only_takes_the_connection_is_passed_over(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any]
) -> None:
    """An address that accepts and then says nothing to TLS saw no request, so the next one is tried."""
    server = await serve(certified("many.example"))
    server.says(200)

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    with socket.create_server(("127.0.0.2", server.port)):
        requests = requests_of(lanes, "many.example", resolve=resolve, timeout=2 * HANGS_S)
        answer = await requests.send(urls_of(server, host="many.example"), BODY, "r")
    assert answer.status == 200
    assert len(server.requests) == 1


async def test_a_host_that_is_not_allowed_gets_nothing(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """A session URL that names another host, or leads inside, is refused before any connection."""
    server = await serve()

    async def inside(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    for hosts, host in (("*.voximplant.com", "127.0.0.1"), ("*.voximplant.com", "x.voximplant.com")):
        requests = requests_of(lanes, hosts, resolve=inside)
        with pytest.raises(HostRefused):
            await requests.stop(urls_of(None, server, host=host), STOP, "r", by="U1")
    assert server.requests == []


async def test_sends_and_stops_have_lanes_of_their_own(lanes: Lanes, serve: Callable[..., Any]) -> None:
    """Stops go out while the lane for sends is full."""
    server = await serve()
    server.hangs()
    requests = requests_of(lanes, plain_http=PlainHttp.always)
    urls = urls_of(None, server)
    sends = [asyncio.create_task(requests.send(urls, BODY, "r")) for _ in range(5)]
    await server.seen(2)
    assert (lanes.send.in_flight, lanes.send.waiting) == (2, 3)
    stop = asyncio.create_task(requests.stop(urls, STOP, "the stop", by="U1"))
    await server.seen(3)
    assert server.requests[2].headers["x-request-id"] == "the stop"
    server.let_go.set()
    await asyncio.gather(stop, *sends)


async def test_no_failure_shows_the_url(
    lanes: Lanes,
    serve: Callable[..., Any],
    certified: Callable[..., Any],
    closed_port: int,
    told: Callable[[BaseException], str],
) -> None:
    """The URL's path appears in no error, none of its causes, and no log line at DEBUG."""
    server, secure = await serve(), await serve(certified("other.example"))
    requests = requests_of(lanes, timeout=0.2)
    for script in (server.resets, server.hangs, lambda: server.says(404), lambda: server.says(500)):
        script()
        with pytest.raises(PlatformError) as caught:
            await requests.stop(urls_of(None, server), STOP, "r", by="U1")
        assert "AF30" not in told(caught.value)
        assert caught.value.__context__ is None
    server.port = closed_port
    for urls in (urls_of(None, server), urls_of(secure), AccessUrls(None, None)):
        with pytest.raises(PlatformError) as caught:
            await requests.stop(urls, STOP, "r", by="U1")
        assert "AF30" not in told(caught.value)
