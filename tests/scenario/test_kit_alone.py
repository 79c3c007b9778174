"""The kit in a bare JavaScript context: on a platform that lacks this or that, it throws nothing and still stops."""

import json
from typing import Any

import pytest
import quickjs

from bot.scenario import kit_source
from bot.scenario._options import with_options

PLATFORM = """
const said = [];
const heard = {};
let stored = 0;
const AppEvents = { HttpRequest: "request", CallAlerting: "alerting", Started: "started" };
const CallEvents = { Disconnected: "disconnected", Failed: "failed" };
const Modules = { ApplicationStorage: "storage" };
const Logger = { write: (text) => said.push(text) };
const ApplicationStorage = { put: () => { stored += 1; return Promise.resolve(); } };
const Crypto = { hmac_sha256: () => "signed" };
function require() {}
function setTimeout() { return 1; }
function setInterval() { return 1; }
function clearTimeout() {}
function newCall() {
  const listeners = {};
  return {
    addEventListener: (event, act) => { listeners[event] = act; },
    hangup: () => { said.push("hung up"); if (listeners.disconnected) listeners.disconnected({}); },
  };
}
const VoxEngine = {
  addEventListener: (event, act) => { heard[event] = (heard[event] || []).concat(act); },
  removeEventListener: (event, act) => { heard[event] = (heard[event] || []).filter((each) => act && each !== act); },
  callPSTN: newCall,
  customData: () => "data",
  getSecretValue: () => "secret",
  terminate: () => { said.push("terminated"); },
};
function raise(event, given) {
  return (heard[event] || []).map((act) => act(given));
}
"""
STARTED = 'raise("started", { accessSecureURL: "https://x", sessionId: 7 });'
TIMERS = "const timers = []; setTimeout = (act, wait) => timers.push({ act, wait });"
PUTS = "const puts = []; ApplicationStorage.put = (key, value) => { puts.push(value); return Promise.resolve(); };"
CALL = 'VoxEngine.callPSTN("1", "2"); raise("alerting", { call: newCall() });'


class Scope:
    """A global scope with the platform, or without a part of it, and the kit."""

    def __init__(self, before: str = "", **options: str) -> None:
        self._context = quickjs.Context()
        self._context.eval(PLATFORM)
        self._context.eval(before)
        self._context.eval(with_options(kit_source(), options))

    def run(self, source: str) -> Any:
        """Run something, and what it left to promises; return its value as JSON has it."""
        self._context.eval(f"var value = (() => {{ {source} }})();")
        while self._context.execute_pending_job():
            pass
        return json.loads(self._context.eval("JSON.stringify(value === undefined ? null : value)"))

    @property
    def said(self) -> list[str]:
        """The lines that were logged, and what was done."""
        said: list[str] = self.run("return said;")
        return said


def request(headers: str = "[]", content: str = '""') -> str:
    """Return a request as a statement; its value is what the handlers return."""
    return f'return raise("request", {{ headers: {headers}, content: {content} }});'


@pytest.mark.parametrize(
    "headers",
    [
        '[{ key: "X-Session-Bot", value: "stop" }]',
        '[{ key: "x-session-bot", value: " stop " }]',
        '{ "X-SESSION-BOT": "stop" }',
        '{ "x-session-bot": ["stop"] }',
        '[{ key: "X-Other", value: "%" }, { key: "X-Session-Bot", value: "stop" }]',
    ],
)
def test_headers_are_read_in_any_form(headers: str) -> None:
    """The typings have a list of pairs; an object is understood, too."""
    scope = Scope()
    scope.run(CALL)
    assert scope.run(request(headers)) == [None]
    assert scope.said == ["session-bot: stopping, asked without a request id", "hung up", "hung up", "terminated"]


@pytest.mark.parametrize("headers", ["undefined", "null", "7", '"x"', "[null]", "[7, 8]", "{}", "[{}]"])
@pytest.mark.parametrize("content", ["undefined", "null", "7", "{}", "[]", '"{"'])
def test_an_odd_request_is_no_stop_and_no_error(headers: str, content: str) -> None:
    """Whatever a request has instead of headers and content, the kit returns nothing and does nothing."""
    scope = Scope()
    assert scope.run(request(headers, content)) == [None]
    assert scope.said == []


