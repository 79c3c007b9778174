// Asks a back-end every second whether to go on, with async and await.
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

VoxEngine.addEventListener(AppEvents.Started, async () => {
  const call = VoxEngine.callPSTN("+15550101", "+15550199");
  for (;;) {
    let answer;
    try {
      answer = await Net.httpRequestAsync("https://api.example.com/jobs/1", { headers: ["Accept: application/json"] });
    } catch (problem) {
      Logger.write(`no answer: ${problem}`);
    }
    Logger.write("up");
    if (answer && answer.code === 200 && JSON.parse(answer.text).done) break;
    await wait(1000);
  }
  call.hangup();
});
