"""Calls in and out: their events, their objects, the network's settings, and the documented limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.voximplant import CallOutcome, CallSettings, InboundCall
from bot.sandbox.voximplant.engine import CallKind, EndedBy, ScenarioSession

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller

QUICK = CallSettings(connect_seconds=0)

SHOW_ALL = """
function show(call) {
  for (const name of ["Ringing", "Connected", "AudioStarted", "Failed", "Disconnected"]) {
    call.addEventListener(CallEvents[name], (e) => {
      const more = e.code ?? e.internalCode ?? "";
      Logger.write(`${e.name} ${call.state()} ${more}`.trim());
    });
  }
  call.addEventListener(CallEvents.Failed, () => VoxEngine.terminate());
  call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
  return call;
}
"""


async def ran(
    caller: Caller, source: str, calls: CallSettings = QUICK, inbound: InboundCall | None = None
) -> ScenarioSession:
    """Run a scenario with these settings, by a call that comes in or by a start; return the session, which is over."""
    account = caller.platform.account
    rule = account.add_rule(account.applications[0], "calling", source, calls=calls)
    ring = caller.platform.ring
    session = ring(rule, inbound) if inbound else (await caller.start(rule.rule_id)).session
    await session.closed()
    return session


async def test_an_answered_call_has_its_events_in_order(caller: Caller) -> None:
    """It rings, is connected, has audio, and the other side hangs up after its time."""
    session = await ran(
        caller,
        SHOW_ALL + 'Logger.write(show(VoxEngine.callPSTN("+15550100", "+15550199")).state());',
        CallSettings(connect_seconds=0.01, talk_seconds=0.05),
    )
    assert session.log == [
        "PROGRESSING",
        "Call.Ringing PROGRESSING",
        "Call.Connected CONNECTED",
        "Call.AudioStarted CONNECTED",
        "Call.Disconnected TERMINATED 200",
    ]
    (call,) = session.calls
    assert (call.incoming, call.ended_by, call.duration_seconds) == (False, EndedBy.NETWORK, 1)


@pytest.mark.parametrize(
    ("outcome", "events"),
    [
        (CallOutcome.BUSY, ["Call.Failed TERMINATED 486"]),
        (CallOutcome.DECLINED, ["Call.Ringing PROGRESSING", "Call.Failed TERMINATED 603"]),
        (CallOutcome.UNAVAILABLE, ["Call.Failed TERMINATED 480"]),
        (CallOutcome.NO_ANSWER, ["Call.Ringing PROGRESSING", "Call.Failed TERMINATED 408"]),
    ],
)
async def test_a_call_fails_as_its_rule_says(caller: Caller, outcome: CallOutcome, events: list[str]) -> None:
    """Busy, declined, unavailable and unanswered calls fail with their SIP codes."""
    settings = CallSettings(outcome=outcome, connect_seconds=0.01, unanswered_seconds=0.05)
    session = await ran(caller, SHOW_ALL + 'show(VoxEngine.callUser({ username: "ann", callerid: "1" }));', settings)
    assert session.log == events


@pytest.mark.parametrize(
    ("number", "any_number", "connects"),
    [
        ("+1 (555) 010-0.0", False, True),
        ("YOUR PHONE NUMBER", False, False),
        ("YOUR PHONE NUMBER", True, True),
        ("", True, False),
    ],
)
async def test_a_number_is_dialled_by_its_form(
    caller: Caller, *, number: str, any_number: bool, connects: bool
) -> None:
    """Separators are no part of a number; a placeholder is one where the network takes any number."""
    settings = CallSettings(any_number=any_number, connect_seconds=0, talk_seconds=0)
    (call,) = (await ran(caller, f"{SHOW_ALL}show(VoxEngine.callPSTN({json.dumps(number)}, '1'));", settings)).calls
    assert (call.connected_at is not None) is connects


async def test_a_scenario_sets_its_own_limit_for_the_ringing(caller: Caller) -> None:
    """VI-CallTimeout is the time in seconds after which an unanswered call fails."""
    settings = CallSettings(outcome=CallOutcome.NO_ANSWER)
    source = (
        """show(VoxEngine.callUser({ username: "ann", callerid: "1", extraHeaders: { "VI-CallTimeout": "0.05" } }));"""
    )
    session = await ran(caller, SHOW_ALL + source, settings)
    assert session.log[-1] == "Call.Failed TERMINATED 408"


async def test_a_call_that_is_hung_up_before_it_connects_fails(caller: Caller) -> None:
    """hangup() raises Failed with 487 as long as the call was not connected; hanging up twice does nothing more."""
    session = await ran(caller, SHOW_ALL + 'const c = show(VoxEngine.callSIP("sip:a@b", {})); c.hangup(); c.hangup();')
    assert session.log == ["Call.Failed TERMINATED 487"]
    assert session.calls[0].ended_by is EndedBy.SCENARIO


async def test_every_kind_of_outgoing_call_has_its_accessors(caller: Caller) -> None:
    """The methods that call out take their parameters in the present and in the former form."""
    session = await ran(
        caller,
        """
        const shown = (c) => [c.number(), c.callerid(), c.displayName(), c.clientType(), c.incoming()].join();
        Logger.write(shown(VoxEngine.callPSTN("+15550100", "+15550199")));
        Logger.write(shown(VoxEngine.callUser({ username: "ann", callerid: "1", displayName: "One" })));
        Logger.write(shown(VoxEngine.callUser("ann", "1", "One")));
        Logger.write(shown(VoxEngine.callSIP("sip:a@b", { callerid: "1", displayName: "One" })));
        Logger.write(shown(VoxEngine.callSIP("sip:a@b", "1", "One")));
        Logger.write(shown(VoxEngine.callSIP("sip:a@b")));
        Logger.write(shown(VoxEngine.callConference("room", "1", "One")));
        Logger.write(shown(VoxEngine.callWhatsappUser({ number: "2", callerid: "1" })));
        Logger.write(shown(VoxEngine.callUserDirect(null, "ann", { callerid: "1", displayName: "One" })));
        const call = VoxEngine.callPSTN("+15550100", "+15550199");
        call.customData("mine");
        Logger.write(call.customData() + " " + /^Call /.test(`${call}`));
        VoxEngine.terminate();
        """,
    )
    assert session.log == [
        "+15550100,+15550199,,pstn,false",
        "ann,1,One,user,false",
        "ann,1,One,user,false",
        "sip:a@b,1,One,sip,false",
        "sip:a@b,1,One,sip,false",
        "sip:a@b,,,sip,false",
        "room,1,One,sip,false",
        "2,1,,wab,false",
        "ann,1,One,user,false",
        "mine true",
    ]
    assert [call.kind for call in session.calls][:2] == [CallKind.PSTN, CallKind.USER]
    assert {call.ended_by for call in session.calls} == {EndedBy.SESSION}


async def test_a_call_comes_in_with_its_documented_fields(caller: Caller) -> None:
    """Started comes first, then CallAlerting, whose call is answered, connected and hung up."""
    inbound = InboundCall(
        caller_id="+15550111",
        destination="+15550122",
        display_name="Ann",
        custom_data="vip",
        headers={"X-Queue": "night"},
    )
    session = await ran(
        caller,
        SHOW_ALL
        + """
        VoxEngine.addEventListener(AppEvents.Started, () => Logger.write("started"));
        VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
          const { call, ...fields } = e;
          Logger.write(JSON.stringify(fields));
          const accessors = ["number", "callerid", "displayName", "incoming", "state", "customData"];
          Logger.write(accessors.map((name) => call[name]()).join());
          show(call);
          call.addEventListener(CallEvents.Connected, (c) => { Logger.write(c.call === call); call.hangup(); });
          call.ring();
          call.startEarlyMedia();
          call.answer();
        });
        """,
        inbound=inbound,
    )
    started, fields, accessors, *events = session.log
    assert started == "started"
    assert json.loads(fields) == {
        "name": "Application.CallAlerting",
        "callerid": "+15550111",
        "destination": "+15550122",
        "displayName": "Ann",
        "toURI": "sip:+15550122@sandbox.invalid",
        "fromURI": "sip:+15550111@sandbox.invalid",
        "headers": {"X-Queue": "night"},
        "customData": "vip",
        "scheme": "",
    }
    assert accessors == "+15550122,+15550111,Ann,true,ALERTING,vip"
    assert events == [
        "Call.Connected CONNECTED",
        "true",
        "Call.AudioStarted CONNECTED",
        "Call.Disconnected TERMINATED 200",
    ]
    assert session.calls[0].incoming


@pytest.mark.parametrize("ending", ["reject(486)", "decline(486)"])
async def test_a_call_that_comes_in_is_rejected(caller: Caller, ending: str) -> None:
    """Rejecting raises Disconnected at once, with the scenario's code (documented), and not Failed."""
    source = f"VoxEngine.addEventListener(AppEvents.CallAlerting, ({{ call }}) => {{ show(call); call.{ending} }});"
    session = await ran(caller, SHOW_ALL + source, inbound=InboundCall())
    assert session.log == ["Call.Disconnected TERMINATED 486"]


