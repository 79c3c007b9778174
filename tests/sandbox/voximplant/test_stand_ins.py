import asyncio

import pytest

from bot.sandbox.voximplant import PlatformOptions, ScenarioSession
from tests.sandbox.voximplant.conftest import Caller, OpenPlatform


def _played(log: list[str]) -> list[str]:
    return [line for line in log if not line.startswith("not simulated")]


async def _logged(session: ScenarioSession, text: str) -> None:
    """Wait until a line is in the log."""
    async with asyncio.timeout(10):
        while text not in session.log:  # noqa: ASYNC110 - a session sets no event for a line
            await asyncio.sleep(0.005)


async def _quick(open_platform: OpenPlatform) -> Caller:
    return await open_platform(PlatformOptions(playback_seconds=0.0))


async def test_speech_recognition_hears_what_it_is_fed(open_platform: OpenPlatform) -> None:
    """An ASR stays quiet until a result is fed to it, and stops."""
    caller = await _quick(open_platform)
    started = await caller.run("""
        const asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US, singleUtterance: true });
        asr.addEventListener(ASREvents.Started, () => Logger.write("listening"));
        asr.addEventListener(ASREvents.Result, (event) => { Logger.write(event.text); event.asr.stop(); });
        asr.addEventListener(ASREvents.Stopped, VoxEngine.terminate);
    """)
    await _logged(started.session, "listening")
    started.session.feed("ASR", "ASR.Result", {"text": "yes", "confidence": 90})
    await started.session.closed()
    assert started.session.log == ["listening", "yes"]


async def test_a_detector_hears_a_person(open_platform: OpenPlatform) -> None:
    """Both ways to ask for an answering machine say that a person has answered, after a moment."""
    caller = await _quick(open_platform)
    log = await caller.log_of("""
        const call = VoxEngine.callPSTN("+15550100");
        call.addEventListener(AI.Events.VoicemailNotDetected, (event) => Logger.write(`event ${event.call === call}`));
        call.addEventListener(CallEvents.Connected, async () => {
            const detector = AMD.create({ call, model: AMD.Model.US, timeout: 5000 });
            detector.addEventListener(AMD.Events.DetectionComplete, (event) => Logger.write(event.resultClass));
            const result = await detector.detect();
            Logger.write(String(result.resultClass === AMD.ResultClass.HUMAN));
            await AI.detectVoicemail(call);
            VoxEngine.terminate();
        });
    """)
    assert log == ["HUMAN", "true", "event true"]


async def test_a_queued_request_waits(open_platform: OpenPlatform) -> None:
    """A request to a queue is queued and tells its place; no operator comes."""
    caller = await _quick(open_platform)
    assert await caller.log_of("""
        const request = VoxEngine.enqueueACDRequest("support", "+15550100", { priority: 1 });
        request.addEventListener(ACDEvents.OperatorReached, () => Logger.write("never"));
        request.addEventListener(ACDEvents.Queued, (event) => event.request.getStatus());
        request.addEventListener(ACDEvents.Waiting, (event) => {
            Logger.write(`${event.position} ${event.ewt}`);
            request.cancel();
            const task = VoxEngine.enqueueTask({ call: null, queue: { name: "support" } });
            task.addEventListener(SmartQueueEvents.EnqueueSuccess, (success) => {
                Logger.write(`${success.task === task} ${typeof task.id} ${task.parameters.queue.name}`);
                task.end("enough", TerminationStatus.NORMAL);
            });
            task.addEventListener(SmartQueueEvents.TaskCanceled, (over) => {
                Logger.write(`${over.status} ${over.description}`);
                VoxEngine.terminate();
            });
        });
    """) == ["1 1", "true string support", "1000 enough"]


