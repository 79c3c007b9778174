// The old style: nested callbacks, global variables, and a report at the end.
var call;
var reported = false;

VoxEngine.addEventListener(AppEvents.Started, function (e) {
  Net.httpRequest("https://api.example.com/numbers?session=" + e.sessionId, function (answer) {
    var number = answer.code == 200 ? JSON.parse(answer.text).number : "+15550101";
    call = VoxEngine.callPSTN(number, "+15550199");
    call.addEventListener(CallEvents.Connected, function () {
      Logger.write("up");
    });
    call.addEventListener(CallEvents.Disconnected, report);
    call.addEventListener(CallEvents.Failed, report);
  });
});

function report() {
  if (reported) return;
  reported = true;
  Net.httpRequest("https://api.example.com/reports", VoxEngine.terminate, { method: "POST", postData: "over" });
}
