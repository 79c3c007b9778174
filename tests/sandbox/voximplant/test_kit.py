"""The kit in the engine: before, after and between other scenarios, whatever these do."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from bot.scenario import kit_source
from bot.scenario._options import with_options

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Answer, Caller, Started

KIT = kit_source()
HEADERS = {"X-Session-Bot": "stop", "X-Request-Id": "r1"}
STUCK = """
VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.callPSTN("+15550100", "+15550199"));
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  Logger.write("mine: " + e.content);
  return "mine";
});
"""


async def run(caller: Caller, *sources: str) -> Started:
    """Start a session of a rule with these scenarios, in their order."""
    account = caller.platform.account
    rule = account.add_rule(account.applications[0], f"rule {len(account.rules)}", *sources)
    return await caller.start(rule.rule_id)


async def stop(caller: Caller, started: Started, body: bytes = b"any text", **headers: str) -> Answer:
    """Send a stop of the bot."""
    return await caller.send(started.url, body, HEADERS | {k.replace("_", "-"): v for k, v in headers.items()})


async def over(started: Started) -> str | None:
    """Wait for the session's end, and return its finish reason."""
    async with asyncio.timeout(30):
        await started.session.closed()
    return started.session.finish_reason


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param((KIT, STUCK), id="before"),
        pytest.param((STUCK, KIT), id="after"),
        pytest.param((STUCK, KIT, STUCK), id="between"),
        pytest.param((KIT + STUCK,), id="pasted on top"),
        pytest.param((STUCK + KIT,), id="pasted below"),
        pytest.param((KIT, KIT + STUCK, KIT), id="three times"),
    ],
)
async def test_a_stop_ends_the_session(caller: Caller, sources: tuple[str, ...]) -> None:
    """Wherever the kit stands, a stop ends the session in its own turn; the scenario still sees and answers it."""
    started = await run(caller, *sources)
    answer = await stop(caller, started)
    assert (answer.status, answer.text) == (200, "mine")
    assert not started.session.running
    assert await over(started) == "Normal termination"
    assert started.session.calls
    assert not any(call.is_live for call in started.session.calls)
    assert sum(line == "session-bot: stopping, r1" for line in started.session.log) == 1


@pytest.mark.parametrize("name", ["X-Session-Bot", "x-session-bot", "X-SESSION-BOT"])
@pytest.mark.parametrize("body", [b"", b"0", b"command=disconnect", b'{"a": 1}', b"\xff\xfe"])
async def test_a_header_makes_a_stop_of_any_body(caller: Caller, name: str, body: bytes) -> None:
    """What the header says counts, in any spelling of its name and whatever the body is."""
    started = await run(caller, KIT, STUCK)
    await caller.send(started.url, body, {name: "stop"})
    assert await over(started) == "Normal termination"


@pytest.mark.parametrize("body", [b'{"command": "stop"}', b' {\n"command":"stop"} ', b'{"comm\\u0061nd": "stop"}'])
async def test_the_default_stop_needs_no_header(caller: Caller, body: bytes) -> None:
    """A body that is the default stop, as JSON, ends the session."""
    started = await run(caller, KIT, STUCK)
    await caller.send(started.url, body)
    assert await over(started) == "Normal termination"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"stop", b'"stop"', b'["command", "stop"]', b'{"command": "stop", "a": 1}',
        b'{"command": "Stop"}', b'{"command": ["stop"]}', b'{"Command": "stop"}', b'[{"command": "stop"}]',
        b'{"command": "stop"} x', b"\xff", b"{" * 100_000,
    ],
)  # fmt: skip
async def test_every_other_request_is_the_scenarios_alone(caller: Caller, body: bytes) -> None:
    """Anything else ends nothing and is answered by the scenario, also with the bot's header of a send."""
    started = await run(caller, KIT, STUCK)
    for headers in ({}, {"X-Session-Bot": "send", "X-Request-Id": "r1"}, {"X-Session-Bot": "stopped"}):
        assert (await caller.send(started.url, body, headers)).text == "mine"
    assert started.session.running
    assert all(line.startswith("mine: ") for line in started.session.log)


