// Event targets: who listens to what, and the raising of an event.

// Returns `addEventListener` and `removeEventListener` for the scenario, and `raise` for the sandbox, which
// calls the listeners in their order and returns what they returned.
function eventTarget() {
  const byName = new NativeMap();

  // Anything is taken here: what is no function throws when it is called (documented).
  function addEventListener(name, callback) {
    const listeners = mapGet(byName, name) ?? noEffects();
    listeners[listeners.length] = callback;
    mapSet(byName, name, listeners);
    effect("listen", { event: typeof name === "string" ? name : "", stack: stackHere(), removed: false });
  }

  // Without a callback all listeners of the event go (documented).
  function removeEventListener(name, callback) {
    const left = noEffects();
    const listeners = mapGet(byName, name) ?? left;
    for (let i = 0; i < listeners.length; i += 1) {
      if (callback !== undefined && listeners[i] !== callback) left[left.length] = listeners[i];
    }
    mapSet(byName, name, left);
    effect("listen", { event: typeof name === "string" ? name : "", stack: stackHere(), removed: true });
  }

  function raise(name, event) {
    const listeners = copied(mapGet(byName, name)); // one that is added or removed meanwhile: from the next event on
    const answers = noEffects();
    for (let i = 0; i < listeners.length; i += 1) answers[answers.length] = enter(listeners[i], event);
    return answers;
  }

  return { addEventListener, removeEventListener, raise };
}

function copied(listeners) {
  const copy = noEffects();
  for (let i = 0; i < (listeners?.length ?? 0); i += 1) copy[copy.length] = listeners[i];
  return copy;
}

const application = eventTarget();
