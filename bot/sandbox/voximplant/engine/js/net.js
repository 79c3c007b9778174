// Net: requests that Python makes (loopback and canned answers), and mail that nobody sends.

const HTTP_MAX = 35; // facts: requests at once, those that wait included; one more throws

let httpPending = 0;

// Answers `settled({ code, text, ... })` once, in a later turn; a code of 0 or less is a fault.
function httpRequest(url, options, settled) {
  if (httpPending >= HTTP_MAX) throw new NativeError(`${HTTP_MAX} HTTP requests are pending already, more are not allowed`);
  httpPending += 1;
  ask("http", httpQuestion(textOf(url), options ?? {}), (answer) => {
    httpPending -= 1;
    settled(answer);
  });
}

function httpQuestion(url, options) {
  const body = options.postData;
  return {
    url: url + queryOf(url, options.params),
    method: textOf(options.method ?? "GET"),
    headers: headersOf(options.headers),
    body: body === undefined || body === null ? null : typeof body === "string" ? body : bodyOf(body),
    raw: options.rawOutput === true,
    timeout: secondsOf(options.timeout),
    connectionTimeout: secondsOf(options.connectionTimeout),
  };
}

// Bytes go through the door as an array of numbers.
function bodyOf(body) {
  if (!isArray(body)) return textOf(body);
  const bytes = [];
  for (let i = 0; i < body.length; i += 1) append(bytes, numberOf(body[i]) & 255);
  return bytes;
}

function secondsOf(value) {
  const seconds = numberOf(value);
  return seconds > 0 ? seconds : null;
}

function queryOf(url, params) {
  let query = "";
  const keys = params === undefined || params === null ? [] : ownKeys(params);
  for (let i = 0; i < keys.length; i += 1) {
    const mark = query === "" && textIndex(url, "?") < 0 ? "?" : "&";
    query += `${mark}${encodeText(keys[i])}=${encodeText(textOf(params[keys[i]]))}`;
  }
  return query;
}

// Headers are an object, in older scenarios a list of "Name: value".
function headersOf(headers) {
  const pairs = [];
  if (headers === undefined || headers === null) return pairs;
  const keys = ownKeys(headers);
  for (let i = 0; i < keys.length; i += 1) {
    const value = textOf(headers[keys[i]]);
    const colon = textIndex(value, ":");
    if (!isArray(headers)) append(pairs, [keys[i], value]);
    else if (colon > 0) append(pairs, [textSlice(value, 0, colon), textTrim(textSlice(value, colon + 1))]);
  }
  return pairs;
}

function settler(callback) {
  return (answer) => {
    if (typeof callback === "function") enter(callback, answer);
  };
}

// Some older samples make the options with `new`.
function HttpRequestOptions() {}

const MAIL_FAULT = { code: 0, error: "not simulated: the sandbox sends no mail" };

world.Net = partly("Net", {
  HttpRequestOptions,
  httpRequest: (url, callback, options) => httpRequest(url, options, settler(callback)),
  httpRequestAsync: (url, options) => new NativePromise((resolve) => httpRequest(url, options, resolve)),
  sendMail(server, from, to, title, body, callback) {
    note("Net.sendMail");
    later(0, () => settler(callback)({ ...MAIL_FAULT }));
  },
  sendMailAsync() {
    note("Net.sendMailAsync");
    return promised({ ...MAIL_FAULT });
  },
});
