// Telephone calls. Their lives are Python's: here are the objects that a scenario holds, and their listeners.

const calls = new NativeMap();
let lastCall = 0;

happenings.call = (event) => {
  const { call, listeners } = mapGet(calls, event.id);
  if (event.last) mapDelete(calls, event.id);
  listeners.raise(event.name, { call, headers: {}, ...event.fields });
};

function callPSTN(number, callerid) {
  lastCall += 1;
  const id = `${facts.sessionId}-${lastCall}`;
  const listeners = eventTarget();
  const call = partly("Call", {
    addEventListener: listeners.addEventListener,
    removeEventListener: listeners.removeEventListener,
    hangup: () => effect("hangup", { id }),
    id: () => id,
    number: () => textOf(number),
  });
  mapSet(calls, id, { call, listeners });
  effect("call", { id, number: textOf(number), callerid: textOf(callerid ?? "") });
  return call;
}

world.CallEvents = partly("CallEvents", {
  Connected: "Call.Connected",
  Disconnected: "Call.Disconnected",
  Failed: "Call.Failed",
});
