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

const detections = new NativeMap(); // by the id of a detector: its `detect` for a call

function detector(parameters) {
  const { model, timeout } = parameters ?? {};
  const id = uuidgen();
  const members = { call: parameters?.call, id: () => id, model, timeout, detect: () => detect(members.call) };
  const made = instance("AMD.AnsweringMachineDetector", members);
  mapSet(detections, id, (call) => {
    members.call = call;
    detect(call);
  });

  function detect(call) {
    const result = {
      resultClass: "HUMAN",
      resultSubtype: "NONE",
      confidence: 100,
      call,
      callId: call === undefined ? "" : call.id(),
    };
    return new NativePromise((resolve) => {
      later(playbackSeconds(""), () => {
        made.raise("AMD.Events.DetectionComplete", result);
        resolve(result);
      });
    });
  }

  return made.self;
}

// The detector that a call was placed with begins when the call is connected (documented).
function detectFor(amd, call) {
  if (typeof amd.id === "function") mapGet(detections, amd.id())?.(call);
}

function AnsweringMachineDetector(parameters) {
  return detector(parameters);
}

world.AMD = partly("AMD", { AnsweringMachineDetector, create: detector });

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