async def test_a_scenario_ends_itself_with_who_and_why(caller: Caller) -> None:
    """The handler of onStop gets person, reason and request id, as text, and may end the session itself."""
    own = """
    VoxEngine.callPSTN("+15550100", "+15550199");
    SessionBot.onStop((stop) => {
      Logger.write(JSON.stringify(stop));
      setTimeout(() => VoxEngine.terminate(), 100);
    });
    """
    started = await run(caller, KIT, own)
    await stop(caller, started, X_Session_Bot_By="U1", X_Session_Bot_Reason="%D0%B2%D0%B8%D1%81%D0%B8%D1%82%20100%")
    assert started.session.running
    assert await over(started) == "Normal termination"
    said = next(line for line in started.session.log if line.startswith("{"))
    assert json.loads(said) == {"reason": "%D0%B2%D0%B8%D1%81%D0%B8%D1%82%20100%", "person": "U1", "requestId": "r1"}


async def test_a_reason_is_decoded(caller: Caller) -> None:
    """The percent-encoded UTF-8 of the headers is text for the scenario."""
    started = await run(caller, KIT, "SessionBot.onStop((stop) => { Logger.write(stop.reason); throw 1; });")
    await stop(caller, started, X_Session_Bot_Reason="%D0%B2%D0%B8%D1%81%D0%B8%D1%82")
    await over(started)
    assert "висит" in started.session.log


async def test_the_grace_ends(caller: Caller) -> None:
    """A scenario that does nothing about it is ended after the grace, and a repetition changes nothing."""
    kit = with_options(KIT, {"GRACE_SECONDS": "0.5"})
    started = await run(caller, kit, STUCK + "SessionBot.onStop(() => Logger.write('asked'));")
    for _ in range(3):
        await stop(caller, started)
    assert started.session.running
    assert await over(started) == "Normal termination"
    assert started.session.log.count("asked") == 1


@pytest.mark.parametrize(
    "handler",
    [
        "() => { throw new Error('x'); }",
        "() => Promise.reject(new Error('x'))",
        "async () => { await null; null.x; }",
        "() => ({ then: 1 }).then()",
        "() => { throw { toString() { throw 1; } }; }",
    ],
)
async def test_a_handler_that_fails_ends_the_session_at_once(caller: Caller, handler: str) -> None:
    """A throw or a rejection in onStop does not wait for the grace, and is no error of the session."""
    started = await run(caller, with_options(KIT, {"GRACE_SECONDS": "3600"}), f"{STUCK} SessionBot.onStop({handler});")
    await stop(caller, started)
    assert await over(started) == "Normal termination"
    assert [line for line in started.session.log if "onStop failed" in line] != [] or "toString" in handler


async def test_without_a_timer_there_is_no_grace(caller: Caller) -> None:
    """Where the scenario has used up the hundred timers, a stop ends the session at once."""
    hog = "for (let i = 0; i < 100; i += 1) setTimeout(() => {}, 3600e3); SessionBot.onStop(() => {});"
    started = await run(caller, KIT, hog)
    await stop(caller, started)
    assert not started.session.running
    assert await over(started) == "Normal termination"


async def test_timers_used_up_do_not_matter(caller: Caller) -> None:
    """Without onStop a stop needs no timer."""
    started = await run(caller, KIT, "for (let i = 0; i < 100; i += 1) setTimeout(() => {}, 3600e3);")
    await stop(caller, started)
    assert await over(started) == "Normal termination"


@pytest.mark.parametrize(
    "own",
    [
        "VoxEngine.removeEventListener(AppEvents.HttpRequest);",
        "VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.removeEventListener(AppEvents.HttpRequest));",
        "const it = AppEvents.HttpRequest; VoxEngine.addEventListener(it, () => VoxEngine.removeEventListener(it));",
        "const { removeEventListener } = VoxEngine; removeEventListener(AppEvents.HttpRequest);",
    ],
)
async def test_a_scenario_that_removes_every_handler_is_still_stoppable(caller: Caller, own: str) -> None:
    """Removing without a callback takes away everybody's handlers; the kit's comes back."""
    started = await run(caller, KIT, own)
    await caller.send(started.url, b"data")
    await stop(caller, started)
    assert await over(started) == "Normal termination"


