// Telephone calls, in and out. Their lives are Python's (`_network.py`): here are the objects that a scenario holds.

const calls = new NativeMap(); // by id: the calls that are live
let lastCall = 0;

// A call has begun to come in.
happenings.alert = (event) => {
  const { callerid, destination, displayName, customData } = event.fields;
  const self = makeCall(event.id, "pstn", { number: destination, callerid, displayName, customData, incoming: true });
  application.raise("Application.CallAlerting", { call: self, name: "Application.CallAlerting", ...event.fields });
};

// Something has happened to a call. The last event of one is Disconnected or Failed.
happenings.call = (event) => {
  const leg = mapGet(calls, event.id);
  if (event.name === "Call.Connected") {
    leg.state = "CONNECTED";
    if (leg.amd !== undefined) detectFor(leg.amd, leg.self);
  }
  if (event.last) {
    leg.state = "TERMINATED";
    mapDelete(calls, event.id);
  }
  leg.raise(event.name, { id: event.id, headers: {}, ...event.fields });
  if (event.last) leg.media.over();
};

// The live call that a scenario holds this object of; undefined for anything else.
function legOf(call) {
  return typeof call?.id === "function" ? mapGet(calls, call.id()) : undefined;
}

function raiseOnCall(call, name, fields) {
  legOf(call)?.raise(name, { id: call.id(), ...fields });
}

function makeCall(id, type, about) {
  const media = callMedia((name, fields) => leg.raise(name, { id, ...fields }));
  const leg = { media, state: about.incoming ? "ALERTING" : "PROGRESSING" };
  const act = (name, code) => effect("act", { id, name, code: code ?? 0 });
  let customData = about.customData ?? "";
  const { self, raise } = instance("Call", {
    ...media.members,
    id: () => id,
    number: () => about.number,
    callerid: () => about.callerid,
    displayName: () => about.displayName,
    incoming: () => about.incoming === true,
    clientType: () => type,
    state: () => leg.state,
    toString: () => "Call " + id + " (" + leg.state + ")",
    vad: () => false,
    customData(text) {
      if (text !== undefined) customData = textOf(text);
      return customData;
    },
    answer: () => act("answer"),
    answerDirect: () => act("answer"),
    hangup: () => act("hangup"),
    reject: (code) => act("reject", codeOf(code)),
    decline: (code) => act("reject", codeOf(code)),
    transferTo: () => act("transfer"),
    // What is sent to the other side, who says nothing to it.
    ring() {},
    startEarlyMedia() {},
    sendMessage() {},
    sendInfo() {},
    sendDigits() {},
    notifyBlindTransferSuccess() {},
    notifyBlindTransferFailed() {},
    handleBlindTransfer() {},
  });
  leg.raise = raise;
  leg.self = self;
  mapSet(calls, id, leg);
  return self;
}

function codeOf(code) {
  const number = numberOf(code);
  return number > 0 && number < 1000 ? number - (number % 1) : 0;
}

function dial(type, number, callerid, displayName, headers, amd) {
  lastCall += 1;
  const id = textOf(facts.sessionId) + "-" + textOf(lastCall);
  const about = { number: nameOf(number), callerid: nameOf(callerid), displayName: nameOf(displayName) };
  const self = makeCall(id, type, about);
  mapGet(calls, id).amd = amd ?? undefined;
  const timeout = numberOf(headers?.["VI-CallTimeout"]); // documented: seconds until an unanswered call is hung up
  effect("call", { id, type, number: about.number, callerid: about.callerid, timeout: timeout > 0 ? timeout : null });
  return self;
}

function nameOf(value) {
  return textOf(value ?? "");
}

// In older scenarios the parameters of a call come one by one.
function parametersOf(given, names) {
  if (typeof given[0] === "object" && given[0] !== null) return given[0];
  const parameters = {};
  for (let i = 0; i < names.length; i += 1) parameters[names[i]] = given[i];
  return parameters;
}

const USER = ["username", "callerid", "displayName", "extraHeaders", "video", "scheme"];
const SIP = ["callerid", "displayName", "password", "authUser", "headers", "video", "outProxy"];
const DIRECT = ["callerid", "displayName", "extraHeaders"];

const outgoing = {
  callPSTN: (number, callerid, parameters) => dial("pstn", number, callerid, "", undefined, parameters?.amd),
  callUser(...given) {
    const { username, callerid, displayName, extraHeaders, amd } = parametersOf(given, USER);
    return dial("user", username, callerid, displayName, extraHeaders, amd);
  },
  callUserDirect(incomingCall, username, ...given) {
    const { callerid, displayName, extraHeaders } = parametersOf(given, DIRECT);
    return dial("user", username, callerid, displayName, extraHeaders);
  },
  callSIP(to, ...given) {
    const { callerid, displayName, headers, amd } = parametersOf(given, SIP);
    return dial("sip", to, callerid, displayName, headers, amd);
  },
  callConference: (id, callerid, displayName, headers) => dial("sip", id, callerid, displayName, headers),
  callWhatsappUser: (parameters) => dial("wab", parameters?.number, parameters?.callerid, "", parameters?.headers),
};
