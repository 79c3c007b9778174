// Names that older scenarios use and no typings of the last years have.

// Voices were once called Language.US_ENGLISH_FEMALE and Language.Premium.…: their list is not known.
function anyMember(path) {
  return new NativeProxy({}, {
    get: (_, key) => {
      if (isLanguage(key)) return undefined;
      return key === "Premium" ? anyMember(`${path}.Premium`) : `${path}.${key}`;
    },
  });
}

world.Language = anyMember("Language");

// Modules that once had to be asked for. That the platform takes no offence at another one either is not known.
world.Modules = partly("Modules", { ...parse(enumTexts.Modules), CallList: "calllist", Player: "player" });
world.require = () => undefined;
