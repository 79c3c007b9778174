// Queues: a request waits there for an operator, and the sandbox has none that is free.

let queued = 0; // requests that wait: they keep a session without calls alive longer (facts)

function countQueued(change) {
  queued += change;
  effect("queued", { requests: queued });
}

engine.enqueueACDRequest = () => {
  let isOver = false;
  countQueued(1);
  const made = instance("ACDRequest", {
    getStatus: () => later(0, () => isOver || made.raise("ACD.Waiting", { ewt: 1, position: 1 })),
    cancel() {
      if (!isOver) countQueued(-1);
      isOver = true;
    },
  });
  later(0, () => isOver || made.raise("ACD.Queued", {}));
  return made.self;
};

engine.enqueueTask = (parameters) => {
  let isOver = false;
  countQueued(1); // that a task counts as a request of ACD is not documented
  const made = instance("SmartQueueTask", {
    parameters,
    clientCall: parameters?.call ?? null,
    agentCall: null,
    end(description, status) {
      if (isOver) return;
      isOver = true;
      countQueued(-1);
      later(0, () => made.raise("SmartQueue.TaskCanceled", { status, description }));
    },
  });
  later(0, () => isOver || made.raise("SmartQueue.EnqueueSuccess", {}));
  return made.self;
};
