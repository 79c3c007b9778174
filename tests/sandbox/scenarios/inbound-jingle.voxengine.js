// Answers and plays a jingle again and again.
const JINGLE = "https://media.example.com/jingle.mp3";

VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  const { call } = e;
  call.addEventListener(CallEvents.Connected, function () {
    Logger.write("up");
    call.startPlayback(JINGLE);
  });
  call.addEventListener(CallEvents.PlaybackFinished, function () {
    call.startPlayback(JINGLE);
  });
  call.addEventListener(CallEvents.Disconnected, function () {
    VoxEngine.terminate();
  });
  call.answer();
});
