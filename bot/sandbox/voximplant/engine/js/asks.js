// Questions to Python, which answers in a later turn: an HTTP request, an operation on the storage.

const asks = new NativeMap(); // by id: the function that waits for the answer
let lastAsk = 0;

happenings.settle = (event) => {
  const settled = mapGet(asks, event.id);
  if (settled === undefined) return;
  mapDelete(asks, event.id);
  settled(event.answer);
};

// Asks the service `what` of the session, with plain values. `settled(answer)` is called once, when the answer
// arrives, whose shape is the service's; never, when the session terminates before.
function ask(what, question, settled) {
  lastAsk += 1;
  mapSet(asks, lastAsk, settled);
  effect("ask", { id: lastAsk, what, question });
}
