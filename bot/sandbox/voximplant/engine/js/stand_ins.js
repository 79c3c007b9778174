// Stand-ins: what the sandbox does not play is noted with its line, and harmless.

function note(name) {
  effect("note", { name, stack: stackHere() });
}

// Asked for by the language itself (await, JSON, String), not by the scenario.
function isLanguage(key) {
  return typeof key === "symbol" || key === "then" || key === "toJSON" || key === "toString" || key === "valueOf";
}

function standIn(name, noted) {
  return new NativeProxy(function () {}, {
    get(_, key) {
      if (key === Symbol.iterator) return function* () {};
      if (key === Symbol.toPrimitive || key === "toString" || key === "valueOf") return () => "";
      if (isLanguage(key)) return undefined;
      note(`${name}.${key}`);
      return standIn(`${name}.${key}`, true);
    },
    apply() {
      if (!noted) note(`${name}()`);
      return standIn(`${name}()`, true);
    },
    construct() {
      if (!noted) note(`new ${name}`);
      return standIn(`new ${name}`, true);
    },
    set: () => true,
  });
}

// An object of which some members are played: the others are stand-ins.
function partly(name, real) {
  return new NativeProxy(real, {
    get(target, key) {
      if (key in target || isLanguage(key)) return target[key];
      note(`${name}.${key}`);
      return standIn(`${name}.${key}`, true);
    },
  });
}
