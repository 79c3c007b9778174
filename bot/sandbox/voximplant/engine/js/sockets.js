// WebSockets: they open after a moment and stay silent. Nothing leaves the sandbox.

const SOCKET_HANDLERS = {
  __proto__: null,
  "WebSocket.Open": "onopen", "WebSocket.Close": "onclose", "WebSocket.Message": "onmessage",
  "WebSocket.Error": "onerror", "WebSocket.Created": "oncreated",
};

engine.createWebSocket = function createWebSocket(url) {
  note("VoxEngine.createWebSocket");
  const socket = {
    url: textOf(url),
    readyState: "connecting",
    onclose: null, oncreated: null, onerror: null, onmediaended: null, onmediastarted: null, onmessage: null, onopen: null,
    clearMediaBuffer() {},
    send() {},
    close() {
      if (socket.readyState === "closed" || socket.readyState === "closing") return;
      socket.readyState = "closing";
      later(0, () => {
        socket.readyState = "closed";
        raise("WebSocket.Close", { code: 1000, reason: "", wasClean: true });
      });
    },
  };
  const made = instance("WebSocket", socket);

  // The socket's own handler first (documented).
  function raise(name, fields) {
    const own = socket[SOCKET_HANDLERS[name]];
    if (typeof own === "function") enter(own, { name, websocket: made.self, ...fields });
    made.raise(name, fields);
  }

  mapSet(newest, "WebSocket", raise);
  later(0, () => raise("WebSocket.Created", {}));
  later(playbackSeconds(""), () => {
    if (socket.readyState !== "connecting") return;
    socket.readyState = "open";
    raise("WebSocket.Open", {});
  });
  return made.self;
};
