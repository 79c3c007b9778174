// Streams a call's audio to a server, and lives for as long as that connection.
let socket;

VoxEngine.addEventListener(AppEvents.Started, () => {
  const call = VoxEngine.callPSTN("+15550101", "+15550199");
  call.addEventListener(CallEvents.Connected, () => {
    socket = VoxEngine.createWebSocket("wss://stream.example.com/audio");
    socket.addEventListener(WebSocketEvents.OPEN, () => call.sendMediaTo(socket, { encoding: WebSocketAudioEncoding.ULAW }));
    socket.addEventListener(WebSocketEvents.MESSAGE, (e) => Logger.write(e.text));
    socket.addEventListener(WebSocketEvents.CLOSE, () => Logger.write("stream closed"));
    Logger.write("up");
  });
});
