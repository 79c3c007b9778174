// The only door between Python and the context: one function.
//
//   door("turn", json)   makes one thing happen: an event is raised, a timer fires, an answer arrives
//   door("clock", ms)    sets the clock that the scenario's `Date` follows
//   door("tracker", "")  is the function to be called at each rejected promise (`_rejections.py`)
//   door("untracked", "") says that it will not be called
//   door("effects", "")  hands over, as JSON text, what the scenario did since it was last asked
//
// With a time limit set JavaScript cannot call Python, so effects are collected here and taken after each turn.
// Only JSON text goes through the door: other values are cut, wrapped or refused on the way.

const happenings = { __proto__: null }; // by the kind of a message from Python; the other files add theirs
const world = { __proto__: null }; // by name: what a scenario finds in its global scope; the other files add theirs
let facts = { sessionId: 0, customData: "" };
let effects = noEffects();

// Without prototypes: a `toJSON` that a scenario puts on Object.prototype or Array.prototype is not asked.
function noEffects() {
  return setPrototypeOf([], null);
}

// Notes for Python that the scenario did something; `fields` are plain values.
function effect(kind, fields) {
  effects[effects.length] = { __proto__: null, kind, ...fields };
}

function door(what, text) {
  if (what === "effects") {
    tellRejections();
    const taken = effects;
    effects = noEffects();
    return stringify(taken);
  }
  if (what === "clock") return setClock(text);
  if (what === "tracker") return rejectionTracker();
  if (what === "untracked") return (isTracked = false);
  try {
    const event = parse(text);
    happenings[event.kind](event);
  } catch (thrown) {
    fail(thrown);
  }
  return undefined;
}
