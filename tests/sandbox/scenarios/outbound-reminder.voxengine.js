// Calls a number and repeats a sentence until somebody hangs up. It listens to nobody.
const TEXT = "Your appointment is tomorrow at ten.";

VoxEngine.addEventListener(AppEvents.Started, () => {
  const call = VoxEngine.callPSTN("+15550101", "+15550199");
  call.addEventListener(CallEvents.Connected, () => {
    Logger.write("up");
    call.say(TEXT, { language: VoiceList.Amazon.en_US_Joanna });
  });
  call.addEventListener(CallEvents.PlaybackFinished, () => setTimeout(() => call.say(TEXT), 500));
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.addEventListener(CallEvents.Failed, VoxEngine.terminate);
});
