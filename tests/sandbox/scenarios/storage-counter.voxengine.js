// Counts its sessions in the application's storage, then calls.
require(Modules.ApplicationStorage);

(async () => {
  const found = await ApplicationStorage.get("calls:count").catch(() => null);
  const count = found ? Number(found.value) + 1 : 1;
  await ApplicationStorage.put("calls:count", String(count), 3600);
  const call = VoxEngine.callPSTN("+15550101", "+15550199");
  call.addEventListener(CallEvents.Connected, () => {
    Logger.write("up");
    call.say(`You are caller number ${count}.`);
  });
})();
