// Objects and values of the typings' types.

const newest = new NativeMap(); // by class: `raise` of the instance made last

// The name of an event's own object in its fields, where it is not `client`.
const SELF = {
  __proto__: null,
  Call: "call", ACDRequest: "request", "AMD.AnsweringMachineDetector": "amd", ASR: "asr", Conference: "conference", Player: "player",
  ConferenceRecorder: "recorder", Recorder: "recorder", SequencePlayer: "sequencePlayer", SmartQueueTask: "task",
  StreamingAgent: "streamingAgent", WebSocket: "websocket",
};

// Makes an object of a class: `self` for the scenario, and `raise(name, fields)` for the sandbox.
function instance(name, played) {
  const listeners = eventTarget();
  if (memberType(name, "addEventListener") !== undefined) {
    played.addEventListener = listeners.addEventListener;
    played.removeEventListener = listeners.removeEventListener;
  }
  const known = memberType(name, "id");
  if (known !== undefined && played.id === undefined) {
    const id = uuidgen();
    played.id = known.isMethod ? () => id : id;
  }
  const self = partly(name, played);
  const raise = (event, fields) => listeners.raise(event, { name: event, [SELF[name] ?? (textEnds(name, "Player") ? "player" : "client")]: self, ...fields });
  mapSet(newest, name, raise);
  return { self, raise };
}

// An event from outside, for what the sandbox cannot hear by itself: a recognised word, a message of a socket.
happenings.feed = (event) => {
  const raise = mapGet(newest, event.class);
  if (raise !== undefined) raise(event.name, event.fields);
};

// The value that a stand-in of this type returns.
function blank(type, owner) {
  if (textStarts(type, "promise ")) {
    return promised(blank(textSlice(type, "promise ".length), owner));
  }
  switch (type) {
    case "void": return undefined;
    case "null": return null;
    case "string": return "";
    case "number": return 0;
    case "boolean": return false;
    case "array": return [];
    case "object": return {};
    case "date": return new NativeDate(present());
    case "self": return world[owner] ?? branch(owner);
    default: return classOf(type) === undefined ? shaped(type) : objectOf(type);
  }
}

function promised(value) {
  return new NativePromise((resolve) => resolve(value));
}

function objectOf(name) {
  return CONNECTORS[name] === undefined ? instance(name, {}).self : connector(name);
}

function shaped(type) {
  const shape = ownOf(typings.shapes, type) ?? typings.none;
  const keys = ownKeys(shape);
  const value = {};
  // One step deep: shapes may contain one another.
  for (let i = 0; i < keys.length; i += 1) {
    const field = shape[keys[i]];
    value[keys[i]] = hasOwn(typings.shapes, field) || classOf(field) !== undefined ? {} : blank(field, type);
  }
  return value;
}