async def test_removing_a_handler_of_its_own_is_the_scenarios_affair(caller: Caller) -> None:
    """With a callback, or for another event, removeEventListener does what it always did."""
    own = """
    const mine = () => Logger.write("heard");
    VoxEngine.addEventListener(AppEvents.HttpRequest, mine);
    VoxEngine.removeEventListener(AppEvents.HttpRequest, mine);
    VoxEngine.addEventListener(AppEvents.Terminating, mine);
    VoxEngine.removeEventListener(AppEvents.Terminating);
    """
    started = await run(caller, KIT, own)
    await stop(caller, started)
    await over(started)
    assert started.session.log == ["session-bot: stopping, r1"]


THROWS = "VoxEngine.addEventListener(AppEvents.HttpRequest, () => null.x);"


@pytest.mark.parametrize(
    ("sources", "reason"), [((KIT, THROWS), "Normal termination"), ((THROWS, KIT), "JS session error")]
)
async def test_a_handler_that_throws_does_not_outlive_the_stop(
    caller: Caller, sources: tuple[str, ...], reason: str
) -> None:
    """With the kit in front the stop is first; behind a handler that throws, the error is."""
    started = await run(caller, *sources)
    await stop(caller, started)
    assert await over(started) == reason


async def test_what_ends_by_itself_has_ended(caller: Caller) -> None:
    """A scenario that terminates in its first line ends as it does without the kit."""
    started = await run(caller, KIT, "VoxEngine.terminate(); Logger.write('after');")
    assert await over(started) == "Normal termination"
    assert started.session.log == ["after"]


async def test_a_scenario_that_waits_for_ever_is_ended(caller: Caller) -> None:
    """A promise that never settles keeps nothing from ending."""
    started = await run(caller, KIT, "(async () => { await new Promise(() => {}); VoxEngine.terminate(); })();")
    await stop(caller, started)
    assert await over(started) == "Normal termination"


async def test_a_frozen_engine_is_stopped_too(caller: Caller) -> None:
    """Where VoxEngine cannot be changed the kit knows of no outgoing calls, and stops all the same."""
    started = await run(caller, "Object.freeze(VoxEngine);", KIT, STUCK)
    await stop(caller, started)
    assert await over(started) == "Normal termination"
    assert "session-bot: stopping, r1" in started.session.log


async def test_the_kit_has_one_name(caller: Caller) -> None:
    """Of the global scope the kit takes `SessionBot` and nothing else, so that no name of a scenario is in its way."""
    own = """
    const names = Object.getOwnPropertyNames(globalThis).filter((name) => !(name in before));
    Logger.write(JSON.stringify(names));
    const listen = 1, stop = 2, calls = 3, end = 4, log = 5, claim = 6, KIT = 7, GRACE_SECONDS = 8;
    VoxEngine.terminate();
    """
    before = "const before = {}; for (const name of Object.getOwnPropertyNames(globalThis)) before[name] = true;"
    started = await run(caller, before, KIT, own)
    await over(started)
    assert started.session.log == ['["SessionBot"]']


async def test_return_values_of_the_engine_are_unchanged(caller: Caller) -> None:
    """What the kit wraps returns what it returned, with whatever `this`, and throws what it threw."""
    own = """
    const { callPSTN } = VoxEngine;
    const call = callPSTN("+15550100", "+15550199");
    Logger.write(typeof call.hangup + " " + call.number());
    Logger.write(String(VoxEngine.removeEventListener(AppEvents.Started)));
    try { callPSTN({ toString() { throw new TypeError(); } }); } catch (e) { Logger.write(e.name); }
    Logger.write(String(VoxEngine.terminate()));
    """
    started = await run(caller, KIT, own)
    await over(started)
    assert started.session.log == ["function +15550100", "undefined", "TypeError", "undefined"]


async def test_the_session_ends_itself_after_so_long(caller: Caller) -> None:
    """With END_AFTER_MINUTES a session ends by itself, by way of onStop, which gets the reason."""
    kit = with_options(KIT, {"END_AFTER_MINUTES": "0.005"})
    started = await run(caller, kit, STUCK + "SessionBot.onStop((stop) => { Logger.write(stop.reason); throw 1; });")
    assert await over(started) == "Normal termination"
    assert "it is 0.005 minutes old" in started.session.log


