"""What a scenario can do, and what it sees of the platform."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.sandbox.voximplant import CallSettings, PlatformOptions

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller, OpenPlatform


async def test_started_has_the_documented_fields(caller: Caller) -> None:
    """Started carries the account, application, session, log and both URLs, and comes first and once."""
    started = await caller.run(
        "VoxEngine.addEventListener(AppEvents.Started, (e) => {"
        " Logger.write(JSON.stringify(e)); VoxEngine.terminate(); })"
    )
    await started.session.closed()
    account = caller.platform.account
    fields = [json.loads(line) for line in started.session.log]
    assert [sorted(event) for event in fields] == [
        ["accessSecureURL", "accessURL", "accountId", "applicationId", "conference_name", "logURL", "sessionId"]
    ]
    assert fields[0]["accessSecureURL"] == started.url
    assert fields[0]["accountId"] == account.account_id
    assert fields[0]["applicationId"] == account.applications[0].application_id
    assert fields[0]["sessionId"] == started.session.history_id > 2**31


async def test_the_code_after_terminate_still_runs(caller: Caller) -> None:
    """terminate() ends the session after the block; then Terminating and Terminated are raised, each once."""
    assert await caller.log_of("""
        VoxEngine.addEventListener(AppEvents.Terminating, () => Logger.write("terminating"));
        VoxEngine.addEventListener(AppEvents.Terminated, () => Logger.write("terminated"));
        VoxEngine.addEventListener(AppEvents.Started, () => {
          VoxEngine.terminate();
          Logger.write("after");
          VoxEngine.terminate();
        });
    """) == ["after", "terminating", "terminated"]


async def test_timers_and_calls_are_gone_when_a_session_terminates(caller: Caller) -> None:
    """In Terminating a timer is never fired and a call is never placed."""
    started = await caller.run("""
        setTimeout(() => Logger.write("never"), 0);
        VoxEngine.addEventListener(AppEvents.Terminating, () => {
          setTimeout(() => Logger.write("never"), 0);
          VoxEngine.callPSTN("+15550100", "+15550199");
        });
        VoxEngine.terminate();
    """)
    await started.session.closed()
    assert started.session.log == []
    assert started.session.calls == []


async def test_custom_data_is_read_as_it_was_given(caller: Caller) -> None:
    """customData() is the text of the start, whatever characters it holds."""
    text = "שלום 😀 \x00 \u2028 \"'\\"
    source = "Logger.write(VoxEngine.customData()); VoxEngine.terminate()"
    assert await caller.log_of(source, text) == [text]


async def test_any_json_value_crosses_unharmed(caller: Caller) -> None:
    """Big numbers, NUL, surrogates without their other half and emoji pass between the log and JavaScript."""
    log = await caller.log_of("""
        Logger.write(String(2 ** 40));
        Logger.write("a\\u0000b");
        Logger.write("\\ud800");
        Logger.write("😀é");
        VoxEngine.terminate();
    """)
    assert log == ["1099511627776", "a\x00b", "\ud800", "😀é"]


async def test_timers_fire_repeat_and_can_be_cleared(caller: Caller) -> None:
    """A timeout fires once, an interval until it is cleared, a cleared timer never."""
    assert await caller.log_of("""
        let rounds = 0;
        clearTimeout(setTimeout(() => Logger.write("never"), 0));
        setTimeout(() => Logger.write("once"), 0);
        const beat = setInterval(() => {
          rounds += 1;
          Logger.write(`round ${rounds}`);
          if (rounds === 3) { clearInterval(beat); setTimeout(() => VoxEngine.terminate(), 20); }
        }, 20);
    """) == ["once", "round 1", "round 2", "round 3"]


async def test_the_hundred_and_first_timer_is_refused(caller: Caller) -> None:
    """A session has 100 timers; one more is an error that the scenario can catch, told with its line."""
    log = await caller.log_of("""
        for (let i = 0; i < 100; i++) setTimeout(() => {}, 60000);
        try { setTimeout(() => {}, 60000) } catch (e) { Logger.write(e.message) }
        setTimeout(() => {}, 60000);
    """)
    assert log[0] == "100 timers run already, more are not allowed"
    assert "rule 5:4:" in log[1]


async def test_a_listener_can_be_removed(caller: Caller) -> None:
    """A removed listener hears nothing, another of the same event goes on."""
    assert await caller.log_of("""
        const first = () => Logger.write("first");
        VoxEngine.addEventListener(AppEvents.Started, first);
        VoxEngine.addEventListener(AppEvents.Started, () => {
          Logger.write("second");
          VoxEngine.terminate();
        });
        VoxEngine.removeEventListener(AppEvents.Started, first);
    """) == ["second"]


async def test_a_call_is_connected_and_hung_up(caller: Caller) -> None:
    """A call that is answered raises Connected, after hangup() Disconnected with duration and cost."""
    log = await caller.log_of("""
        const call = VoxEngine.callPSTN("+15550100", "+15550199");
        call.addEventListener(CallEvents.Connected, (e) => {
          Logger.write(`${e.call === call} ${call.number()} ${call.id() !== ""}`);
          call.hangup();
        });
        call.addEventListener(CallEvents.Disconnected, (e) => {
          Logger.write(`${e.duration} ${e.cost > 0} ${e.internalCode}`);
          VoxEngine.terminate();
        });
    """)
    assert log == ["true +15550100 true", "1 true 200"]


async def test_a_number_that_is_busy_or_wrong_fails(caller: Caller) -> None:
    """A number that ends in a SIP failure code fails with it; what is no number is 404."""
    for number, code in (("+15550486", 486), ("+15550603", 603), ("12a", 404)):
        log = await caller.log_of(f"""
            const call = VoxEngine.callPSTN("{number}", "+15550199");
            call.addEventListener(CallEvents.Failed, (e) => {{
              Logger.write(e.code);
              VoxEngine.terminate();
            }});
        """)
        assert log == [str(code)]


async def test_a_session_without_calls_is_over_after_its_idle_time(open_platform: OpenPlatform) -> None:
    """Whatever its timers do, a session without a call is ended by the platform, which raises Terminating."""
    caller = await open_platform(PlatformOptions(idle_seconds=0.2))
    started = await caller.run("""
        setInterval(() => {}, 10);
        VoxEngine.addEventListener(AppEvents.Terminating, () => Logger.write("terminating"));
    """)
    await started.session.closed()
    assert started.session.finish_reason == "Timeout"
    assert started.session.log == ["terminating"]


async def test_a_live_call_keeps_a_session_alive(open_platform: OpenPlatform) -> None:
    """With a call the idle time does not run; it begins with the call's end."""
    caller = await open_platform(PlatformOptions(idle_seconds=0.3, calls=CallSettings(connect_seconds=0)))
    started = await caller.run("""
        const call = VoxEngine.callPSTN("+15550100", "+15550199");
        setTimeout(() => { Logger.write("still here"); call.hangup(); }, 500);
    """)
    await started.session.closed()
    assert started.session.log == ["still here"]
    assert started.session.finish_reason == "Timeout"


