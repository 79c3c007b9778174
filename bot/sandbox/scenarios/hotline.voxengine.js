// A hotline: a call that comes in is answered, and a back-end that starts it with a number has that number called.
//
// Like most scenarios it listens to no request from outside. What makes it stoppable, and what announces it, is the
// kit that is bound to its rule in front of it.

VoxEngine.addEventListener(AppEvents.Started, () => {
  const number = /^\+?\d+/.exec(VoxEngine.customData());
  if (number) endsWith(VoxEngine.callPSTN(number[0], "+15550199"));
});

VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  VoxEngine.customData(e.callerid); // a call that comes in has no data of its own: by this it can be found
  e.call.answer();
  endsWith(e.call);
});

function endsWith(call) {
  call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
  call.addEventListener(CallEvents.Failed, () => VoxEngine.terminate());
}
