// CallList: reports to the platform about a task of a call list. They are taken, and go nowhere.

function listReport(name) {
  return (data, callback) => {
    note(`CallList.${name}`);
    if (typeof callback === "function") later(0, () => enter(callback, listAnswer()));
  };
}

function listReportAsync(name) {
  return () => {
    note(`CallList.${name}`);
    return promised(listAnswer());
  };
}

function listAnswer() {
  return { code: 200, text: "", headers: [], raw_headers: "" };
}

world.CallList = partly("CallList", {
  reportError: listReport("reportError"),
  reportErrorAsync: listReportAsync("reportErrorAsync"),
  reportProgress: listReport("reportProgress"),
  reportProgressAsync: listReportAsync("reportProgressAsync"),
  reportResult: listReport("reportResult"),
  reportResultAsync: listReportAsync("reportResultAsync"),
  requestNextAttempt: listReport("requestNextAttempt"),
  requestNextAttemptAsync: listReportAsync("requestNextAttemptAsync"),
});
engine.CallList = world.CallList; // where older scenarios look for it
