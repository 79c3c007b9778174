// Lives on timers: dials again after every failure, ticks, removes everybody's handlers, and never terminates.
let attempts = 0;

function dial() {
  attempts += 1;
  const call = VoxEngine.callPSTN("+15550101", "+15550199");
  call.addEventListener(CallEvents.Failed, () => setTimeout(dial, 1000));
  call.addEventListener(CallEvents.Disconnected, () => setTimeout(dial, 1000));
  call.addEventListener(CallEvents.Connected, () => Logger.write("up"));
}

VoxEngine.addEventListener(AppEvents.Started, () => {
  VoxEngine.removeEventListener(AppEvents.HttpRequest);
  for (let i = 0; i < 90; i += 1) setInterval(() => attempts, 60000 + i);
  dial();
});
