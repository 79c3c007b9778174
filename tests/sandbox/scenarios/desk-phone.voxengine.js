// Rings a SIP phone and an application's user at once, and bridges the first who answers.
VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  const caller = e.call;
  const legs = [
    VoxEngine.callSIP("sip:desk@pbx.example.com", { callerid: e.callerid, displayName: "Caller" }),
    VoxEngine.callUser("agent", e.callerid),
  ];
  let taken = null;
  for (const leg of legs) {
    leg.addEventListener(CallEvents.Ringing, () => caller.ring());
    leg.addEventListener(CallEvents.Connected, () => {
      if (taken !== null) return leg.hangup();
      taken = leg;
      caller.answer();
      VoxEngine.sendMediaBetween(caller, leg);
      Logger.write("up");
      return undefined;
    });
    leg.addEventListener(CallEvents.Disconnected, () => {
      if (taken === leg) caller.hangup();
    });
  }
});