async def test_a_call_that_nobody_answers_is_given_up(caller: Caller) -> None:
    """An incoming call that the scenario leaves ringing is over after its time, with 408."""
    session = await ran(
        caller,
        SHOW_ALL + "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => { show(call); });",
        CallSettings(unanswered_seconds=0.05),
        InboundCall(),
    )
    assert session.log == ["Call.Disconnected TERMINATED 408"]


async def test_too_many_calls_fail(caller: Caller) -> None:
    """The eleventh unanswered call, and the fifty-first attempt, fail with 403 (documented)."""
    unanswered = """
        let failed = 0;
        for (let i = 0; i < 12; i++) {
          VoxEngine.callPSTN("+15550100", "1").addEventListener(CallEvents.Failed, (e) => {
            Logger.write(e.code);
            if (++failed === 2) VoxEngine.terminate();
          });
        }
    """
    assert (await ran(caller, unanswered, CallSettings(connect_seconds=60))).log == ["403", "403"]
    attempts = """
        let placed = 0;
        const next = () => {
          const call = VoxEngine.callPSTN("+15550100", "1");
          placed += 1;
          call.addEventListener(CallEvents.Connected, () => { call.hangup(); next(); });
          call.addEventListener(CallEvents.Failed, (e) => {
            Logger.write(`${placed} ${e.code}`);
            VoxEngine.terminate();
          });
        };
        next();
    """
    assert (await ran(caller, attempts)).log == ["51 403"]


