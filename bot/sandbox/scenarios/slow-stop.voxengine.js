// A scenario that says goodbye before it goes: between a stop and the end of the session lie some seconds.
//
// How many, is its custom data (for example "0.5"); 3 without one. Other data is ignored.

const DEFAULT_SECONDS = 3;
let stopping = false;

VoxEngine.addEventListener(AppEvents.Started, () => {
  VoxEngine.callPSTN("+15550100", "+15550199");
});

VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  if (stopping || !isStop(e.content)) return;
  stopping = true;
  const seconds = Number(VoxEngine.customData()) || DEFAULT_SECONDS;
  Logger.write(`Stopping in ${seconds} s`);
  setTimeout(() => VoxEngine.terminate(), seconds * 1000);
});

function isStop(text) {
  try {
    return JSON.parse(text).command === "stop";
  } catch {
    return false;
  }
}
