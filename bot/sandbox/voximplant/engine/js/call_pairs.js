// Two calls as one conversation, and the calls that come in and are passed on to somebody.
//
// Documented: the helpers pass signals from one call to the other, and the session ends with the first of the two.

function easyProcess(call1, call2, onEstablished, direct) {
  const over = () => engine.terminate();
  const answered = () => (direct ? call1.answerDirect(call2) : call1.answer());
  call2.addEventListener("Call.Connected", answered);
  call2.addEventListener("Call.Ringing", () => call1.ring());
  call2.addEventListener("Call.AudioStarted", () => call1.startEarlyMedia());
  call1.addEventListener("Call.Connected", () => {
    if (typeof onEstablished === "function") onEstablished(call1, call2);
  });
  passOn(call1, call2);
  passOn(call2, call1);
  call1.addEventListener("Call.Failed", over);
  call1.addEventListener("Call.Disconnected", over);
  call2.addEventListener("Call.Failed", over);
  call2.addEventListener("Call.Disconnected", over);
}

function passOn(from, to) {
  from.addEventListener("Call.MessageReceived", (e) => to.sendMessage(e.text));
  from.addEventListener("Call.InfoReceived", (e) => to.sendInfo(e.mimeType, e.body, e.headers));
}

// Passes each call that comes in on to the one that `place(event)` dials.
function forward(place, onEstablished, direct) {
  application.addEventListener("Application.CallAlerting", (e) => {
    easyProcess(e.call, place(e), onEstablished, direct);
  });
}

const pairs = {
  easyProcess,
  sendMediaBetween() {},
  stopMediaBetween() {},
  forwardCallToPSTN(numberTransform, onEstablished, options) {
    const numberOfCall = (e) => (typeof numberTransform === "function" ? numberTransform(e.destination) : e.destination);
    forward((e) => outgoing.callPSTN(numberOfCall(e), options?.callerid ?? e.callerid), onEstablished, false);
  },
  forwardCallToUser(onEstablished) {
    forward((e) => outgoing.callUser({ username: e.destination, callerid: e.callerid, displayName: e.displayName }), onEstablished, false);
  },
  forwardCallToUserDirect(onEstablished) {
    forward((e) => outgoing.callUserDirect(e.call, e.destination, { callerid: e.callerid, displayName: e.displayName }), onEstablished, true);
  },
  forwardCallToSIP(onEstablished) {
    forward((e) => outgoing.callSIP(e.toURI, { callerid: e.callerid, displayName: e.displayName }), onEstablished, false);
  },
  playSoundAndHangup(fileURL) {
    const over = () => engine.terminate();
    application.addEventListener("Application.CallAlerting", ({ call }) => {
      call.addEventListener("Call.Connected", () => call.startPlayback(fileURL));
      call.addEventListener("Call.PlaybackFinished", over);
      call.addEventListener("Call.Failed", over);
      call.addEventListener("Call.Disconnected", over);
      call.answer();
    });
  },
};
