// Fetches what to say, then calls; chains of promises, and an error nobody catches.
VoxEngine.addEventListener(AppEvents.Started, () => {
  Net.httpRequestAsync("https://api.example.com/text")
    .then((answer) => (answer.code === 200 ? answer.text : "Hello."))
    .then((text) => {
      const call = VoxEngine.callPSTN("+15550101", "+15550199");
      call.addEventListener(CallEvents.Connected, () => {
        call.say(text);
        Logger.write("up");
      });
    })
    .finally(() => Logger.write("asked"));
});

VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  Net.httpRequestAsync("https://api.example.com/events", { method: "POST", postData: e.content }).then((answer) =>
    Logger.write(`passed on: ${answer.code}`),
  );
});
