// JavaScript's own functions, taken before a scenario can replace them.
//
// A scenario may write `JSON = null` or `Array.prototype.find = null`; what the sandbox needs must go on working.
// Methods are called as functions: mapGet(map, key). Loops here go by index, because `for of` asks
// Array.prototype[Symbol.iterator], which a scenario may break too; and texts are joined by `+` where every scenario
// passes, because a template asks String.prototype.concat here.

const { apply, construct, defineProperty: tryToDefine, getOwnPropertyDescriptor: ownDescriptor } = Reflect;
const { parse, stringify } = JSON;
const { captureStackTrace } = Error;
const { defineProperty, keys: ownKeys, setPrototypeOf } = Object;
const { isArray } = Array;
const { fromCodePoint } = String;
const { abs: absolute, max: most, min: least, random: randomOf, sin: sineOf } = Math;
const encodeText = encodeURIComponent;
const globalScope = globalThis;
const NativeDate = Date;
const NativeError = Error;
const NativeMap = Map;
const NativePromise = Promise;
const NativeProxy = Proxy;
const NativeTypeError = TypeError;
const textOf = String;
const numberOf = Number;

function unbound(method) {
  return (self, ...given) => apply(method, self, given);
}

const mapGet = unbound(Map.prototype.get);
const mapSet = unbound(Map.prototype.set);
const mapHas = unbound(Map.prototype.has);
const mapClear = unbound(Map.prototype.clear);
const mapEach = unbound(Map.prototype.forEach);
const mapDelete = unbound(Map.prototype.delete);
const mapSize = unbound(Object.getOwnPropertyDescriptor(Map.prototype, "size").get);
const promiseThen = unbound(Promise.prototype.then);
const append = unbound(Array.prototype.push);
const codePointAt = unbound(String.prototype.codePointAt);
const hasOwn = unbound(Object.prototype.hasOwnProperty);
const textEnds = unbound(String.prototype.endsWith);
const textIndex = unbound(String.prototype.indexOf);
const textLower = unbound(String.prototype.toLowerCase);
const textSlice = unbound(String.prototype.slice);
const textSplit = unbound(String.prototype.split);
const textStarts = unbound(String.prototype.startsWith);
const textTrim = unbound(String.prototype.trim);
const textUpper = unbound(String.prototype.toUpperCase);