@pytest.mark.parametrize("name", ["Logger", "CallEvents", "Modules", "Crypto", "setTimeout", "clearTimeout", "Promise"])
def test_a_platform_that_lacks_something_is_stopped_all_the_same(name: str) -> None:
    """Nothing but VoxEngine and the event of a request is needed for a stop."""
    without = PLATFORM.replace(f"const {name} =", f"const no_{name} =").replace(
        f"function {name}(", f"function no_{name}("
    )
    context = quickjs.Context()
    context.eval(without)
    if name == "Promise":
        context.eval("globalThis.Promise = undefined;")
    options = {"ANNOUNCE": "true", "END_AFTER_MINUTES": "1", "END_WITHOUT_CALLS_SECONDS": "1"}
    context.eval(with_options(kit_source(), options))
    context.eval(STARTED + 'VoxEngine.callPSTN("1", "2");')
    context.eval('raise("request", { headers: [], content: \'{"command": "stop"}\' });')
    while context.execute_pending_job():
        pass
    assert "terminated" in json.loads(context.eval("JSON.stringify(said)"))


@pytest.mark.parametrize("source", ["", "var VoxEngine = {};", "var VoxEngine = null, AppEvents = null;"])
def test_without_a_platform_nothing_is_thrown(source: str) -> None:
    """Where there is no VoxEngine at all, the kit is an object with onStop, and nothing else happens."""
    context = quickjs.Context()
    context.eval(source)
    context.eval(kit_source())
    assert context.eval("typeof SessionBot.onStop(function () {})") == "undefined"


def test_a_frozen_engine_is_stopped() -> None:
    """Where functions of VoxEngine cannot be wrapped, calls that come in are known, and a stop ends the session."""
    scope = Scope("Object.freeze(VoxEngine);")
    scope.run(CALL)
    scope.run(request("[]", '\'{"command": "stop"}\''))
    assert scope.said[1:] == ["hung up", "terminated"]


def test_functions_of_the_engine_may_be_called_without_it() -> None:
    """What is wrapped is called on VoxEngine, and returns and throws what the platform's function does."""
    scope = Scope("VoxEngine.callSIP = function () { if (this !== VoxEngine) throw 1; return 7; };")
    assert scope.run("const { callSIP } = VoxEngine; return callSIP();") == 7
    scope = Scope("VoxEngine.callUser = function () { throw 'no'; };")
    assert scope.run("try { VoxEngine.callUser(); } catch (e) { return e; }") == "no"


@pytest.mark.parametrize("handler", ["7", "null", "undefined", '"x"', "{}"])
def test_what_is_no_function_is_no_handler_of_a_stop(handler: str) -> None:
    """OnStop with anything but a function keeps the kit's own stop."""
    scope = Scope()
    scope.run(f"SessionBot.onStop({handler});")
    scope.run(request('{ "X-Session-Bot": "stop" }'))
    assert scope.said[-1] == "terminated"


def test_a_new_request_id_asks_for_an_end_again() -> None:
    """The same request id does nothing twice; another one asks the platform again, in case the end did not come."""
    scope = Scope()
    stop = '[{{ key: "X-Session-Bot", value: "stop" }}, {{ key: "X-Request-Id", value: "{}" }}]'
    for request_id in ("a", "a", "b", "b"):
        scope.run(request(stop.format(request_id)))
    assert scope.said.count("terminated") == 2


@pytest.mark.parametrize("request_id", ["__proto__", "constructor", "hasOwnProperty"])
def test_no_request_id_counts_as_seen_before_it_came(request_id: str) -> None:
    """A stop is taken whatever its id, once: also one that every object has a member of."""
    scope = Scope()
    stop = f'[{{ key: "X-Session-Bot", value: "stop" }}, {{ key: "X-Request-Id", value: "{request_id}" }}]'
    scope.run(request(stop))
    scope.run(request(stop))
    assert scope.said == [f"session-bot: stopping, {request_id}", "terminated"]


