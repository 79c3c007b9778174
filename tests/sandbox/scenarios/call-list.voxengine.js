// One task of a call list: its data come as custom data, its result is reported.
require(Modules.CallList);

VoxEngine.addEventListener(AppEvents.Started, () => {
  let task = { number: "+15550101" };
  try {
    task = Object.assign(task, JSON.parse(VoxEngine.customData()));
  } catch {
    Logger.write("no task");
  }
  const call = VoxEngine.callPSTN(task.number, "+15550199");
  call.addEventListener(CallEvents.Connected, () => {
    CallList.reportProgress("connected");
    Logger.write("up");
  });
  call.addEventListener(CallEvents.Failed, (e) => {
    CallList.reportError(`${e.code} ${e.reason}`, VoxEngine.terminate);
  });
  call.addEventListener(CallEvents.Disconnected, () => {
    CallList.reportResult({ result: true }, VoxEngine.terminate);
  });
});
