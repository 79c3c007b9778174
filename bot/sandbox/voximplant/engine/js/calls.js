// Telephone calls. Their lives are Python's: here are the objects that a scenario holds, and their listeners.

const calls = new NativeMap();
let lastCall = 0;

happenings.call = (event) => {
  const { raise, media } = mapGet(calls, event.id);
  if (event.last) mapDelete(calls, event.id);
  raise(event.name, { headers: {}, ...event.fields });
  if (event.last) media.over();
};

function callPSTN(number, callerid) {
  lastCall += 1;
  const id = `${facts.sessionId}-${lastCall}`;
  const media = callMedia((name, fields) => raise(name, fields));
  const { self, raise } = instance("Call", {
    ...media.members,
    hangup: () => effect("hangup", { id }),
    id: () => id,
    number: () => textOf(number),
  });
  mapSet(calls, id, { call: self, raise, media });
  effect("call", { id, number: textOf(number), callerid: textOf(callerid ?? "") });
  return self;
}

function raiseOnCall(call, name, fields) {
  mapGet(calls, call.id())?.raise(name, fields);
}
