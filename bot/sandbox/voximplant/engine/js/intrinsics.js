// JavaScript's own functions, taken before a scenario can replace them.
//
// A scenario may write `JSON = null` or `Array.prototype.find = null`; what the sandbox needs must go on working.
// Methods are called as functions: mapGet(map, key). Loops here go by index, because `for of` asks
// Array.prototype[Symbol.iterator], which a scenario may break too.

const { apply } = Reflect;
const { parse, stringify } = JSON;
const { captureStackTrace } = Error;
const { setPrototypeOf } = Object;
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
const mapDelete = unbound(Map.prototype.delete);
const mapSize = unbound(Object.getOwnPropertyDescriptor(Map.prototype, "size").get);
const promiseThen = unbound(Promise.prototype.then);
