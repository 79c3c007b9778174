// A menu by tones. A request with {"action": "hangup"} would end it: a word of its own.
let call;

VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  call = e.call;
  call.addEventListener(CallEvents.Connected, greet);
  call.addEventListener(CallEvents.ToneReceived, (tone) => {
    if (tone.tone === "0") call.hangup();
    else greet();
  });
  call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
  call.answer();
});

function greet() {
  call.handleTones(true);
  call.say("Press zero to leave.");
  Logger.write("up");
}

VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  if (JSON.parse(e.content).action === "hangup") call.hangup();
  return { seen: true };
});