@pytest.mark.parametrize("broken", ["() => { throw new Error('busy'); }", "undefined"])
def test_a_terminate_that_throws_is_not_the_scenarios_error(broken: str) -> None:
    """A function of the platform that fails, or is missing, is a line in the log, each time that it is called."""
    scope = Scope(f"{TIMERS} VoxEngine.terminate = {broken};")
    assert scope.run(request('{ "X-Session-Bot": "stop" }')) == [None]
    assert scope.said[-1].startswith(("session-bot: Error: busy", "session-bot: TypeError"))
    before = len(scope.said)
    assert scope.run("timers.forEach((each) => each.act()); return timers.length;") == 1
    assert len(scope.said) == before + 1


def test_without_a_timer_the_platforms_terminate_is_called_at_once() -> None:
    """Where the scenario has its own terminate() and no timer is left, there is no second chance to wait for."""
    mine = "VoxEngine.terminate = () => said.push('mine');"
    scope = Scope("setTimeout = () => { throw new Error('too many'); };")
    scope.run(mine + request('{ "X-Session-Bot": "stop" }'))
    assert scope.said[1:] == ["mine", "terminated"]


@pytest.mark.parametrize(
    ("minutes", "waits"),
    [
        ("0.5", [30_000]), ('"10"', [600_000]), ("100000", [2**31 - 1]), ("Infinity", [2**31 - 1]),
        ("0", []), ("-1", []), ("NaN", []), ("null", []), ('"soon"', []),
    ],
)  # fmt: skip
def test_an_age_is_waited_for_or_never_comes(minutes: str, waits: list[int]) -> None:
    """No value of the option ends a session at once: what is longer than a timer can be is as long as that."""
    scope = Scope(TIMERS, END_AFTER_MINUTES=minutes)
    assert scope.run("return timers.map((each) => each.wait);") == waits


def test_where_calls_are_made_unseen_a_session_is_not_ended_for_having_none() -> None:
    """Where functions of VoxEngine cannot be wrapped a call may be live, so the option for sessions without is off."""
    sees = Scope(TIMERS, END_WITHOUT_CALLS_SECONDS="30")
    assert sees.run("return timers.length;") == 1
    blind = Scope(f"{TIMERS} Object.freeze(VoxEngine);", END_WITHOUT_CALLS_SECONDS="30")
    assert blind.run(CALL + "return timers.length;") == 0


@pytest.mark.parametrize("broken", ["undefined", "() => { throw 1; }", "() => Promise.resolve('s')", "() => ''"])
def test_without_a_readable_secret_a_session_is_announced_unsigned(broken: str) -> None:
    """A secret that is missing, or no text, keeps no session from being announced, and signs nothing."""
    scope = Scope(f"{PUTS} VoxEngine.getSecretValue = {broken};", ANNOUNCE="true")
    (put,) = scope.run(STARTED + "return puts;")
    assert "hmac" not in json.loads(put)


@pytest.mark.parametrize("character", ["a", "\\u0001", "\\u00e9", "\\u2028", "\\ud83d\\ude00", "\\ud83d", '\\"'])
@pytest.mark.parametrize("url", [100, 1_000, 1_700])
@pytest.mark.parametrize("request_id", ["x", "%01", "%F0%9F%98%80"])
def test_what_is_announced_is_short(character: str, url: int, request_id: str) -> None:
    """Less than 2,000 characters whatever the custom data, the URL and the request id become; data gives way first."""
    data = f'VoxEngine.customData = () => "{character}".repeat(300);'
    sign = 'Crypto.hmac_sha256 = () => "f".repeat(64);'
    scope = Scope(PUTS + data + sign, ANNOUNCE="true")
    scope.run(f'raise("started", {{ accessSecureURL: "https://x/" + "a".repeat({url}), sessionId: 4202753936 }});')
    scope.run(request(f'{{ "X-Session-Bot": "stop", "X-Request-Id": "{request_id * 100}" }}'))
    texts = scope.run("return puts;")
    assert texts
    for text in texts:
        assert len(text) < 2000
        found = json.loads(text)
        assert len(found["url"]) == url + 10
        assert json.loads(f'"{character}"').startswith(found["data"][:1])


