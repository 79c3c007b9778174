// Errors that a scenario did not catch. Python keeps of a stack the frames of the scenarios and names them.

function fail(thrown) {
  effect("failure", { ...described(thrown), rejection: false });
}

// A promise was rejected and nobody handles it: the scenario fails (documented, in the guide to the key-value storage).
function reject(reason) {
  effect("failure", { ...described(reason), rejection: true });
}

const REJECTIONS_MAX = 100; // told of in one turn
const rejections = new NativeMap(); // by promise: the reasons of this turn that nobody handles yet

let isTracked = true;

function rejectionTracker() {
  return (promise, reason, isHandled) => {
    if (isHandled) mapDelete(rejections, promise);
    else if (mapSize(rejections) < REJECTIONS_MAX) mapSet(rejections, promise, reason);
  };
}

function tellRejections() {
  mapEach(rejections, reject);
  mapClear(rejections);
}

function described(thrown) {
  if (thrown === null) {
    return { text: "Uncaught null (so it also looks when no memory is left to say: out of memory)", stack: "" };
  }
  try {
    if (thrown instanceof NativeError) return { text: textOf(thrown.name) + ": " + textOf(thrown.message), stack: stackOf(thrown) };
    return { text: "Uncaught " + textOf(thrown), stack: "" };
  } catch {
    return { text: "Uncaught value that cannot be shown", stack: "" };
  }
}

function stackOf(error) {
  const { stack } = error;
  return typeof stack === "string" ? stack : "";
}

// The stack of the present call, for what is noted with the scenario's line.
function stackHere() {
  const here = {};
  captureStackTrace(here);
  return stackOf(here);
}

// Calls the scenario. What its async function throws later is a rejection that nobody handles: where the engine does
// not tell of these, those of handlers at least are seen here.
function enter(callback, argument) {
  const answer = callback(argument);
  if (!isTracked && answer instanceof NativePromise) promiseThen(answer, undefined, reject);
  return answer;
}

// For a misuse that the platform refuses: an error in the scenario, which it may catch.
function refuse(message) {
  throw new NativeTypeError(message);
}