async def test_two_calls_are_one_conversation(caller: Caller) -> None:
    """By easyProcess the first call is answered when the second is connected, and the session ends with either."""
    session = await ran(
        caller,
        """
        VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
          const out = VoxEngine.callPSTN("+15550133", e.callerid);
          VoxEngine.easyProcess(e.call, out, (one, two) => {
            Logger.write([one === e.call, two === out, one.state(), two.state()].join());
            two.hangup();
          });
        });
        """,
        inbound=InboundCall(),
    )
    assert session.log == ["true,true,CONNECTED,CONNECTED"]
    assert session.finish_reason == "Normal termination"


@pytest.mark.parametrize(
    ("helper", "number"),
    [
        ("forwardCallToPSTN((number) => number + '9', done)", "+155501999"),
        ("forwardCallToPSTN(null, done, { callerid: '+15550144' })", "+15550199"),
        ("forwardCallToUser(done)", "+15550199"),
        ("forwardCallToUserDirect(done)", "+15550199"),
        ("forwardCallToSIP(done)", "sip:+15550199@sandbox.invalid"),
    ],
)
async def test_a_call_is_passed_on_by_one_line(caller: Caller, helper: str, number: str) -> None:
    """The forwarding helpers listen to CallAlerting themselves, and the session ends with the conversation."""
    session = await ran(
        caller,
        f"const done = (one, two) => {{ Logger.write(two.number()); one.hangup(); }}; VoxEngine.{helper};",
        inbound=InboundCall(),
    )
    assert session.log == [number]
    assert session.finish_reason == "Normal termination"


async def test_a_call_that_cannot_be_passed_on_ends_the_session(caller: Caller) -> None:
    """When the other side does not answer, the helper ends the session, and its incoming call with it."""
    session = await ran(caller, "VoxEngine.forwardCallToPSTN();", CallSettings(outcome=CallOutcome.BUSY), InboundCall())
    assert session.finish_reason == "Normal termination"
    assert [call.is_live for call in session.calls] == [False, False]


async def test_a_transferred_call_leaves_the_session(caller: Caller) -> None:
    """transferTo() raises TransferComplete, and the call is no longer the session's."""
    session = await ran(
        caller,
        """
        const call = VoxEngine.callSIP("sip:a@b", {});
        call.addEventListener(CallEvents.Connected, () => call.transferTo({}));
        call.addEventListener(CallEvents.TransferComplete, (e) => { Logger.write(e.role); VoxEngine.terminate(); });
        """,
    )
    assert session.log == ["transferor"]


async def test_a_handler_that_is_no_function_ends_the_session_when_it_is_called(caller: Caller) -> None:
    """Anything can be registered, and only the event makes it an error (documented)."""
    session = await ran(caller, "VoxEngine.addEventListener(AppEvents.Started, 7); Logger.write('registered');")
    assert session.log[0] == "registered"
    assert session.log[1].startswith("TypeError: ")
    assert session.finish_reason == "JS session error"


async def test_all_listeners_of_an_event_can_be_removed(caller: Caller) -> None:
    """removeEventListener() without a callback removes every listener of the event (documented)."""
    session = await ran(
        caller,
        """
        const call = VoxEngine.callPSTN("+15550100", "1");
        call.addEventListener(CallEvents.Connected, () => Logger.write("never"));
        call.addEventListener(CallEvents.Connected, () => Logger.write("never"));
        call.removeEventListener(CallEvents.Connected);
        call.addEventListener(CallEvents.AudioStarted, () => VoxEngine.terminate());
        """,
    )
    assert session.log == []