def test_what_is_too_long_is_not_announced_and_told_once() -> None:
    """A URL that leaves no room for itself is announced by no part of it, and the log has one line of that."""
    scope = Scope(PUTS + "let beat; setInterval = (act) => { beat = act; };", ANNOUNCE="true")
    scope.run('raise("started", { accessSecureURL: "https://x/" + "a".repeat(3000), sessionId: 7 }); beat(); beat();')
    assert scope.run("return puts;") == []
    assert scope.said == ["session-bot: the storage did not take what is announced"]
    scope.run(request('{ "X-Session-Bot": "stop" }'))
    assert scope.said[-1] == "terminated"


@pytest.mark.parametrize("data", ["undefined", "null", "7", "{}", "[1, 2]"])
def test_custom_data_that_is_no_text_keeps_no_session_from_being_announced(data: str) -> None:
    """Whatever customData() returns, and where it throws, the rest is announced."""
    for given in (f"() => ({data})", "() => { throw 1; }", "undefined"):
        (put,) = Scope(f"{PUTS} VoxEngine.customData = {given};", ANNOUNCE="true").run(STARTED + "return puts;")
        assert (json.loads(put)["session"], type(json.loads(put)["data"])) == ("7", str)


def test_no_two_announcements_have_the_same_beat() -> None:
    """What is written within one second has beats that differ, so that the newest is known."""
    scope = Scope(PUTS, ANNOUNCE="true")
    scope.run("SessionBot.onStop(() => {});" + STARTED)
    for request_id in ("a", "b", "c"):
        scope.run(request(f'{{ "X-Session-Bot": "stop", "X-Request-Id": "{request_id}" }}'))
    found = [json.loads(each) for each in scope.run("return puts;")]
    assert [each.get("taken") for each in found] == [None, "a", "b", "c"]
    assert len({each["beat"] for each in found}) == 4
    assert [each["beat"] for each in found] == sorted(each["beat"] for each in found)


def test_a_change_that_waits_is_written_with_what_cannot_wait() -> None:
    """A call that began is not written a second time after a stop has told of it."""
    timers = (
        "const timers = new Map(); let last = 0; setTimeout = (act) => { timers.set(last += 1, act); return last; };"
    )
    scope = Scope(f"{PUTS} {timers} clearTimeout = (timer) => timers.delete(timer);", ANNOUNCE="true")
    scope.run("SessionBot.onStop(() => {});" + STARTED + CALL)
    assert scope.run("return [puts.length, timers.size];") == [1, 1]
    scope.run(request('{ "X-Session-Bot": "stop", "X-Request-Id": "a" }'))
    assert scope.run("return [puts.length, timers.size];") == [2, 1]
    assert json.loads(scope.run("return puts[1];"))["calls"] == 2


def test_a_stop_without_a_request_id_takes_none() -> None:
    """A stop of another client ends the session, and no request id is announced."""
    scope = Scope(PUTS, ANNOUNCE="true")
    scope.run(STARTED + request("[]", '\'{"command": "stop"}\''))
    found = json.loads(scope.run("return puts;")[-1])
    assert (found["ending"], "taken" in found) == (True, False)


@pytest.mark.parametrize(
    ("every", "wait", "ttl"),
    [
        ("60", 60, 180), ("30.5", 31, 93), ('"90"', 90, 270), ("0.01", 1, 3),
        ("0", 60, 180), ("-5", 60, 180), ("NaN", 60, 180),
        ('"soon"', 60, 180), ("undefined", 60, 180), ("Infinity", 86_400, 259_200), ("1e9", 86_400, 259_200),
    ],
)  # fmt: skip
def test_a_heartbeat_is_neither_a_flood_nor_an_error(every: str, wait: int, ttl: int) -> None:
    """Whatever the option holds, there is a beat of a second to a day, and a time to live of three of them."""
    timers = "const waits = []; setInterval = (_, wait) => waits.push(wait);"
    ttls = "ApplicationStorage.put = (...given) => { waits.push(given[2]); return Promise.resolve(); };"
    scope = Scope(timers + ttls, ANNOUNCE="true", ANNOUNCE_EVERY_SECONDS=every)
    assert scope.run(STARTED + "return waits;") == [ttl, wait * 1000]


