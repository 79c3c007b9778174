// A room that stays open for as long as somebody is in it.
require(Modules.Conference);

let room;
let people = 0;

VoxEngine.addEventListener(AppEvents.Started, () => {
  room = VoxEngine.createConference({ hd_audio: true });
  for (const number of ["+15550101", "+15550102"]) invite(number);
});

function invite(number) {
  const call = VoxEngine.callPSTN(number, "+15550199");
  call.addEventListener(CallEvents.Connected, () => {
    people += 1;
    VoxEngine.sendMediaBetween(call, room);
    if (people === 2) Logger.write("up");
  });
  call.addEventListener(CallEvents.Disconnected, () => {
    people -= 1;
    if (people === 0) VoxEngine.terminate();
  });
}
