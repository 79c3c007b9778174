// Queues: a request waits there for an operator, and the sandbox has none that is free.

engine.enqueueACDRequest = () => {
  let isOver = false;
  const made = instance("ACDRequest", {
    getStatus: () => later(0, () => isOver || made.raise("ACD.Waiting", { ewt: 1, position: 1 })),
    cancel() {
      isOver = true;
    },
  });
  later(0, () => isOver || made.raise("ACD.Queued", {}));
  return made.self;
};

engine.enqueueTask = (parameters) => {
  let isOver = false;
  const made = instance("SmartQueueTask", {
    parameters,
    clientCall: parameters?.call ?? null,
    agentCall: null,
    end(description, status) {
      if (isOver) return;
      isOver = true;
      later(0, () => made.raise("SmartQueue.TaskCanceled", { status, description }));
    },
  });
  later(0, () => isOver || made.raise("SmartQueue.EnqueueSuccess", {}));
  return made.self;
};
