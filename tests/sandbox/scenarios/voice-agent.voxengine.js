// A voice agent of an AI service at one end, a caller at the other.
require(Modules.OpenAI);

VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  let agent;
  call.addEventListener(CallEvents.Disconnected, () => {
    if (agent) agent.close();
    VoxEngine.terminate();
  });
  call.answer();
  Logger.write("up");
  try {
    agent = await OpenAI.createRealtimeAPIClient({
      apiKey: VoxEngine.getSecretValue("AI_KEY") || "none",
      onWebSocketClose: () => VoxEngine.terminate(),
    });
    VoxEngine.sendMediaBetween(call, agent);
  } catch (problem) {
    Logger.write(`no agent: ${problem}`);
  }
});
