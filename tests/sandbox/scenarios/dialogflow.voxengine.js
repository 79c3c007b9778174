// A dialogue led by an agent of Dialogflow.
require(Modules.AI);

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  call.answer();
  call.addEventListener(CallEvents.Connected, () => {
    const agent = AI.createDialogflow({ lang: DialogflowLanguage.ENGLISH_US });
    agent.addEventListener(AI.Events.DialogflowResponse, (e) => {
      if (e.response.queryResult && e.response.queryResult.diagnosticInfo) call.hangup();
    });
    agent.sendQuery({ event: { name: "WELCOME", language_code: "en" } });
    agent.sendMediaTo(call);
    call.sendMediaTo(agent);
    Logger.write("up");
  });
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