NET = """
const sent = []; let beat;
setInterval = (act) => { beat = act; };
const Net = {
  httpRequestAsync: (url, options) => {
    sent.push({ url, ...options });
    return Promise.resolve({ code: 204 });
  },
};
"""


def test_starts_stops_and_ends_are_sent_to_the_inbox() -> None:
    """The text of the storage goes to the inbox, signed with its time, and is given up after a second; no beat does."""
    scope = Scope(PUTS + NET, ANNOUNCE="true", INBOX='"https://bot.example.com/announcements"')
    scope.run("SessionBot.onStop(() => {});" + STARTED + "beat();" + CALL)
    scope.run(request('{ "X-Session-Bot": "stop", "X-Request-Id": "r1" }'))
    scope.run("VoxEngine.terminate(); beat();")
    sent, puts = scope.run("return sent;"), scope.run("return puts;")
    assert [each["postData"] for each in sent] == [puts[0], puts[2], puts[3]]
    assert [json.loads(each["postData"]).get("taken") for each in sent] == [None, "r1", "r1"]
    assert json.loads(sent[-1]["postData"])["ending"] is True
    for each in sent:
        assert each["url"] == "https://bot.example.com/announcements"
        assert (each["method"], each["timeout"], each["connectionTimeout"]) == ("POST", 1, 1)
        assert each["headers"].keys() == {"X-Session-Bot-Time", "X-Session-Bot-Signature"}
        assert each["headers"]["X-Session-Bot-Time"].isdigit()


@pytest.mark.parametrize(
    "broken",
    [
        "Net.httpRequestAsync = () => { throw new Error('35 requests'); };",
        "Net.httpRequestAsync = () => Promise.reject(new Error('no'));",
        "Net.httpRequestAsync = () => Promise.resolve({ code: 401 });",
        "Net.httpRequestAsync = () => Promise.resolve({ code: -7 });",
        "Net.httpRequestAsync = () => Promise.resolve();",
        "Net.httpRequestAsync = () => 7;",
        "Net.httpRequestAsync = undefined;",
        "VoxEngine.getSecretValue = () => undefined;",
    ],
)
def test_an_inbox_that_fails_is_told_once(broken: str) -> None:
    """Whatever becomes of it, the session is announced and stopped as without an inbox, and the log has one line."""
    scope = Scope(PUTS + NET + broken, ANNOUNCE="true", INBOX='"https://x"')
    scope.run(STARTED)
    scope.run(request('{ "X-Session-Bot": "stop" }'))
    scope.run("VoxEngine.terminate();")
    assert scope.run("return puts.length;") == 2
    assert [line for line in scope.said if "inbox" in line] == [
        "session-bot: the bot's inbox did not take what is announced"
    ]
    assert scope.said[-1] == "terminated"


@pytest.mark.parametrize("options", [{"ANNOUNCE": "true"}, {"INBOX": '"https://x"'}])
def test_nothing_is_sent_unless_it_is_asked_for(options: dict[str, str]) -> None:
    """Without an inbox, and without announcing, there is no request."""
    scope = Scope(PUTS + NET, **options)
    scope.run(STARTED + "VoxEngine.terminate();")
    assert scope.run("return sent;") == []


def test_what_is_announced_is_written_at_once_where_it_ends() -> None:
    """With announcing on, a start and an end are each one write."""
    scope = Scope(ANNOUNCE="true")
    scope.run(STARTED)
    scope.run("VoxEngine.terminate(); VoxEngine.terminate();")
    assert scope.run("return stored;") == 2
