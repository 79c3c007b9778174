// Finds out whether a person or a machine answered.
VoxEngine.addEventListener(AppEvents.Started, async () => {
  const detector = AMD.create({ model: AMD.Model.US });
  detector.addEventListener(AMD.Events.DetectionComplete, (e) => Logger.write(`answered by ${e.resultClass}`));
  const call = VoxEngine.callPSTN("+15550101", "+15550199", { amd: detector });
  call.addEventListener(CallEvents.Connected, () => Logger.write("up"));
  call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
});
