// Names that older scenarios use and no typings of the last years have.

// Voices were once called Language.US_ENGLISH_FEMALE and Language.Premium.…: their list is not known.
function anyMember(path) {
  const valueOf = (key) => (key === "Premium" ? anyMember(`${path}.Premium`) : `${path}.${key}`);
  const isMember = (target, key) => !(key in target || isLanguage(key));
  return new NativeProxy({}, {
    get: (target, key) => (isMember(target, key) ? valueOf(key) : target[key]),
    has: (target, key) => typeof key === "string" || key in target,
    // For `Language.hasOwnProperty(name)`, by which a scenario asks whether there is such a voice.
    getOwnPropertyDescriptor(target, key) {
      if (!isMember(target, key)) return undefined;
      return { __proto__: null, value: valueOf(key), writable: true, enumerable: true, configurable: true };
    },
  });
}

world.Language = anyMember("Language");

// Modules that once had to be asked for. That the platform takes no offence at another one either is not known.
world.Modules = partly("Modules", { ...parse(enumTexts.Modules), CallList: "calllist", Player: "player" });
world.require = () => undefined;
