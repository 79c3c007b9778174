// What an incident looks like: a live call, and a scenario that listens to nobody.
//
// It receives every request (the sender gets 200) and does nothing about it. As long as the call is live the
// platform does not end the session, and neither can anyone else from outside.

VoxEngine.addEventListener(AppEvents.Started, () => {
  VoxEngine.callPSTN("+15550100", "+15550199");
});

VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  Logger.write(`Received and ignored: ${e.content}`);
});
