// ApplicationStorage: the pairs of the application, which its other sessions and the Management API see too.

function storageAsk(question) {
  return new NativePromise((resolve, reject) => {
    ask("storage", question, (answer) => {
      if (answer.error === undefined) resolve(answer.value);
      else reject(new NativeError(answer.error));
    });
  });
}

function storageRemove(key) {
  return storageAsk({ act: "remove", key: textOf(key) });
}

world.ApplicationStorage = partly("ApplicationStorage", {
  get: (key) => storageAsk({ act: "get", key: textOf(key) }),
  // Without a time to live, which the typings ask for, a pair gets the Management API's (not known of the platform).
  put: (key, value, ttl) =>
    storageAsk({ act: "put", key: textOf(key), value: textOf(value), ttl: ttl === undefined ? null : numberOf(ttl) }),
  keys: (pattern, count) =>
    storageAsk({ act: "keys", namespace: pattern === undefined ? null : textOf(pattern), count: numberOf(count ?? 1000) }),
  remove: storageRemove,
  delete: storageRemove, // its former name
});
