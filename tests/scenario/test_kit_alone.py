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


def test_a_terminate_that_throws_is_not_the_scenarios_error() -> None:
    """A function of the platform that fails is a line in the log."""
    scope = Scope("VoxEngine.terminate = () => { throw new Error('busy'); };")
    assert scope.run(request('{ "X-Session-Bot": "stop" }')) == [None]
    assert scope.said[-1] == "session-bot: Error: busy"


def test_what_is_announced_is_written_at_once_where_it_ends() -> None:
    """With announcing on, a start and an end are each one write."""
    scope = Scope(ANNOUNCE="true")
    scope.run(STARTED)
    scope.run("VoxEngine.terminate(); VoxEngine.terminate();")
    assert scope.run("return stored;") == 2