async def test_a_session_can_be_ended_from_outside(caller: Caller) -> None:
    """An end by the platform has its own reason, drops the live calls and is final."""
    started = await caller.start(1002)
    started.session.end("Insufficient funds")
    started.session.end("Terminated administratively")
    assert started.session.finish_reason == "Insufficient funds"
    assert started.session.live_calls == 0
    assert (await caller.send(started.url, b"{}")).status == 404


async def test_a_thrown_error_ends_the_session_with_its_lines(caller: Caller) -> None:
    """An uncaught error is logged with the scenario's own lines and without the sandbox's."""
    started = await caller.run(
        "function broken() {\n  null.x;\n}\nVoxEngine.addEventListener(AppEvents.Started, () => {\n  broken();\n});\n"
    )
    await started.session.closed()
    assert started.session.finish_reason == "JS session error"
    (line,) = started.session.log
    assert [frame.split(":")[-2] for frame in line.splitlines()[1:]] == ["2", "5"]


async def test_a_scenario_that_is_no_javascript_ends_at_once(caller: Caller) -> None:
    """A syntax error is the end of the session, with its line in the log."""
    started = await caller.run("\n\nlet = ;")
    await started.session.closed()
    assert started.session.finish_reason == "JS session error"
    assert started.session.log[0].startswith("SyntaxError")
    assert "rule 5:3:" in started.session.log[0]


async def test_an_async_handler_that_throws_ends_the_session(caller: Caller) -> None:
    """What an async handler throws is a rejection that nobody handles: it is an error, logged with its lines."""
    started = await caller.run("""
        VoxEngine.callPSTN('+15550100', '+15550199');
        VoxEngine.addEventListener(AppEvents.Started, async () => {
          await null;
          throw new Error('late');
        });
    """)
    await started.session.closed()
    assert started.session.finish_reason == "JS session error"
    (line,) = started.session.log
    assert line.startswith("Unhandled rejection: Error: late\n    at <anonymous> (rule 5:5:")


async def test_a_rejection_that_is_handled_ends_nothing(caller: Caller) -> None:
    """Handled within its turn, however late in it, a rejection is the scenario's own affair."""
    log = await caller.log_of("""
        const late = Promise.reject(2);
        (async () => { await null; await null; late.catch(() => {}); })();
        setTimeout(() => { Logger.write('on'); VoxEngine.terminate() }, 10);
    """)
    assert log == ["on"]


async def test_a_rejection_that_nobody_handles_is_told(caller: Caller) -> None:
    """Of a promise that nobody keeps too, with its lines, at the end of its turn; a handled one is no news."""
    log = await caller.log_of("""
        async function lost() { await null; null.x; }
        lost();
        new Promise(async () => { throw "words" });
        Promise.reject(1).then(() => {});
        const late = Promise.reject(2);
        late.catch(() => {});
        (async () => { try { await Promise.reject(3) } catch { } })();
    """)
    assert log == [
        "Unhandled rejection: Uncaught words",
        "Unhandled rejection: TypeError: cannot read property 'x' of null\n    at lost (rule 5:2:45)",
        "Unhandled rejection: Uncaught 1",
    ]


async def test_anything_may_be_thrown(caller: Caller) -> None:
    """A thrown value that is no error ends the session as an error does."""
    started = await caller.run("throw {}")
    await started.session.closed()
    assert started.session.log == ["Uncaught [object Object]"]
