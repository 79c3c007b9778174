// Two legs and the media between them. It forgets to end when both are gone.
let first;
let second;

VoxEngine.addEventListener(AppEvents.Started, () => {
  const { from, to } = { from: "+15550101", to: "+15550102" };
  first = VoxEngine.callPSTN(from, "+15550199");
  first.addEventListener(CallEvents.Connected, () => {
    second = VoxEngine.callPSTN(to, "+15550199");
    second.addEventListener(CallEvents.Connected, () => {
      VoxEngine.sendMediaBetween(first, second);
      Logger.write("up");
    });
    second.addEventListener(CallEvents.Failed, () => first.hangup());
    second.addEventListener(CallEvents.Disconnected, () => first.hangup());
  });
});
