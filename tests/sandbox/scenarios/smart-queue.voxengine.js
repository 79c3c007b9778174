// Puts a caller into a queue, and waits there for an agent who does not come.
require(Modules.SmartQueue);

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  call.addEventListener(CallEvents.Connected, () => {
    const task = VoxEngine.enqueueTask({ call, queue: { name: "support" }, timeout: 600, priority: 5 });
    task.addEventListener(SmartQueueEvents.ClientDisconnected, () => VoxEngine.terminate());
    task.addEventListener(SmartQueueEvents.TaskDistributed, (e) => VoxEngine.sendMediaBetween(call, e.agentCall));
    task.addEventListener(SmartQueueEvents.Error, () => call.say("Please call again later."));
    Logger.write("up");
  });
  call.answer();
});
