// Conferences: who is in them is kept, what they hear is not.

engine.createConference = () => {
  const endpoints = [];
  let isStopped = false;
  const id = uuidgen();
  const made = instance("Conference", { add, get, getId: () => id, getList: () => endpoints, id: () => id, stop });

  function add(parameters) {
    const { call, mode = "FORWARD", direction = "BOTH" } = parameters ?? {};
    const endpoint = instance("Endpoint", {
      getCall: () => call,
      getDirection: () => direction,
      getMode: () => mode,
      manageEndpoint: () => new NativePromise((resolve) => resolve()),
      setDisplayName() {},
    }).self;
    append(endpoints, endpoint);
    later(0, () => made.raise("Conference.EndpointAdded", { endpoint, endpointId: endpoint.id(), mode, direction }));
    return endpoint;
  }

  function get(id) {
    for (let i = 0; i < endpoints.length; i += 1) if (endpoints[i].id() === id) return endpoints[i];
    return undefined;
  }

  function stop() {
    if (isStopped) return;
    isStopped = true;
    later(0, () => made.raise("Conference.Stopped", {}));
  }

  later(0, () => made.raise("Conference.Started", {}));
  return made.self;
};

engine.destroyConference = (conference) => conference.stop();
