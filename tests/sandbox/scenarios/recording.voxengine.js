// Records both sides of a call in two ways.
require(Modules.Recorder);

VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  const caller = e.call;
  caller.answer();
  caller.record({ stereo: true, hd_audio: true });
  caller.addEventListener(CallEvents.RecordStarted, (started) => Logger.write(`recorded at ${typeof started.url}`));
  const recorder = VoxEngine.createRecorder({ name: "both" });
  const agent = VoxEngine.callUser({ username: "agent", callerid: e.callerid });
  agent.addEventListener(CallEvents.Connected, () => {
    VoxEngine.sendMediaBetween(caller, agent);
    caller.sendMediaTo(recorder);
    agent.sendMediaTo(recorder);
    Logger.write("up");
  });
  agent.addEventListener(CallEvents.Failed, () => caller.say("Nobody is here."));
  agent.addEventListener(CallEvents.Disconnected, () => recorder.stop());
});