async def test_a_socket_opens_and_closes(open_platform: OpenPlatform) -> None:
    """A WebSocket opens after a moment, its own handler first, hears what it is fed, and closes."""
    caller = await _quick(open_platform)
    started = await caller.run("""
        const socket = VoxEngine.createWebSocket("wss://example.com/socket");
        Logger.write(socket.readyState);
        socket.onopen = () => Logger.write("own");
        socket.addEventListener(WebSocketEvents.OPEN, (event) => {
            event.websocket.send("hello");
            Logger.write(`${socket.readyState} ${socket.readyState === WebSocketReadyState.OPEN}`);
        });
        socket.onmessage = (event) => { Logger.write(event.text); socket.close(); };
        socket.addEventListener(WebSocketEvents.CLOSE, (event) => {
            Logger.write(`${event.code} ${event.wasClean} ${socket.readyState}`);
            VoxEngine.terminate();
        });
    """)
    await _logged(started.session, "open true")
    started.session.feed("WebSocket", "WebSocket.Message", {"text": "hi"})
    await started.session.closed()
    assert _played(started.session.log) == ["connecting", "own", "open true", "hi", "1000 true closed"]


async def test_reports_of_a_call_list_are_taken(caller: Caller) -> None:
    """A report calls back or keeps its promise with a success, under its older name too."""
    log = await caller.log_of("""
        CallList.reportProgress({ step: 1 });
        CallList.reportResult({ result: true }, (result) => {
            Logger.write(String(result.code));
            CallList.requestNextAttemptAsync({}).then((next) => {
                Logger.write(String(next.code));
                VoxEngine.CallList.reportError("no answer", VoxEngine.terminate);
            });
        });
    """)
    assert _played(log) == ["200", "200"]


async def test_connectors_are_quiet_and_hear_what_they_are_fed(open_platform: OpenPlatform) -> None:
    """A client of a voice model comes by promise, stays quiet, and takes media and events."""
    caller = await _quick(open_platform)
    started = await caller.run("""
        const call = VoxEngine.callPSTN("+15550100");
        call.addEventListener(CallEvents.Connected, async () => {
            const client = await ElevenLabs.createAgentsClient({ xiApiKey: "k", agentId: "a" });
            VoxEngine.sendMediaBetween(call, client);
            client.addEventListener(ElevenLabs.AgentsEvents.UserTranscript, (event) => {
                Logger.write(`${event.client === client} ${event.data.payload.text}`);
                client.close();
                call.hangup();
            });
            Logger.write("bridged");
        });
        call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    """)
    await _logged(started.session, "bridged")
    fields = {"data": {"payload": {"text": "good evening"}}}
    started.session.feed("ElevenLabs.AgentsClient", "ElevenLabs.Agents.UserTranscript", fields)
    await started.session.closed()
    assert _played(started.session.log) == ["bridged", "true good evening"]


@pytest.mark.parametrize(
    ("create", "event", "seen"),
    [
        ("OpenAI.createRealtimeAPIClient", "OpenAI.RealtimeAPIEvents.SessionCreated", "session.id"),
        ("OpenAI.Beta.createRealtimeAPIClient", "OpenAI.Beta.RealtimeAPIEvents.SessionCreated", "session.id"),
        ("Yandex.createRealtimeAPIClient", "Yandex.RealtimeAPIEvents.SessionCreated", "session.id"),
        ("Inworld.createRealtimeAPIClient", "Inworld.RealtimeAPIEvents.SessionCreated", "session.id"),
        ("Gemini.createLiveAPIClient", "Gemini.LiveAPIEvents.SetupComplete", "setupComplete"),
        ("Grok.createVoiceAgentAPIClient", "Grok.VoiceAgentAPIEvents.ConversationCreated", "conversation.id"),
        ("Deepgram.createVoiceAgentClient", "Deepgram.VoiceAgentEvents.SettingsApplied", "type"),
        ("Ultravox.createWebSocketAPIClient", "Ultravox.WebSocketAPIEvents.State", "state"),
        (
            "ElevenLabs.createAgentsClient",
            "ElevenLabs.AgentsEvents.ConversationInitiationMetadata",
            "conversation_initiation_metadata_event.conversation_id",
        ),
    ],
)
async def test_a_model_says_when_it_is_ready(open_platform: OpenPlatform, create: str, event: str, seen: str) -> None:
    """A scenario that calls out only when the model is ready does call out."""
    caller = await _quick(open_platform)
    log = await caller.log_of(f"""
        {create}({{ apiKey: "k" }}).then((client) => {{
            client.addEventListener({event}, (event) => {{
                Logger.write(`${{event.client === client}} ${{typeof event.data.payload.{seen}}}`);
                VoxEngine.terminate();
            }});
        }});
    """)
    assert _played(log) in (["true string"], ["true object"])


