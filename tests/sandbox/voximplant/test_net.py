import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.sandbox.voximplant import CannedAnswer, PlatformOptions
from bot.sandbox.voximplant._answers import address_of, answer_for
from bot.sandbox.voximplant.engine import Http
from tests.sandbox.voximplant.conftest import Caller, OpenPlatform


async def _echo(request: web.Request) -> web.Response:
    body = {
        "method": request.method,
        "query": dict(request.query),
        "agent": request.headers["User-Agent"],
        "tag": request.headers.get("X-Tag"),
        "body": await request.text(),
    }
    return web.json_response(body, headers={"X-Echo": "yes"})


async def _away(_: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "https://example.com/"})


async def _long(_: web.Request) -> web.Response:
    return web.Response(body=b"x" * (2 * 1024 * 1024 + 1))


class Gate:
    """A handler that holds its requests until it is opened, and knows how many are there."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.inside = 0

    async def held(self, _: web.Request) -> web.Response:
        """Answer when the gate is open."""
        self.inside += 1
        await self.open.wait()
        return web.Response()


@pytest.fixture
def gate() -> Gate:
    """Return the gate of the back-end."""
    return Gate()


@pytest.fixture
async def server(gate: Gate) -> AsyncIterator[str]:
    """Serve a back-end on loopback; the value is its base URL."""
    app = web.Application()
    app.router.add_get("/held", gate.held)
    app.add_routes([web.route("*", "/echo", _echo), web.get("/away", _away), web.get("/long", _long)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    gate.open.set()
    await runner.cleanup()


async def _asked(caller: Caller, call: str) -> dict[str, object]:
    """Run one request, by promise; return its result."""
    (line,) = await caller.log_of(
        f"{call}.then((result) => {{ Logger.write(JSON.stringify(result)); VoxEngine.terminate(); }});"
    )
    result: dict[str, object] = json.loads(line)
    return result


async def test_a_request_to_loopback_is_sent(caller: Caller, server: str) -> None:
    """Method, headers, query and body arrive; the result has the documented fields."""
    options = '{ method: "POST", headers: { "X-Tag": "a" }, postData: "öl", params: { q: "1 2" }, rawOutput: true }'
    result = await _asked(caller, f'Net.httpRequestAsync("{server}/echo?a=1", {options})')
    assert result["code"] == 200
    assert json.loads(str(result["text"])) == {
        "method": "POST",
        "query": {"a": "1", "q": "1 2"},
        "agent": "VoxEngine/1.0",
        "tag": "a",
        "body": "öl",
    }
    assert {"key": "X-Echo", "value": "yes"} in result["headers"]  # type: ignore[operator]
    assert "X-Echo: yes" in str(result["raw_headers"])
    assert bytes(result["data"]).decode() == result["text"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ('{ method: "POST", postData: [104, 105, 300, "x", null] }', "hi,\0\0"),
        ('{ method: "POST", postData: { a: 1 } }', "[object Object]"),
        ('{ method: "POST", postData: 7, headers: [["a", "b"], "no colon", 5], timeout: -1, params: null }', "7"),
        ('{ method: "POST", postData: "\\ud800" }', "?"),
        ('{ method: "put", headers: { "X-Tag": undefined } }', ""),
    ],
)
async def test_odd_options_are_taken_as_they_are(caller: Caller, server: str, options: str, body: str) -> None:
    """A scenario's mistake is sent as JavaScript writes it; it breaks nothing."""
    result = await _asked(caller, f'Net.httpRequestAsync("{server}/echo", {options})')
    assert json.loads(str(result["text"]))["body"] == body


async def test_a_header_that_cannot_be_sent_is_a_fault(caller: Caller, server: str) -> None:
    """A line break in a header, or a method that is none, gets a code and no answer."""
    for options in ('{ headers: { "X-A": "1\\r\\nX-B: 2" } }', '{ method: "GE T" }'):
        assert (await _asked(caller, f'Net.httpRequestAsync("{server}/echo", {options})'))["code"] == -1


async def test_a_callback_is_called_with_the_result(caller: Caller, server: str) -> None:
    """The callback form works, with the options and the list of headers of older scenarios."""
    assert await caller.log_of(f"""
        const options = new Net.HttpRequestOptions();
        options.headers = ["X-Tag: old"];
        Net.httpRequest("{server}/echo", (result) => {{
            Logger.write(`${{result.code}} ${{JSON.parse(result.text).tag}} ${{result.data}}`);
            VoxEngine.terminate();
        }}, options);
    """) == ["200 old undefined"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://example.com/", -3),
        ("not a URL", -2),
        ("ftp://127.0.0.1/", -2),
        ("http://[/", -2),
        ("http://127.0.0.1:9/", -4),
        ("http://10.0.0.1/", -3),
    ],
)
async def test_a_request_without_an_answer_has_a_fault_code(caller: Caller, url: str, code: int) -> None:
    """Nothing but loopback is sent to; every fault has its documented code, and no promise is rejected."""
    result = await _asked(caller, f"Net.httpRequestAsync({json.dumps(url)})")
    assert (result["code"], bool(result["error"])) == (code, True)


async def test_a_redirect_is_not_followed_away(caller: Caller, server: str) -> None:
    """A redirect is an answer: it could lead away from loopback."""
    assert (await _asked(caller, f'Net.httpRequestAsync("{server}/away")'))["code"] == 302


async def test_a_long_answer_is_a_fault(caller: Caller, server: str) -> None:
    """More than 2 MB is the documented fault."""
    assert (await _asked(caller, f'Net.httpRequestAsync("{server}/long")'))["code"] == -9


