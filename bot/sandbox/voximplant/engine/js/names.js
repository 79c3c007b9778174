// The names of the platform's typings: what exists, what a call of it returns, which values an enum has.
//
// `typings`, `enumTexts` and `listTexts` are written before this file from ../typings.json. Enums and lists are long
// (thousands of voices), so each stays text until a scenario asks for it.
//
// A member that the other files play is theirs. Any other member that the typings have is a stand-in of its type:
// noted, and quiet. One that they do not have is undefined, as it is on the platform, and noted too.

const branches = new NativeMap(); // by path ("OpenAI.Beta"): its enum, list, namespace or class, once asked for

// Without a result that a scenario could miss, so their use is no news.
const SILENT = {
  __proto__: null,
  addEventListener: true, clearMediaBuffer: true, hideTones: true, id: true, removeEventListener: true,
  sendMediaTo: true, stopMediaTo: true, webSocketId: true,
};

function ownOf(object, key) {
  return hasOwn(object, key) ? object[key] : undefined;
}

// A class with the one it extends; undefined for what is no class.
function classOf(name) {
  return ownOf(typings.classes, name);
}

// The type of a class's member, of a namespace's function, or undefined: `{ type, isMethod }`.
function memberType(owner, key) {
  let known = classOf(owner);
  while (known !== undefined) {
    const method = ownOf(known.methods, key);
    if (method !== undefined) return { type: method, isMethod: true };
    const property = ownOf(known.properties ?? typings.none, key);
    if (property !== undefined) return { type: property, isMethod: false };
    known = classOf(ownOf(known, "extends"));
  }
  const returned = ownOf(typings.functions, owner + "." + key);
  return returned === undefined ? undefined : { type: returned, isMethod: true };
}

// An object that a scenario sees under this name; `played` are the members that are simulated.
function partly(name, played) {
  return new NativeProxy(played, {
    get(target, key) {
      if (key in target || isLanguage(key)) return target[key];
      const member = memberOf(name, key);
      if (member === undefined) return missing(name + "." + key);
      target[key] = member;
      return member;
    },
    has(target, key) {
      return key in target || (typeof key === "string" && isKnown(name + "." + key, name, key));
    },
    // For `VoiceList.hasOwnProperty(name)`: what was not asked for yet is there, too.
    getOwnPropertyDescriptor(target, key) {
      const isNew = typeof key === "string" && !(key in target) && isKnown(name + "." + key, name, key);
      if (isNew) target[key] = memberOf(name, key);
      return ownDescriptor(target, key);
    },
  });
}

function isKnown(path, owner, key) {
  return memberType(owner, key) !== undefined || isBranch(path);
}

function memberOf(owner, key) {
  const found = memberType(owner, key);
  if (found === undefined) return branch(owner + "." + key);
  if (found.isMethod) return quiet(owner, key, found.type);
  note(owner + "." + key);
  return blank(found.type, owner);
}

// A function that does nothing and returns what its type promises.
function quiet(owner, key, type) {
  const name = owner === "" ? key : owner + "." + key;
  return () => {
    if (SILENT[key] === undefined) note(name);
    return blank(type, owner);
  };
}

function isBranch(path) {
  return hasOwn(enumTexts, path) || hasOwn(listTexts, path) || hasOwn(namespaces, path) || classOf(path) !== undefined;
}

function branch(path) {
  if (!isBranch(path)) return undefined;
  if (!mapHas(branches, path)) mapSet(branches, path, grown(path));
  return mapGet(branches, path);
}

function grown(path) {
  if (classOf(path) !== undefined) return partly(path, constructorOf(path));
  const values = hasOwn(enumTexts, path) ? parse(enumTexts[path]) : {};
  const names = hasOwn(listTexts, path) ? textSplit(listTexts[path], " ") : [];
  // The values of voices and profiles are not documented; a scenario only hands them back.
  for (let i = 0; i < names.length; i += 1) values[names[i]] = path + "." + names[i];
  return partly(path, values);
}

// What `new` makes of a class of the typings, and what `instanceof` asks.
function constructorOf(name) {
  return function () {
    note("new " + name);
    return instance(name, {}).self;
  };
}

// Puts a name of the typings that no file plays into the global scope, to be made when it is asked for.
function defineGlobal(name) {
  const set = (value) => tryToDefine(globalScope, name, { __proto__: null, value, writable: true, configurable: true });
  const get = () => {
    const returned = ownOf(typings.functions, name);
    const value = returned === undefined ? branch(name) : quiet("", name, returned);
    set(value);
    return value;
  };
  defineProperty(globalScope, name, { __proto__: null, get, set, configurable: true });
}