async def test_a_session_of_a_model_is_updated(open_platform: OpenPlatform) -> None:
    """`sessionUpdate` is answered by its event."""
    caller = await _quick(open_platform)
    log = await caller.log_of("""
        OpenAI.createRealtimeAPIClient({ apiKey: "k" }).then((client) => {
            const { SessionCreated, SessionUpdated } = OpenAI.RealtimeAPIEvents;
            client.addEventListener(SessionCreated, () => client.sessionUpdate({ session: {} }));
            client.addEventListener(SessionUpdated, VoxEngine.terminate);
        });
    """)
    assert _played(log) == []


async def test_a_call_with_a_detector_begins_it_by_itself(open_platform: OpenPlatform) -> None:
    """A detector that a call is placed with begins when the call is connected, as documented; `new` makes one too."""
    caller = await _quick(open_platform)
    log = await caller.log_of("""
        const amd = AMD.create({ model: AMD.Model.US });
        const call = VoxEngine.callPSTN("+15550100", "+15550199", { amd });
        call.addEventListener(CallEvents.Connected, () => Logger.write("connected"));
        amd.addEventListener(AMD.Events.DetectionComplete, (event) => {
            const isOf = event.call === call && event.callId === call.id();
            Logger.write(`${event.resultClass} ${isOf} ${event.amd === amd}`);
            const other = new AMD.AnsweringMachineDetector({ model: AMD.Model.US });
            other.addEventListener(AMD.Events.DetectionComplete, VoxEngine.terminate);
            VoxEngine.callUser({ username: "anna", callerid: "1", amd: other });
        });
    """)
    assert log == ["connected", "HUMAN true true"]


async def test_a_menu_is_played_by_tones(open_platform: OpenPlatform) -> None:
    """An IVR plays its prompts, goes on by the digit that was pressed, and ends with the whole input."""
    caller = await _quick(open_platform)
    started = await caller.run("""
        const call = VoxEngine.callPSTN("+15550100");
        const say = (text) => ({ say: text, lang: VoiceList.Amazon.en_US_Joanna });
        const code = new IVRState("code", { type: "inputfixed", inputLength: 2, prompt: say("Code?") }, (input) => {
            Logger.write(`code ${input} ${code.input}`);
            pin.enter(call);
        });
        const settings = { type: "inputunknown", terminateOn: "#", prompt: { play: "https://example.com/pin.mp3" } };
        const pin = new IVRState("pin", settings, (input) => {
            Logger.write(`pin ${input}`);
            VoxEngine.terminate();
        });
        const greeting = new IVRState("greeting", { type: "noinput", prompt: say("Hello"), nextState: null }, () => {
            Logger.write("greeted");
            menu.enter(call);
        });
        const menu = new IVRState("menu", { type: "select", prompt: say("1 or 2"), nextStates: { 1: code } }, () => {});
        call.addEventListener(CallEvents.PlaybackFinished, () => Logger.write("prompted"));
        call.addEventListener(CallEvents.Connected, () => greeting.enter(call));
    """)
    await _logged(started.session, "greeted")
    for tone in "142789#":
        started.session.feed("Call", "Call.ToneReceived", {"tone": tone})
    await started.session.closed()
    assert [line for line in started.session.log if line != "prompted"] == ["greeted", "code 42 42", "pin 789"]


async def test_a_menu_that_nobody_answers_times_out(open_platform: OpenPlatform) -> None:
    """Without a tone the state's own timeout counts from the end of the prompt."""
    caller = await _quick(open_platform)
    assert await caller.log_of("""
        const call = VoxEngine.callPSTN("+15550100");
        const menu = new IVRState("menu", { type: "select", timeout: 20, prompt: { say: "?" }, nextStates: {} },
            () => Logger.write("never"), (input) => { Logger.write(`timeout ${input}`); VoxEngine.terminate(); });
        call.addEventListener(CallEvents.Connected, () => menu.enter(call));
    """) == ["timeout "]
