// Recorders. There is no media here, so a recording has a URL that leads nowhere.

engine.createRecorder = (parameters) => {
  const name = isOn(parameters, "video") ? "ConferenceRecorder" : "Recorder";
  const url = recordingUrl();
  let isStopped = false;
  const made = instance(name, {
    mute() {},
    stop() {
      if (isStopped) return;
      isStopped = true;
      later(0, () => made.raise("Recorder.Stopped", { url, cost: "0", duration: 0 }));
    },
  });
  later(0, () => made.raise("Recorder.Started", { url }));
  return made.self;
};
