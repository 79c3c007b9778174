// Speech recognition hears nothing until it is fed; the detection of answering machines hears a person.

engine.createASR = () => {
  let isStopped = false;
  const made = instance("ASR", {
    stop() {
      if (isStopped) return;
      isStopped = true;
      later(0, () => made.raise("ASR.Stopped", { cost: "0", duration: 0 }));
    },
  });
  later(0, () => made.raise("ASR.Started", {}));
  return made.self;
};

function detector(parameters) {
  const { call, model, timeout } = parameters ?? {};
  const result = { resultClass: "HUMAN", resultSubtype: "NONE", confidence: 100, call };
  const made = instance("AMD.AnsweringMachineDetector", {
    call,
    model,
    timeout,
    detect: () =>
      new NativePromise((resolve) => {
        later(playbackSeconds(""), () => {
          made.raise("AMD.Events.DetectionComplete", result);
          resolve(result);
        });
      }),
  });
  return made.self;
}

world.AMD = partly("AMD", { create: detector });

// Deprecated in favour of AMD. What the promise is resolved with is not documented beyond the name of its type.
function detectVoicemail(call) {
  return new NativePromise((resolve) => {
    later(playbackSeconds(""), () => {
      const found = "AI.Events.VoicemailNotDetected";
      raiseOnCall(call, found, { confidence: 1 });
      resolve({ name: found, call, confidence: 1 });
    });
  });
}

world.AI = partly("AI", { detectVoicemail });