async def test_a_canned_answer_takes_the_place_of_a_back_end(open_platform: OpenPlatform) -> None:
    """A URL with a canned answer is answered, with its status and body."""
    answers = {"https://example.com/api*": CannedAnswer(status=201, body=b'{"ok": true}')}
    caller = await open_platform(PlatformOptions(answers=answers))
    result = await _asked(caller, 'Net.httpRequestAsync("https://example.com/api/1?a=b")')
    assert (result["code"], result["text"]) == (201, '{"ok": true}')


def test_the_nearest_canned_answer_counts() -> None:
    """A URL itself comes before the URL without its query, and that before a beginning, of which the longest counts."""
    texts = ["https://a.example/x?y=1", "https://a.example/x", "https://a.example/*", "https://*"]
    answers = {text: CannedAnswer(body=text.encode()) for text in texts}
    found = [
        answer_for(f"https://{rest}", answers) for rest in ("a.example/x?y=1", "a.example/x?y=2", "a.example/z", "b")
    ]
    assert [answer.body.decode() for answer in found if answer] == texts
    assert answer_for("http://a.example/x", answers) is None


@pytest.mark.parametrize("key", ["https://a.example/x", "https://a.example/*", "https://u:p@a.example/x"])
def test_a_url_s_user_and_password_need_not_be_typed(key: str) -> None:
    """They are secrets, so a key without them is as near as one with them."""
    assert answer_for("https://u:p@a.example/x?y=1", {key: CannedAnswer()}) is not None
    assert answer_for("https://b.example/u:p@a.example/x", {key: CannedAnswer()}) is None


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://u:p@a.example:1/x?token=s#t", "https://a.example:1/x"),
        ("https://a.example/x@y?z", "https://a.example/x@y"),
        ("https://u@a.example#t", "https://a.example"),
        ("undefined?token=s", "undefined"),
    ],
)
def test_an_address_has_no_secrets(url: str, address: str) -> None:
    """Neither the user and the password nor the query and the fragment are shown."""
    assert address_of(url) == address


def _question(url: str) -> dict[str, object]:
    """Return a request as the shim asks for it."""
    times = {"timeout": None, "connectionTimeout": None}
    return {"url": url, "method": "get", "headers": [], "body": None, "raw": False, **times}


async def test_requests_are_kept_with_their_outcome(server: str) -> None:
    """Who runs a session learns which addresses it asked, what they answered, and which answer was a canned one."""
    http = Http({"https://example.com/": CannedAnswer(status=204)})
    for url in ("https://example.com/", f"{server}/echo", "https://example.com/other"):
        await http.answer(_question(url))
    assert [(made.method, made.url, made.code, made.is_canned) for made in http.made] == [
        ("GET", "https://example.com/", 204, True),
        ("GET", f"{server}/echo", 200, False),
        ("GET", "https://example.com/other", -3, False),
    ]
    assert "example.com" not in repr(http.made)


async def test_nothing_is_sent_where_nothing_may_be(server: str) -> None:
    """With sending switched off loopback gets nothing either."""
    http = Http({}, sends=False)
    assert await http.answer(_question(f"{server}/echo")) == {
        "code": -3,
        "error": "the sandbox sends to loopback only: give a canned answer for this URL",
        "text": "",
        "headers": [],
        "raw_headers": "",
    }


async def test_three_requests_of_a_session_are_under_way_at_once(server: str, gate: Gate) -> None:
    """The others wait for their turn, and all are answered."""
    http = Http({})
    asked = [asyncio.ensure_future(http.answer(_question(f"{server}/held"))) for _ in range(7)]
    async with asyncio.timeout(10):
        while gate.inside < 3:  # noqa: ASYNC110 - the back-end sets no event for a request
            await asyncio.sleep(0.005)
        await Http({}).answer(_question(f"{server}/echo"))
        assert gate.inside == 3
        gate.open.set()
        await asyncio.gather(*asked)
    assert [made.code for made in http.made] == [200] * 7


async def test_a_request_that_takes_too_long_is_a_fault(server: str) -> None:
    """A scenario may ask for less than the documented 90 s."""
    result = await Http({}).answer({**_question(f"{server}/held"), "timeout": 0.02})
    assert isinstance(result, dict)
    assert result["code"] == -7


async def test_a_question_of_another_form_is_an_error() -> None:
    """A scenario that forges the shim's question breaks itself, not the sandbox."""
    with pytest.raises(ValueError, match="url"):
        await Http({}).answer({"url": 7})


async def test_too_many_requests_throw(caller: Caller) -> None:
    """35 may be pending with those that wait; one more throws, and the others are answered."""
    assert await caller.log_of("""
        let answered = 0;
        for (let i = 0; i < 35; i += 1) Net.httpRequest("https://example.com", () => { answered += 1; });
        try { Net.httpRequest("https://example.com", () => {}); } catch (error) { Logger.write(error.message); }
        setTimeout(() => { Logger.write(String(answered)); VoxEngine.terminate(); }, 100);
    """) == ["35 HTTP requests are pending already, more are not allowed", "35"]


async def test_mail_is_not_sent(caller: Caller) -> None:
    """Mail is a stand-in in both forms: it tells a fault."""
    log = await caller.log_of("""
        Net.sendMail("smtp.example.com", "a@example.com", "b@example.com", "Hi", "Text", (result) => {
            Logger.write(String(result.code));
            Net.sendMailAsync("smtp.example.com", "a@example.com", "b@example.com", "Hi", "Text").then((again) => {
                Logger.write(String(again.code));
                VoxEngine.terminate();
            });
        });
    """)
    assert [line for line in log if not line.startswith("not simulated")] == ["0", "0"]
