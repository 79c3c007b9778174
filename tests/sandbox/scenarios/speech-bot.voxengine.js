// Listens to speech and answers. It ends when it hears "goodbye", which nobody here says.
require(Modules.ASR);

let call;
let asr;

VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  call = e.call;
  call.addEventListener(CallEvents.Connected, () => {
    asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US });
    asr.addEventListener(ASREvents.Result, heard);
    asr.addEventListener(ASREvents.ASRError, () => Logger.write("recognition failed"));
    call.sendMediaTo(asr);
    call.say("How can I help you?");
    Logger.write("up");
  });
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
});

function heard(e) {
  asr.stop();
  if (e.text.includes("goodbye")) call.hangup();
  else call.say(`You said ${e.text}.`);
}