async def test_the_session_ends_itself_without_calls(caller: Caller) -> None:
    """With END_WITHOUT_CALLS_SECONDS it ends when no call has been live for so long; a call keeps it."""
    kit = with_options(KIT, {"END_WITHOUT_CALLS_SECONDS": "0.4"})
    own = """
    const call = VoxEngine.callPSTN("+15550100", "+15550199");
    setTimeout(() => { Logger.write("still here"); call.hangup(); }, 1200);
    """
    started = await run(caller, kit, own)
    assert await over(started) == "Normal termination"
    assert started.session.log == ["still here", "session-bot: stopping, no call is live any more"]


async def test_a_stop_before_the_call_connects(caller: Caller) -> None:
    """A call that still rings is hung up."""
    started = await run(caller, KIT, "VoxEngine.callPSTN('+15550100', '+15550199');")
    await stop(caller, started)
    await over(started)
    (call,) = started.session.calls
    assert not call.is_live


async def test_calls_that_come_in_are_hung_up(caller: Caller) -> None:
    """A call that came in is hung up, whether it still rings or is answered."""
    for own in ("", "VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => e.call.answer());"):
        account = caller.platform.account
        rule = account.add_rule(account.applications[0], f"rule {len(account.rules)}", KIT, f"// mine\n{own}")
        session = caller.platform.ring(rule)
        url = caller.platform._engine.started[session.history_id].access_secure_url
        await caller.send(url, b"", HEADERS)
        async with asyncio.timeout(30):
            await session.closed()
        assert session.finish_reason == "Normal termination"
        assert [call.is_live for call in session.calls] == [False]


CALLING = {
    "callPSTN": "'+15550100', '+15550199'",
    "callSIP": "'sip:desk@pbx.example.com'",
    "callUser": "{ username: 'agent', callerid: 'me' }",
    "callUserDirect": "null, { username: 'agent', callerid: 'me' }",
    "callConference": "'room', 'me'",
    "callWhatsappUser": "{ number: '+15550100', callerid: '+15550199' }",
}


@pytest.mark.parametrize("function", CALLING)
async def test_every_way_to_call_is_known(caller: Caller, function: str) -> None:
    """A call of any kind keeps a session from ending without calls, and is hung up at a stop."""
    kit = with_options(KIT, {"END_WITHOUT_CALLS_SECONDS": "0.2"})
    own = f"""
    const call = VoxEngine.{function}({CALLING[function]});
    call.addEventListener(CallEvents.Disconnected, () => Logger.write("gone"));
    setTimeout(() => {{ Logger.write("still here"); call.hangup(); }}, 600);
    """
    started = await run(caller, kit, own)
    assert await over(started) == "Normal termination"
    assert started.session.log == ["still here", "gone", "session-bot: stopping, no call is live any more"]


@pytest.mark.parametrize("own", ["() => {}", "() => { throw new Error('busy'); }", "undefined"])
async def test_a_terminate_of_the_scenarios_own_has_the_grace(caller: Caller, own: str) -> None:
    """Where a scenario has put something else in the place of terminate(), the session is ended after the grace."""
    kit = with_options(KIT, {"GRACE_SECONDS": "0.3"})
    started = await run(caller, kit, f"{STUCK} VoxEngine.terminate = {own};")
    await stop(caller, started)
    assert await over(started) == "Normal termination"


async def test_nothing_is_dialled_after_a_stop(caller: Caller) -> None:
    """Handlers of a call's end do not run any more, so that none dials again; those of Terminating do."""
    own = """
    const dial = () => {
      const call = VoxEngine.callPSTN("+15550100", "+15550199");
      call.addEventListener(CallEvents.Disconnected, dial);
      call.addEventListener(CallEvents.Failed, dial);
      Logger.write("dialled");
    };
    VoxEngine.addEventListener(AppEvents.Terminating, () => Logger.write("last words"));
    dial();
    """
    started = await run(caller, KIT, own)
    await stop(caller, started)
    await over(started)
    assert started.session.log == ["dialled", "session-bot: stopping, r1", "last words"]
