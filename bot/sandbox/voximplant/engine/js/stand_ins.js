// What a scenario asks for and the sandbox does not play: told with its line, once for each place.

const TOLD_MAX = 1000; // the record keeps no more

const toldPlaces = new NativeMap();

function note(name) {
  tell(name, true);
}

// A name that does not exist on the platform either. It is undefined there; calling it throws.
function missing(name) {
  tell(name, false);
  return undefined;
}

function tell(name, known) {
  const stack = stackHere();
  const place = name + " " + stack;
  if (mapHas(toldPlaces, place) || mapSize(toldPlaces) >= TOLD_MAX) return;
  mapSet(toldPlaces, place, true);
  effect("note", { name, stack, known });
}

// Asked for by the language itself (await, JSON, String), not by the scenario.
function isLanguage(key) {
  return typeof key === "symbol" || key === "then" || key === "toJSON" || key === "toString" || key === "valueOf";
}
