// Event targets: who listens to what, and the raising of an event.

function functionOr(callback) {
  if (typeof callback !== "function") refuse("the callback must be a function");
  return callback;
}

// Returns `addEventListener` and `removeEventListener` for the scenario, and `raise` for the sandbox, which
// calls the listeners in their order and returns what they returned.
function eventTarget() {
  const byName = new NativeMap();

  function addEventListener(name, callback) {
    const listeners = mapGet(byName, name) ?? noEffects();
    listeners[listeners.length] = functionOr(callback);
    mapSet(byName, name, listeners);
  }

  function removeEventListener(name, callback) {
    const left = noEffects();
    const listeners = mapGet(byName, name) ?? left;
    for (let i = 0; i < listeners.length; i += 1) {
      if (callback !== undefined && listeners[i] !== callback) left[left.length] = listeners[i];
    }
    mapSet(byName, name, left);
  }

  function raise(name, event) {
    const listeners = mapGet(byName, name) ?? noEffects();
    const count = listeners.length; // one that is added meanwhile hears the next event
    const answers = noEffects();
    for (let i = 0; i < count; i += 1) answers[answers.length] = enter(listeners[i], event);
    return answers;
  }

  return { addEventListener, removeEventListener, raise };
}
