from bot.sandbox.voximplant import PlatformOptions
from tests.sandbox.voximplant.conftest import Caller, OpenPlatform

_CALL = """
    const call = VoxEngine.callPSTN("+15550100", "+15550199");
"""


async def quick(open_platform: OpenPlatform) -> Caller:
    """Return a caller to a platform where what is played is over at once."""
    return await open_platform(PlatformOptions(playback_seconds=0.0))


async def test_what_is_said_to_a_call_finishes(open_platform: OpenPlatform) -> None:
    """`say` is ready, starts and finishes; so does a file."""
    caller = await quick(open_platform)
    assert await caller.log_of(
        _CALL
        + """
        call.addEventListener(CallEvents.Connected, () => call.say("Hello", { voice: VoiceList.Default.de_DE_Male }));
        call.addEventListener(CallEvents.PlaybackStarted, (event) => Logger.write(`started ${typeof event.duration}`));
        let played = 0;
        call.addEventListener(CallEvents.PlaybackFinished, (event) => {
            Logger.write(`finished ${event.call === call}`);
            played += 1;
            if (played === 1) call.startPlayback("https://example.com/a.mp3");
            else VoxEngine.terminate();
        });
    """
    ) == ["started number", "finished true", "started number", "finished true"]


async def test_a_stopped_playback_does_not_finish(open_platform: OpenPlatform) -> None:
    """`stopPlayback` ends it without PlaybackFinished, as documented; a looped one goes on until then."""
    caller = await quick(open_platform)
    assert (
        await caller.log_of(
            _CALL
            + """
        call.addEventListener(CallEvents.PlaybackFinished, () => Logger.write("finished"));
        call.addEventListener(CallEvents.Connected, () => {
            call.startPlayback("https://example.com/music.mp3", { loop: true });
            setTimeout(() => { call.stopPlayback(); call.say("a"); call.stopPlayback(); }, 20);
            setTimeout(VoxEngine.terminate, 60);
        });
    """
        )
        == []
    )


async def test_a_recording_has_its_address_and_stops_after_the_call(open_platform: OpenPlatform) -> None:
    """RecordStarted tells a URL; RecordStopped comes after Disconnected, as documented."""
    caller = await quick(open_platform)
    log = await caller.log_of(
        _CALL
        + """
        let url;
        call.addEventListener(CallEvents.Connected, () => call.record({ stereo: true }));
        call.addEventListener(CallEvents.RecordStarted, (event) => { url = event.url; call.hangup(); });
        call.addEventListener(CallEvents.Disconnected, () => Logger.write("disconnected"));
        call.addEventListener(CallEvents.RecordStopped, (event) => {
            Logger.write(`stopped ${event.url === url} ${url.startsWith("https://")}`);
            VoxEngine.terminate();
        });
    """
    )
    assert log == ["disconnected", "stopped true true"]


async def test_players_start_and_finish(open_platform: OpenPlatform) -> None:
    """Every kind of player is created, starts, reaches its markers and finishes."""
    caller = await quick(open_platform)
    log = await caller.log_of("""
        const kinds = {
            url: () => VoxEngine.createURLPlayer("https://example.com/a.mp3"),
            tts: () => VoxEngine.createTTSPlayer("Hello", { language: VoiceList.Google.en_US_Neural2_C }),
            tone: () => VoxEngine.createToneScriptPlayer("425@-19;*(1/3/1)"),
        };
        let left = 3;
        for (const [kind, create] of Object.entries(kinds)) {
            const player = create();
            const tell = (event) => Logger.write(`${kind} ${event.name} ${event.player === player}`);
            for (const name of ["Created", "PlaybackReady", "Started"]) {
                player.addEventListener(PlayerEvents[name], tell);
            }
            player.addMarker(-300);
            const reached = (event) => Logger.write(`${kind} ${event.offset}`);
            player.addEventListener(PlayerEvents.PlaybackMarkerReached, reached);
            player.addEventListener(PlayerEvents.PlaybackFinished, (event) => {
                tell(event);
                left -= 1;
                if (left === 0) VoxEngine.terminate();
            });
        }
    """)
    for kind in ("url", "tts", "tone"):
        mine = [line.removeprefix(f"{kind} ") for line in log if line.startswith(f"{kind} ")]
        assert sorted(mine) == [
            "-300",
            "Player.Created true",
            "Player.PlaybackFinished true",
            "Player.PlaybackReady true",
            "Player.Started true",
        ]


async def test_a_player_waits_loops_and_stops(open_platform: OpenPlatform) -> None:
    """One on pause starts when it is resumed; one that loops finishes only by `stop`, which tells Stopped."""
    caller = await quick(open_platform)
    assert await caller.log_of("""
        const waiting = VoxEngine.createURLPlayer("https://example.com/a.mp3", { onPause: true });
        const looping = VoxEngine.createURLPlayer({ url: "https://example.com/b.mp3" }, { loop: true });
        const sequence = VoxEngine.createSequencePlayer({ segments: [] });
        waiting.addEventListener(PlayerEvents.Started, () => Logger.write("resumed"));
        looping.addEventListener(PlayerEvents.PlaybackFinished, () => Logger.write("never"));
        sequence.addEventListener(SequencePlayerEvents.PlaybackFinished, (event) => {
            Logger.write(`sequence ${event.sequencePlayer === sequence}`);
            waiting.resume();
        });
        waiting.addEventListener(PlayerEvents.PlaybackFinished, () => looping.stop());
        looping.addEventListener(PlayerEvents.Stopped, () => { Logger.write("stopped"); VoxEngine.terminate(); });
    """) == ["sequence true", "resumed", "stopped"]


async def test_a_recorder_starts_and_stops(open_platform: OpenPlatform) -> None:
    """A recorder tells its URL, and after `stop` its length."""
    caller = await quick(open_platform)
    assert await caller.log_of("""
        const recorder = VoxEngine.createRecorder({ stereo: true });
        recorder.addEventListener(RecorderEvents.Started, (event) => {
            Logger.write(typeof event.url);
            recorder.stop();
        });
        recorder.addEventListener(RecorderEvents.Stopped, (event) => {
            Logger.write(`${event.recorder === recorder} ${typeof event.duration}`);
            VoxEngine.terminate();
        });
    """) == ["string", "true number"]


async def test_a_conference_keeps_its_endpoints(open_platform: OpenPlatform) -> None:
    """A conference starts, lists who was added, and stops."""
    caller = await quick(open_platform)
    assert await caller.log_of(
        _CALL
        + """
        const conference = VoxEngine.createConference({ hd_audio: true });
        conference.addEventListener(ConferenceEvents.Started, (event) => {
            Logger.write(`started ${event.conference.getId() === conference.id()}`);
            const endpoint = conference.add({ call, mode: "MIX", direction: "BOTH", scheme: {} });
            const found = conference.get(endpoint.id()) === endpoint;
            Logger.write(`${found} ${conference.getList().length} ${endpoint.getMode()}`);
        });
        conference.addEventListener(ConferenceEvents.EndpointAdded, (event) => {
            Logger.write(`added ${event.endpoint.getCall() === call}`);
            call.hangup();
        });
        conference.addEventListener(ConferenceEvents.EndpointRemoved, (event) => {
            Logger.write(`removed ${event.endpoint.getCall() === call} ${conference.getList().length}`);
            VoxEngine.destroyConference(conference);
        });
        conference.addEventListener(ConferenceEvents.Stopped, VoxEngine.terminate);
    """
    ) == ["started true", "true 1 MIX", "added true", "removed true 0"]
