// Conferences: who is in them is kept, what they hear is not.

engine.createConference = () => {
  const endpoints = [];
  let isStopped = false;
  const id = uuidgen();
  const made = instance("Conference", { add, get, getId: () => id, getList, id: () => id, stop });

  function add(parameters) {
    const { call, mode = "FORWARD", direction = "BOTH" } = parameters ?? {};
    const endpoint = instance("Endpoint", {
      getCall: () => call,
      getDirection: () => direction,
      getMode: () => mode,
      manageEndpoint: () => promised(),
      setDisplayName() {},
    }).self;
    const fields = { endpoint, endpointId: endpoint.id(), mode, direction };
    append(endpoints, endpoint);
    later(0, () => made.raise("Conference.EndpointAdded", fields));
    // An endpoint leaves with its call.
    legOf(call)?.media.whenOver(() => {
      remove(endpoint);
      made.raise("Conference.EndpointRemoved", fields);
    });
    return endpoint;
  }

  function remove(endpoint) {
    let left = 0;
    for (let i = 0; i < endpoints.length; i += 1) {
      if (endpoints[i] !== endpoint) {
        endpoints[left] = endpoints[i];
        left += 1;
      }
    }
    endpoints.length = left;
  }

  function getList() {
    const list = [];
    for (let i = 0; i < endpoints.length; i += 1) append(list, endpoints[i]);
    return list;
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
