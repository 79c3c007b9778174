// The scenario to learn from: it stays for as long as its call does, and it does what it is told.
//
//   {"command": "stop"}   hangs up and ends the session
//   anything else         is answered with what was received, so that the sender sees it arrived
//
// A session without a call would be over after 60 seconds, therefore it places one.

let call;

VoxEngine.addEventListener(AppEvents.Started, () => {
  Logger.write(`Started with custom data: ${VoxEngine.customData()}`);
  call = VoxEngine.callPSTN("+15550100", "+15550199");
  call.addEventListener(CallEvents.Connected, () => Logger.write("The call is connected"));
  call.addEventListener(CallEvents.Failed, (e) => {
    Logger.write(`The call failed: ${e.code} ${e.reason}`);
    VoxEngine.terminate();
  });
  call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
});

VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  const data = parse(e.content);
  if (data !== null && data.command === "stop") {
    Logger.write("Asked to stop");
    call.hangup(); // its Disconnected or Failed ends the session
    return JSON.stringify({ stopping: true });
  }
  Logger.write(`Received: ${e.content}`);
  return JSON.stringify({ received: data === null ? e.content : data });
});

// Anyone who has the session's URL can send anything: what is not JSON must not end a live call.
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

VoxEngine.addEventListener(AppEvents.Terminating, () => Logger.write("Terminating"));
