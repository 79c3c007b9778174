// Forwards whoever calls to a fixed number, and knows nothing else.
VoxEngine.addEventListener(AppEvents.CallAlerting, () => Logger.write("up"));
VoxEngine.forwardCallToPSTN(
  () => "+15550102",
  (incoming, outgoing) => Logger.write(`connected ${incoming.id()} ${outgoing.id()}`),
);
