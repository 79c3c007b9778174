// A scenario with a mistake in it: it runs well until the first request, which ends it with "JS session error".
//
// The mistake is a common one. The body of the request is in `content`; there is no `data`.

VoxEngine.addEventListener(AppEvents.Started, () => {
  VoxEngine.callPSTN("+15550100", "+15550199");
});

VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  const command = e.data.command;
  Logger.write(`Never reached: ${command}`);
});
