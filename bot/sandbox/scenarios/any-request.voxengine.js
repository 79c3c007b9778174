// A scenario that takes any request for a stop, whatever it says. Sending data to it ends it.
//
// Many real ones are written like this, which is why a session's URL must never be asked "are you alive?".

VoxEngine.addEventListener(AppEvents.Started, (e) => {
  Logger.write(`Session ${e.sessionId} started`);
});

VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  Logger.write(e.content);
  setTimeout(() => VoxEngine.terminate(), 300);
});
