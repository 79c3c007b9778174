// session-bot.voxengine.js, version 1.1
// Makes a scenario stoppable: bind it to a rule before your own scenario, or paste it on top of that. A stop of the bot
// hangs up the calls and ends the session; every other request is yours alone, and no line of yours changes.
// SessionBot.onStop(function ({ reason, person, requestId }) { … }) lets yours end itself, for GRACE_SECONDS at most.
var SessionBot = (typeof SessionBot === "object" && SessionBot && SessionBot.onStop && SessionBot) || (function () {
  "use strict";

  // Options, one a line. An update of the kit keeps your values.
  const GRACE_SECONDS = 5; // how long onStop has before the session is ended all the same
  const END_AFTER_MINUTES = 0; // end the session when it is this old; 0: never
  const END_WITHOUT_CALLS_SECONDS = 0; // end it when no call has been live for so long; 0: never
  const ANNOUNCE = false; // true: write the session's URL into the application's storage, whose readers then hold it
  const ANNOUNCE_EVERY_SECONDS = 60; // its heartbeat; what is written is gone after three of these
  const ANNOUNCE_SPACING_SECONDS = 5; // changes are written no more often than this
  const INBOX = ""; // the URL of the bot's inbox, which is sent each start, stop and end at once; needs the secret

  const CALLING = ["callPSTN", "callSIP", "callUser", "callUserDirect", "callConference", "callWhatsappUser"];
  const handlers = []; // those of onStop
  const listeners = {}; // event → our own handler
  const calls = []; // the live ones, as far as they can be known
  const [seen, told] = [Object.create(null), {}]; // request ids of stops, and failures that were logged
  const terminate = attempt(() => VoxEngine.terminate.bind(VoxEngine)); // the platform's, if yours becomes another
  let stopping, over, taken; // a stop came, the platform was asked to end the session, the stop's request id
  let claim, idleTimer, spacingTimer, writtenAt = 0; // `claim` is what is announced, once started

  // Nothing of the kit throws into the scenario, and no handler of ours answers a request: the answer is yours.
  function attempt(act, otherwise, failed = Object) {
    try {
      return act();
    } catch (problem) {
      failed(problem);
      return otherwise;
    }
  }

  const safely = (act) => (...given) => void attempt(() => act(...given), undefined, log);
  const log = (...words) => attempt(() => Logger.write("session-bot: " + words.join(" ")));

  // ---- A stop ----

  function onRequest(event) {
    const headers = attempt(() => headersOf(event.headers), {});
    const body = attempt(() => event.content.length < 100 && JSON.stringify(JSON.parse(event.content)));
    if (headers["x-session-bot"] !== "stop" && body !== '{"command":"stop"}') return;
    const id = String(headers["x-request-id"] || "").slice(0, 100);
    if (id && seen[id]) return;
    taken = seen[id] = id;
    stop(headers["x-session-bot-reason"], headers["x-session-bot-by"], id);
  }

  function headersOf(given) {
    const found = {}; // the typings have a list of pairs
    const pairs = Array.isArray(given) ? given : Object.keys(given || {}).map((key) => ({ key, value: given[key] }));
    for (const { key, value } of pairs) {
      found[String(key).toLowerCase()] = attempt(() => decodeURIComponent(String(value).trim()), value);
    }
    return found;
  }

  function stop(reason = "", person = "", requestId = "") {
    if (stopping) return over ? end() : write(true, true); // asked anew: an end that did not come about is tried again
    stopping = true;
    log("stopping,", requestId || reason || "asked without a request id");
    if (handlers.length === 0) return end();
    const act = function () {
      setTimeout(safely(end), GRACE_SECONDS * 1000); // first: without a timer there is no grace
      safely(write)(true, true);
      for (const each of handlers) Promise.resolve(each({ reason, person, requestId })).then(undefined, failed);
    };
    attempt(act, undefined, failed);
  }

  function failed(problem) {
    log("onStop failed, so the session is ended at once:", problem);
    safely(end)();
  }

  function end() {
    const finish = safely(function () {
      for (const call of calls.slice()) safely(() => call.hangup())();
      const timer = attempt(() => [setTimeout(safely(terminate), GRACE_SECONDS * 1000)]);
      safely(() => VoxEngine.terminate())();
      if (!timer) safely(terminate)();
    });
    const written = attempt(() => write((over = true), true)); // its last word is waited for, briefly
    if (!written || !attempt(() => [setTimeout(finish, 1000)])) return finish();
    written.then(finish, finish);
  }

  // ---- The calls, in and out ----

  function track(call) {
    if (!call || typeof call.addEventListener !== "function" || calls.indexOf(call) >= 0) return;
    calls.push(call);
    const ended = safely(function () {
      if (calls.indexOf(call) >= 0) calls.splice(calls.indexOf(call), 1);
      callsChanged();
    });
    for (const event of [CallEvents.Disconnected, CallEvents.Failed]) call.addEventListener(event, ended);
    callsChanged();
  }

  function callsChanged() {
    if (idleTimer !== undefined) clearTimeout(idleTimer);
    idleTimer = endLater("no call is live any more", calls.length === 0 && knowsCalls && END_WITHOUT_CALLS_SECONDS);
    write(false);
  }

  function endLater(reason, seconds) {
    if (!(seconds > 0) || over) return undefined; // a timer of more than 24 days may be over at once
    return setTimeout(safely(() => stop(reason)), Math.min(seconds * 1000, 0x7fffffff));
  }

  // ---- Announcing, under `session-bot:<session id>` in the application's storage ----

  function announce({ accessSecureURL: url, sessionId }) {
    if (!ANNOUNCE || claim) return;
    attempt(() => require(Modules.ApplicationStorage));
    claim = { v: 1, url, session: String(sessionId), started: now() };
    write(true, true);
    setInterval(heartbeat, beatSeconds * 1000);
  }

  // The answer is a promise that is kept once the storage has answered. News go to the bot's inbox as well.
  function write(atOnce, isNews) {
    if (!claim) return undefined;
    const rest = writtenAt + ANNOUNCE_SPACING_SECONDS - now();
    if (!atOnce && rest > 0) return void (spacingTimer = spacingTimer || setTimeout(heartbeat, rest * 1000));
    spacingTimer = attempt(() => void clearTimeout(spacingTimer)); // what waits is written now
    writtenAt = Math.max(now(), writtenAt + 1); // no two have the same beat, of which the newest counts
    const put = () => ApplicationStorage.put("session-bot:" + claim.session, announcement(), 3 * beatSeconds);
    const written = tried(put, "the storage did not take what is announced");
    if (isNews && INBOX) tried(push, "the bot's inbox did not take what is announced");
    return written;
  }

  const heartbeat = safely(() => write(true));
  const beatSeconds = Math.ceil(Math.min(ANNOUNCE_EVERY_SECONDS > 0 ? ANNOUNCE_EVERY_SECONDS : 60, 86400));
  const tried = (act, complaint) => new Promise((resolve) => resolve(act()))
    .then(undefined, () => told[complaint] || log((told[complaint] = complaint)));

  // The last member, `hmac`, signs the text without it, where the application has the secret. The storage takes 2,000
  // characters: where escapes make it more, there is less of the custom data.
  function announcement() {
    const beat = { beat: writtenAt, calls: calls.length, taken: taken || undefined, ending: over || undefined };
    const all = attempt(() => Array.from(VoxEngine.customData()), []);
    for (let most = 200; most >= 0; most -= 20) {
      const data = beginning(all, most);
      const text = ascii(Object.assign(beat, claim, { data }));
      const signed = secret() ? text.slice(0, -1) + ',"hmac":"' + hmac(text) + '"}' : text;
      if (signed.length < 2000) return signed;
    }
    throw new Error("its URL is too long");
  }

  function push() {
    if (!secret()) throw new Error("there is no secret");
    const [time, text] = [String(now()), announcement()];
    const headers = { "X-Session-Bot-Time": time, "X-Session-Bot-Signature": hmac(time + "." + text) };
    // Before a session is gone the platform waits for requests under way: for this one a second at most.
    const options = { method: "POST", headers, postData: text, timeout: 1, connectionTimeout: 1 };
    return Net.httpRequestAsync(INBOX, options).then(({ code }) => code === 204 || Promise.reject());
  }

  const secret = () => attempt(() => VoxEngine.getSecretValue("SESSION_BOT_SECRET").slice());
  const hmac = (text) => Crypto.hmac_sha256(secret(), text);
  const hex = (each) => "\\u" + ("000" + each.charCodeAt(0).toString(16)).slice(-4);
  const ascii = (value) => JSON.stringify(value).replace(/[\u007f-\uffff]/g, hex);
  const now = () => Math.round(Date.now() / 1000);
  const bytes = (each) => (each.length > 1 ? 4 : each > "\u07ff" ? 3 : each > "\u007f" ? 2 : 1);
  const beginning = (characters, left) => characters.filter((each) => (left -= bytes(each)) >= 0).join("");

  // ---- Listening. Whether VoxEngine can be changed is not documented: where it cannot, the kit knows less ----

  function wrap(name, before, after) {
    const original = name in VoxEngine ? VoxEngine[name] : undefined;
    if (typeof original !== "function") return true;
    VoxEngine[name] = function () {
      safely(before)(); // `Object` does nothing
      const made = original.apply(VoxEngine, arguments);
      safely(after)(made, arguments[0], arguments[1]);
      return made;
    };
    return VoxEngine[name] !== original;
  }

  const listen = (event, act) => VoxEngine.addEventListener(event, (listeners[event] = safely(act)));
  safely(() => listen(AppEvents.HttpRequest, onRequest))();
  attempt(() => listen(AppEvents.CallAlerting, (event) => track(event.call)));
  attempt(() => listen(AppEvents.Started, announce));
  // Where calls can be made unseen, having none is no reason to end.
  const knowsCalls = CALLING.map((name) => attempt(() => wrap(name, Object, track))).every(Boolean);
  attempt(() => wrap("terminate", () => over || write((over = true), true), Object));
  // Without a callback removeEventListener takes away everybody's handlers of an event, ours too.
  const again = (_, event, mine) => mine || !listeners[event] || VoxEngine.addEventListener(event, listeners[event]);
  attempt(() => wrap("removeEventListener", Object, again));
  safely(() => endLater("it is " + END_AFTER_MINUTES + " minutes old", END_AFTER_MINUTES * 60))();
  safely(callsChanged)();
  return { onStop: safely((handler) => typeof handler === "function" && handlers.push(handler)) };
})(); // End of session-bot.voxengine.js
