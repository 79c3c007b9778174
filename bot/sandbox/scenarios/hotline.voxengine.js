// A hotline: a call that comes in is answered, and a back-end that starts it with a number has that number called.
//
// Like most scenarios it listens to no request from outside. What makes it stoppable, and what announces it, is the
// kit that is bound to its rule in front of it; asked to stop, it says goodbye first.

let live;

VoxEngine.addEventListener(AppEvents.Started, () => {
  const number = /^\+?\d+/.exec(VoxEngine.customData());
  if (number) serve(VoxEngine.callPSTN(number[0], "+15550199"));
});

VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  VoxEngine.customData(e.callerid); // a call that comes in has no data of its own: by this it can be found
  e.call.answer();
  serve(e.call);
});

function serve(call) {
  live = call;
  call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
  call.addEventListener(CallEvents.Failed, () => VoxEngine.terminate());
}

if (typeof SessionBot !== "undefined") {
  SessionBot.onStop(() => {
    if (!live) return VoxEngine.terminate();
    live.addEventListener(CallEvents.PlaybackFinished, () => live.hangup());
    live.say("Goodbye, we call you back.");
  });
}
